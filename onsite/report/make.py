"""From a course folder to its report: reads what grading left, writes the page and the notebook."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from onsite.grading.hands import Hands
from onsite.grading.policy import read_policy
from onsite.grading.roster import read_roster
from onsite.grading.scenarios import load_course_scenario
from onsite.paths import CoursePaths
from onsite.points import read_points
from onsite.report.explore import explorer_notebook
from onsite.report.findings import Findings
from onsite.report.group_tables import by_group_tables
from onsite.report.page import report_page
from onsite.report.records import Progress, Reading, read_cohort
from onsite.scenario.errors import OnsiteError


@dataclass(frozen=True)
class Made:
    """What was written: the page, the notebook, how many people it is about, and files that are not in it."""

    page: Path
    notebook: Path
    people: int
    refused: list[tuple[Path, str]]


def make_report(course: CoursePaths, progress: Progress | None = None, *, workers: int | None = None) -> Made:
    """Make the report of a course. workers: processes that read beside each other, None for as many as are worth it.

    Raises OnsiteError when there is nothing to report on, or a file is damaged."""
    if not course.inbox.is_dir():
        raise OnsiteError(f"There are no hand-ins in {course.inbox}. Gather some, grade them, then ask for the report.")
    policy = read_policy(course)
    scenarios = {slug: load_course_scenario(course.solutions / slug, policy.get(slug)) for slug in _in_order(course)}
    roster = read_roster(course.roster) if course.roster.is_file() else None
    by_person: dict[tuple[str, str, str], float] = {}
    if course.gradebook.exists():
        from onsite.report.gradebook import marks_by_person

        by_person = marks_by_person(course.gradebook, scenarios)
    with Hands(workers) as hands:
        reading = read_cohort(
            course.inbox,
            scenarios,
            read_points(course.points),
            roster=roster,
            by_person=by_person,
            hands=hands,
            progress=progress,
        )
    if reading.cohort.plays.empty:
        raise OnsiteError(
            f"No file in {course.inbox} can be reported on. `python3 course.py grade` says what is wrong."
        )
    findings = Findings(reading.cohort)
    page = report_page(findings, made_on=_today(), left_out=_left_out(reading))
    course.report.mkdir(exist_ok=True)
    target = course.report / "index.html"
    target.write_text(page, "utf-8")
    (course.report / "by-group.json").write_text(by_group_tables(findings).to_json(), "utf-8")
    notebook = course.report / "report.ipynb"
    notebook.write_text(explorer_notebook(), "utf-8")
    return Made(target, notebook, findings.people, [*reading.refused, *reading.unknown])


def _in_order(course: CoursePaths) -> list[str]:
    """The scenarios in the order of the book's contents, those that it does not list at the end."""
    toc = course.root / "_toc.yml"
    listed = toc.read_text("utf-8") if toc.is_file() else ""
    place = {slug: listed.find(f"exercises/{slug}/{slug}") for slug in course.slugs()}
    return sorted(place, key=lambda slug: (place[slug] < 0, place[slug], slug))


def _left_out(reading: Reading) -> list[str]:
    """What lay among the hand-ins and is not in the report, a sentence for each reason."""
    told = {
        "Files that could not be read": len(reading.refused),
        "Hand-ins of people who are not on the roster, or who cannot be told apart by it": len(reading.unknown),
    }
    return [f"{what}: {many}. They are in no figure here." for what, many in told.items() if many]


def _today() -> str:
    now = datetime.now().astimezone()
    return f"{now.day} {now:%B %Y}"
