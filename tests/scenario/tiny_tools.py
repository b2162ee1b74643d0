"""What the tests of scenarios share: records of play, and where a mark stands in a file."""

from collections.abc import Sequence
from pathlib import Path

from onsite.scenario.record import Record

Played = Sequence[tuple[str, object]]
"""The answers of one attempt: (scene, answer) pairs."""

BEST: Played = (("corridor", "tell"), ("desk", "range"), ("paper", "The lock stuck; it is oiled."))
RECOVERY: Played = (("corridor", "push"), ("stairs", "own"), ("paper", "It cracked, and it was me."))
HOME: Played = (("corridor", "leave"), ("stairs", "shrug"))
"""Three ways through the small scenario: 20 points, 12 of 20 (with the note counted full), and none."""


def line_of(path: Path, mark: str) -> int:
    """The line of the file on which `mark` stands; it must stand on exactly one."""
    lines = [number for number, line in enumerate(path.read_text("utf-8").splitlines(), 1) if mark in line]
    assert len(lines) == 1, f"{mark!r} should stand on one line, but stands on {lines}"
    return lines[0]


def record_of(*attempts: tuple[int, Played], scenario: str = "locked-door", **other: object) -> Record:
    """A record of attempts, each a content version and its answers."""
    events: list[dict[str, object]] = []
    for version, answers in attempts:
        events.append({"type": "start", "version": version, "at": "2026-11-22T14:18:00Z"})
        events += [{"type": "answer", "scene": scene, "answer": answer} for scene, answer in answers]
    return Record.model_validate({"scenario": scenario, "id": "0d4f4f6e-test", "events": events, **other})
