"""Whose each handed-in file is: by the very rule that grades it, and by nothing that its sender could choose beside."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from onsite.grading.inbox import NAMELESS, TAKEN, Whose, arrival, digest_of, named
from onsite.grading.names import id_of
from onsite.grading.people import read_people
from onsite.grading.roster import Person, Roster, by_roster
from onsite.grading.sources import kind_of, read_file, walk
from onsite.grading.table import Table, read_table
from onsite.ledger.snapshot import students
from onsite.paths import KEPT_ASIDE, CoursePaths
from onsite.scenario.errors import RecordError
from onsite.scenario.record import FILE_NAME

NOBODY = ""
"""Whose a file is of which that cannot be told."""

_TYPED = re.compile(r'"learner"\s*:\s*("(?:[^"\\]|\\.)*")')
"""The name in a record that is no whole JSON."""


@dataclass(frozen=True)
class Said:
    """What a file says of itself: the name in it, the random id of its record, the hash of its content."""

    typed: str = ""
    record_id: str = ""
    digest: str = ""


@dataclass(frozen=True)
class HandedIn:
    """A file of the inbox: whose it is (several where several sent the same, NOBODY among them where one cannot be
    told, and then `perhaps` who it might be), what it says itself, and of each note on where it came from whom that
    leads to.
    """

    path: Path
    owners: frozenset[str]
    perhaps: frozenset[str] = frozenset()
    said: Said = Said()
    notes: Mapping[Path, str] = field(default_factory=dict)

    @property
    def everybody(self) -> set[str]:
        """Whom the file or a note beside it leads to."""
        return {*self.owners, *self.notes.values()} - {NOBODY}


class Owners:
    """Whose the files of one course are, as the next grading run would have it."""

    def __init__(self, course: CoursePaths, roster: Table) -> None:
        """roster: see `read_roster_anyhow`; what it cannot tell, the gradebook may still know."""
        self._course = course
        listed = {person.learner: person for row in reversed(roster.rows) if (person := _person(row.cells))}
        self._tells: list[Whose] = []
        if course.roster.is_file():
            # Those whose line is damaged or gone still have the name with which they were graded.
            former = [
                Person(learner, learner, name, email)
                for learner, (name, email) in students(course).items()
                if learner not in listed or not listed[learner].name
            ]
            told = Roster(listed.values(), said=_told_by_people(course))
            self._tells = [by_roster(told), by_roster(Roster(former))]
        else:
            alone = any((folder / NAMELESS).is_dir() for folder in course.by_learner)
            self._tells = [named(NAMELESS if alone else None)]

    def owner(self, said: Said, parts: tuple[str, ...], student: str = "") -> str:
        """The learner whose a file is, or NOBODY. parts, student: see `inbox.Whose`."""
        for tell in self._tells:
            try:
                return tell(said.typed, parts, student, said.digest)
            except RecordError:
                continue
        # Nobody's grade comes from it now. It may be an older state of what somebody was graded on.
        graded = self.graded.get(said.record_id, set())
        return next(iter(graded)) if len(graded) == 1 else NOBODY

    @cached_property
    def handed_in(self) -> list[HandedIn]:
        """Every ordinary file of the inbox but the notes, which stand with what they are about."""
        files = [path.relative_to(self._course.inbox) for path in inbox_files(self._course.inbox)]
        notes: dict[str, list[Path]] = {}
        for path in files:
            if kind_of(path.name) == ".from" and path.parts[0] == TAKEN:
                notes.setdefault(path.name.partition("-")[0], []).append(path)
        found = []
        for path in files:
            if kind_of(path.name) != ".from":
                beside = notes.pop(path.stem, []) if path.parts[0] == TAKEN and kind_of(path.name) == ".json" else []
                found.append(self._handed_in(path, beside))
        # Notes on what is not there any more.
        found += [self._handed_in(beside[0], beside) for beside in notes.values()]
        return found

    def _handed_in(self, path: Path, beside: list[Path]) -> HandedIn:
        inbox = self._course.inbox
        said = said_in(inbox / path) if kind_of(path.name) == ".json" else Said()
        if path.parts[0] == KEPT_ASIDE:
            # Laid out by nbgrader or the grader, in a folder for each learner.
            return HandedIn(inbox / path, frozenset({path.parts[1] if len(path.parts) > 2 else NOBODY}), said=said)
        arrivals = {inbox / note: arrival(inbox / note) for note in beside}
        places = {note: (came[0], came[1]) for note, came in arrivals.items() if came}
        notes = {note: self.owner(said, *places[note]) if note in places else NOBODY for note in arrivals}
        # Where no note can be read grading goes by the file, and so do we.
        ways = list(places.values()) or [(path.parts, "")]
        owners = {self.owner(said, *way) for way in ways}
        perhaps = {one for way in ways for one in self._perhaps(said, *way)} if NOBODY in owners else set()
        return HandedIn(inbox / path, frozenset(owners), frozenset(perhaps), said, notes)

    def _perhaps(self, said: Said, parts: tuple[str, ...], student: str) -> set[str]:
        """Whom the name in a file, where it came from, and its record lead to, each by itself."""
        alone = {self.owner(Said(said.typed), ()), self.owner(Said(), parts), self.owner(Said(), (), student)}
        return {*alone, *self.graded.get(said.record_id, ())} - {NOBODY}

    @cached_property
    def graded(self) -> dict[str, set[str]]:
        """The learners who were graded on each record, by its random id."""
        found: dict[str, set[str]] = {}
        for path in self._course.submitted.glob(f"*/*/{FILE_NAME}"):
            if record_id := said_in(path).record_id:
                found.setdefault(record_id, set()).add(path.parts[-3])
        return found


def read_roster_anyhow(course: CoursePaths) -> Table:
    """The roster as well as it can be read, and empty when there is none: a bad line must not keep anybody's data.

    Raises OnsiteError when the file cannot be opened.
    """
    return read_people(course.roster) if course.roster.is_file() else Table((), ())


def inbox_files(inbox: Path) -> Iterator[Path]:
    """Every ordinary file of the inbox and its folders, in order; what each is says `kind_of`. Links are left out."""
    for folder, _, names in walk(inbox, lambda _: False) if inbox.is_dir() else ():
        yield from (path for name in names or () if (path := folder / name).is_file() and not path.is_symlink())


def said_in(path: Path) -> Said:
    """What the file at `path` says of itself; nothing where it cannot be read."""
    found = read_file(path, ())
    return said(getattr(found, "data", b""))


def said(data: bytes) -> Said:
    """What a file with this in it says of itself, also one that is damaged."""
    record = _parse(data)
    if record is None:
        return Said(_typed_in(data.decode("utf-8", "replace")), digest=digest_of(data))
    return Said(str(record.get("learner", "")), str(record.get("id") or ""), digest_of(data))


def _parse(data: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _typed_in(text: str) -> str:
    found = _TYPED.search(text)
    try:
        return str(json.loads(found[1])) if found else ""
    except ValueError:
        return ""


def _told_by_people(course: CoursePaths) -> dict[str, str]:
    """What stands in whose.csv, as well as it can be read: learners' ids by the code of a hand-in."""
    rows = [row.cells for row in read_table(course.whose).rows] if course.whose.is_file() else []
    return {cells["record"].casefold(): id_of(cells["id"]) for cells in rows if cells.get("record") and "id" in cells}


def _person(cells: Mapping[str, str]) -> Person | None:
    learner = id_of(cells.get("id", ""))
    return Person(learner, cells["id"], cells.get("name", ""), cells.get("email", "")) if learner else None
