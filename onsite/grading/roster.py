"""Who takes part: roster.csv; until when, due.csv; whose what nothing else tells of is, whose.csv. All are the
organisation's own files."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from onsite.grading.inbox import Whose, code_of
from onsite.grading.names import fold, is_another_name, learner_id, platform_names, spellings, stem
from onsite.grading.people import COLUMNS, read_people
from onsite.grading.table import HOW_TO_SAVE, Table, read_table
from onsite.scenario.errors import OnsiteError, RecordError

WHOSE = "whose.csv"

TO_SAY_WHOSE = (
    f"To say whose they are, write {WHOSE} beside the roster: a first line record,id and below it, for each, its code, "
    "a comma and the person's id. Leave the id empty where it is nobody's; it is not listed again."
)

_NOBODYS = ""

_COUNTS = re.compile(r"\d{1,4}")
"""What a group, a week, a room or a year may be called as well as a person."""


@dataclass(frozen=True)
class Person:
    """One line of the roster. `learner`: the id in folders and in the gradebook, made from the line's id."""

    learner: str
    id: str
    name: str = ""
    email: str = ""
    group: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.name else self.id


@dataclass(frozen=True)
class _Hint:
    """Something that says whose a hand-in is: where it stands, what it says, whom of the roster that may mean."""

    where: str
    word: str
    people: frozenset[Person]


class Roster:
    """The people of a roster, and which of them a name, an id or an e-mail address means."""

    def __init__(
        self, people: Iterable[Person], *, said: Mapping[str, str] | None = None, unused: Sequence[str] = ()
    ) -> None:
        """said: whose.csv, as learners' ids by code, '' for nobody's; unused: columns that mean nothing here."""
        self.people = tuple(people)
        self.said = dict(said or {})
        self.unused = tuple(unused)
        self._by_word: dict[str, set[Person]] = {}
        for person in self.people:
            words = {fold(person.id), fold(person.email), *spellings(person.name)}
            for word in words - {""}:
                self._by_word.setdefault(word, set()).add(person)

    def meant_by(self, word: str) -> frozenset[Person]:
        """Everybody whom a word may mean: nobody, one, or several when they share a name."""
        return frozenset(self._by_word.get(fold(word), ()))

    def whose(self, typed: str, parts: Iterable[str], student: str = "") -> Person:
        """Whose a hand-in is, by the name typed in the record, those in its path, and nbgrader's student.

        Everything that means somebody on the roster has to agree: the one person whom all of it may mean is meant. So
        an id in the record tells apart two of the same name. A learning platform and nbgrader know who was logged in;
        with them a typed name that is on no roster, a nickname, does no harm, and a platform's whole name that is
        nobody's here speaks against everybody who is called otherwise. Whoever named a folder or file knew less than
        the person who typed: where the typed name is nobody's and only those mean somebody, that is no answer. Nor is a
        bare number of up to four digits in a path, which may be a group's or a week's.

        Raises RecordError, which names what disagrees, when nobody or more than one person is meant.
        """
        parts = tuple(parts)
        own = [("the name in it", typed), ("nbgrader's student", student)]
        own += [("the learning platform", name) for name in platform_names(parts)]
        path = [("a folder or file", stem(part)) for part in parts if not _COUNTS.fullmatch(fold(stem(part)))]
        strong, weak = self._hints(own), self._hints(path)
        if typed and weak and not strong:
            raise RecordError(f"Nobody in the roster is {typed[:60]!r}, the name in it, but {_told(weak)}.")
        hints = [*strong, *weak]
        if not hints:
            words = " and ".join(dict.fromkeys(repr(word[:60]) for _, word in own if word))
            raise RecordError(f"Nobody in the roster is {words}." if words else "It does not say whose it is.")
        people = frozenset.intersection(*(hint.people for hint in hints))
        if not people:
            raise RecordError(f"It disagrees about whose it is: {_told(hints)}. Nothing was guessed.")
        if len(people) > 1:
            raise RecordError(f"It may be from more than one person: {_who(people)}. Nothing was guessed.")
        (person,) = people
        for name in platform_names(parts):
            if person.name and not self.meant_by(name) and is_another_name(name, person.name):
                raise RecordError(
                    f"The learning platform says {name[:60]!r}, who is nobody in the roster, and {_told(hints)}. "
                    "Nothing was guessed."
                )
        return person

    def _hints(self, words: Iterable[tuple[str, str]]) -> list[_Hint]:
        return [_Hint(where, word, people) for where, word in words if (people := self.meant_by(word))]


def _who(people: Iterable[Person]) -> str:
    told = sorted(people, key=lambda person: person.id)
    return ", ".join(map(str, told[:5])) + (", ..." if len(told) > 5 else "")


def _told(hints: Iterable[_Hint]) -> str:
    return ", ".join(
        dict.fromkeys(f"{hint.where} says {hint.word[:60]!r}, who is {_who(hint.people)}" for hint in hints)
    )


