"""How sure somebody was against how well they did: for their own eyes, never for the score."""

from collections.abc import Iterable
from dataclasses import dataclass

LEVELS = {"low": "not sure", "middle": "fairly sure", "high": "very sure"}
"""The levels of confidence as a learner reads them, from the lowest to the highest."""


@dataclass(frozen=True)
class Level:
    """One level of confidence: its words, how many answers were given at it, and their mean credit, 0 to 1."""

    words: str
    answers: int
    credit: float


def calibration(given: Iterable[tuple[str, float]]) -> list[Level]:
    """The levels that occur, from low to high. `given`: confidence and credit (0 to 1) of each answer.

    The credit of a level is the arithmetic mean over its answers. Source: the design's `confidence`.
    """
    by_level: dict[str, list[float]] = {level: [] for level in LEVELS}
    for confidence, credit in given:
        by_level[confidence].append(credit)
    return [Level(LEVELS[level], len(some), sum(some) / len(some)) for level, some in by_level.items() if some]


def in_words(levels: list[Level]) -> str:
    """What the table says, in a sentence; empty when everything was said at one level."""
    if len(levels) < 2:
        return ""
    low, high = levels[0], levels[-1]
    if high.credit > low.credit:
        return f"Where you were {high.words}, you also did better. That feeling is worth listening to."
    if high.credit < low.credit:
        return (
            f"Where you were {high.words}, you did less well than where you were {low.words}. "
            "When you feel certain at a client's, look a second time."
        )
    return "You did equally well however sure you were."
