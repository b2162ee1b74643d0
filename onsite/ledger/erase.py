"""Really erased: files, gradebook rows and their pages, lines of tables and logs. What is left is named."""

import glob
import io
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from onsite.grading.archives import parts_of
from onsite.grading.sources import kind_of
from onsite.grading.table import decoded, lines
from onsite.ledger.clicks import forget
from onsite.ledger.history import NO_ROOM
from onsite.ledger.mentions import Mentions
from onsite.ledger.owners import NOBODY, Said, inbox_files, said, said_in
from onsite.ledger.people import operator, read_names, save_names
from onsite.ledger.person import Person, find_person, hand_ins_of, in_doubt, line_of
from onsite.ledger.snapshot import known_by
from onsite.ledger.state import BACKUP, ERASED, fold
from onsite.ledger.store import append, broken_words, history_file, locked, names_file, read_stored
from onsite.locks import PATIENCE, alone
from onsite.paths import CoursePaths
from onsite.safe_files import half_written, write_whole
from onsite.scenario.errors import OnsiteError, told

_DEEPEST = 4
_LARGEST = 256 << 20
_SQLITE = b"SQLite format 3\0"

# From what hangs on a person to the person: rows go before those they point to.
_ROWS = (
    "DELETE FROM comment WHERE notebook_id IN ({books})",
    "DELETE FROM grade WHERE notebook_id IN ({books})",
    "DELETE FROM submitted_notebook WHERE assignment_id IN ({plays})",
    "DELETE FROM submitted_assignment WHERE student_id = :learner",
    "DELETE FROM student WHERE id = :learner",
)
_PLAYS = "SELECT id FROM submitted_assignment WHERE student_id = :learner"
_BOOKS = f"SELECT id FROM submitted_notebook WHERE assignment_id IN ({_PLAYS})"


_NOT_SEARCHED = {
    ".git", ".venv", "_build", "backups", "solutions", "exercises", "book", "onsite", "tests", "docs", "benchmarks",
    "fonts",
}  # fmt: skip
"""Folders that no hand-in reaches. In a story somebody may be called like a learner."""


PERHAPS = "which may be theirs"
"""Where nothing in a file names them."""


@dataclass(frozen=True)
class Left:
    """A file in which a word of a person still stands, and where in it, if that can be said; or PERHAPS."""

    path: Path
    where: str = ""


@dataclass
class Erased:
    """What was erased, and what was not.

    left: where a word of theirs still stands; in_history: it stands in the history too, as that of somebody who
    graded or ran a command; doubts: lines of the roster that could not be read in full; backups: archives that hold
    them still; backups_made: how many backups the history knows of, wherever they went.
    """

    learner: str
    files: int = 0
    left: list[Left] = field(default_factory=list)
    in_history: bool = False
    doubts: tuple[str, ...] = ()
    backups: list[Path] = field(default_factory=list)
    backups_made: int = 0


def erase_person(course: CoursePaths, word: str) -> Erased:
    """Erase everything about one person but a nameless entry in the history. Can be run again after an interruption.

    Raises OnsiteError when nobody is meant, when more than one is, when the course is being graded, which would bring
    them back, or when the history is broken: then nothing has been erased.
    """
    with (
        told("Erasing", f"It is not finished. {NO_ROOM} Then run the same command again."),
        alone(course, PATIENCE),
        locked(course),
    ):
        stored = read_stored(course)
        if stored.breaks:
            raise OnsiteError(broken_words(stored))
        person = find_person(course, word)
        names = read_names(names_file(course))
        state = fold(stored.chain.entries)
        known = names.person(person.learner)
        theirs = hand_ins_of(person)
        hand_ins = sorted(found for path in theirs if (found := known_by(path)))
        # Entered first, taken from the names last: in between the same command finds them again and goes on.
        if (known and (known not in state.erased or known in state.people)) or set(hand_ins) & state.hand_ins:
            append(course, stored, [{"what": ERASED, "person": known or "", "hand_ins": hand_ins, "by": operator()}])
        erased = wipe(course, person, theirs)
        names.salts.pop(person.learner, None)
        gone = {*hand_ins, *state.gone}
        names.hand_ins = {found: path for found, path in names.hand_ins.items() if found not in gone}
        save_names(names_file(course), names)
        erased.backups_made = sum(entry.what == BACKUP for entry in stored.chain.entries)
    left = list(remnants(course, person))
    told_of = {one.path for one in left}
    erased.left = [one for one in left if one.path != history_file(course)]
    erased.left += [Left(path, PERHAPS) for path in in_doubt(person) if path.exists() and path not in told_of]
    erased.in_history = any(one.path == history_file(course) for one in left)
    erased.doubts = person.doubts
    return erased


