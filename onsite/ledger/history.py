"""Keeping the history up to date, and reading it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from onsite.ledger import state as kinds
from onsite.ledger.chain import ACCEPTED
from onsite.ledger.clicks import forget, noted
from onsite.ledger.differences import NOBODY, RUN, Cause, Now, new_entries
from onsite.ledger.entries import Body, Entry, read_line
from onsite.ledger.intent import entered, intended
from onsite.ledger.people import Names, operator, read_names, save_names
from onsite.ledger.snapshot import take_snapshot
from onsite.ledger.state import State, fold
from onsite.ledger.store import (
    Mark,
    Stored,
    append,
    broken_words,
    history_file,
    locked,
    names_file,
    read_stored,
)
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError, told

NO_ROOM = "Nothing is lost: make room or mend your rights there, then run `python3 course.py history`."


@dataclass(frozen=True)
class Entered:
    """What was entered: grade changes among the entries, the end of the history now, bytes that were set aside.

    unknown: how many of the changes no run and no reader is known to have made.
    """

    grades: int
    mark: Mark
    set_aside: int = 0
    unknown: int = 0


def bring_up_to_date(course: CoursePaths, why: str | None = None, *, by: str | None = None) -> Entered:
    """Compare gradebook and hand-ins with the history and enter what differs.

    why: "graded", or another reason of the grading run that has just ended ("regraded with key version 3"); None
    outside of a grading run, and then a change that no reader made is entered as of unknown origin, unless a run has
    noted that it goes on (see `intent`). To tell the two apart, call it before a run too. by: what changed the grades
    that no reader did; by default a grading run of whoever is logged in. Raises OnsiteError when the history is broken
    or cannot be written.
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
        before = (dict(names.salts), dict(names.hand_ins))
        now = look(course, names)
        names.hand_ins |= {found: path for found, path in now.snapshot.hand_ins.items() if found not in state.hand_ins}
        run = intended(course) if why is None else None
        cause = Cause(*(run or (why, by or run_of_operator())), first=not stored.chain.entries)
        bodies: list[Body] = [] if stored.chain.entries else [{"what": kinds.BEGUN}]
        bodies += new_entries(state, now, cause)
        if bodies == [{"what": kinds.BEGUN}]:
            return Entered(0, stored.mark)
        if (names.salts, names.hand_ins) != before:
            # First, so that no entry is ever of somebody unknown.
            save_names(names_file(course), names)
        mark = append(course, stored, bodies) if bodies or stored.unfinished else stored.mark
        forget(course, {click.id for click in now.clicks if click.place not in now.busy})
        if run:
            entered(course)
    changes = [body for body in bodies if body["what"] == kinds.GRADE]
    unknown = 0 if cause.first else sum(body["by"] == NOBODY for body in changes)
    return Entered(len(changes), mark, len(stored.unfinished), unknown)


def look(course: CoursePaths, names: Names) -> Now:
    """What gradebook and folders say. Whoever has no name in the history yet is given one in `names`."""
    clicks = noted(course)
    snapshot = take_snapshot(course)
    # What was clicked while this was looking may be in the snapshot or not.
    busy = {click.place for click in noted(course)[len(clicks) :]}
    names.enter(sorted(snapshot.learners()))
    seals = {place: names.seal(place[0], text.encode()) for place, text in snapshot.comments.items()}
    return Now(snapshot, names.people(), seals, clicks, busy)


def run_of_operator() -> str:
    """A grading run of whoever is logged in, as it stands in the history."""
    login = operator()
    return f"{RUN} of {login}" if login else RUN


def enter(course: CoursePaths, *bodies: Body) -> Mark:
    """Add entries of another kind, with who ran the command.

    Raises OnsiteError when the history is broken or cannot be written.
    """
    with told("Writing the history", NO_ROOM), locked(course):
        return append(course, read_stored(course), [{**body, "by": operator()} for body in bodies])


def erased_hand_ins(course: CoursePaths) -> set[str]:
    """The hashes of the hand-ins of everybody who was erased. Of a cohort's history only these lines are looked into.

    Whether it is whole is for others to say. Raises OnsiteError when it cannot be read.
    """
    with told("Reading the history", NO_ROOM):
        try:
            with history_file(course).open("rb") as file:
                lines = [line for line in file if b'"erased"' in line]
        except FileNotFoundError:
            lines = []
    found = map(read_line, lines)
    return {
        str(digest)
        for entry in found
        if entry is not None and entry.what == kinds.ERASED
        for digest in kinds.listed(entry.body, "hand_ins")
    }


def entries_of(stored: Stored, person: str | None) -> list[Entry]:
    """The entries about one person, by their name in the history, in order; none about None."""
    return [entry for entry in stored.chain.entries if person is not None and entry.body.get("person") == person]


def in_words(entries: list[Entry], learners: dict[str, str]) -> Iterator[str]:
    """The entries that people ask for as lines. `learners`: see `Names.learners`."""
    for entry in entries:
        body = entry.body
        who = learners.get(str(body.get("person")), "somebody erased")
        place = f"{body.get('scenario')} / {body.get('decision')}"
        by = f"by {body.get('by') or 'not known'}: {body.get('why')}"
        at = body.get("when") or entry.at
        if entry.what == kinds.GRADE:
            change = f"{_points(body.get('old'))} -> {_points(body.get('new'))}"
            yield f"{at}  {who}  {place}  {change}  {by}"
        elif entry.what == kinds.COMMENT:
            yield f"{at}  {who}  {place}  comment  {by}"
        elif entry.what in (kinds.CERTIFIED, kinds.WITHDRAWN):
            yield f"{at}  {who}  certificate {entry.what}  {by}"
        elif entry.what in (kinds.ERASED, kinds.RESTORED, kinds.BACKUP, kinds.ASIDE, ACCEPTED):
            yield f"{at}  {_WORDS.get(entry.what, entry.what)}  {by}".removesuffix(": None")


_WORDS = {kinds.ERASED: "a person was erased"}


def _points(points: Any) -> str:
    return "none" if points is None else f"{points:g}" if isinstance(points, int | float) else str(points)


def state_of(course: CoursePaths) -> State:
    """What the history says holds now."""
    return fold(read_stored(course).chain.entries)
