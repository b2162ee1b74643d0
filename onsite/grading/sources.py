"""What somebody points the grader at: files, folders and zips, looked through without following or running anything."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import BinaryIO

from onsite.grading.archives import WANTED, Entry, entries
from onsite.grading.names import platform_names
from onsite.scenario.errors import OnsiteError
from onsite.scenario.record import MAX_BYTES

# What lies beside a learner's answers and is none: stories, and what computers leave in folders.
_NOT_ANSWERS = re.compile(r"story(-\d+)?\.json|package(-lock)?\.json")
_KINDS = {WANTED, ".zip", ".from"}
_LEFT_BY_COMPUTERS = {"__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git"}
_BARE_NOTEBOOK = (
    "There is a notebook and no answers.json beside it. Nothing in a notebook is graded: ask for the answers.json "
    "that lies in the same folder on the learner's computer."
)
_CLOSED = "The folder cannot be read, or lies too deep in others."
_DEEPEST = 60
# So many problems of one zip are told one by one: more would bury everybody else's.
_TOLD = 5


@dataclass(frozen=True)
class Found:
    """One file that may be a record, not yet looked into.

    label: where it was, for people; parts: the names of its folders and its own, in which a learner may be named;
    at: its date (UTC).
    """

    label: str
    parts: tuple[str, ...]
    data: bytes
    at: datetime


@dataclass(frozen=True)
class Problem:
    """A file that cannot be taken: where it was, and why."""

    label: str
    message: str


def look_through(path: Path) -> Iterator[Found | Problem]:
    """Everything in a file, folder or zip that may be a record. Raises OnsiteError when there is no such thing."""
    if not path.exists():
        raise OnsiteError(f"{path} is not there. Give a file, a zip or a folder with what people handed in.")
    if not path.is_dir():
        yield from _files([(path, (path.name,))])
        return
    for folder, within, names in walk(path, _LEFT_BY_COMPUTERS.__contains__):
        if names is None:
            yield Problem(str(folder), _CLOSED)
        else:
            yield from _files([(folder / name, (*within, name)) for name in names])


def walk(top: Path, passed_over: Callable[[str], bool]) -> Iterator[tuple[Path, tuple[str, ...], list[str] | None]]:
    """Each folder from `top` down, in order: where it is, the names on the way to it, the names of its files.

    Links are not followed; of what is no folder the name is given, whatever it is. None in place of names: the folder
    cannot be read, or lies so deep that nobody made it by hand. passed_over: names of folders to leave out.
    """
    waiting: list[tuple[Path, tuple[str, ...]]] = [(top, ())]
    while waiting:
        folder, within = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in found)
        except OSError:
            entries = None
        if entries is None or len(within) > _DEEPEST:
            yield folder, within, None
            continue
        yield folder, within, [name for name, is_folder in entries if not is_folder]
        folders = [name for name, is_folder in entries if is_folder and not passed_over(name)]
        waiting += [(folder / name, (*within, name)) for name in reversed(folders)]


def _files(files: list[tuple[Path, tuple[str, ...]]]) -> Iterator[Found | Problem]:
    notebooks = [path for path, _ in files if path.suffix.lower() == ".ipynb"]
    taken = False
    for path, parts in files:
        if is_candidate(path.name):
            found = read_file(path, parts)
            taken = taken or isinstance(found, Found)
            yield found
        elif kind_of(path.name) == ".zip":
            yield from _zip(path, parts)
    if notebooks and not taken:
        yield Problem(str(notebooks[0]), _BARE_NOTEBOOK)


def kind_of(name: str) -> str:
    """What a file in the inbox is, by the end of its name in whatever letters; for whatever looks through the inbox.

    ".json": a record, ".zip": a zip, ".from": the note on where a record was taken from, "": nothing of ours.
    """
    suffix = PurePath(name).suffix.lower()
    return suffix if suffix in _KINDS else ""


def is_candidate(name: str) -> bool:
    """Whether a file of this name may be a record."""
    return kind_of(name) == WANTED and not name.startswith(".") and not _NOT_ANSWERS.fullmatch(name.lower())


def read_file(path: Path, parts: tuple[str, ...]) -> Found | Problem:
    """The file at `path`, of which no more is read than a record can be long."""
    try:
        with open_plain(path) as file:
            data = file.read(MAX_BYTES + 1)
            at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except (OSError, ValueError, OverflowError) as error:
        return Problem(str(path), f"The file cannot be read ({getattr(error, 'strerror', None) or error}).")
    return Found(str(path), parts, data, at)


def open_plain(path: Path) -> BinaryIO:
    """Open an ordinary file for reading. Raises OSError for links, pipes and devices, and never waits for one."""
    if path.is_symlink():
        raise OSError(0, "it is a link, and links are not followed")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "it is not an ordinary file")
    return os.fdopen(handle, "rb")


def _zip(path: Path, parts: tuple[str, ...]) -> Iterator[Found | Problem]:
    problems = 0
    for found in _in_zip(path, parts):
        problems += isinstance(found, Problem)
        if isinstance(found, Found) or problems <= _TOLD:
            yield found
    if problems > _TOLD:
        yield Problem(str(path), f"{problems - _TOLD:,} more files in it cannot be taken.")


def _in_zip(path: Path, parts: tuple[str, ...]) -> Iterator[Found | Problem]:
    try:
        at = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        file = open_plain(path)
    except (OSError, ValueError, OverflowError) as error:
        yield Problem(str(path), f"The file cannot be read ({getattr(error, 'strerror', None) or error}).")
        return
    bare: dict[tuple[str, ...], Entry] = {}
    records: set[tuple[str, ...]] = set()
    with file:
        for entry in entries(file, path.name, at):
            if set(entry.parts) & _LEFT_BY_COMPUTERS:
                continue
            label = " > ".join((str(path), *entry.parts[1:]))
            if entry.problem:
                yield Problem(label, entry.problem)
            elif entry.data is not None and is_candidate(entry.parts[-1]):
                records.add(entry.parts[:-1])
                # Whom a platform named packed this zip, and could date back what is in it.
                came = max(at, entry.at) if platform_names(parts) else entry.at
                yield Found(label, (*parts[:-1], *entry.parts), entry.data, came)
            elif entry.parts[-1].lower().endswith(".ipynb"):
                bare[entry.parts[:-1]] = entry
    for folder, entry in bare.items():
        if folder not in records:
            yield Problem(" > ".join((str(path), *entry.parts[1:])), _BARE_NOTEBOOK)
