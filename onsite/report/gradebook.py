"""What people decided in the gradebook: marks for written answers, and corrections of the machine's."""

from collections.abc import Mapping
from pathlib import Path

from nbgrader.api import BaseCell, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Notebook as MasterNotebook
from sqlalchemy import or_
from sqlalchemy.exc import SQLAlchemyError

from onsite.build.notebooks import grade_id
from onsite.grading.scenarios import CourseScenario
from onsite.scenario.errors import OnsiteError


def marks_by_person(path: Path, scenarios: Mapping[str, CourseScenario]) -> dict[tuple[str, str, str], float]:
    """Points that a person gave, by (learner, scenario, decision). path: of a gradebook that is there.

    Without those given for another text than the one that has come since.

    Raises OnsiteError when the file is no gradebook.
    """
    decisions = {
        (slug, grade_id(name)): name for slug, course in scenarios.items() for name in course.scenario.decisions
    }
    try:
        with Gradebook(f"sqlite:///{path}") as gradebook:
            rows = (
                gradebook.db.query(SubmittedAssignment.student_id, MasterNotebook.name, BaseCell.name, Grade.score)
                .select_from(Grade)
                .join(BaseCell, Grade.cell_id == BaseCell.id)
                .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
                .join(MasterNotebook, SubmittedNotebook.notebook_id == MasterNotebook.id)
                .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
                .filter(Grade.manual_score.isnot(None))
                .filter(or_(~Grade.needs_manual_grade, Grade.auto_score.isnot(None)))
                .all()
            )
    except SQLAlchemyError as error:
        raise OnsiteError(
            f"{path} cannot be read as nbgrader's gradebook. Run `python3 course.py grade` and try again."
        ) from error
    return {
        (student, notebook, decisions[notebook, cell]): float(score)
        for student, notebook, cell, score in rows
        if (notebook, cell) in decisions
    }
