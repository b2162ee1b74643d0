"""One person in a course: by which words they are known, and which of the handed-in files are theirs."""

import glob
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from onsite.grading.inbox import TAKEN
from onsite.grading.names import fold, id_of, spellings, stem
from onsite.grading.people import meaning
from onsite.grading.table import Row, Table
from onsite.ledger.mentions import Mentions
from onsite.ledger.owners import NOBODY, Owners, read_roster_anyhow, said_in
from onsite.ledger.people import read_names
from onsite.ledger.snapshot import students
from onsite.ledger.store import names_file
from onsite.paths import KEPT_ASIDE, CoursePaths
from onsite.scenario.errors import OnsiteError
from onsite.scenario.record import FILE_NAME

_COLUMNS = ("id", "name", "email")
_IS_ID = re.compile(r"(^|[^a-z])id$|learner", re.IGNORECASE)
_SAYS_WHO = re.compile(r"(^|[^a-z])id$|student|learner|name|mail|user|person|participant", re.IGNORECASE)


class UnknownPersonError(OnsiteError):
    """Nobody is known here by this word."""


@dataclass(frozen=True)
class Person:
    """learner: the id in folders, gradebook and history; words: that id, and the staff id, names and e-mail addresses.

    All of them are from the roster or the gradebook. typed: names that they wrote into their hand-ins, which may be
    anything, also somebody else's: it is only looked whether they still stand somewhere. shared: names that somebody
    else in the roster has too, which therefore tell nothing; others: the words of everybody else who is known here;
    weak: ids that the course uses itself, as that of a story; doubts: lines of the roster that could not be read in
    full, in which more about them may stand; owners: whose each hand-in is.
    """

    learner: str
    words: tuple[str, ...]
    name: str
    others: frozenset[str]
    owners: Owners = field(compare=False, repr=False)
    typed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    weak: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = field(default=(), compare=False)

    def _telling(self, *some: Iterable[str]) -> list[str]:
        return [word for words in some for word in words if id_of(word) not in self.weak]

    @cached_property
    def other_ids(self) -> frozenset[str]:
        """The folder names that other people's words would lead to."""
        return frozenset(map(id_of, self.others)) - frozenset(map(id_of, self.words)) - {""}

    @cached_property
    def mentioned(self) -> Mentions:
        """Whether a text names them."""
        return Mentions(self._telling(self.words), self.others)

    @cached_property
    def perhaps_mentioned(self) -> Mentions:
        """The same with the names that they share with somebody."""
        return Mentions(self._telling(self.words, self.shared), self.others - set(self.shared))

    @cached_property
    def typed_stands_in(self) -> Mentions:
        """Whether a name that they typed, and that is nobody else's, stands in a text."""
        return Mentions([word for word in self._telling(self.typed) if id_of(word) not in self.other_ids], self.others)


def find_person(course: CoursePaths, word: str) -> Person:
    """The person whom an id, a name or an address means. Raises UnknownPersonError when there is none, and
    OnsiteError when there is more than one, or something cannot be read.
    """
    roster = read_roster_anyhow(course)
    rows = roster.rows
    wanted = id_of(word)
    meant = [row for row in rows if wanted and wanted in {id_of(row.cells.get(column, "")) for column in _COLUMNS}]
    # An id stands before a name that looks like it, and a line may be there twice.
    meant = [row for row in meant if id_of(row.cells.get("id", "")) == wanted] or meant
    ids = {row.cells.get("id", ""): id_of(row.cells.get("id", "")) for row in meant}
    if len(set(ids.values())) > 1:
        raise OnsiteError(
            f"'{word}' may be more than one person of {course.roster.name}: {', '.join(list(ids)[:5])}. Give the id."
        )
    learner = next(iter(ids.values()), "") or wanted
    known = _known_learners(course)
    owners = Owners(course, roster)
    handed_in = owners.handed_in
    if not learner or not (meant or learner in known or any(learner in one.everybody for one in handed_in)):
        raise UnknownPersonError(
            f"Nobody is known here as '{word}', or not any more. Give the id in the roster, or the name as "
            "`course.py grade` prints it."
        )
    others = {cell for row in rows if row not in meant for name in _COLUMNS if (cell := row.cells.get(name, ""))}
    name, address = students(course).get(learner, ("", ""))
    own = [row.cells.get(column, "") for row in meant for column in ("id", "email", "name")]
    words = list(dict.fromkeys([learner, *(one.strip() for one in (*own, name, address) if one.strip())]))
    elsewhere = {id_of(row.cells.get("name", "")) for row in rows if row not in meant}
    shared = tuple(one for one in words if id_of(one) in elsewhere)
    words = [one for one in words if one not in shared]
    others |= known - {learner}
    others |= {one.said.typed for one in handed_in if one.said.typed and one.owners.isdisjoint({learner, NOBODY})}
    theirs = [one.said.typed for one in handed_in if one.owners == {learner}]
    theirs += [said_in(path).typed for path in course.submitted.glob(f"{glob.escape(learner)}/*/{FILE_NAME}")]
    typed = tuple(dict.fromkeys(one for one in theirs if one and one not in words))
    name = next((found for row in meant if (found := row.cells.get("name", ""))), "") or name
    name = name or next((one for one in typed if id_of(one) == learner), learner)
    return Person(
        learner, tuple(words), name, frozenset(others), owners, typed, shared, _words_of_the_course(course),
        tuple(_doubts(course, roster, meant)),
    )  # fmt: skip


