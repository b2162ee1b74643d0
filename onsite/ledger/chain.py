"""Whether the lines of a history hang together: each names the hash of the one before. Pure."""

import hashlib
from dataclasses import dataclass

from onsite.ledger.entries import FIRST, Entry, read_line

ACCEPTED = "accepted"
"""The entry by which a person states that they have looked at the breaks above it."""


@dataclass(frozen=True)
class Break:
    """A place at which the chain does not hold: the line of the file (from 1), and what is wrong there."""

    line: int
    what: str
    accepted: bool = False


@dataclass(frozen=True)
class Chain:
    """A history as it was read. tail: bytes behind the last line end, which are no entry."""

    entries: tuple[Entry, ...]
    breaks: tuple[Break, ...]
    tail: bytes
    lines: int

    @property
    def head(self) -> str:
        """The hash of the last entry."""
        return self.entries[-1].digest if self.entries else FIRST


def read_chain(data: bytes) -> Chain:
    """Read a whole history. Every edit, loss, addition or change of order but one at its very end is a break.

    What happened at the end only shows against a hash of the last entry that was kept elsewhere.
    """
    lines = data.split(b"\n")
    tail = lines.pop()
    entries: list[Entry] = []
    breaks: list[Break] = []
    before, number = FIRST, 0
    running = hashlib.sha256()
    for at, line in enumerate(lines, 1):
        entry = read_line(line)
        if entry is None:
            breaks.append(Break(at, "This line is not an entry: it was put in or changed."))
        else:
            if entry.number > number + 1:
                breaks.append(Break(at, f"Before this line {_entries(number + 1, entry.number - 1)} missing."))
            elif entry.number <= number:
                breaks.append(
                    Break(at, f"Entry {entry.number} stands after entry {number}: lines were moved or put in.")
                )
            elif entry.before != before:
                breaks.append(Break(max(at - 1, 1), "This line is not as it was when the next one was written."))
            if entry.what == ACCEPTED and entry.body.get("sha256") == running.hexdigest():
                breaks = [Break(found.line, found.what, accepted=True) for found in breaks]
            entries.append(entry)
            before, number = entry.digest, entry.number
        running.update(line + b"\n")
    return Chain(tuple(entries), tuple(breaks), tail, len(lines))


def _entries(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
