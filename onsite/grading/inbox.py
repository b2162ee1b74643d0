"""Hand-ins as they arrive: an inbox that is only ever added to."""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from onsite.grading.hands import Hands
from onsite.grading.names import learner_id, platform_names
from onsite.grading.sources import Found, Problem, is_candidate, read_file, walk
from onsite.paths import KEPT_ASIDE
from onsite.safe_files import write_whole
from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import Record, parse_record

NAMELESS = "me"
"""Whose a record without a name is, when one person works alone on their own machine."""

TAKEN = "taken"
"""The folder of the inbox for what was taken from elsewhere: <hash of the content>.json, and where it came from."""

MANY = 2000
"""From so many files on a second process is worth its start."""

MAX_FILES = 20_000
MAX_TOTAL_BYTES = 1_000_000_000

_RECEIPT = re.compile(r"(?P<at>\d{8}T\d{12})-(?P<receipt>[0-9a-f]{32})\.json")
_CHUNK = 100

_NEVER = datetime.min.replace(tzinfo=UTC)

Arrival = tuple[tuple[str, ...], str, datetime]
"""Where a taken file came from: the names in its path, nbgrader's student, its date."""

Look = TypeVar("Look")

Whose = Callable[[str, tuple[str, ...], str, str], str]
"""Tells whose a hand-in is, as a learner's id: from the name in the record, the names of its folders and its own,
the student nbgrader collected it from ('' when it did not), and the hash of its content. '' for what is nobody's by a
person's word. Raises RecordError when it cannot be told."""


@dataclass(frozen=True)
class HandIn:
    """One file of the inbox: what is in it in short, the learner's id, when it came (UTC).

    played: the time of the last answer that has one (UTC), as the learner's computer had it. names: of its folders and
    its own, as it came; a taken file is called by its hash in the inbox.
    """

    path: Path
    scenario: str
    record_id: str
    digest: str
    learner_id: str
    at: datetime
    played: datetime = _NEVER
    names: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name by which people know it."""
        return "/".join(self.names) or self.path.name

    @property
    def record(self) -> Record:
        """The record, read again each time: a cohort's records are too many to hold. Raises RecordError."""
        return parse_record(self.path.read_bytes(), self.scenario)


@dataclass(frozen=True)
class Passed:
    """A hand-in that does not count, what counts instead, and why: the predicate of a sentence about the latter."""

    hand_in: HandIn
    instead: HandIn
    why: str


@dataclass
class Inbox:
    """What lies in the inbox: the hand-ins that can be graded, in order of arrival, and why others cannot.

    repeated: of nobody known, but somebody handed in the same answers, or went on from them; unknown: other sound
    records of which it cannot be told whose they are.
    """

    hand_ins: list[HandIn] = field(default_factory=list)
    repeated: list[Passed] = field(default_factory=list)
    refused: list[tuple[Path, str]] = field(default_factory=list)
    unknown: list[tuple[Path, str]] = field(default_factory=list)


def named(nameless: str | None = None) -> Whose:
    """Without a roster a hand-in is whom nbgrader or a learning platform names, else whose name is in it, else
    `nameless`'s."""

    def whose(typed: str, parts: tuple[str, ...], student: str, digest: str) -> str:
        del digest
        found = list(dict.fromkeys(map(learner_id, platform_names(parts))))
        if student:
            return learner_id(student)
        if len(found) == 1:
            # The platform has seen who logged in; what is typed may be anybody's name.
            return found[0]
        if typed or nameless:
            return learner_id(typed or nameless or "")
        raise RecordError('It does not say whose it is. Write the name into its "learner" field, then grade again.')

    return whose


def add(folder: Path, data: bytes, slugs: Collection[str]) -> str:
    """Put one hand-in into the inbox and return its receipt, 32 hex digits nobody can guess.

    Raises RecordError for bytes that are not a record of one of `slugs`, and OnsiteError when the inbox is full.
    """
    record = parse_record(data)
    _known(record, slugs)
    if not record.events:
        raise RecordError("Nothing has been answered in this record yet.")
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [entry.stat().st_size for entry in os.scandir(folder) if entry.is_file()]
    if len(sizes) >= MAX_FILES or sum(sizes) + len(data) > MAX_TOTAL_BYTES:
        raise OnsiteError("The inbox is full. Your answers are safe where they are; tell whoever runs the course.")
    receipt = secrets.token_hex(16)
    write_whole(folder / f"{datetime.now(UTC).strftime('%Y%m%dT%H%M%S%f')}-{receipt}.json", data)
    return receipt


