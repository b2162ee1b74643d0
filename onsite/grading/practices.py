"""What was earned practice by practice, for the learner's own eyes."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from onsite.grading.scenarios import CourseScenario
from onsite.pages.where_to_read import Reading, readings
from onsite.paths import CoursePaths
from onsite.scenario.attempts import Attempt
from onsite.scenario.practices import practices_of

_EXACT = 1e-9

MOST_TO_READ = 2
"""So many pages are named to be read next: more would be a list, and lists are put off."""


@dataclass(frozen=True)
class PracticeScore:
    """One practice on one road: points earned of `worth`, from 0 to it; `waiting`: points a person has yet to give.

    decisions: how many decisions it comes from; page: the title of the page of the book on it, if there is one.
    """

    title: str
    page: str | None
    earned: float
    worth: float
    waiting: float
    decisions: int

    @property
    def share(self) -> float:
        """What was earned of what could be, from 0 to 1; 1 while all of it waits."""
        return self.earned / self.worth if self.worth else 1.0

    @property
    def whole(self) -> bool:
        """Whether all that could be earned was, with nothing waiting."""
        return self.worth > 0 and not self.waiting and self.share >= 1 - _EXACT


def practice_scores(
    rests_on: Mapping[str, Sequence[Reading]],
    scenario: CourseScenario,
    attempt: Attempt,
    graded: Mapping[str, tuple[float | None, float]],
) -> list[PracticeScore]:
    """The practices that the decisions of an attempt rest on, weakest first; those that only wait come last.

    rests_on: see `rests_on`; graded: by decision the score (None: waiting for a reader) and what it is worth. A
    decision counts in full for each of its practices. Extra credit makes no practice better than full.
    """
    found: dict[Reading, list[tuple[float | None, float]]] = {}
    done: set[str] = set()
    for step in attempt.replayed.path:
        item = scenario.scenario.scenes[step.scene].item
        if item is None or item.decision is None or item.decision in done or item.decision not in graded:
            continue
        done.add(item.decision)
        for reading in rests_on.get(step.scene, ()):
            found.setdefault(reading, []).append(graded[item.decision])
    scores = [
        PracticeScore(
            reading.point,
            reading.page,
            earned=sum(min(score, worth) for score, worth in some if score is not None),
            worth=sum(worth for score, worth in some if score is not None),
            waiting=sum(worth for score, worth in some if score is None),
            decisions=len(some),
        )
        for reading, some in found.items()
    ]
    return sorted(scores, key=lambda one: (not one.worth, one.share, one.earned - one.worth))


def rests_on(scenario: CourseScenario, points: Mapping[str, Reading]) -> dict[str, tuple[Reading, ...]]:
    """For each scene whose item fills a decision, the points that its best answer rests on. Tensions are no points."""
    return {
        name: tuple(points[one] for one in practices_of(scene.item) if one in points)
        for name, scene in scenario.scenario.scenes.items()
        if scene.item is not None and scene.item.decision is not None
    }


def to_read(scores: Iterable[PracticeScore]) -> list[tuple[str, PracticeScore]]:
    """The pages to read next, each with the practice that speaks for it: those of the weakest, at most MOST_TO_READ.

    scores: weakest first. Nothing is named for what was earned in full or still waits.
    """
    pages: dict[str, PracticeScore] = {}
    for score in scores:
        if score.page is not None and score.worth and score.share < 1 - _EXACT:
            pages.setdefault(score.page, score)
    return list(pages.items())[:MOST_TO_READ]


def course_readings(course: CoursePaths) -> Mapping[str, Reading]:
    """`readings` of the course, read again only when a file of theirs has changed."""
    files = [course.points, *sorted(course.practices.glob("*.md"))]
    stamp = tuple((path.name, path.stat().st_mtime_ns) for path in files if path.is_file())
    return _readings(course.root, stamp)


@functools.lru_cache(maxsize=2)
def _readings(root: Path, stamp: tuple[tuple[str, int], ...]) -> Mapping[str, Reading]:
    del stamp  # part of the cache's key
    return readings(CoursePaths(root))
