"""From hand-ins to the cohort table: the records that count, replayed and scored as the grader does.

Ten thousand people share the replays of a few thousand situations: see `Replays`.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from onsite.grading import inbox
from onsite.grading.scenarios import CourseScenario
from onsite.report.cohort import Cohort, CohortBuilder, Reply
from onsite.report.facts import code_of, facts_of
from onsite.report.roster import Roster
from onsite.scenario.attempts import Attempt, counted_among
from onsite.scenario.errors import RecordError
from onsite.scenario.items.choice import StoryChoice
from onsite.scenario.record import Answer, Record, Start
from onsite.scenario.replay import Answered, Given, Replayed, answered, settle
from onsite.scenario.scoring import credit
from onsite.scenario.story import start_state

PAUSE = 30 * 60.0
"""Seconds between two answers from which on somebody is taken to have been away."""

NOT_ON_ROSTER = "not on the roster"

Progress = Callable[[int, int], None]
ByPerson = Mapping[tuple[str, str, str], float]
"""Points given by a person, by (learner id, scenario, decision)."""


class _Situation(NamedTuple):
    """Where an attempt can stand: a scene that asks, an ending or None, and the state there."""

    place: str | None
    state: dict[str, int]


class Replays:
    """Replays of one scenario that learn from each other.

    What an answer leads to depends on the place and the state alone, so each answer in each situation is worked out
    once, and everybody who comes there later shares it. `asked` counts attempts, `worked_out` answers.
    """

    def __init__(self, course: CourseScenario) -> None:
        self.course = course
        self.asked = self.worked_out = 0
        self._worth: dict[tuple[str, str], float] = {}
        self._scenes: dict[str, tuple[str, bool, str | None, bool]] = {}
        for name, scene in course.story.scenes.items():
            if item := scene.item:
                marked = item.decision is not None and name in course.keys.get(item.decision, ())
                self._scenes[name] = (item.kind, isinstance(item, StoryChoice), item.decision, marked)
        story = course.story
        start = start_state(story)
        self._situations = [_Situation(settle(story, story.start, start), start)]
        self._numbers: dict[tuple[object, ...], int] = {}
        self._steps: dict[tuple[object, ...], int | None] = {}

    def replayed(self, answers: list[Given]) -> Replayed:
        """What `replay` returns."""
        self.asked += 1
        number, problem = 0, None
        path: list[Answered] = []
        for index, given in enumerate(answers):
            if self._situations[number].place in self.course.story.endings:
                break
            key = (number, *self._alike(given))
            ahead = self._steps[key] if key in self._steps else self._work_out(key, self._situations[number], given)
            if ahead is None:
                problem = index
                break
            number = ahead
            state = self._situations[number].state
            path.append(Answered(given.scene, given.answer, state, given.confidence, given.ticks))  # type: ignore[arg-type]
        place, state = self._situations[number]
        ended = place in self.course.story.endings
        return Replayed(state, path, None if ended else place, place if ended else None, problem)

    def _work_out(self, key: tuple[object, ...], here: _Situation, given: Given) -> int | None:
        self.worked_out += 1
        number = None
        if now := answered(self.course.story, here.place, here.state, given):
            step, place = now
            number = self._numbers.setdefault((place, *step.state.values()), len(self._situations))
            if number == len(self._situations):
                self._situations.append(_Situation(place, step.state))
        self._steps[key] = number
        return number

    def replies(self, path: Iterable[Answered]) -> list[Reply]:
        """The answers of a path as the cohort keeps them, each with its credit."""
        replies = []
        for step in path:
            kind, _, decision, marked = self._scenes[step.scene]
            option = code_of(kind, step.answer)
            worth: float | None = None
            if marked and decision is not None:
                worth = self._worth.get((step.scene, option))
                if worth is None:
                    worth = self._worth[step.scene, option] = credit(
                        self.course.keys[decision][step.scene], step.answer
                    )
            replies.append(Reply(step.scene, option, worth, decision, step.confidence))
        return replies

    def _alike(self, given: Given) -> tuple[object, ...]:
        """What of an answer can make a difference to the story: for a choice the option, else whether it is valid."""
        known = self._scenes.get(given.scene)
        if known is None:
            return (given.scene, None, None)
        if known[1]:
            return (given.scene, given.answer if isinstance(given.answer, str) else None, given.ticks)
        item = self.course.story.scenes[given.scene].item
        return (given.scene, item is not None and item.outcome_of(given.answer, {}) is not None, given.ticks)


@dataclass
class Reading:
    """What was read: the cohort, and the files that could not be, each with the reason."""

    cohort: Cohort
    refused: list[tuple[Path, str]]
    replays: Mapping[str, Replays]


def read_cohort(
    folder: Path,
    scenarios: Mapping[str, CourseScenario],
    practices: Mapping[str, str],
    *,
    roster: Roster | None = None,
    by_person: ByPerson | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read every hand-in below `folder` into a cohort.

    Which counts when one person handed in one scenario several times is decided as in grading
    (`inbox.by_learner`). Everybody on the roster is in the cohort, whether or not they handed in.
    """
    builder = CohortBuilder([facts_of(slug, one.scenario) for slug, one in scenarios.items()], practices)
    replays = {slug: Replays(one) for slug, one in scenarios.items()}
    refused: list[tuple[Path, str]] = []
    for person, group in roster.groups.items() if roster else ():
        builder.learner(person, group)
    entered: dict[tuple[str, str], list[int]] = {}
    files: dict[tuple[str, str], Path] = {}
    doubled: dict[tuple[str, str], list[Path]] = {}

    def enter(hand_in: inbox.HandIn) -> None:
        builder.learner(hand_in.learner_id, NOT_ON_ROSTER if roster else "")
        entered[hand_in.learner_id, hand_in.record.scenario] = list(
            _enter(builder, replays[hand_in.record.scenario], hand_in, by_person or {})
        )

    paths = sorted(folder.rglob("*.json"))
    for done, path in enumerate(paths):
        if progress and done % 200 == 0:
            progress(done, len(paths))
        try:
            hand_in = _read(path, scenarios, roster)
        except RecordError as error:
            refused.append((path, str(error)))
            continue
        key = (hand_in.learner_id, hand_in.record.scenario)
        if key in files:
            doubled.setdefault(key, [files[key]]).append(path)
            continue
        files[key] = path
        enter(hand_in)
    if progress:
        progress(len(paths), len(paths))
    dropped: list[int] = []
    for key, several in doubled.items():
        hand_ins = [_read(path, scenarios, roster) for path in several]
        hand_ins.sort(key=lambda hand_in: (hand_in.at, hand_in.path.name))
        for counted, _ in inbox.by_learner(hand_ins):
            if counted.path != files[key]:
                dropped += entered[key]
                enter(counted)
    return Reading(builder.build(without=dropped), refused, replays)