def digest_of(data: bytes) -> str:
    """The hash by which the content of a hand-in is known."""
    return hashlib.sha256(data).hexdigest()


def code_of(digest: str) -> str:
    """What a hand-in is called where a person has to write it down, in whose.csv: by its content.

    Files of many people have the same name. It starts with a letter, or spreadsheets would make 12e45 a number.
    """
    return f"r{digest[:12]}"


def take(folder: Path, found: Found, slugs: Collection[str], student: str = "") -> None:
    """Copy one file from elsewhere into the inbox, named after its content, with a note of where it came from.

    student: whom nbgrader collected it from. What is there already is left as it is. Raises RecordError for what is
    not a record of one of `slugs`, and OSError when it cannot be written.
    """
    _known(parse_record(found.data), slugs)
    note = json.dumps(
        {"from": found.label, "parts": found.parts, "student": student, "at": found.at.isoformat()}, sort_keys=True
    ).encode()
    came_from = hashlib.sha256(json.dumps([found.parts, student]).encode()).hexdigest()
    name = digest_of(found.data)
    place = folder / TAKEN
    place.mkdir(parents=True, exist_ok=True)
    # The note first: a record without its note would be taken for a nameless one.
    for path, data in ((place / f"{name}-{came_from[:16]}.from", note), (place / f"{name}.json", found.data)):
        if not _holds_something(path):
            # What it was copied from is still there, and waiting for the disk would take a cohort two minutes.
            write_whole(path, data, durable=False)


