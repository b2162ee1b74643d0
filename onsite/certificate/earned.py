"""Who has passed what: points in the gradebook against the pass mark of each scenario."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime

from onsite.ledger.snapshot import open_gradebook, read_grades
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError
from onsite.scenario.load import FILE_NAME, load_scenario


@dataclass(frozen=True)
class Needed:
    """A scenario that a certificate takes: its title, and the points from which it is passed."""

    slug: str
    title: str
    points: float


@dataclass(frozen=True)
class Standing:
    """How far a learner is. passed: the day each scenario was handed in; missing: what is not passed, and why not."""

    learner: str
    passed: Mapping[str, date]
    missing: Mapping[str, str]


def needed_scenarios(course: CoursePaths, slugs: Iterable[str]) -> list[Needed]:
    """The scenarios with their pass marks. A pass mark is a percentage of all points of the scenario.

    Raises ScenarioError.
    """
    found = []
    for slug in slugs:
        scenario = load_scenario(course.solutions / slug / FILE_NAME)
        found.append(Needed(slug, scenario.title, scenario.pass_mark * scenario.points / 100))
    return found


def standings(course: CoursePaths, needed: Iterable[Needed]) -> list[Standing]:
    """Everybody in the gradebook, in order of their id. A text nobody has read yet counts 0, so it only can get better.

    Raises OnsiteError when there is no gradebook or it cannot be read.
    """
    if not course.gradebook.exists():
        raise OnsiteError("Nothing has been graded yet. Run `python3 course.py grade` first.")
    points: dict[tuple[str, str], float] = {}
    waiting: set[tuple[str, str]] = set()
    for (learner, slug, _), score in read_grades(course).items():
        points[learner, slug] = points.get((learner, slug), 0.0) + (score.points or 0.0)
        if score.points is None:
            waiting.add((learner, slug))
    handed_in = _days(course)
    needed = list(needed)
    found = []
    for learner in sorted({learner for learner, _ in points}):
        passed, missing = {}, {}
        for one in needed:
            key = (learner, one.slug)
            # Points are sums of decimal fractions: a hair below the mark is on it.
            if key in points and points[key] >= one.points - 1e-9:
                passed[one.slug] = handed_in[key]
            elif key not in points:
                missing[one.slug] = "not handed in"
            else:
                missing[one.slug] = f"{points[key]:g} points, passed from {one.points:g}"
                missing[one.slug] += "; a text waits to be read" if key in waiting else ""
        found.append(Standing(learner, passed, missing))
    return found


def _days(course: CoursePaths) -> dict[tuple[str, str], date]:
    with closing(open_gradebook(course.gradebook)) as connection:
        try:
            rows = connection.execute(
                "SELECT play.student_id, assignment.name, play.timestamp FROM submitted_assignment AS play "
                "JOIN assignment ON play.assignment_id = assignment.id"
            ).fetchall()
        except sqlite3.Error as error:
            raise OnsiteError(f"{course.gradebook} cannot be read ({error}).") from error
    return {(learner, slug): _day(at) for learner, slug, at in rows}


def _day(at: str | None) -> date:
    try:
        return datetime.fromisoformat(at or "").date()
    except ValueError:
        return datetime.now().astimezone().date()