def _doubts(course: CoursePaths, roster: Table, meant: list[Row]) -> Iterator[str]:
    if roster.fault:
        yield f"{course.roster}: {roster.fault}"
    for row in roster.rows:
        if row.fault:
            theirs = " It is theirs." if row in meant else ""
            yield f"{course.roster}, line {row.number}: {row.fault}.{theirs}"


def hand_ins_of(person: Person) -> list[Path]:
    """The files of the inbox that are theirs, and theirs alone; with each the note on where it came from.

    Of a file that somebody else sent too, or that may be somebody else's, only the notes that lead to them.
    """
    found: list[Path] = []
    for one in person.owners.handed_in:
        if one.owners == {person.learner}:
            found += [one.path, *one.notes]
        else:
            found += [note for note, learner in one.notes.items() if learner == person.learner]
    return list(dict.fromkeys(found))


def in_doubt(person: Person) -> list[Path]:
    """The files of the inbox that may be theirs, and of which nobody can say so."""
    return [one.path for one in person.owners.handed_in if person.learner in one.perhaps]


def _known_learners(course: CoursePaths) -> set[str]:
    known = {*read_names(names_file(course)).salts, *students(course)}
    for folder in course.by_learner:
        known |= {path.name for path in folder.glob("*") if path.is_dir()}
    return known


def _words_of_the_course(course: CoursePaths) -> frozenset[str]:
    """Folder names that the course's own words would lead to: they stand in every log and table, about everybody."""
    folders = {*course.by_learner, course.inbox, course.history, course.report, course.work, course.gradebook}
    stories = {*course.slugs(), *(path.name for path in course.submitted.glob("*/*"))}
    words = {*(path.stem for path in folders), *stories, TAKEN, KEPT_ASIDE, stem(FILE_NAME), "json", "learner"}
    return frozenset(found for word in words if (found := id_of(word)))


def line_of(person: Person, columns: Iterable[str], cells: Iterable[str]) -> bool:
    """Whether a line of a table is theirs: a cell of it is one of their words, whatever its case and spelling.

    A number is only looked for in columns that say who somebody is: elsewhere it may be a score; so is a word of the
    course's own. A line with somebody else's id is not theirs, whatever else is in it.
    """
    columns, cells = list(map(meaning, columns)), list(cells)
    if any(
        id_of(cell) in person.other_ids for column, cell in zip(columns, cells, strict=False) if _IS_ID.search(column)
    ):
        return False
    wanted = {found for word in person.words for found in (fold(word), *spellings(word)) if found}
    weak = {word for word in wanted if word.isdecimal()} | {fold(word) for word in person.weak}
    for column, cell in itertools.zip_longest(columns, cells, fillvalue=""):
        found = fold(cell)
        if found in wanted and (found not in weak or _SAYS_WHO.search(column)):
            return True
    return False
