"""What people did in formgrader, noted as they did it, until the next command enters it in the history.

The history itself takes too long to read for a click. Notes are not chained: they are safe once they are entered.
"""

import json
import os
import secrets
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from onsite.ledger.state import Decision
from onsite.locks import held
from onsite.paths import CoursePaths
from onsite.safe_files import write_whole

FILE_NAME = "clicks.jsonl"
READ, AUTOGRADED, COMMENTED = "read", "autograded", "commented"
_WAIT_SECONDS = 5
_MOST = 1e9
"""More points than these are none; nor is what is no number."""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Click:
    """One thing done in formgrader. by: the reader's name, '' when it is not known; how: READ, AUTOGRADED, COMMENTED.

    points: what the grade was afterwards, None while it waits for a reader; at: when (UTC); id: tells it from others.
    """

    by: str
    how: str
    learner: str
    scenario: str
    decision: str
    points: float | None = None
    at: str = field(default_factory=_now)
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def place(self) -> Decision:
        """Whose grade it was."""
        return self.learner, self.scenario, self.decision


def clicks_file(course: CoursePaths) -> Path:
    """Where they are noted."""
    return course.history / FILE_NAME


def note(course: CoursePaths, clicks: Iterable[Click]) -> None:
    """Note clicks, on the disk when this returns. Raises OSError and OnsiteError."""
    said = "".join(json.dumps(asdict(click)) + "\n" for click in clicks).encode("ascii")
    path = clicks_file(course)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(course), os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n":
            said = b"\n" + said  # whoever wrote before was killed
        file.write(said)
        file.flush()
        os.fsync(file.fileno())


def noted(course: CoursePaths) -> list[Click]:
    """The clicks that nobody has entered yet, in order. What is no note is left out."""
    try:
        lines = clicks_file(course).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [click for line in lines if (click := _parse(line))]


def forget(course: CoursePaths, ids: Collection[str] = (), learner: str | None = None) -> None:
    """Drop the notes with these ids and those about one learner, and what is no note. Raises OSError, OnsiteError."""
    path = clicks_file(course)
    if not path.exists():
        return
    with _locked(course):
        kept = [click for click in noted(course) if click.id not in ids and click.learner != learner]
        if kept:
            write_whole(path, "".join(json.dumps(asdict(click)) + "\n" for click in kept).encode(), private=True)
        else:
            path.unlink(missing_ok=True)


def _locked(course: CoursePaths) -> AbstractContextManager[None]:
    return held(
        course.root / ".clicks.lock", _WAIT_SECONDS,
        f"{clicks_file(course)} is being written by another process that does not come to an end. Nothing is lost: "
        "run this again in a minute. If it says so again, stop the course's server and start it anew.",
    )  # fmt: skip


def _parse(line: bytes) -> Click | None:
    try:
        click = Click(**json.loads(line))
    except (ValueError, TypeError, RecursionError):
        return None
    words = (click.by, click.how, click.learner, click.scenario, click.decision, click.at, click.id)
    points = click.points is None or (type(click.points) in (int, float) and abs(click.points) < _MOST)
    return click if points and all(isinstance(word, str) for word in words) else None
