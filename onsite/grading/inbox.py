"""Hand-ins as they arrive: an inbox that is only ever added to, and who counts when several came."""

import os
import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import MAX_BYTES, Record, parse_record

NAMELESS = "me"
"""Whose a record without a name is, when one person works alone on their own machine."""

MAX_FILES = 20_000
MAX_TOTAL_BYTES = 1_000_000_000

_RECEIPT = re.compile(r"(?P<at>\d{8}T\d{12})-(?P<receipt>[0-9a-f]{32})\.json")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


@dataclass(frozen=True)
class HandIn:
    """One file of the inbox: the record in it, the learner's id, when it came (UTC)."""

    path: Path
    record: Record
    learner_id: str
    at: datetime


@dataclass
class Inbox:
    """What lies in the inbox: the hand-ins that can be graded, in order of arrival, and why others cannot."""

    hand_ins: list[HandIn] = field(default_factory=list)
    refused: list[tuple[Path, str]] = field(default_factory=list)


def add(folder: Path, data: bytes, slugs: Collection[str]) -> str:
    """Put one hand-in into the inbox and return its receipt, 32 hex digits nobody can guess.

    Raises RecordError for bytes that are not a record of one of `slugs`, and OnsiteError when the inbox is full.
    """
    record = parse_record(data)
    _known(record, slugs)
    if not record.events:
        raise RecordError("Nothing has been answered in this record yet.")
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [entry.stat().st_size for entry in os.scandir(folder) if entry.is_file()]
    if len(sizes) >= MAX_FILES or sum(sizes) + len(data) > MAX_TOTAL_BYTES:
        raise OnsiteError("The inbox is full. Your answers are safe where they are; tell whoever runs the course.")
    receipt = secrets.token_hex(16)
    name = f"{datetime.now(UTC).strftime('%Y%m%dT%H%M%S%f')}-{receipt}.json"
    temporary = folder / f".{name}.part"
    temporary.write_bytes(data)
    temporary.rename(folder / name)
    return receipt


def read(folder: Path, slugs: Collection[str], *, nameless: str | None = None) -> Inbox:
    """Read every *.json below `folder`: what the server put there, and files somebody dropped there by hand.

    A record without a learner's name belongs to `nameless`, or is refused when that is None.
    """
    inbox = Inbox()
    for path in sorted(folder.rglob("*.json")):
        try:
            inbox.hand_ins.append(read_one(path, slugs, nameless))
        except RecordError as error:
            inbox.refused.append((path, str(error)))
    inbox.hand_ins.sort(key=lambda hand_in: (hand_in.at, hand_in.path.name))
    return inbox


def read_one(path: Path, slugs: Collection[str], nameless: str | None = None) -> HandIn:
    """Read one file of the inbox. Raises RecordError, with a sentence for a person, when it cannot be graded."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise RecordError(f"The file cannot be read ({error.strerror}).") from error
    record = parse_record(data)
    _known(record, slugs)
    name = record.learner or nameless
    if not name:
        raise RecordError('It does not say whose it is. Write the name into its "learner" field, then grade again.')
    match = _RECEIPT.fullmatch(path.name)
    at = datetime.strptime(match["at"], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC) if match else modified
    return HandIn(path, record, learner_id(name), at)


def _known(record: Record, slugs: Collection[str]) -> None:
    if record.scenario not in slugs:
        raise RecordError(f"There is no scenario '{record.scenario}' in this course.")


def receipt_of(path: Path) -> str | None:
    """The receipt of a file the server put into the inbox."""
    match = _RECEIPT.fullmatch(path.name)
    return match["receipt"] if match else None


def learner_id(name: str) -> str:
    """A folder and gradebook id for a name or staff id: 'José García' becomes 'josé-garcía'.

    Names that differ only in case, spacing or punctuation are the same person. Raises RecordError for
    a name without a letter or digit.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    slug = re.sub(r"[^\w.@]+", "-", folded).strip("-._@")[:80].rstrip("-._@")
    if not slug:
        raise RecordError("The name has no letter or digit in it. Give a name or a staff id.")
    return f"learner-{slug}" if _RESERVED.fullmatch(slug) else slug


def by_learner(hand_ins: Iterable[HandIn], *, latest: bool = False) -> Iterator[tuple[HandIn, list[HandIn]]]:
    """For each learner and scenario the hand-in that counts, and the others that do not.

    The record that came first counts, in its longest state: handing in again after playing on adds to
    it, but nobody can replace it by a different record in the same name. With `latest` (one person on
    their own machine) the record that came last counts.
    """
    groups: dict[tuple[str, str], list[HandIn]] = {}
    for hand_in in hand_ins:
        groups.setdefault((hand_in.learner_id, hand_in.record.scenario), []).append(hand_in)
    for group in groups.values():
        counts = group[-1] if latest else group[0]
        for hand_in in group:
            if hand_in.record.continues(counts.record):
                counts = hand_in
        yield counts, [h for h in group if not counts.record.continues(h.record)]
