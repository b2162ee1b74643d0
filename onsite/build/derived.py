"""The committed files that are made from others: notebooks and stories, and the schema for editors."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from onsite.build.editor_schema import editor_schema
from onsite.build.files import write_if_changed
from onsite.build.notebooks import instructor_notebook
from onsite.paths import CoursePaths
from onsite.points import read_citable
from onsite.scenario.check import check_file
from onsite.scenario.errors import Finding, OnsiteError, ScenarioError
from onsite.scenario.kept import kept_file, load_kept
from onsite.scenario.schema import Scenario
from onsite.scenario.story import read_story, story_of


def checked_scenarios(course: CoursePaths) -> dict[str, Scenario]:
    """Every scenario of the course by slug. Raises ScenarioError with the findings of all of them."""
    known = read_citable(course.points)
    scenarios: dict[str, Scenario] = {}
    findings: list[Finding] = []
    for slug in course.slugs():
        scenario, found = check_file(course.solutions / slug / "scenario.yml", known)
        findings += found
        if scenario is not None:
            scenarios[slug] = scenario
    if findings:
        raise ScenarioError(findings)
    return scenarios


def derive(course: CoursePaths, tell: Callable[[str], None] | None = None) -> list[Path]:
    """Bring every derived file up to date and return those that changed.

    tell: called with what an author should know, but what is no fault. The learner notebook is made by nbgrader in a
    folder of its own and copied: nbgrader empties the folder it releases into, and a learner's answers may lie in
    exercises/.
    """
    changed: list[Path] = []

    def write(path: Path, text: str) -> None:
        if write_if_changed(path, text):
            changed.append(path)

    if course.editor_schema.parent.is_dir():
        write(course.editor_schema, editor_schema(read_citable(course.points)))
    for slug, scenario in checked_scenarios(course).items():
        folder = course.solutions / slug
        if tell and (lost := _not_kept(folder, scenario)):
            tell(lost)
        write(folder / "story.json", story_of(slug, scenario).to_json())
        write(folder / f"{slug}.ipynb", instructor_notebook(scenario, load_kept(folder, scenario)))
    with tempfile.TemporaryDirectory(prefix="onsite-release-") as temporary:
        for path in release(course, Path(temporary)):
            write(course.exercises / path.relative_to(temporary), path.read_text("utf-8"))
    return changed


def _not_kept(folder: Path, scenario: Scenario) -> str:
    """What to say when the version that was built last is about to be gone for good; empty when it is not."""
    try:
        built = read_story(folder / "story.json").version
    except OnsiteError:
        return ""
    kept = kept_file(folder, built)
    if built >= scenario.version or kept.exists():
        return ""
    where = f"solutions/{folder.name}/{kept.relative_to(folder).as_posix()}"
    return (
        f"Version {built} of '{folder.name}' is not kept: whoever has played it is graded with the key of version "
        f"{scenario.version}. To keep it, put that scenario.yml from your version control there as {where}. "
        "Next time, run `python3 course.py revise` before you change it."
    )


def release(course: CoursePaths, into: Path) -> list[Path]:
    """Run `nbgrader generate_assignment` for every scenario into the folder `into`; the files made."""
    # nbgrader takes three seconds to import: only who needs it pays.
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.utils import capture_log
    from traitlets.config import Config

    from onsite.build.nbgrader_settings import RECORDS, apply

    config = Config()
    apply(config)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.ignore.append(RECORDS)
    config.CourseDirectory.release_directory = str(into)
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    for slug in course.slugs():
        config.CourseDirectory.assignment_id = slug
        converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
        outcome = capture_log(converter)
        if not outcome["success"]:
            told = (outcome.get("log") or outcome.get("error") or "").strip()
            raise OnsiteError(f"nbgrader could not release solutions/{slug}/{slug}.ipynb:\n{told}")
    return sorted(path for path in into.rglob("*") if path.is_file())
