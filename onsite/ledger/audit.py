"""Whether the history is whole, and whether gradebook and hand-ins still say what it says."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from onsite.ledger.clicks import COMMENTED
from onsite.ledger.differences import Now
from onsite.ledger.entries import FIRST
from onsite.ledger.history import NO_ROOM, look
from onsite.ledger.intent import intended
from onsite.ledger.people import Names, read_names
from onsite.ledger.snapshot import file_hash, known_by, register_files, take_snapshot
from onsite.ledger.state import Issued, Snapshot, State, changes, fold
from onsite.ledger.store import (
    Mark,
    Stored,
    acceptance,
    append,
    history_file,
    locked,
    names_file,
    read_stored,
    short,
)
from onsite.paths import CoursePaths
from onsite.safe_files import free_name
from onsite.scenario.errors import OnsiteError, told
from onsite.scenario.record import FILE_NAME

_RESTORE = "Bring back a backup from before: `python3 course.py restore FILE.zip --force`."
_ACCEPT = (
    "Look for a backup from before and restore it. If there is none, and you know what happened, "
    'state it: `python3 course.py audit --accept "REASON"`.'
)
_AT_LEAST = 12
_TOLD = 10


@dataclass(frozen=True)
class Fault:
    """Something that does not agree: where, what, and what to do."""

    where: str
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.do}"


@dataclass
class Audit:
    """faults: what does not agree; notes: what a reader should know; mark: where the history ends."""

    mark: Mark
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def audit(course: CoursePaths, noted: str = "") -> Audit:
    """Check everything, and change nothing.

    noted: a hash of the history that was printed after a grading; it must be one of its entries. Raises OnsiteError
    when something cannot be read at all.
    """
    stored = read_stored(course)
    state = fold(stored.chain.entries)
    found = Audit(stored.mark)
    file = history_file(course)
    found.faults += [Fault(f"{file}, line {one.line}", one.what, _ACCEPT) for one in stored.breaks]
    found.notes += [
        f"{file}, line {one.line}: {one.what} A person has accepted this."
        for one in stored.chain.breaks
        if one.accepted
    ]
    if stored.unfinished:
        found.notes.append(
            f"{file}: a command was interrupted while it wrote, and {len(stored.unfinished)} bytes are unfinished. "
            "`python3 course.py history` sets them aside and enters what they were about again."
        )
    if noted and not _is_in(stored, noted):
        found.faults.append(
            Fault(str(file), f"No entry has the hash {noted!r} that you noted down: it was written anew.", _ACCEPT)
        )
    names = read_names(names_file(course))
    found.faults += _people(state, names, names_file(course))
    now = look(course, names)
    snapshot = now.snapshot
    if not stored.chain.entries and (snapshot.grades or snapshot.answers) and not stored.breaks:
        found.notes.append(
            "There is no history yet. `python3 course.py history` begins one with the grades as they are."
        )
        return found
    killed = intended(course) is not None
    found.faults += _grades(state, now, names, course, killed=killed)
    if killed:
        found.notes.append(
            "A grading run is going on, or was interrupted before its grades were entered in the history. If none is, "
            "`python3 course.py history` enters them."
        )
    found.faults += _comments(state, now, names, course)
    found.faults += _answers(state, snapshot, names, course, killed=killed)
    found.faults += _hand_ins(state, snapshot, names, course)
    found.faults += [
        Fault(
            str(path),
            "it cannot be read as something that was handed in.",
            "Look at it. If nobody needs it, delete it.",
        )
        for path in snapshot.unread
    ]
    found.faults += _certificates(state, names, course)
    if waiting := [click for click in now.clicks if click.id not in state.clicks]:
        found.notes.append(
            f"What was done in formgrader lately ({len(waiting)}) is noted and not in the history yet; until then "
            "nothing protects these notes. `python3 course.py history` enters them."
        )
    if new := len(set(snapshot.hand_ins) - state.hand_ins):
        found.notes.append(f"{new} files in {course.inbox} came after the last grading.")
    found.notes += _moved(snapshot, names, course)
    return found


def accept(course: CoursePaths, why: str) -> Mark:
    """State in the history that a person has looked at what does not agree, and goes on from here.

    This covers breaks in the chain, people whose names are lost, hand-ins, answers and certificates that are gone or
    changed; not grades, which are entered like any other. Raises OnsiteError when there is nothing of the kind.
    """
    with told("Writing the history", NO_ROOM), locked(course):
        stored = read_stored(course)
        state = fold(stored.chain.entries)
        snapshot = take_snapshot(course)
        known = _names_or_aside(course)
        people = known.people()
        now = {(people.get(learner, learner), slug): found for (learner, slug), found in snapshot.answers.items()}
        lost = sorted(state.people - set(people.values()))
        gone = sorted(state.hand_ins - set(snapshot.hand_ins))
        other = sorted(play for play, found in state.answers.items() if now.get(play) != found)
        papers = sorted(state.certificates.keys() - issued_now(course, known))
        if not (stored.breaks or lost or gone or other or papers):
            raise OnsiteError("There is nothing to accept: history, hand-ins, answers and certificates agree.")
        body = {**acceptance(course, why), "people": lost, "hand_ins": gone, "answers": other, "certificates": papers}
        return append(course, stored, [body], accepting=True)


def _names_or_aside(course: CoursePaths) -> Names:
    path = names_file(course)
    try:
        return read_names(path)
    except OnsiteError:
        path.rename(free_name(path.parent, "names-set-aside", ".json"))
        return Names()


def _is_in(stored: Stored, noted: str) -> bool:
    wanted = noted.replace("-", "").replace(" ", "").lower()
    if len(wanted) < _AT_LEAST:
        raise OnsiteError(f"{noted!r} is too short for a hash of the history. Give it as it was printed after grading.")
    # The first is what stood there before anything was entered.
    return any(digest.startswith(wanted) for digest in (FIRST, *(entry.digest for entry in stored.chain.entries)))


def _people(state: State, names: Names, where: Path) -> Iterator[Fault]:
    lost = state.people - set(names.people().values())
    if lost:
        yield Fault(str(where), f"{len(lost)} people in the history are not in it any more: it was changed.", _RESTORE)


def _grades(state: State, now: Now, names: Names, course: CoursePaths, *, killed: bool) -> Iterator[Fault]:
    learners = names.learners()
    given = [click for click in now.clicks if click.id not in state.clicks and click.how != COMMENTED]
    clicks = {now.place(click.place): click for click in given}
    for change in changes(state, now.snapshot, now.people):
        if killed and not change.read:
            continue  # the run's own
        who = learners.get(change.person, change.person)
        place = f"{course.gradebook}: {who}, {change.scenario}, {change.decision}"
        what = f"the history says {_points(change.old)}, the gradebook {_points(change.new)}."
        click = clicks.get(change.place)
        if click and click.points == change.new:
            by = click.by or "a reader"
            do = f"{by} gave it in formgrader, {click.at}: `python3 course.py history` enters it."
        elif change.read and not change.machine:
            do = "If a reader has just graded it, `python3 course.py history` enters it. If nobody did, ask."
        else:
            do = f"No grading run entered this. {_RESTORE} If you know why, `python3 course.py history` enters it."
        yield Fault(place, what, do)


def _comments(state: State, now: Now, names: Names, course: CoursePaths) -> Iterator[Fault]:
    learners = names.learners()
    holds = {now.place(place): seal for place, seal in now.comments.items()}
    for place in sorted(holds.keys() | state.comments.keys()):
        if holds.get(place) != state.comments.get(place):
            who = learners.get(place[0], place[0])
            where = f"{course.gradebook}: {who}, {place[1]}, {place[2]}"
            what = "the comment is gone." if place not in holds else "the comment is not the one in the history."
            yield Fault(
                where, what, "If a reader has just written it, `python3 course.py history` enters it. If not, ask."
            )


def issued_now(course: CoursePaths, names: Names) -> set[Issued]:
    """The certificates in the register as it is now; those of people who have no name in the history are left out."""
    people = names.people()
    return {
        (people[learner], names.seal(learner, path.read_bytes()))
        for learner, path in register_files(course)
        if learner in people
    }


def _certificates(state: State, names: Names, course: CoursePaths) -> Iterator[Fault]:
    people, learners = names.people(), names.learners()
    found: set[Issued] = set()
    for learner, path in register_files(course):
        issued = (people.get(learner, ""), names.seal(learner, path.read_bytes()) if learner in people else "")
        found.add(issued)
        if issued not in state.certificates:
            yield Fault(
                str(path), "this is not in the history: no `certificate` run wrote it, or it was changed since.",
                f"`python3 course.py certificate` enters what is genuine. Else: {_RESTORE}",
            )  # fmt: skip
        elif not _is_as_issued(path):
            yield Fault(
                str(path.with_suffix(".pdf")), "the certificate is not as it was issued.",
                "Delete it, and `python3 course.py certificate` makes it again.",
            )  # fmt: skip
    for person, _ in sorted(state.certificates.keys() - found):
        who = learners.get(person, person)
        yield Fault(
            str(course.certificates / who), "what was put down when a certificate was issued is gone or changed.",
            _RESTORE,
        )  # fmt: skip


def _is_as_issued(register: Path) -> bool:
    """Whether the PDF beside it is the one it tells of. One that was taken away can be made again."""
    pdf = register.with_suffix(".pdf")
    if not pdf.exists():
        return True
    try:
        return bool(json.loads(register.read_bytes())["sha256"] == file_hash(pdf))
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _answers(state: State, snapshot: Snapshot, names: Names, course: CoursePaths, *, killed: bool) -> Iterator[Fault]:
    people = names.people()
    now = {(people.get(learner, learner), slug): found for (learner, slug), found in snapshot.answers.items()}
    learners = names.learners()
    again = "The hand-in is still in the inbox: `python3 course.py grade` lays it out again."
    for (person, slug), known in state.answers.items():
        where = f"{course.submitted / learners.get(person, person) / slug}"
        if Path(where, FILE_NAME) in snapshot.unread:
            continue  # said in its own place
        if (person, slug) not in now:
            yield Fault(where, "the answers that were graded are gone.", again)
        elif now[person, slug] != known and not killed:
            yield Fault(where, "the answers are not those that were graded.", again)
    for person, slug in sorted(now.keys() - state.answers.keys()) if not killed else ():
        where = f"{course.submitted / learners.get(person, person) / slug}"
        yield Fault(where, "these answers are not in the history.", "`python3 course.py history` enters them.")


def _hand_ins(state: State, snapshot: Snapshot, names: Names, course: CoursePaths) -> Iterator[Fault]:
    for found in sorted(state.hand_ins - set(snapshot.hand_ins)):
        path = names.hand_ins.get(found)
        if path and course.inbox / path in snapshot.unread:
            continue  # said in its own place
        where = str(course.inbox / path) if path else str(course.inbox)
        changed = path is not None and (course.inbox / path).exists()
        what = "it is not as it was handed in." if changed else f"a hand-in is gone (SHA-256 {found})."
        yield Fault(where, what, _RESTORE)


def _moved(snapshot: Snapshot, names: Names, course: CoursePaths) -> Iterator[str]:
    """Hand-ins that lie elsewhere than when they came. A note and no fault: whoever runs the course may tidy up."""
    moved = [
        (was, now)
        for digest, now in sorted(snapshot.hand_ins.items(), key=itemgetter(1))
        if (was := names.hand_ins.get(digest, now)) != now and known_by(course.inbox / was) != digest
    ]
    for was, now in moved[:_TOLD]:
        yield f"{course.inbox / now} lay in {was} when it came. Where a hand-in lies may decide whose it is."
    if len(moved) > _TOLD:
        yield f"So did {len(moved) - _TOLD} more lie elsewhere."


def _points(points: float | None) -> str:
    return "no grade" if points is None else f"{points:g}"


def head_line(mark: Mark) -> str:
    """The line printed after each grading, to be noted down."""
    return f"History: {mark.entries} entries, hash {short(mark.head)}"