def wipe(course: CoursePaths, person: Person, hand_ins: Iterable[Path]) -> Erased:
    """Erase a person from files and gradebook; the history is not touched. hand_ins: see `hand_ins_of`.

    Raises OnsiteError and OSError.
    """
    erased = Erased(person.learner, backups=sorted(course.backups.glob("*.zip")))
    erased.files += _files_of(course, person, hand_ins)
    forget(course, learner=person.learner)
    for path in sorted(course.root.glob("*.db*")):
        if path.is_file() and _is_gradebook(path):
            _erase_rows(path, person.learner)
    for folder in (course.root, course.report):
        # JupyterLab keeps a copy of what is edited in it.
        for path in sorted([*folder.glob("*.csv"), *folder.glob(".ipynb_checkpoints/*.csv")]):
            _in_file(path, lambda data: _table_without(data, person))
    for path in sorted({*course.root.glob("*.log"), *course.root.glob(".*.log")}):
        _in_file(path, lambda data: _log_without(data, person))
    return erased


def _files_of(course: CoursePaths, person: Person, hand_ins: Iterable[Path]) -> int:
    """Delete the files that are theirs, and take them out of zips; how many."""
    gone = 0
    for path in half_written(course.root):
        # Of nobody knows whom; whoever it was still has what they sent.
        path.unlink(missing_ok=True)
    for path in hand_ins:
        path.unlink(missing_ok=True)
        gone += 1
        _remove_empty(path.parent, course.inbox)
    for path in list(inbox_files(course.inbox)):
        if kind_of(path.name) == ".zip" and path.stat().st_size <= _LARGEST:
            parts = path.relative_to(course.inbox).parts
            gone += _in_file(path, partial(without, person=person, parts=parts))
    for folder in course.by_learner:
        theirs = folder / person.learner
        if theirs.is_dir() and not theirs.is_symlink():
            gone += sum(path.is_file() for path in theirs.rglob("*"))
            shutil.rmtree(theirs)
    own = person.owners
    answers = [path for path in course.work.rglob("answers*.json") if path.is_file()]
    others = [path for path in answers if own.owner(said_in(path), ()) == person.learner]
    for path in [*others, *course.root.glob(f"everything-about-{glob.escape(person.learner)}*.zip")]:
        path.unlink()
        gone += 1
    return gone


def _remove_empty(folder: Path, root: Path) -> None:
    # A folder may be called after the person.
    while folder != root and folder.is_relative_to(root) and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _in_file(path: Path, change: Callable[[bytes], bytes | None]) -> bool:
    data = path.read_bytes()
    changed = change(data)
    if changed is None or changed == data:
        return False
    times = path.stat()
    write_whole(path, changed)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return True


