"""nbgrader's feedback, by a page of our own."""

from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from onsite.build.notebooks import grade_id
from onsite.grading.names import whole_name
from onsite.grading.page import FeedbackPages, Grade
from onsite.grading.points import still_waits
from onsite.grading.policy import graded_as
from onsite.grading.practices import course_readings
from onsite.grading.scenarios import CourseScenario, load_course_scenario
from onsite.paths import CoursePaths
from onsite.scenario.record import FILE_NAME, read_record


class FeedbackExporter(Exporter):
    """nbgrader's feedback, written from the record and the gradebook instead of from the notebook's cells.

    nbgrader's own page shows the hidden tests, and with them the key.
    """

    @property
    def _notebook_extension(self) -> str:
        return ".html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # nbconvert's own HTML exporter returns text too
        self, nb: Any, resources: Any = None, **_: Any
    ) -> tuple[str, Any]:
        """Called by nbgrader for one learner's autograded notebook, of which only the place matters."""
        del nb
        resources = self._init_resources(resources)
        told = resources["nbgrader"]
        course = CourseDirectory(parent=self)
        source = Path(course.format_path(course.source_directory, ".", told["assignment"]))
        autograded = Path(course.format_path(course.autograded_directory, told["student"], told["assignment"]))
        paths = CoursePaths(Path(course.root))
        scenario = load_course_scenario(source, graded_as(paths, told["assignment"]))
        record = read_record(autograded / FILE_NAME, scenario.slug)
        grades, name = _grades(told["db_url"], told["notebook"], told["assignment"], told["student"], scenario)
        pages = FeedbackPages(scenario, course_readings(paths))
        return pages.page(record, grades, told["student"], name), resources


def _grades(
    db_url: str, notebook: str, assignment: str, student: str, scenario: CourseScenario
) -> tuple[dict[str, Grade], str]:
    """What the gradebook holds for each decision, and the learner's name in it."""
    grades = {}
    with Gradebook(db_url) as gradebook:
        known = gradebook.find_student(student)
        name = whole_name(known.first_name, known.last_name)
        for decision, declared in scenario.scenario.decisions.items():
            where = (grade_id(decision), notebook, assignment, student)
            grade = gradebook.find_grade(*where)
            waits = bool(grade.needs_manual_grade)
            unread = still_waits(grade.auto_score, grade.manual_score, marked_for_reading=waits)
            try:
                comment = gradebook.find_comment(*where).comment or ""
            except MissingEntry:  # nbgrader has room for comments beside answers that a person reads, and only there
                comment = ""
            score = None if unread else float(grade.score)
            grades[decision] = Grade(score, float(declared.points), comment, float(grade.extra_credit or 0.0))
    return grades, name
