"""One person in a course: by which words they are known, and which of the handed-in files are theirs."""

import csv
import html
import io
import json
import re
import sqlite3
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onsite.grading.inbox import learner_id
from onsite.ledger.people import read_names
from onsite.ledger.snapshot import open_gradebook
from onsite.ledger.store import names_file
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import FILE_NAME

_SHORTEST = 3
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_COLUMNS = ("id", "name", "email")


@dataclass(frozen=True)
class Person:
    """learner: the id in folders, gradebook and history; words: that id, and the staff id, names and e-mail addresses.

    shared: names that somebody else in the roster has too, which therefore tell nothing; others: ids of everybody
    else who is known here; records: the random ids of the records graded as theirs.
    """

    learner: str
    words: tuple[str, ...]
    name: str
    others: frozenset[str]
    records: frozenset[str]
    shared: tuple[str, ...] = ()

    def is_meant_by(self, word: str) -> bool:
        """Whether a name, an id or an address is this person's, whatever its case and spacing."""
        return _id(word) in self.ids()

    def ids(self) -> set[str]:
        """The folder names that their words would lead to."""
        return {found for word in self.words if (found := _id(word))}

    def search_words(self) -> list[str]:
        """The words one can look for in a text: those of three letters and more."""
        return [word for word in self.words if len(word) >= _SHORTEST]


def find_person(course: CoursePaths, word: str) -> Person:
    """The person whom an id, a name or an address means. Raises OnsiteError when there is none, or more than one."""
    rows = list(roster_rows(course))
    wanted = _id(word)
    meant = [row for row in rows if wanted and wanted in {_id(row.get(column, "")) for column in _COLUMNS}]
    if len(meant) > 1:
        told = ", ".join(row.get("id", "?") for row in meant[:5])
        raise OnsiteError(f"'{word}' may be more than one person of {course.roster.name}: {told}. Give the id.")
    learner = _id(meant[0].get("id", "")) if meant else wanted
    known = _known_learners(course)
    if not learner or not (meant or learner in known or any(_typed_names(course.inbox, {learner}))):
        raise OnsiteError(
            f"Nobody is known here as '{word}'. Give the id in the roster, or the name as `course.py grade` prints it."
        )
    listed = {found for row in rows if row not in meant and (found := _id(row.get("id", "")))}
    graded = [_read(path) for path in course.submitted.glob(f"{learner}/*/{FILE_NAME}")]
    typed = [str(said.get("learner", "")) for said in graded]
    typed += list(_typed_names(course.inbox, {learner}))
    row = meant[0] if meant else {}
    elsewhere = {_id(other.get("name", "")) for other in rows if other not in meant}
    own = [row.get("id", ""), row.get("email", ""), row.get("name", ""), *typed, *_in_gradebook(course, learner)]
    words = list(dict.fromkeys([learner, *(one.strip() for one in own if one.strip())]))
    shared = tuple(one for one in words if _id(one) in elsewhere)
    name = row.get("name", "").strip() or next((one for one in typed if one), learner)
    others = (known | listed) - {learner}
    records = frozenset(str(said.get("id")) for said in graded if said.get("id"))
    words = [one for one in words if one not in shared]
    return Person(learner, tuple(words), name, frozenset(others), records, shared)


def roster_rows(course: CoursePaths) -> Iterator[dict[str, str]]:
    """The lines of the roster by column, in small letters; none when there is no roster."""
    if not course.roster.is_file():
        return
    try:
        text = course.roster.read_text("utf-8-sig")
        for row in csv.DictReader(io.StringIO(text), delimiter=delimiter_of(text)):
            yield {str(key).strip().lower(): str(value or "").strip() for key, value in row.items() if key}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OnsiteError(f"{course.roster} cannot be read as a table ({error}). Save it as CSV, UTF-8.") from error


def delimiter_of(text: str) -> str:
    """What stands between the columns of a CSV text: a comma, a semicolon or a tab, by its first line."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def hand_ins_of(course: CoursePaths, person: Person) -> list[Path]:
    """The files of the inbox that are theirs, and theirs alone; with each the note on where it came from."""
    notes: dict[str, list[Path]] = {}
    for note in course.inbox.rglob("*.from"):
        notes.setdefault(note.name.split("-", 1)[0], []).append(note)
    found: list[Path] = []
    for path in sorted(course.inbox.rglob("*.json")):
        beside = notes.get(path.stem, [])
        own_notes = [note for note in beside if _path_means(note.read_text("utf-8", "replace"), person)]
        inside = path.relative_to(course.inbox).as_posix()
        if len(own_notes) < len(beside) and not is_theirs(path.read_bytes(), "", person, records=False):
            # Somebody else handed in the same file, and nothing in it says whose it is.
            found += own_notes
        elif is_theirs(path.read_bytes(), inside, person, noted=bool(own_notes)):
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
    if said is None:
        return _path_means(path, person) or _path_means(data.decode("utf-8", "replace"), person)
    typed = _id(str(said.get("learner", "")))
    if typed:
        if typed in person.ids():
            return True
        if typed in person.others:
            return False
    return noted or (records and str(said.get("id")) in person.records) or _path_means(path, person)


def _path_means(text: str, person: Person) -> bool:
    return bool(pattern_of(person.search_words()).search(spelt_out(text).replace("_", " ")))


def spelt_out(text: str) -> str:
    """A text with the letters that JSON and HTML write in other ways."""
    return html.unescape(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


def pattern_of(words: Collection[str]) -> re.Pattern[str]:
    """Finds any of the words, in any case, in both forms of accents, where it is not part of a longer one."""
    forms = {unicodedata.normalize(form, word) for word in words for form in ("NFC", "NFD")}
    either = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])" if forms else r"(?!)", re.IGNORECASE)


def _known_learners(course: CoursePaths) -> set[str]:
    known = set(read_names(names_file(course)).salts)
    for folder in (course.submitted, course.autograded, course.feedback, course.certificates):
        known |= {path.name for path in folder.glob("*") if path.is_dir()}
    if course.gradebook.exists():
        with closing(open_gradebook(course.gradebook)) as connection:
            known |= {str(row[0]) for row in connection.execute("SELECT id FROM student")}
    return known


def _in_gradebook(course: CoursePaths, learner: str) -> list[str]:
    if not course.gradebook.exists():
        return []
    with closing(open_gradebook(course.gradebook)) as connection:
        try:
            row = connection.execute(
                "SELECT first_name, last_name, email, lms_user_id FROM student WHERE id = ?", (learner,)
            ).fetchone()
        except sqlite3.Error as error:
            raise OnsiteError(f"{course.gradebook} cannot be read ({error}).") from error
    first, last, *rest = row or (None, None)
    return [" ".join(part for part in (first, last) if part), *(str(one) for one in rest if one)]


def _typed_names(inbox: Path, ids: set[str]) -> Iterator[str]:
    for path in sorted(inbox.rglob("*.json")):
        typed = str(_read(path).get("learner", ""))
        if typed and _id(typed) in ids:
            yield typed


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


def any_of(words: Iterable[str], cells: Iterable[str]) -> bool:
    """Whether a cell of a table is one of the words, whatever its case."""
    wanted = {word.casefold() for word in words}
    return any(cell.strip().casefold() in wanted for cell in cells)