def without(data: bytes, person: Person, parts: tuple[str, ...], depth: int = 0) -> bytes | None:
    """A zip without the files of one person, or None when it holds none or cannot be read.

    parts: the names of the folders and zips it lies in, and its own.
    """
    changed = False
    kept: list[tuple[zipfile.ZipInfo, bytes]] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _LARGEST:
                return None
            for info in archive.infolist():
                inside = archive.read(info)
                kind = kind_of(info.filename)
                place = (*parts, *parts_of(info.filename))
                found = said(inside) if kind == ".json" else Said()
                if kind != ".zip" and not info.is_dir() and person.owners.owner(found, place) == person.learner:
                    changed = True
                    continue
                if depth < _DEEPEST and kind == ".zip":
                    other = without(inside, person, place, depth + 1)
                    changed, inside = changed or other is not None, inside if other is None else other
                kept.append((info, inside))
    except Exception:  # whatever a broken zip may raise: it stays, and the search for remnants names it
        return None
    if not changed:
        return None
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, inside in kept:
            archive.writestr(info, inside, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _is_gradebook(path: Path) -> bool:
    if not _is_sqlite(path):
        return False
    try:
        with closing(sqlite3.connect(path, timeout=60)) as connection:
            connection.execute("SELECT count(*) FROM submitted_assignment")
    except sqlite3.DatabaseError as error:
        if "no such table" in str(error):
            return False
        raise OnsiteError(
            f"{path} could not be cleared ({error}). Stop everything that grades, and run the same command again. "
            "If it is damaged, bring it back from a backup first."
        ) from error
    return True


def _erase_rows(path: Path, learner: str) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as connection:
            # Freed pages are overwritten, and the file is written anew without them.
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            for statement in _ROWS:
                connection.execute(statement.format(plays=_PLAYS, books=_BOOKS), {"learner": learner})
            for table in _tables_by_learner(connection):
                connection.execute(f'DELETE FROM "{table}" WHERE learner = :learner', {"learner": learner})
            connection.execute("COMMIT")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise OnsiteError(
            f"{path} could not be cleared ({error}). Stop everything that grades, see that there is room on the disk "
            "for a second copy of it, and run the same command again."
        ) from error


def _tables_by_learner(connection: sqlite3.Connection) -> list[str]:
    """The tables that the course keeps beside nbgrader's."""
    return [
        str(name)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        if any(column[1] == "learner" for column in connection.execute(f'PRAGMA table_info("{name}")').fetchall())
    ]


def _table_without(data: bytes, person: Person) -> bytes:
    """A CSV file without the lines of one person; the other lines stay as they are to the byte."""
    text, encoding = decoded(data)
    header: tuple[str, ...] = ()
    kept: list[str] = []
    for number, line in enumerate(lines(text)):
        if number == 0:
            header = line.cells
        elif line_of(person, header, line.cells):
            continue
        kept.append(line.text)
    return "".join(kept).encode(encoding)


def _log_without(data: bytes, person: Person) -> bytes:
    said = data.decode("utf-8", "surrogateescape").splitlines(keepends=True)
    return "".join(line for line in said if not person.mentioned(line)).encode("utf-8", "surrogateescape")


def remnants(course: CoursePaths, person: Person) -> Iterator[Left]:
    """Where, but for backups, a word of theirs still stands: in a file's text, its name, zipped parts or tables."""
    mentions, others = person.perhaps_mentioned, _of_others(course, person)
    for path in _searched(course):
        inside = path.relative_to(course.root).as_posix()
        if mentions(inside):
            yield Left(path, "in its name")
        elif _is_sqlite(path):
            yield from (Left(path, where) for where in _tables_with(path, mentions))
        elif _mentioned(data := _beginning(path), mentions) or (
            # In files of others it tells nothing: anything may have been typed.
            path not in others and _mentioned(data, person.typed_stands_in)
        ):
            yield Left(path)


def _beginning(path: Path) -> bytes:
    """What is in a file, of a huge one not all."""
    with path.open("rb") as file:
        return file.read(_LARGEST)


def _of_others(course: CoursePaths, person: Person) -> set[Path]:
    """The files that are certainly somebody else's, and zips of the inbox, in which everybody's lie."""
    found = {one.path for one in person.owners.handed_in if one.owners.isdisjoint({person.learner, NOBODY})}
    found |= {path for path in inbox_files(course.inbox) if kind_of(path.name) == ".zip"}
    return found.union(*(folder.rglob("*") for folder in course.by_learner))


def _tables_with(path: Path, mentions: Mentions) -> Iterator[str]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                rows = connection.execute('SELECT * FROM "{}"'.format(table.replace('"', '""')))
                found = sum(mentions(" \n ".join(cell for cell in row if isinstance(cell, str))) for row in rows)
                if found:
                    yield f"in {found} {'row' if found == 1 else 'rows'} of its table {table}"
    except sqlite3.Error:
        if _mentioned(path.read_bytes(), mentions):
            yield ""


def _mentioned(data: bytes, mentions: Mentions, depth: int = 0) -> bool:
    if data[:4] == b"PK\3\4" and depth < _DEEPEST:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                infos = archive.infolist()
                if sum(info.file_size for info in infos) > _LARGEST:
                    return True  # nobody can say
                if any(mentions(info.filename) for info in infos):
                    return True
                return any(_mentioned(archive.read(info), mentions, depth + 1) for info in infos)
        except Exception:  # a broken zip is searched as it is
            pass
    text, encoding = decoded(data)
    return mentions(text) or (encoding != "utf-8" and mentions(data.decode("utf-8", "replace")))


def _searched(course: CoursePaths) -> Iterator[Path]:
    for folder, folders, names in os.walk(course.root, followlinks=False):
        top = Path(folder) == course.root
        folders[:] = sorted(name for name in folders if not (top and name in _NOT_SEARCHED))
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink() and not (top and path.suffix in {".md", ".py"}):
                yield path
