"""A hand-in reduced to what the report needs of it: which attempts there were, what each answer earned, and the time.

Several processes do it beside each other, so it is light to import, and what it gives is small.
"""

import functools
import itertools
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from onsite.grading.inbox import Glance, glance_and_record
from onsite.grading.scenarios import CourseScenario
from onsite.report.facts import Reply
from onsite.report.replays import Played, Replays
from onsite.scenario.attempts import Attempt, counted_among
from onsite.scenario.record import Answer, Record, Start
from onsite.scenario.replay import Replayed

PAUSE = 30 * 60.0
"""Seconds between two answers from which on somebody is taken to have been away."""


class Play(NamedTuple):
    """One attempt: its number (from 1), whether it is the graded one, the ending reached if any, the time it took.

    version: of the scenario, on which it was replayed.
    """

    number: int
    graded: bool
    replies: tuple[Reply, ...]
    ending: str | None
    seconds: float | None
    version: int


@dataclass(frozen=True)
class Looked:
    """What was seen in one file; no plays where it is no record of a scenario of the course."""

    glance: Glance
    plays: tuple[Play, ...] = ()


def look(store: Path, paths: Sequence[Path]) -> list[Looked]:
    """The plays in each of the files. store: a file in which `keep` has put the course's scenarios.

    The result depends on the files alone, so that several processes can share the work.
    """
    replays = _replays(store)
    return [_looked(path, replays) for path in paths]


def keep(scenarios: Mapping[str, CourseScenario], store: Path) -> None:
    """Put scenarios where other processes find them: loading them anew takes seconds."""
    store.write_bytes(pickle.dumps(dict(scenarios), pickle.HIGHEST_PROTOCOL))


@functools.lru_cache(maxsize=1)
def _replays(store: Path) -> dict[str, Replays]:
    scenarios: dict[str, CourseScenario] = pickle.loads(store.read_bytes())
    return {slug: Replays(course) for slug, course in scenarios.items()}


def _looked(path: Path, replays: Mapping[str, Replays]) -> Looked:
    glance, record = glance_and_record(path)
    known = replays.get(glance.scenario)
    return Looked(glance, plays_of(record, known) if record and known else ())


def plays_of(record: Record, replays: Replays) -> tuple[Play, ...]:
    """The attempts in a record, as the grader takes them.

    Those on another version of the scenario than the graded one are left out: they cannot be compared with it.
    """
    attempts = record.attempts()
    played = [replays.on_its_version(begun, answers) for begun, answers in attempts]
    graded = _graded(replays.course, record, [begun for begun, _ in attempts], played)
    return tuple(
        Play(number + 1, number == graded, tuple(one.replies), one.ending, seconds_of(stamps), on.course.version)
        for number, ((on, one), stamps) in enumerate(zip(played, stamps_of(record), strict=True))
        # Whoever started again without an answer has not played again; an empty attempt may be the one that counts.
        if (one.replies or number == graded) and graded is not None and on is played[graded][0]
    )


def _graded(
    course: CourseScenario, record: Record, begun: Sequence[int], played: Sequence[tuple[Replays, Played]]
) -> int | None:
    """The index of the attempt that the grader counts."""
    if course.story.counts == "best":
        counted = course.counted(record)
    else:
        # Which is first or last does not depend on what was answered.
        attempts = [
            Attempt(number, version, Replayed({}, problem=one.problem), on.course.version)
            for number, (version, (on, one)) in enumerate(zip(begun, played, strict=True), start=1)
        ]
        counted = counted_among(course.editions, attempts)
    return counted.number - 1 if counted else None


def stamps_of(record: Record) -> list[list[str]]:
    """The times of the events of each attempt, as the record has them."""
    found: list[list[str]] = []
    for event in record.events:
        if isinstance(event, Start):
            found.append([event.at])
        elif isinstance(event, Answer) and found:
            found[-1].append(event.at)
    return found


def seconds_of(stamps: list[str]) -> float | None:
    """How long somebody was at it: the gaps between neighbouring events, added up; None when that cannot be told.

    Gaps of more than PAUSE, a walk or a night, are left out. So are those between times that cannot be read or run
    backwards, since clocks get set and files edited. None unless more than half of all gaps remain.
    """
    times = [_time(stamp) for stamp in stamps]
    gaps = [
        (after - before).total_seconds() if before and after else -1.0 for before, after in itertools.pairwise(times)
    ]
    good = [gap for gap in gaps if 0 <= gap <= PAUSE]
    return sum(good) if len(good) * 2 > len(gaps) else None


def _time(stamp: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
