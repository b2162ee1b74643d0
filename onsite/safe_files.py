"""Writing so that a crash leaves the old file or the new one, never half of one. Knows nothing else of the course."""

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

# As `write_whole` and backups name them; ".part" is what older versions of the course left.
_HALF = re.compile(r"\..+\.(csv|from|json|jsonl|log|pdf|txt|zip)\.([a-z0-9_]{8}|part)")
_CANNOT_SAY = {errno.EACCES, errno.EINVAL, errno.ENOTSUP}


def write_whole(path: Path, data: bytes, *, private: bool = False, durable: bool = True) -> None:
    """Put `data` in place of the file at `path`, which keeps its mode; a new one gets what the umask leaves.

    private: for its owner alone, whatever it was before; durable: on the disk when this returns, so that not even a
    power cut takes it back. Raises OSError, and then the old file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = None if private else _mode_of(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # Never open to more people than in the end, not for a moment.
    handle = os.open(temporary, flags, 0o666 if mode is None and not private else 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        settle(path.parent)


def _mode_of(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None


def is_half_written(name: str) -> bool:
    """Whether a file is called as one that is being written, or was when its command was killed."""
    return _HALF.fullmatch(name) is not None


def half_written(root: Path) -> Iterator[Path]:
    """The files in a folder, and below it, that killed commands left there half written, or not yet in their place."""
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = [name for name in folders if name not in {".git", ".venv", "_build"}]
        yield from (Path(folder, name) for name in names if is_half_written(name))


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk too, where the system can say so of a folder: not every drive can."""
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SAY:
            raise


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """A name in `folder` that nothing has yet, made from `stem` and the time."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    number = 0
    while True:
        path = folder / f"{stem}-{stamp}{f'-{number}' if number else ''}{suffix}"
        if not path.exists():
            return path
        number += 1
