"""Keeping the history up to date, and reading it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from onsite.ledger import state as kinds
from onsite.ledger.entries import Body, Entry
from onsite.ledger.people import read_names, save_names
from onsite.ledger.safe_files import told
from onsite.ledger.snapshot import take_snapshot
from onsite.ledger.state import State, fold, new_entries
from onsite.ledger.store import Mark, append, broken_words, locked, names_file, read_stored
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

NO_ROOM = "Nothing is lost: make room or mend your rights there, then run `python3 course.py history`."


@dataclass(frozen=True)
class Entered:
    """What was entered: grade changes among the entries, the end of the history now, bytes that were set aside."""

    grades: int
    mark: Mark
    set_aside: int = 0


def bring_up_to_date(course: CoursePaths, why: str | None = None, *, by: str = kinds.RUN) -> Entered:
    """Compare gradebook and hand-ins with the history and enter what differs.

    why: "graded", or another reason of the grading run that has just ended ("regraded with key version 3"); None
    outside of a grading run, and then a change that no reader made is entered as of unknown origin. To tell the two
    apart, call it before a run too. by: what changed the grades that no reader did. Raises OnsiteError when the
    history is broken or cannot be written.
    """
    with told("Entering the grades in the history", NO_ROOM), locked(course):
        stored = read_stored(course)
        names = read_names(names_file(course))
        state = fold(stored.chain.entries)
        if stored.breaks:
            raise OnsiteError(broken_words(stored))
        if lost := state.people - set(names.people().values()):
            raise OnsiteError(
                f"{names_file(course)} no longer knows {len(lost)} of the people in the history. "
                "Nothing was entered in it. Run `python3 course.py audit`: it says what to do."
            )
        snapshot = take_snapshot(course)
        before = (dict(names.salts), dict(names.hand_ins))
        names.enter(sorted(snapshot.learners()))
        names.hand_ins |= {found: path for found, path in snapshot.hand_ins.items() if found not in state.hand_ins}
        bodies: list[Body] = [] if stored.chain.entries else [{"what": kinds.BEGUN}]
        bodies += new_entries(state, snapshot, names.people(), why, by, first=not stored.chain.entries)
        if bodies == [{"what": kinds.BEGUN}]:
            return Entered(0, stored.mark)
        if (names.salts, names.hand_ins) != before:
            # First, so that no entry is ever of somebody unknown.
            save_names(names_file(course), names)
        if not bodies and not stored.unfinished:
            return Entered(0, stored.mark)
        mark = append(course, stored, bodies)
    return Entered(sum(body["what"] == kinds.GRADE for body in bodies), mark, len(stored.unfinished))


def enter(course: CoursePaths, body: Body) -> Mark:
    """Add one entry of another kind. Raises OnsiteError when the history is broken or cannot be written."""
    with told("Writing the history", NO_ROOM), locked(course):
        return append(course, read_stored(course), [body])


def entries_of(course: CoursePaths, learner: str) -> list[Entry]:
    """The entries about one learner, in order."""
    person = read_names(names_file(course)).people().get(learner)
    entries = read_stored(course).chain.entries
    return [entry for entry in entries if person is not None and entry.body.get("person") == person]


def in_words(entries: list[Entry], learners: dict[str, str]) -> Iterator[str]:
    """The entries about grades as lines for people. `learners`: see `Names.learners`."""
    for entry in entries:
        body = entry.body
        who = learners.get(str(body.get("person")), "somebody erased")
        if entry.what == kinds.GRADE:
            change = f"{_points(body.get('old'))} -> {_points(body.get('new'))}"
            place = f"{body.get('scenario')} / {body.get('decision')}"
            yield f"{entry.at}  {who}  {place}  {change}  by {body.get('by')}: {body.get('why')}"
        elif entry.what == kinds.ERASED:
            yield f"{entry.at}  a person was erased"
        elif entry.what in (kinds.RESTORED, kinds.BACKUP, kinds.ASIDE, "accepted"):
            yield f"{entry.at}  {entry.what}: {body.get('why') or body.get('file') or ''}".rstrip(": ")


def _points(points: Any) -> str:
    return "none" if points is None else f"{points:g}" if isinstance(points, int | float) else str(points)


def state_of(course: CoursePaths) -> State:
    """What the history says holds now."""
    return fold(read_stored(course).chain.entries)
