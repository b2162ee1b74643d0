"""Everything that cannot be made again, in one archive that knows the hash of each of its files."""

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from onsite.grading.sources import walk
from onsite.ledger.history import enter
from onsite.ledger.snapshot import file_hash, gradebook, is_text
from onsite.ledger.state import BACKUP
from onsite.ledger.store import locked, read_stored
from onsite.paths import CoursePaths
from onsite.safe_files import free_name, is_half_written, settle
from onsite.scenario.errors import OnsiteError, told

FORMAT = 1
MANIFEST = "manifest.json"
DAMAGED = "damaged_gradebook"
"""Where the list of an archive says what is wrong with the gradebook in it."""
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Made:
    """A backup: where it is, how many files are in it, the SHA-256 of the archive.

    left_out: what is not in it, and why; damaged: what is wrong with the gradebook, which is in it all the same; ''
    when it is whole.
    """

    path: Path
    files: int
    sha256: str
    left_out: tuple[tuple[Path, str], ...]
    damaged: str = ""


def parts(course: CoursePaths) -> list[Path]:
    """The files and folders of a course that a backup holds: not what the author wrote, nor what is built from it."""
    return [
        course.inbox, course.submitted, course.autograded, course.feedback, course.certificates, course.history,
        course.private, course.roster, course.due, course.whose, course.regraded,
        *sorted(path for path in course.root.glob("gradebook.db.*") if path.suffix == ".sha256"),
    ]  # fmt: skip


def make_backup(course: CoursePaths, target: Path | None = None, *, note: bool = True, anyhow: bool = False) -> Made:
    """Write a backup to `target` (default: backups/onsite-<time>.zip), which must not exist yet.

    It may run while people hand in and the gradebook is in use. note: enter it in the history. anyhow: a gradebook
    that is none any more goes in as it lies there. One that is damaged in places does so in any case, and the archive
    says so: everything else in it is whole. Raises OnsiteError when it cannot be written, or the gradebook is none;
    then no file is left.
    """
    target = target or free_name(course.backups, "onsite", ".zip")
    if target.exists():
        raise OnsiteError(f"{target} exists already. Give another name; a backup never takes the place of one.")
    with told("Writing the backup", "No backup was made. Choose another place, or make room, and try again."):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                with locked(course):
                    count, left_out, damaged = _write(course, file, {target.resolve(), temporary.resolve()}, anyhow)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        settle(target.parent)
    made = Made(target, count, file_hash(target), tuple(left_out), damaged)
    if note:
        enter(course, {"what": BACKUP, "sha256": made.sha256, "files": made.files})
    return made


def _write(
    course: CoursePaths, file: IO[bytes], without: set[Path], anyhow: bool
) -> tuple[int, list[tuple[Path, str]], str]:
    left_out: list[tuple[Path, str]] = []
    told_of: dict[str, dict[str, object]] = {}
    mark = read_stored(course).mark
    damaged = ""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for path in _files(course, left_out):
            if path.resolve() not in without:
                told_of[path.relative_to(course.root).as_posix()] = _add(archive, course.root, path, path)
        if course.gradebook.exists():
            with tempfile.TemporaryDirectory(prefix="onsite-backup-") as folder:
                copy = Path(folder) / "gradebook.db"
                try:
                    damaged = _copy_gradebook(course.gradebook, copy)
                except OnsiteError as error:
                    if not anyhow:
                        raise
                    copy, damaged = course.gradebook, str(error.__cause__)
                if copy.is_file():
                    told_of["gradebook.db"] = _add(archive, course.root, course.gradebook, copy)
        manifest: dict[str, object] = {
            "format": FORMAT, "made_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "history": {"entries": mark.entries, "head": mark.head}, "files": told_of,
        }  # fmt: skip
        if damaged:
            manifest[DAMAGED] = damaged
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
    return len(told_of), left_out, damaged


def _files(course: CoursePaths, left_out: list[tuple[Path, str]]) -> Iterator[Path]:
    for part in parts(course):
        for path in _below(part, left_out):
            if path.is_symlink():
                left_out.append((path, "is a link"))
            elif not is_text(str(path)):
                left_out.append((path, "has a name that is no text"))
            elif path.is_file() and not is_half_written(path.name):
                yield path


def _below(part: Path, left_out: list[tuple[Path, str]]) -> Iterator[Path]:
    """A file, or what is in a folder and below it; links as what they are."""
    if part.is_symlink() or not part.is_dir():
        yield from [part] if part.is_symlink() or part.exists() else []
        return
    for folder, _, names in walk(part, lambda _: False):
        if names is None:
            left_out.append((folder, "cannot be read, or lies too deep"))
        yield from (folder / name for name in names or ())


def _copy_gradebook(path: Path, copy: Path) -> str:
    """Copy it, and return what is wrong with it: it is copied page by page, also those that nobody can read."""
    # SQLite's own way of copying: consistent however much is being written meanwhile.
    with gradebook(path) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        try:
            found = str(target.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.DatabaseError as error:
            found = str(error)
    return "" if found == "ok" else " ".join(found.split())


def _add(archive: zipfile.ZipFile, root: Path, path: Path, source: Path) -> dict[str, object]:
    name = path.relative_to(root).as_posix()
    found = hashlib.sha256()
    size = 0
    with source.open("rb") as reading:
        # When a hand-in came is read off its file, and a zip keeps times to two seconds only.
        modified = os.fstat(reading.fileno()).st_mtime_ns
        with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as writing:
            while chunk := reading.read(_CHUNK):
                found.update(chunk)
                size += len(chunk)
                writing.write(chunk)
    return {"sha256": found.hexdigest(), "size": size, "modified_ns": modified}