def by_roster(roster: Roster) -> Whose:
    """Whose a hand-in is by the roster, and where that does not tell, by whose.csv."""

    def whose(typed: str, parts: tuple[str, ...], student: str, digest: str) -> str:
        try:
            return roster.whose(typed, parts, student).learner
        except RecordError:
            said = roster.said.get(code_of(digest))
            if said is None:
                raise
            return said

    return whose


def read_roster(path: Path) -> Roster:
    """Read a roster: CSV with a header line, of which `id` must be there and `name`, `email` and `group` may be.

    They may be called otherwise, see `people`. UTF-8, or UTF-16 with its mark; comma, semicolon or tab. With it
    whose.csv beside it is read. Raises OnsiteError with the line.
    """
    people: dict[str, Person] = {}
    table = read_people(path)
    for number, row in _rows(path, table, "id"):
        if not any(row.values()):
            continue
        try:
            learner = learner_id(row["id"])
        except RecordError as error:
            raise OnsiteError(f"{path}, line {number}: the id has no letter or digit in it.") from error
        if learner in people:
            raise OnsiteError(f"{path}, line {number}: the id '{row['id']}' stands in an earlier line already.")
        people[learner] = Person(learner, row["id"], row.get("name", ""), row.get("email", ""), row.get("group", ""))
    if not people:
        raise OnsiteError(f"{path} names nobody. It needs a header line with 'id' and one line for each person.")
    whose = path.with_name(WHOSE)
    said = _read_whose(whose, people) if whose.is_file() else {}
    return Roster(people.values(), said=said, unused=[name for name in table.columns if name and name not in COLUMNS])


def find_roster(path: Path) -> Path | None:
    """The course's roster, or None when it has none. Raises OnsiteError when it is there as something else than CSV."""
    if path.is_file():
        return path
    for ending in (".xlsx", ".xls", ".ods"):
        if (other := path.with_suffix(ending)).is_file():
            raise OnsiteError(f"{other} cannot be read, only {path.name}. {HOW_TO_SAVE}")
    return None


def remarks(roster: Roster, path: Path, courses: Path) -> Iterator[str]:
    """What to say of the roster at `path` that a run goes by, `courses` being where the course has its own."""
    if roster.unused:
        told = ", ".join(f"'{column[:40]}'" for column in roster.unused[:10])
        yield f"Of {path.name} these columns are not used: {told}."
    if path.resolve() != courses.resolve():
        yield (
            f"{path} is the roster of this run only. The other commands, such as report, export-person and "
            f"erase-person, go by {courses}: save it there, and they know these people too."
        )


def _read_whose(path: Path, people: Mapping[str, Person]) -> dict[str, str]:
    """Whose the hand-ins are that nothing else tells of, as learners' ids by code: CSV with `record` and `id`.

    An empty id: nobody's. Raises OnsiteError with the line.
    """
    said: dict[str, str] = {}
    for number, row in _rows(path, read_table(path), "record", "id"):
        code = row["record"].casefold()
        if not code:
            continue
        try:
            learner = learner_id(row["id"]) if row["id"] else _NOBODYS
        except RecordError:
            learner = row["id"]
        if learner and learner not in people:
            raise OnsiteError(f"{path}, line {number}: nobody in the roster has the id '{row['id']}'.")
        if said.setdefault(code, learner) != learner:
            raise OnsiteError(f"{path}, line {number}: '{code}' stands in an earlier line already, with another id.")
    return said


def read_due(path: Path, slugs: Iterable[str]) -> dict[str, datetime]:
    """Until when each scenario may be handed in (UTC): CSV with `scenario` and `due`.

    A day alone means until its end; a time without a zone is this computer's. Raises OnsiteError with the line.
    """
    known = set(slugs)
    due: dict[str, datetime] = {}
    for number, row in _rows(path, read_table(path), "scenario", "due"):
        if not any(row.values()):
            continue
        if row["scenario"] not in known:
            raise OnsiteError(f"{path}, line {number}: there is no scenario '{row['scenario']}' in this course.")
        try:
            due[row["scenario"]] = _moment(row["due"])
        except (ValueError, OverflowError, OSError) as error:
            raise OnsiteError(
                f"{path}, line {number}: '{row['due']}' is no date. Write 2026-11-30, or 2026-11-30 18:00."
            ) from error
    return due


def _moment(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time.max).astimezone(UTC)
    except ValueError:
        return datetime.fromisoformat(text).astimezone(UTC)


def _rows(path: Path, table: Table, *needed: str) -> list[tuple[int, Mapping[str, str]]]:
    if table.fault:
        raise OnsiteError(f"{path} cannot be used. {table.fault}")
    for name in needed:
        if name not in table.columns:
            found = ", ".join(f"'{column[:40]}'" for column in table.columns[:10] if column) or "nothing"
            raise OnsiteError(f"{path} has no column '{name}'. Its first line must name the columns; it says {found}.")
    for row in table.rows:
        if row.fault:
            raise OnsiteError(f"{path}, line {row.number}: {row.fault}. Mend this line and try again.")
    return [(row.number, row.cells) for row in table.rows]
