"""What a grading run is about to do, noted while it runs: one that is killed cannot enter its grades itself."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from onsite.paths import CoursePaths
from onsite.safe_files import write_whole
from onsite.scenario.errors import told


@contextmanager
def noted_run(course: CoursePaths, why: str, by: str) -> Iterator[Callable[[], None]]:
    """Note that a run goes on, until what is yielded is called: then what it did is in the history.

    why, by: what its grades are to be entered with. The note stays when the run is killed. While another run goes on
    that one's note stands for both. Raises OnsiteError.
    """
    with _running(course) as first:
        if first:
            with told("Noting that a grading run begins", "Nothing was graded. Make room or mend your rights there."):
                write_whole(_file(course), json.dumps({"why": why, "by": by}).encode() + b"\n", private=True)
        yield lambda: _file(course).unlink(missing_ok=True) if first else None


def intended(course: CoursePaths) -> tuple[str, str] | None:
    """The reason and the hand of the run that is going on, or was killed; None when none is."""
    try:
        said = json.loads(_file(course).read_bytes())
        return str(said["why"]), str(said["by"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def entered(course: CoursePaths) -> None:
    """Drop the note of a run that is over: what it did is in the history. Raises OSError."""
    if _file(course).exists():
        with _running(course) as over:
            if over:
                _file(course).unlink(missing_ok=True)


def _file(course: CoursePaths) -> Path:
    # In no backup, since it tells of this moment only.
    return course.root / ".grading-run.json"


@contextmanager
def _running(course: CoursePaths) -> Iterator[bool]:
    """Whether no other run goes on; and then none begins before the end of the block."""
    lock = FileLock(course.root / ".grading-run.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
