"""Locks between commands, and what is said to whoever waited in vain.

Whoever takes several takes them in this order, so that no two wait for each other: the restore's, the course's
(`alone`), the history's, that of the notes from formgrader.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

PATIENCE = 60
"""Seconds that a command about records waits for one that grades."""


@contextmanager
def held(path: Path, patience: float, sentence: str) -> Iterator[None]:
    """Hold the lock at `path`. Raises OnsiteError with `sentence` when it is not free within `patience` seconds."""
    lock = FileLock(path, timeout=patience)
    try:
        lock.acquire()
    except Timeout as error:
        raise OnsiteError(sentence) from error
    except OSError as error:
        raise OnsiteError(f"{path} cannot be written ({error.strerror}). Check your rights there.") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def alone(course: CoursePaths, patience: float) -> Iterator[None]:
    """Hold the course for this run: two graders at once would undo each other's work.

    So would one who brings back or erases what is being graded. patience: seconds to wait for another run to end.
    Raises OnsiteError when it does not.
    """
    with held(
        course.gradebook.with_name("gradebook.db.lock"), patience,
        "This course is being graded at this moment, by another window or by the course's own server, or its records "
        "are being restored or erased. Wait until that has ended, then run the command again.",
    ):  # fmt: skip
        yield