def _read(path: Path, scenarios: Mapping[str, CourseScenario], roster: Roster | None) -> inbox.HandIn:
    hand_in = inbox.read_one(path, scenarios)
    person = roster.person(hand_in.learner_id) if roster else None
    return replace(hand_in, learner_id=person) if person else hand_in


def _enter(builder: CohortBuilder, replays: Replays, hand_in: inbox.HandIn, by_person: ByPerson) -> Iterator[int]:
    course, record = replays.course, hand_in.record
    attempts = [
        Attempt(number, version, replays.replayed(answers))
        for number, (version, answers) in enumerate(record.attempts(), start=1)
    ]
    points = {name: float(decision.points) for name, decision in course.scenario.decisions.items()}
    graded = counted_among(course.story, attempts, course.keys, points)
    # Whoever started again without an answer has not played again; an empty attempt may be the one that counts.
    attempts = [attempt for attempt in attempts if attempt.replayed.path or attempt is graded]
    seconds = [seconds_of(stamps) for stamps in stamps_of(record)]
    for attempt in attempts:
        replies = replays.replies(attempt.replayed.path)
        if attempt is graded:
            replies = [
                replace(reply, credit=min(1.0, max(0.0, given / points[reply.decision])))
                if reply.decision
                and (given := by_person.get((hand_in.learner_id, course.slug, reply.decision))) is not None
                else reply
                for reply in replies
            ]
        yield builder.add(
            hand_in.learner_id,
            course.slug,
            replies,
            attempt=attempt.number,
            counted=attempt is graded,
            last=attempt is attempts[-1],
            ending=attempt.replayed.ending,
            seconds=seconds[attempt.number - 1],
        )


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
