"""The history on the disk: one file that only grows, and the hash of its last entry in a second place."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from onsite.ledger.chain import ACCEPTED, Break, Chain, read_chain
from onsite.ledger.entries import FIRST, Body, digest, write_lines
from onsite.ledger.people import operator
from onsite.ledger.state import ASIDE
from onsite.locks import held
from onsite.paths import CoursePaths
from onsite.safe_files import free_name, settle, write_whole
from onsite.scenario.errors import OnsiteError

FILE_NAME = "grades.jsonl"
NAMES_NAME = "names.json"
HEAD_NAME = "history-head.json"
_WAIT_SECONDS = 60


@dataclass(frozen=True)
class Mark:
    """Where a history ends: how many entries it has, and the hash of the last one."""

    entries: int = 0
    head: str = FIRST


@dataclass(frozen=True)
class Head:
    """The second place. kept: the end as it was last seen; next: the end it is on its way to, while it is written."""

    kept: Mark
    next: Mark | None = None


@dataclass(frozen=True)
class Stored:
    """The history as it lies on the disk. unfinished: bytes at its end that an interrupted run left there."""

    chain: Chain
    ends: tuple[Break, ...]
    unfinished: bytes
    bytes_before: int

    @property
    def breaks(self) -> list[Break]:
        """What is wrong with it and was accepted by nobody."""
        return [found for found in (*self.chain.breaks, *self.ends) if not found.accepted]

    @property
    def mark(self) -> Mark:
        """Where it ends."""
        last = self.chain.entries[-1] if self.chain.entries else None
        return Mark(last.number, last.digest) if last else Mark()


def history_file(course: CoursePaths) -> Path:
    """The file with the entries."""
    return course.history / FILE_NAME


def names_file(course: CoursePaths) -> Path:
    """The file that says whose the entries are."""
    return course.history / NAMES_NAME


def head_file(course: CoursePaths) -> Path:
    """The second place in which the end of the history is kept."""
    return course.private / HEAD_NAME


def restoring_file(course: CoursePaths) -> Path:
    """What says, while a backup is put in place, what goes where."""
    return course.root / ".restoring.json"


@contextmanager
def locked(course: CoursePaths, *, restoring: bool = False) -> Iterator[None]:
    """Keep the history to this process.

    Raises OnsiteError when another does not let go of it, and while a restore is half done, unless `restoring`.
    """
    course.history.mkdir(parents=True, exist_ok=True)
    with held(
        course.root / ".history.lock", _WAIT_SECONDS,
        "Another command has been writing the history for over a minute. Wait for it, then run this again.",
    ):  # fmt: skip
        if restoring_file(course).exists() and not restoring:
            raise OnsiteError(
                "A restore was interrupted, and half of the records are in their place. "
                "Run the same `python3 course.py restore` again: it goes on where it stopped."
            )
        yield


def read_stored(course: CoursePaths) -> Stored:
    """Read the history and compare its end with the second place. Raises OnsiteError when it cannot be read."""
    try:
        data = history_file(course).read_bytes()
    except FileNotFoundError:
        data = b""
    except OSError as error:
        raise OnsiteError(
            f"{history_file(course)} cannot be read ({error.strerror}). Check your rights there."
        ) from error
    head = _read_head(course)
    unfinished = b""
    if head and head.next:
        data, unfinished = _without_unfinished(data, head.kept, head.next)
    chain = read_chain(data)
    return Stored(chain, tuple(_ends(chain, head)), unfinished, len(data) - len(chain.tail))


def _without_unfinished(data: bytes, kept: Mark, wanted: Mark) -> tuple[bytes, bytes]:
    """What stood before an interrupted run, and what that run left. Entries come all together or not at all."""
    if read_chain(data).head == wanted.head and data.endswith(b"\n"):
        return data, b""
    size = 0
    for line in data.splitlines(keepends=True) if kept.entries else ():
        size += len(line)
        if digest(line.removesuffix(b"\n")) == kept.head:
            return data[:size], data[size:]
    return (data, b"") if kept.entries else (b"", data)


def _ends(chain: Chain, head: Head | None) -> Iterator[Break]:
    if chain.tail:
        yield Break(chain.lines + 1, f"The last {len(chain.tail)} bytes are not a whole entry.")
    if head is None:
        if chain.entries:
            yield Break(
                chain.lines,
                f"The second place of its last hash, private/{HEAD_NAME}, is gone: its end cannot be checked.",
            )
        return
    last = Mark(chain.entries[-1].number if chain.entries else 0, chain.head)
    if last in (head.kept, head.next):
        return
    kept = head.kept
    if last.entries < kept.entries:
        yield Break(chain.lines, f"It ends with entry {last.entries}, and it had {kept.entries}: the end was cut off.")
    elif any(entry.digest == kept.head for entry in chain.entries):
        yield Break(chain.lines, f"Behind entry {kept.entries}, the last that the course wrote, others were added.")
    else:
        yield Break(chain.lines, f"Entry {last.entries}, the last one, is not the one that was written.")


def _read_head(course: CoursePaths) -> Head | None:
    path = head_file(course)
    try:
        said = json.loads(path.read_bytes())
        coming = said["next"]
        return Head(
            Mark(int(said["entries"]), str(said["head"])),
            Mark(int(coming["entries"]), str(coming["head"])) if coming else None,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        # Whatever it was, it is no end that the history could agree with.
        return Head(Mark(0, "unreadable"))


def save_head(course: CoursePaths, kept: Mark, coming: Mark | None = None) -> None:
    """Write the second place."""
    said = {
        "entries": kept.entries, "head": kept.head,
        "next": {"entries": coming.entries, "head": coming.head} if coming else None,
    }  # fmt: skip
    write_whole(head_file(course), json.dumps(said).encode() + b"\n", private=True)


def append(course: CoursePaths, stored: Stored, bodies: Sequence[Body], *, accepting: bool = False) -> Mark:
    """Add entries behind what was read as `stored`, all of them or none, and return the new end.

    To be called within `locked`. What an interrupted run left is set aside first, with an entry that says so.
    Raises OnsiteError, and writes nothing, when the history is broken (unless `accepting`).
    """
    if stored.breaks and not accepting:
        raise OnsiteError(broken_words(stored))
    bodies = list(bodies)
    if stored.unfinished:
        bodies.insert(0, _set_aside(course, stored))
    elif stored.chain.tail:
        _set_aside(course, stored)
    if not bodies:
        save_head(course, stored.mark)
        return stored.mark
    lines = write_lines(bodies, datetime.now(UTC), stored.mark.entries, stored.mark.head)
    coming = Mark(stored.mark.entries + len(lines), digest(lines[-1][:-1]))
    save_head(course, stored.mark, coming)
    path = history_file(course)
    with path.open("ab") as file:
        file.write(b"".join(lines))
        file.flush()
        os.fsync(file.fileno())
    settle(path.parent)
    save_head(course, coming)
    return coming


def _set_aside(course: CoursePaths, stored: Stored) -> Body:
    left = stored.unfinished or stored.chain.tail
    path = free_name(course.history, "set-aside", ".txt")
    write_whole(path, left, private=True)
    os.truncate(history_file(course), stored.bytes_before)
    return {"what": ASIDE, "bytes": len(left), "sha256": digest(left), "by": operator(), "why": path.name}


def acceptance(course: CoursePaths, why: str) -> Body:
    """The entry by which a person accepts every break in the chain up to here."""
    data = history_file(course).read_bytes() if history_file(course).exists() else b""
    return {"what": ACCEPTED, "sha256": digest(data[: data.rfind(b"\n") + 1]), "by": operator(), "why": why}


def broken_words(stored: Stored) -> str:
    """What to say when nothing can be entered because the history is broken."""
    first = stored.breaks[0]
    return (
        f"The history of grades was changed by something else than this course (line {first.line}: {first.what}) "
        "Nothing was entered in it. Run `python3 course.py audit`: it says what was changed and what to do."
    )


def short(head: str) -> str:
    """A hash as people note it down: the first 20 hex digits in groups of four."""
    return "-".join(head[start : start + 4] for start in range(0, 20, 4))
