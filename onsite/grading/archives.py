"""Zips that anybody may have made: only looked into, never unpacked, and never further than the limits."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import BinaryIO

from onsite.scenario.record import MAX_BYTES

WANTED = ".json"

# Other ways of packing reserve as much memory as the zip tells them to.
_UNPACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# With this begins each file in a zip's own list.
_LISTED = b"PK\x01\x02"


@dataclass(frozen=True)
class Limits:
    """How far a zip is looked into.

    entries: files in one zip with all that are in it; nested: bytes of a zip within a zip; within: files in one of
    those; total: bytes read out of one zip with all that are in it; ratio: bytes for each packed byte, beyond which a
    file of more than `small` bytes is called a bomb; depth: zips within zips.
    """

    entries: int = 200_000
    nested: int = 10_000_000
    within: int = 2_000
    total: int = 2_000_000_000
    ratio: int = 200
    small: int = 20_000
    depth: int = 2


LIMITS = Limits()


@dataclass(frozen=True)
class Entry:
    """One file in a zip: the folders and zips it lies in and its name, its date (UTC), and what is in it.

    data is None for a file that was not read: `problem` then says why, or is empty when nobody wanted it.
    """

    parts: tuple[str, ...]
    at: datetime
    data: bytes | None = None
    problem: str = ""


class _Budget:
    """What may still be read."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.bytes, self.entries = limits, limits.total, limits.entries

    @property
    def spent(self) -> str:
        """Of what there was too much, as a sentence; '' while more may be read."""
        if self.entries < 0:
            return f"It holds more than {self.limits.entries:,} files; the rest was left."
        return f"It unpacks to more than {self.limits.total:,} bytes; the rest was left." if self.bytes < 0 else ""

    def spend(self, size: int) -> bool:
        """Whether `size` more bytes may be read; they then count as read."""
        self.bytes -= size
        return self.bytes >= 0


def entries(file: BinaryIO, name: str, at: datetime, limits: Limits = LIMITS) -> Iterator[Entry]:
    """Every file in the open zip, those of zips within it too. Only *.json files are read, and of those not too much.

    name, at: the zip's own, for what has to be said about all of it. Names within the zip are told and never used as
    paths. Never raises for what is in the zip.
    """
    budget = _Budget(limits)
    yield from _entries(file, (name,), at, budget, limits.depth)
    if budget.spent:
        yield Entry((name,), at, problem=budget.spent)


def _entries(file: BinaryIO, within: tuple[str, ...], at: datetime, budget: _Budget, depth: int) -> Iterator[Entry]:
    try:
        archive = zipfile.ZipFile(file)
        infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, RecursionError, MemoryError):
        yield Entry(within, at, problem="It is no zip that can be read: it was cut off or damaged.")
        return
    budget.entries -= len(infos)
    for info in infos:
        if budget.spent:
            return
        if not info.is_dir():
            yield from _entry(archive, info, within, budget, depth)


def _entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, within: tuple[str, ...], budget: _Budget, depth: int
) -> Iterator[Entry]:
    parts = (*within, *parts_of(info.filename))
    at = _date(info)
    is_zip = info.filename.lower().endswith(".zip")
    if not is_zip and not info.filename.lower().endswith(WANTED):
        yield Entry(parts, at)
        return
    limits = budget.limits
    most = limits.nested if is_zip else MAX_BYTES
    if stat.S_ISLNK(info.external_attr >> 16):
        yield Entry(parts, at, problem="It is a link, not a file; links are not followed.")
    elif info.file_size > most:
        yield Entry(parts, at, problem=f"It is larger than {most // 1000:,} kB; a real one is far smaller.")
    elif info.compress_type not in _UNPACKED:
        yield Entry(parts, at, problem="It is packed in a way that is not read here; pack it as an ordinary zip.")
    elif info.file_size > limits.ratio * max(1, info.compress_size) and info.file_size > limits.small:
        yield Entry(
            parts, at, problem=f"It unpacks to more than {limits.ratio} times its size, as no real record does."
        )
    elif is_zip and depth == 0:
        yield Entry(parts, at, problem="It is a zip in a zip in a zip; unpack it by hand.")
    elif budget.spend(info.file_size):
        data = _read(archive, info, most)
        if data is None:
            yield Entry(parts, at, problem="It cannot be unpacked: it is damaged, or locked with a password.")
        elif is_zip and data.count(_LISTED) > limits.within:
            # Counted before the list is read: each file in it costs a hundred times its bytes.
            yield Entry(parts, at, problem=f"It holds more than {limits.within:,} files; nothing of it was taken.")
        elif is_zip:
            # What lies in it was dated by whoever packed it, and could be dated back.
            for entry in _entries(io.BytesIO(data), parts, at, budget, depth - 1):
                yield replace(entry, at=max(at, entry.at))
        else:
            yield Entry(parts, at, data)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes | None:
    try:
        with archive.open(info) as file:
            # The size in the zip's own list may be a lie.
            data = file.read(most + 1)
    except (
        zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, MemoryError
    ):  # fmt: skip
        return None
    return data if len(data) <= most else None


def parts_of(name: str) -> tuple[str, ...]:
    """The names of the folders and of the file in the name of an entry of a zip, however its packer wrote it."""
    return tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))


def _date(info: zipfile.ZipInfo) -> datetime:
    # A zip holds local time and says nothing of where.
    try:
        return datetime(*info.date_time).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return datetime(1980, 1, 1, tzinfo=UTC)
