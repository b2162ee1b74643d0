"""What can be wrong with content or a record, said to the person who can act on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing wrong in a file.

    what: the fault in one sentence; do: what the reader of the message should do;
    file and line (1-based, None when no single line is at fault): where; level: an error stops the build,
    a warning asks its author to look again.
    """

    what: str
    do: str
    file: Path | None = None
    line: int | None = None
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = ""
        if self.file is not None:
            where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        return f"{where}{'Warning: ' if self.level == 'warning' else ''}{self.what} {self.do}".rstrip()


class OnsiteError(Exception):
    """An error meant for a person. The message says what, where and what to do."""


class ScenarioError(OnsiteError):
    """A scenario file that cannot be used; `findings` lists every fault found, never empty."""

    def __init__(self, findings: list[Finding]) -> None:
        # Passed on as it is, so that the error survives the way from one process to another.
        super().__init__(findings)
        self.findings = findings

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


class RecordError(OnsiteError):
    """An answer record (answers.json) that cannot be read as one."""


@contextmanager
def told(doing: str, what_to_do: str) -> Iterator[None]:
    """Turn what the system refuses into a sentence for a person. Raises OnsiteError."""
    try:
        yield
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        raise OnsiteError(f"{doing} failed:{where} {error.strerror or error}. {what_to_do}") from error
