"""From hand-ins to the cohort table: the records that count, replayed and scored as the grader does.

Ten thousand people share the replays of a few thousand situations: see `Replays`.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from onsite.grading import inbox
from onsite.grading.roster import Roster, by_roster
from onsite.grading.scenarios import CourseScenario
from onsite.report.cohort import Cohort, CohortBuilder, Reply
from onsite.report.facts import code_of, facts_of
from onsite.scenario.attempts import Attempt, counted_among
from onsite.scenario.record import Answer, Record, Start
from onsite.scenario.replay import Given, Replayed, answered, replay, settle
from onsite.scenario.scoring import credit
from onsite.scenario.story import start_state

PAUSE = 30 * 60.0
"""Seconds between two answers from which on somebody is taken to have been away."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and their number."""

ByPerson = Mapping[tuple[str, str, str], float]
"""Points given by a person, by (learner id, scenario, decision)."""


class _Situation(NamedTuple):
    """Where an attempt can stand: a scene that asks, an ending or None, and the state there."""

    place: str | None
    state: dict[str, int]


class Played(NamedTuple):
    """One attempt: the answers used, the ending reached, and the index of the first answer that did not fit."""

    replies: list[Reply]
    ending: str | None
    problem: int | None


class Replays:
    """Replays of one scenario that learn from each other.

    What an answer leads to depends on the place and the state alone, so each answer in each situation is worked out
    once, and everybody who comes there later shares it. `asked` counts attempts, `worked_out` answers.
    """

    def __init__(self, course: CourseScenario) -> None:
        self.course = course
        self.asked = self.worked_out = 0
        story = course.story
        start = start_state(story)
        self._situations = [_Situation(settle(story, story.start, start), start)]
        self._numbers: dict[tuple[object, ...], int] = {}
        self._steps: dict[tuple[object, ...], tuple[int, Reply] | None] = {}
        self._replies: dict[tuple[str, str], Reply] = {}
        items = {name: scene.item for name, scene in story.scenes.items() if scene.item}
        self._kinds = {name: item.kind for name, item in items.items()}
        self._decisions = {name: item.decision for name, item in items.items()}

    def played(self, answers: list[Given]) -> Played:
        """Where the answers lead, as `replay` has it, and what each is worth."""
        self.asked += 1
        number, problem = 0, None
        replies: list[Reply] = []
        for index, given in enumerate(answers):
            if self._situations[number].place in self.course.story.endings:
                break
            kind = self._kinds.get(given.scene)
            shared = kind == "choice"
            told = self._option(given.answer) if shared else self._is_valid(given)
            key = (number, given.scene, told, given.ticks)
            ahead = self._steps[key] if key in self._steps else self._work_out(key, self._situations[number], given)
            if ahead is None:
                problem = index
                break
            number, reply = ahead
            if not shared:
                reply = self._reply(given.scene, given.answer)
            replies.append(reply if given.confidence is None else reply._replace(confidence=given.confidence))
        place = self._situations[number].place
        return Played(replies, place if place in self.course.story.endings else None, problem)

    def _work_out(self, key: tuple[object, ...], here: _Situation, given: Given) -> tuple[int, Reply] | None:
        self.worked_out += 1
        found = None
        if now := answered(self.course.story, here.place, here.state, given):
            step, place = now
            number = self._numbers.setdefault((place, *step.state.values()), len(self._situations))
            if number == len(self._situations):
                self._situations.append(_Situation(place, step.state))
            found = number, self._reply(given.scene, given.answer)
        self._steps[key] = found
        return found

    def _reply(self, scene: str, answer: object) -> Reply:
        option = code_of(self._kinds[scene], answer)
        if (scene, option) not in self._replies:
            decision = self._decisions[scene]
            key = self.course.keys.get(decision or "", {}).get(scene)
            worth = None if key is None else credit(key, answer)
            self._replies[scene, option] = Reply(scene, option, worth, decision)
        return self._replies[scene, option]

    @staticmethod
    def _option(answer: object) -> str | None:
        """The option that an answer to a choice names; a record may hold anything."""
        return answer if isinstance(answer, str) else None

    def _is_valid(self, given: Given) -> bool:
        """All valid answers to anything but a choice lead the same way."""
        scene = self.course.story.scenes.get(given.scene)
        return bool(scene and scene.item and scene.item.outcome_of(given.answer, {}) is not None)


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
    (`inbox.by_learner`). With a roster everybody on it is in the cohort, whether or not they handed in, and
    nobody else: hand-ins of which it does not say whose they are stand among those refused.
    """
    builder = CohortBuilder([facts_of(slug, one.scenario) for slug, one in scenarios.items()], practices)
    replays = {slug: Replays(one) for slug, one in scenarios.items()}
    for person in roster.people if roster else ():
        builder.learner(person.learner, person.group)
    whose = by_roster(roster) if roster else None
    box = inbox.read(folder, scenarios, whose=whose, progress=progress)
    for hand_in, _ in inbox.by_learner(box.hand_ins, latest=roster is not None):
        if not roster:
            builder.learner(hand_in.learner_id, "")
        _enter(builder, replays[hand_in.scenario], hand_in, by_person or {})
    return Reading(builder.build(), [*box.refused, *box.unknown], replays)


def _enter(builder: CohortBuilder, replays: Replays, hand_in: inbox.HandIn, by_person: ByPerson) -> None:
    course, record = replays.course, hand_in.record
    versions = record.attempts()
    played = [replays.played(answers) for _, answers in versions]
    graded = _graded(course, versions, played)
    seconds = [seconds_of(stamps) for stamps in stamps_of(record)]
    # Whoever started again without an answer has not played again; an empty attempt may be the one that counts.
    entered = [number for number, one in enumerate(played) if one.replies or number == graded]
    for number in entered:
        replies = played[number].replies
        if number == graded and by_person:
            replies = [_marked(course, hand_in.learner_id, reply, by_person) for reply in replies]
        builder.add(
            hand_in.learner_id,
            course.slug,
            replies,
            attempt=number + 1,
            counted=number == graded,
            last=number == entered[-1],
            ending=played[number].ending,
            seconds=seconds[number],
        )


def _graded(course: CourseScenario, versions: list[tuple[int, list[Given]]], played: list[Played]) -> int | None:
    """The index of the attempt that the grader counts."""
    if course.story.counts == "best":
        points = {name: float(decision.points) for name, decision in course.scenario.decisions.items()}
        attempts = [
            Attempt(index, version, replay(course.story, answers)) for index, (version, answers) in enumerate(versions)
        ]
        found = counted_among(course.story, attempts, course.keys, points)
    else:
        # Which is first or last does not depend on what was answered.
        attempts = [
            Attempt(index, version, Replayed({}, problem=one.problem))
            for index, ((version, _), one) in enumerate(zip(versions, played, strict=True))
        ]
        found = counted_among(course.story, attempts)
    return found.number if found else None


def _marked(course: CourseScenario, learner: str, reply: Reply, by_person: ByPerson) -> Reply:
    given = by_person.get((learner, course.slug, reply.decision)) if reply.decision else None
    if given is None or reply.decision is None:
        return reply
    return reply._replace(credit=min(1.0, max(0.0, given / course.scenario.decisions[reply.decision].points)))


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
