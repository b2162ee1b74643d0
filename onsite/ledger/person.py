"""One person in a course: by which words they are known, and which of the handed-in files are theirs."""

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from onsite.grading.inbox import learner_id
from onsite.grading.names import fold, spellings, stem
from onsite.grading.people import meaning, read_people
from onsite.grading.sources import kind_of
from onsite.grading.table import Row, Table
from onsite.ledger.mentions import Mentions
from onsite.ledger.people import read_names
from onsite.ledger.snapshot import gradebook
from onsite.ledger.store import names_file
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import FILE_NAME

_COLUMNS = ("id", "name", "email")
_IS_ID = re.compile(r"(^|[^a-z])id$|learner", re.IGNORECASE)
_SAYS_WHO = re.compile(r"(^|[^a-z])id$|student|learner|name|mail|user|person|participant", re.IGNORECASE)
_TYPED = re.compile(r'"learner"\s*:\s*("(?:[^"\\]|\\.)*")')
"""The name in a record that is no whole JSON."""


class UnknownPersonError(OnsiteError):
    """Nobody is known here by this word."""


@dataclass(frozen=True)
class Person:
    """learner: the id in folders, gradebook and history; words: that id, and the staff id, names and e-mail addresses.

    shared: names that somebody else in the roster has too, which therefore tell nothing; others: the words of everybody
    else who is known here; records: the random ids of the records graded as theirs; doubts: lines of the roster
    that could not be read in full, in which more about them may stand.
    """

    learner: str
    words: tuple[str, ...]
    name: str
    others: frozenset[str]
    records: frozenset[str]
    shared: tuple[str, ...] = ()
    doubts: tuple[str, ...] = field(default=(), compare=False)

    def ids(self) -> set[str]:
        """The folder names that their words would lead to."""
        return {found for word in self.words if (found := _id(word))}

    @cached_property
    def other_ids(self) -> frozenset[str]:
        """The folder names that other people's words would lead to."""
        return frozenset({found for word in self.others if (found := _id(word))} - self.ids())

    @cached_property
    def mentioned(self) -> Mentions:
        """Whether a text names them."""
        return Mentions(self.words, self.others)

    @cached_property
    def perhaps_mentioned(self) -> Mentions:
        """The same with the names that they share with somebody."""
        return Mentions([*self.words, *self.shared], self.others - set(self.shared))

    def has_place(self, path: str) -> bool:
        """Whether a path names them, or a folder or file of it is called as one of their words."""
        return self.mentioned(path) or any(_id(stem(part)) in self.ids() for part in path.split("/"))


def find_person(course: CoursePaths, word: str) -> Person:
    """The person whom an id, a name or an address means. Raises UnknownPersonError when there is none, and
    OnsiteError when there is more than one, or something cannot be read.
    """
    roster = read_roster_anyhow(course)
    rows = roster.rows
    wanted = _id(word)
    meant = [row for row in rows if wanted and wanted in {_id(row.cells.get(column, "")) for column in _COLUMNS}]
    # An id stands before a name that looks like it, and a line may be there twice.
    meant = [row for row in meant if _id(row.cells.get("id", "")) == wanted] or meant
    ids = {row.cells.get("id", ""): _id(row.cells.get("id", "")) for row in meant}
    if len(set(ids.values())) > 1:
        raise OnsiteError(
            f"'{word}' may be more than one person of {course.roster.name}: {', '.join(list(ids)[:5])}. Give the id."
        )
    learner = next(iter(ids.values()), "") or wanted
    known = _known_learners(course)
    typed_by_id = _typed_names(course.inbox)
    if not learner or not (meant or learner in known or learner in typed_by_id):
        raise UnknownPersonError(
            f"Nobody is known here as '{word}', or not any more. Give the id in the roster, or the name as "
            "`course.py grade` prints it."
        )
    others = {cell for row in rows if row not in meant for name in _COLUMNS if (cell := row.cells.get(name, ""))}
    graded = [_read(path) for path in course.submitted.glob(f"{learner}/*/{FILE_NAME}")]
    typed = [str(said.get("learner", "")) for said in graded] + typed_by_id.get(learner, [])
    own = [row.cells.get(name, "") for row in meant for name in ("id", "email", "name")]
    own += [*typed, *_in_gradebook(course, learner)]
    words = list(dict.fromkeys([learner, *(one.strip() for one in own if one.strip())]))
    elsewhere = {_id(row.cells.get("name", "")) for row in rows if row not in meant}
    shared = tuple(one for one in words if _id(one) in elsewhere)
    words = [one for one in words if one not in shared]
    ours = {_id(one) for one in words}
    others |= {other for other in known if other != learner}
    others |= {name for found, names in typed_by_id.items() if found not in ours for name in names}
    name = next((found for row in meant if (found := row.cells.get("name", ""))), "")
    name = name or next((one for one in typed if one), learner)
    records = frozenset(str(said.get("id")) for said in graded if said.get("id"))
    return Person(
        learner, tuple(words), name, frozenset(others), records, shared, tuple(_doubts(course, roster, meant))
    )  # fmt: skip


def _doubts(course: CoursePaths, roster: Table, meant: list[Row]) -> Iterator[str]:
    if roster.fault:
        yield f"{course.roster}: {roster.fault}"
    for row in roster.rows:
        if row.fault:
            theirs = " It is theirs." if row in meant else ""
            yield f"{course.roster}, line {row.number}: {row.fault}.{theirs}"


