"""A submission made again from the release and the record: the only way anything reaches nbgrader's kernel."""

import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from onsite.build.notebooks import grade_id
from onsite.grading.policy import graded_as
from onsite.grading.scenarios import CourseScenario, load_course_scenario
from onsite.grading.written import written_cells
from onsite.paths import CoursePaths
from onsite.scenario.errors import RecordError
from onsite.scenario.record import FILE_NAME, Record, read_record
from onsite.scenario.story import OLDER_FILES, older_file


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
        scenario = load_course_scenario(
            folders["source"], graded_as(CoursePaths(Path(course.root)), told["assignment"])
        )
        _lay_out_stories(folders["autograded"], scenario, record)
        return filled(released, scenario, record), resources


def _carry_record(submitted: Path, autograded: Path, slug: str) -> Record | None:
    record = read_record(submitted / FILE_NAME, slug)
    target = autograded / FILE_NAME
    target.unlink(missing_ok=True)
    if record is not None:
        autograded.mkdir(parents=True, exist_ok=True)
        # As it was handed in: written anew it may be longer than a record can be.
        shutil.copyfile(submitted / FILE_NAME, target)
    return record


def _lay_out_stories(autograded: Path, scenario: CourseScenario, record: Record | None) -> None:
    """Put beside the record what its attempts are replayed on; whatever of the kind was handed in goes."""
    for path in autograded.glob(OLDER_FILES):
        path.unlink()
    for version, one in scenario.stories_for(record).items() if record else ():
        (autograded / older_file(version)).write_bytes(one.story.to_json().encode())


def filled(released: Any, scenario: CourseScenario, record: Record | None) -> Any:
    """The released notebook with the learner's texts in its manually graded cells.

    A cell whose item the counted attempt did not reach stays as released, which nbgrader scores 0.
    """
    attempt = scenario.counted(record) if record else None
    path = attempt.replayed.path if attempt else []
    for decision, text in written_cells(scenario.edition(attempt), path).items():
        cells = [
            cell for cell in released.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id(decision)
        ]
        if len(cells) != 1:
            raise RecordError(f"The released notebook has no cell for '{decision}'. Run `python3 course.py build`.")
        cells[0].source = text
    return released