def _holds_something(path: Path) -> bool:
    """A file that the disk had not got when the power went may be there and empty."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def read(
    folder: Path,
    slugs: Collection[str],
    *,
    nameless: str | None = None,
    whose: Whose | None = None,
    hands: Hands | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Inbox:
    """Read every *.json below `folder`: what the server put there, files somebody dropped by hand, what was taken.

    whose: tells whom each is from; by default `named(nameless)`, and then what has no name is refused.
    """
    seen = looked_at(folder, glance, hands=hands, progress=progress)
    return sorted_out(folder, seen, slugs, nameless=nameless, whose=whose)


def looked_at(
    folder: Path,
    look: Callable[[tuple[Path, ...]], Sequence[Look]],
    *,
    hands: Hands | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Iterator[tuple[Path, Look]]:
    """Every file below `folder` that may be a record, in order of path, with what `look` says of it.

    look: `glance`, or what reads more in the same go; it gets some files at a time, in other processes if `hands` has
    any.
    """
    paths = list(files(folder))
    jobs = [tuple(paths[at : at + _CHUNK]) for at in range(0, len(paths), _CHUNK)]
    done = 0
    for some, seen in (hands or Hands(1)).do(look, jobs, worth=len(paths) >= MANY):
        yield from zip(some, seen, strict=True)
        done += len(some)
        if progress:
            progress("Reading", done, len(paths))


def sorted_out(
    folder: Path,
    seen: Iterable[tuple[Path, "Glance"]],
    slugs: Collection[str],
    *,
    nameless: str | None = None,
    whose: Whose | None = None,
) -> Inbox:
    """The inbox made of the files of `folder` and a glance at each. nameless, whose: see `read`."""
    inbox = Inbox()
    unknown: list[tuple[HandIn, str]] = []
    notes = _notes(folder / TAKEN)
    tell = whose or named(nameless)
    for path, found in seen:
        parts = path.relative_to(folder).parts
        arrivals = notes.get(path.stem, []) if parts[0] == TAKEN else []
        problem = found.problem or ("" if found.scenario in slugs else _no_such(found.scenario))
        if problem:
            inbox.refused.append((path, problem))
            continue
        # The server puts them nowhere else; a name of the kind in a folder is somebody's choice.
        came = (_received(path.name) if len(parts) == 1 else None) or found.at
        hand_ins, nobodys = _hand_ins(path, found, arrivals or [(parts, "", came)], tell)
        inbox.hand_ins += hand_ins
        if whose:
            unknown += nobodys
        else:
            inbox.refused += [(_lies(one), message) for one, message in nobodys]
    inbox.hand_ins.sort(key=lambda hand_in: (hand_in.at, hand_in.path.name))
    records: dict[tuple[str, str], list[HandIn]] = {}
    for hand_in in inbox.hand_ins if unknown else ():
        records.setdefault((hand_in.scenario, hand_in.record_id), []).append(hand_in)
    for one, message in unknown:
        same = records.get((one.scenario, one.record_id), [])
        if instead := next((other for other in same if other.record.continues(one.record)), None):
            inbox.repeated.append(Passed(one, instead, "holds the same answers in a name that is known"))
        else:
            inbox.unknown.append((_lies(one), f"{message} Its code: {code_of(one.digest)}"))
    return inbox


def _lies(hand_in: HandIn) -> Path:
    """Where a person finds it: of a taken file they know the name it had, not its hash."""
    return Path(*hand_in.names) if hand_in.path.parent.name == TAKEN else hand_in.path


@dataclass(frozen=True)
class Glance:
    """What a file says at a glance: of which record it is a copy, in whose name, and when it came; or what is wrong.

    played: see HandIn.
    """

    scenario: str = ""
    record_id: str = ""
    typed: str = ""
    digest: str = ""
    at: datetime = datetime.min
    played: datetime = _NEVER
    problem: str = ""


def glance(paths: Sequence[Path]) -> list[Glance]:
    """A glance at each of the files. A pure function of them, so that several processes can share the work."""
    return [glance_and_record(path)[0] for path in paths]


def glance_and_record(path: Path) -> tuple[Glance, Record | None]:
    """A glance at one file, and the record in it; None where there is a problem."""
    found = read_file(path, ())
    if isinstance(found, Problem):
        return Glance(problem=found.message), None
    try:
        record = parse_record(found.data)
    except RecordError as error:
        return Glance(problem=str(error)), None
    digest = digest_of(found.data)
    return Glance(record.scenario, record.id, record.learner, digest, found.at, _last_played(record)), record


def _received(name: str) -> datetime | None:
    """When the server put a file of this name into the inbox; None for one that it did not put there."""
    match = _RECEIPT.fullmatch(name)
    try:
        return datetime.strptime(match["at"], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC) if match else None
    except ValueError:
        return None


def _hand_ins(
    path: Path, found: Glance, arrivals: Iterable[Arrival], tell: Whose
) -> tuple[list[HandIn], list[tuple[HandIn, str]]]:
    """The hand-ins in a file, several when several people handed in the same record, and whose it cannot be told."""
    hand_ins: dict[str, HandIn] = {}
    unknown = []
    for names, student, came in arrivals:
        hand_in = HandIn(path, found.scenario, found.record_id, found.digest, "", came, found.played, names)
        try:
            learner = tell(found.typed, names, student, found.digest)
        except RecordError as error:
            unknown.append((hand_in, str(error)))
            continue
        if learner and (learner not in hand_ins or came < hand_ins[learner].at):
            hand_ins[learner] = replace(hand_in, learner_id=learner)
    return list(hand_ins.values()), unknown


def files(folder: Path) -> Iterator[Path]:
    """The files of the inbox that may be records, in order of their path; and folders that cannot be looked into."""
    if folder.is_dir():
        for place, _, names in walk(folder, lambda name: name.startswith(".") or name == KEPT_ASIDE):
            yield from [place] if names is None else (place / name for name in names if is_candidate(name))


def _notes(folder: Path) -> dict[str, list[Arrival]]:
    """Where each taken file came from, by the hash in its name."""
    notes: dict[str, list[Arrival]] = {}
    for path in sorted(folder.glob("*.from")):
        if told := arrival(path):
            notes.setdefault(path.name.partition("-")[0], []).append(told)
    return notes


def arrival(note: Path) -> Arrival | None:
    """What a note of `take` says; None for one that says nothing that can be used."""
    found = read_file(note, ())
    try:
        said = json.loads(found.data if isinstance(found, Found) else b"")
        at = datetime.fromisoformat(said["at"])
        # A date without a zone is from nobody who wrote such a note, and cannot be compared with the others.
        return (tuple(map(str, said["parts"])), str(said["student"]), at) if at.tzinfo else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _known(record: Record, slugs: Collection[str]) -> None:
    if record.scenario not in slugs:
        raise RecordError(_no_such(record.scenario))


def _no_such(slug: str) -> str:
    return f"There is no scenario '{slug}' in this course."


def _last_played(record: Record) -> datetime:
    """The time of the last answer that has one (UTC), as the learner's computer had it."""
    for event in reversed(record.events):
        try:
            at = datetime.fromisoformat(event.at)
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return _NEVER
