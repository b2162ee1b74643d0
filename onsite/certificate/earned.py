"""Who has passed what: points in the gradebook against the pass mark of each scenario."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from onsite.ledger.snapshot import gradebook, read_grades
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError
from onsite.scenario.load import FILE_NAME, load_scenario
from onsite.scenario.scoring import reaches


@dataclass(frozen=True)
class Needed:
    """A scenario that a certificate takes. points: from how many it is passed; decisions: what each can bring."""

    slug: str
    title: str
    points: float
    decisions: Mapping[str, float]


@dataclass(frozen=True)
class Standing:
    """How far a learner is. passed: the day each scenario was handed in; missing: what is not passed, and why not.

    points: of every scenario in the gradebook; waiting: how many more the texts that wait to be read can bring.
    """

    learner: str
    passed: Mapping[str, date]
    missing: Mapping[str, str]
    points: Mapping[str, float]
    waiting: Mapping[str, float]


def needed_scenarios(course: CoursePaths, slugs: Iterable[str]) -> list[Needed]:
    """The scenarios with their pass marks. A pass mark is a percentage of all points of the scenario.

    Raises ScenarioError.
    """
    found = []
    for slug in slugs:
        scenario = load_scenario(course.solutions / slug / FILE_NAME)
        decisions = {name: float(decision.points) for name, decision in scenario.decisions.items()}
        found.append(Needed(slug, scenario.title, scenario.pass_points, decisions))
    return found


def standings(course: CoursePaths, needed: Iterable[Needed]) -> list[Standing]:
    """Everybody in the gradebook, in order of their id. A text nobody has read yet counts 0, so it only can get better.

    Raises OnsiteError when there is no gradebook or it cannot be read.
    """
    if not course.gradebook.exists():
        raise OnsiteError("Nothing has been graded yet. Run `python3 course.py grade` first.")
    everybody: dict[str, dict[str, float]] = {}
    unread: dict[str, dict[str, float]] = {}
    needed = list(needed)
    worth = {one.slug: one.decisions for one in needed}
    for (learner, slug, decision), score in read_grades(course).items():
        points = everybody.setdefault(learner, {})
        # Points for a text in whose place another came since are points for something else.
        unread_yet = score.points is None or score.waits
        points[slug] = points.get(slug, 0.0) + (0.0 if unread_yet else score.points or 0.0)
        if unread_yet:
            waiting = unread.setdefault(learner, {})
            waiting[slug] = waiting.get(slug, 0.0) + worth.get(slug, {}).get(decision, math.inf)
    handed_in = _days(course)
    found = []
    for learner, points in sorted(everybody.items()):
        passed, missing = {}, {}
        waiting = unread.get(learner, {})
        for one in needed:
            if one.slug in points and reaches(points[one.slug], one.points):
                passed[one.slug] = handed_in[learner, one.slug]
            elif one.slug not in points:
                missing[one.slug] = "not handed in"
            else:
                missing[one.slug] = f"{points[one.slug]:g} points, passed from {one.points:g}"
                missing[one.slug] += "; a text waits to be read" if one.slug in waiting else ""
        found.append(Standing(learner, passed, missing, points, waiting))
    return found


def _days(course: CoursePaths) -> dict[tuple[str, str], date]:
    with gradebook(course.gradebook) as connection:
        rows = connection.execute(
            "SELECT play.student_id, assignment.name, play.timestamp FROM submitted_assignment AS play "
            "JOIN assignment ON play.assignment_id = assignment.id"
        ).fetchall()
    return {(learner, slug): _day(at) for learner, slug, at in rows}


def _day(at: str | None) -> date:
    # nbgrader keeps UTC, and the day of issue is this computer's: nobody passes on the day after that.
    try:
        return datetime.fromisoformat(at or "").replace(tzinfo=UTC).astimezone().date()
    except (ValueError, OverflowError):
        return datetime.now().astimezone().date()
