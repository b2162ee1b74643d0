"""Writing so that a crash leaves the old file or the new one, never half of one."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from onsite.scenario.errors import OnsiteError

# As `write_whole` and backups name them, and the inbox.
_HALF = re.compile(r"\..+\.(json|jsonl|csv|log|zip|pdf)\.[a-z0-9_]{8}|\..+\.(json|from)\.part")


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Put `data` in place of the file at `path`, on the disk when this returns. private: for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if not private and os.name == "posix":
            Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    settle(path.parent)


def half_written(root: Path) -> Iterator[Path]:
    """The files in a folder, and below it, that killed commands left there half written, or not yet in their place."""
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = [name for name in folders if name not in {".git", ".venv", "_build"}]
        yield from (Path(folder, name) for name in names if _HALF.fullmatch(name))


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk too, where the system can say so."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """A name in `folder` that nothing has yet, made from `stem` and the time."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    number = 0
    while True:
        path = folder / f"{stem}-{stamp}{f'-{number}' if number else ''}{suffix}"
        if not path.exists():
            return path
        number += 1


@contextmanager
def told(doing: str, what_to_do: str) -> Iterator[None]:
    """Turn what the system refuses into a sentence for a person. Raises OnsiteError."""
    try:
        yield
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        raise OnsiteError(f"{doing} failed:{where} {error.strerror or error}. {what_to_do}") from error
