"""Which of a learner's attempts counts, and how it replays on today's story."""

from collections.abc import Mapping
from dataclasses import dataclass

from onsite.scenario.record import Record
from onsite.scenario.replay import Replayed, replay
from onsite.scenario.scoring import SceneKey, decision_points
from onsite.scenario.story import Story


@dataclass(frozen=True)
class Attempt:
    """One attempt: its 1-based number, the content version it was played on, and its replay."""

    number: int
    version: int
    replayed: Replayed


def attempts_of(story: Story, record: Record) -> list[Attempt]:
    """Every attempt in the record, replayed on `story` as it is now."""
    return [
        Attempt(number, version, replay(story, answers))
        for number, (version, answers) in enumerate(record.attempts(), start=1)
    ]


def counted_attempt(
    story: Story,
    record: Record,
    keys: Mapping[str, Mapping[str, SceneKey]] | None = None,
    points: Mapping[str, float] | None = None,
) -> Attempt | None:
    """The attempt that is graded, by the story's `counts`; None when nothing was answered. See `counted_among`."""
    return counted_among(story, attempts_of(story, record), keys, points)


def counted_among(
    story: Story,
    attempts: list[Attempt],
    keys: Mapping[str, Mapping[str, SceneKey]] | None = None,
    points: Mapping[str, float] | None = None,
) -> Attempt | None:
    """The attempt that is graded of all those of a record, in order; None of none.

    An attempt that a new version of the story cut short does not count when a later one was made.
    `best` compares whole attempts by their machine-graded points, for which `keys` and `points`
    (both by decision) are needed; the earlier of two equals counts.
    """
    whole = [a for a in attempts if a.replayed.problem is None or a.version == story.version]
    attempts = whole or attempts
    if not attempts:
        return None
    if story.counts == "last":
        return attempts[-1]
    if story.counts == "best" and keys and points:

        def total(attempt: Attempt) -> float:
            return sum(decision_points(attempt.replayed.path, key, points[name]) for name, key in keys.items())

        return max(attempts, key=lambda attempt: (total(attempt), -attempt.number))
    return attempts[0]