def read_roster_anyhow(course: CoursePaths) -> Table:
    """The roster as well as it can be read, and empty when there is none: a bad line must not keep anybody's data.

    Raises OnsiteError when the file cannot be opened.
    """
    return read_people(course.roster) if course.roster.is_file() else Table((), ())


def inbox_files(inbox: Path) -> list[Path]:
    """Every ordinary file of the inbox and its folders, in order of path; what each is says `kind_of`."""
    return [path for path in sorted(inbox.rglob("*")) if path.is_file() and not path.is_symlink()]


def hand_ins_of(course: CoursePaths, person: Person) -> list[Path]:
    """The files of the inbox that are theirs, and theirs alone; with each the note on where it came from."""
    notes: dict[str, list[Path]] = {}
    records: list[Path] = []
    found: list[Path] = []
    for path in inbox_files(course.inbox):
        kind = kind_of(path.name)
        if kind == ".from":
            notes.setdefault(path.name.split("-", 1)[0], []).append(path)
        elif kind == ".json":
            records.append(path)
        elif not kind and person.has_place(path.relative_to(course.inbox).as_posix()):
            found.append(path)
    for path in records:
        beside = notes.get(path.stem, [])
        own_notes = [note for note in beside if person.mentioned(note.read_text("utf-8", "replace"))]
        inside = path.relative_to(course.inbox).as_posix()
        data = path.read_bytes()
        if len(own_notes) < len(beside) and not is_theirs(data, "", person, records=False):
            # Somebody else handed in the same file, and nothing in it says whose it is.
            found += own_notes
        elif is_theirs(data, inside, person, noted=bool(own_notes)):
            found += [path, *beside]
        else:
            found += own_notes
    return list(dict.fromkeys(found))


def is_theirs(data: bytes, path: str, person: Person, *, noted: bool = False, records: bool = True) -> bool:
    """Whether a handed-in file is this person's: by the name in it, else by its record or where it lies.

    noted: a note beside it names them; records: their record is enough. A file that says it is somebody else's is
    not theirs.
    """
    said = _parse(data)
    text = data.decode("utf-8", "replace") if said is None else ""
    typed = _id(str(said.get("learner", "")) if said is not None else _typed_in(text))
    if typed:
        if typed in person.ids():
            return True
        if typed in person.other_ids:
            return False
    if said is None:
        return person.has_place(path) or person.mentioned(text)
    return noted or (records and str(said.get("id")) in person.records) or person.has_place(path)


def _typed_in(text: str) -> str:
    found = _TYPED.search(text)
    try:
        return str(json.loads(found[1])) if found else ""
    except ValueError:
        return ""


def _known_learners(course: CoursePaths) -> set[str]:
    known = set(read_names(names_file(course)).salts)
    for folder in course.by_learner:
        known |= {path.name for path in folder.glob("*") if path.is_dir()}
    if course.gradebook.exists():
        with gradebook(course.gradebook) as connection:
            known |= {str(row[0]) for row in connection.execute("SELECT id FROM student")}
    return known


def _in_gradebook(course: CoursePaths, learner: str) -> list[str]:
    if not course.gradebook.exists():
        return []
    with gradebook(course.gradebook) as connection:
        row = connection.execute(
            "SELECT first_name, last_name, email, lms_user_id FROM student WHERE id = ?", (learner,)
        ).fetchone()
    first, last, *rest = row or (None, None)
    return [" ".join(part for part in (first, last) if part), *(str(one) for one in rest if one)]


def _typed_names(inbox: Path) -> dict[str, list[str]]:
    """The names that people wrote into their hand-ins, by the learner's id that each leads to."""
    names: dict[str, list[str]] = {}
    for path in inbox_files(inbox):
        typed = str(_read(path).get("learner", "")) if kind_of(path.name) == ".json" else ""
        if found := _id(typed):
            names.setdefault(found, []).append(typed)
    return {found: list(dict.fromkeys(typed)) for found, typed in names.items()}


def _read(path: Path) -> dict[str, Any]:
    try:
        return _parse(path.read_bytes()) or {}
    except OSError:
        return {}


def _parse(data: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _id(word: str) -> str:
    try:
        return learner_id(word)
    except RecordError:
        return ""


def line_of(person: Person, columns: Iterable[str], cells: Iterable[str]) -> bool:
    """Whether a line of a table is theirs: a cell of it is one of their words, whatever its case and spelling.

    A number is only looked for in columns that say who somebody is: elsewhere it may be a score. A line with somebody
    else's id is not theirs, whatever else is in it.
    """
    columns, cells = list(map(meaning, columns)), list(cells)
    if any(
        _id(cell) in person.other_ids for column, cell in zip(columns, cells, strict=False) if _IS_ID.search(column)
    ):
        return False
    wanted = {found for word in person.words for found in (fold(word), *spellings(word)) if found}
    numbers = {word for word in wanted if word.isdecimal()}
    for column, cell in itertools.zip_longest(columns, cells, fillvalue=""):
        found = fold(cell)
        if found in wanted and (found not in numbers or _SAYS_WHO.search(column)):
            return True
    return False
