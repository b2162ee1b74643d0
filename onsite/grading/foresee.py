"""What grading hand-ins again would change, found out without writing anything."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from onsite.grading.basis import still_holds, what_changed
from onsite.grading.because import because
from onsite.grading.book import Book, Given, Note
from onsite.grading.desk import Mark, has_to_be_read
from onsite.grading.inbox import HandIn, digest_of
from onsite.grading.marking import mark
from onsite.grading.points import points_given
from onsite.grading.run import Held
from onsite.grading.scenarios import CourseScenario
from onsite.grading.sources import open_plain
from onsite.scenario.errors import RecordError
from onsite.scenario.record import MAX_BYTES, Record, parse_record

_NOTHING = 1e-9
"""Points below which a difference is one of floating point."""


@dataclass(frozen=True)
class Graded:
    """One hand-in that was graded: whose, where its record lies now, and what was noted of it."""

    learner: str
    path: Path
    note: Note


@dataclass(frozen=True)
class Foreseen:
    """What a decision will be worth, as the gradebook will say it. None is no grade, or one that waits for a reader.

    why: in words, empty where nothing changes; again: a person has given points, which stay, and has to look at it
    again.
    """

    learner: str
    decision: str
    old: float | None
    new: float | None
    why: str = ""
    again: bool = False

    @property
    def changes(self) -> bool:
        """Whether the points will be others."""
        if self.old is None or self.new is None:
            return self.old is not self.new
        return abs(self.old - self.new) > _NOTHING


def foresee(
    scenario: CourseScenario,
    graded: Iterable[Graded],
    given: Mapping[str, Mapping[str, Given]],
    before: CourseScenario | None = None,
) -> Iterator[Foreseen | Graded]:
    """Every decision of these hand-ins as it would be graded now; a hand-in itself where its record is another one.

    given: what the gradebook holds. before: the scenario as it was graded by until now, as far as that is still known;
    without it nothing is said of why.
    """
    for one in graded:
        record = _record(one, scenario.slug)
        if record is None:
            yield one
            continue
        marked = mark(scenario, record)
        known = before if before is not None and still_holds(one.note.basis, before) else None
        for decision, points in marked.points.items():
            now = given.get(one.learner, {}).get(decision)
            by_person = now.mark if now else Mark()
            needs = has_to_be_read(
                by_person,
                points,
                written=decision in marked.texts,
                same_texts=marked.texts_digest == one.note.texts,
            )
            found = Foreseen(
                one.learner,
                decision,
                now.points if now else None,
                points_given(points, by_person.manual, by_person.extra, waits=needs),
                again=by_person.manual is not None and needs and not by_person.needs_reading,
            )
            if before is not None and found.changes:
                told = because(known, scenario, record, decision, what_changed(one.note.basis, scenario))
                found = replace(found, why=told)
            elif found.again:
                found = replace(found, why="a person has marked it: the points stay, and have to be looked at again")
            yield found


def same_decisions(scenario: CourseScenario, given: Mapping[str, Mapping[str, Given]]) -> bool:
    """Whether the gradebook holds the decisions that the scenario has."""
    return all(one.keys() == scenario.scenario.decisions.keys() for one in given.values())


def _record(graded: Graded, slug: str) -> Record | None:
    try:
        with open_plain(graded.path) as file:
            data = file.read(MAX_BYTES + 1)
        return parse_record(data, slug) if digest_of(data) == graded.note.record else None
    except (OSError, RecordError):
        return None


def would_change(
    book: Book, scenario: CourseScenario, hand_ins: Iterable[HandIn], notes: Mapping[tuple[str, str], Note]
) -> Held | None:
    """Whether grading these hand-ins would change points that were given for the very same answers, and for whom."""
    doubtful = {}
    for hand_in in hand_ins:
        note = notes.get((hand_in.learner_id, scenario.slug))
        if note is not None and note.record == hand_in.digest and not still_holds(note.basis, scenario):
            doubtful[hand_in.learner_id] = Graded(hand_in.learner_id, hand_in.path, note)
    if not doubtful:
        return None
    given = book.given(scenario.slug)
    if not same_decisions(scenario, given):
        return None  # nbgrader refuses it, and says what to do
    known = [one for learner, one in doubtful.items() if learner in given]
    learners = {
        found.learner for found in foresee(scenario, known, given) if isinstance(found, Foreseen) and found.changes
    }
    if not learners:
        return None
    reasons = {
        reason: None for learner in sorted(learners) for reason in what_changed(doubtful[learner].note.basis, scenario)
    }
    own = " --own" if scenario.kept and not scenario.graded_as else ""
    return Held(scenario.slug, len(learners), tuple(reasons), f"python3 course.py regrade {scenario.slug}{own}")
