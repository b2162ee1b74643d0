"""One line of the history: how it is written, read again and known by its hash. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FIRST = "0" * 64
"""What stands in place of a hash of the entry before the first."""

# Made once: a cohort's first grading writes tens of thousands of lines.
_encoded = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode

Body = dict[str, Any]
"""What an entry says, without its number, its time and its link."""


@dataclass(frozen=True)
class Entry:
    """An entry as it was read. number: from 1; before: the hash of the line it was written after."""

    number: int
    at: str
    what: str
    body: Mapping[str, Any]
    before: str
    digest: str


def digest(line: bytes) -> str:
    """The SHA-256 of a line's bytes without its line end, as 64 hex digits."""
    return hashlib.sha256(line).hexdigest()


def write_lines(bodies: Iterable[Body], at: datetime, number: int, before: str) -> list[bytes]:
    """The lines that follow on entry `number` with the hash `before`, each ending in a line feed."""
    lines = []
    when = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    for body in bodies:
        number += 1
        said = {"n": number, "at": when, **body, "before": before}
        line = _encoded(said).encode("ascii")
        before = digest(line)
        lines.append(line + b"\n")
    return lines


def read_line(line: bytes) -> Entry | None:
    """The entry in a line without its line end, or None when there is none in it."""
    try:
        said = json.loads(line)
        number, at, what, before = said.pop("n"), said.pop("at"), said.pop("what"), said.pop("before")
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
        return None
    if type(number) is not int or not all(isinstance(word, str) for word in (at, what, before)):
        return None
    return Entry(number, at, what, said, before, digest(line))
