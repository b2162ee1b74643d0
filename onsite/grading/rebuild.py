"""A submission made again from the release and the record: the only way anything reaches nbgrader's kernel."""

import html
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from onsite.build.notebooks import grade_id
from onsite.grading.scenarios import CourseScenario, load_course_scenario
from onsite.scenario.errors import RecordError
from onsite.scenario.items.text import Text
from onsite.scenario.record import FILE_NAME, Record, read_record


class RebuildFromRelease(NbGraderPreprocessor):
    """Replaces a submitted notebook by the released one, filled from the answers.json handed in with it.

    Whatever the submitted notebook held is not looked at, so nothing a learner wrote is ever executed.
    A submission without a record becomes an empty one; a damaged record stops the grading of this
    submission only.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Called by nbgrader with the submitted notebook, which is thrown away."""
        del nb
        told = resources["nbgrader"]
        course = CourseDirectory(parent=self)
        folders = {
            name: Path(course.format_path(getattr(course, f"{name}_directory"), student, told["assignment"]))
            for name, student in (
                ("source", "."), ("release", "."), ("submitted", told["student"]), ("autograded", told["student"]),
            )
        }  # fmt: skip
        released = nbformat.read(folders["release"] / f"{told['notebook']}.ipynb", as_version=4)
        record = _carry_record(folders["submitted"], folders["autograded"], told["assignment"])
        scenario = load_course_scenario(folders["source"])
        return filled(released, scenario, record), resources


def _carry_record(submitted: Path, autograded: Path, slug: str) -> Record | None:
    record = read_record(submitted / FILE_NAME, slug)
    target = autograded / FILE_NAME
    target.unlink(missing_ok=True)
    if record is not None:
        autograded.mkdir(parents=True, exist_ok=True)
        target.write_text(record.to_json(), "utf-8")
    return record


def filled(released: Any, scenario: CourseScenario, record: Record | None) -> Any:
    """The released notebook with the learner's texts in its manually graded cells.

    A cell whose item the counted attempt did not reach stays as released, which nbgrader scores 0.
    """
    attempt = scenario.counted(record) if record else None
    for step in attempt.replayed.path if attempt else []:
        item = scenario.scenario.scenes[step.scene].item
        if not isinstance(item, Text) or item.decision is None:
            continue
        cells = [
            cell
            for cell in released.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id(item.decision)
        ]
        if len(cells) != 1:
            raise RecordError(
                f"The released notebook has no cell for '{item.decision}'. Run `python3 course.py build`."
            )
        cells[0].source = _for_the_grader(scenario.scenario.decisions[item.decision].title, item, str(step.answer))
    return released


def _for_the_grader(title: str, item: Text, text: str) -> str:
    # The learner's words are shown as typed: no Markdown, no HTML, no formulas of theirs take effect.
    lines = html.escape(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    typed = "<br>\n".join(line or "&nbsp;" for line in lines)
    rubric = "\n".join(f"- **{c.points}** {' '.join(c.criterion.split())}" for c in item.rubric)
    return (
        f'**{title}**\n\n<div class="tex2jax_ignore mathjax_ignore">\n{typed}\n</div>\n\n'
        f"*Rubric, for the grader*\n\n{rubric}\n"
    )
