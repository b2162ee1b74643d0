"""Which of a learner's attempts counts, and on which version of the story each of them is replayed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from onsite.scenario.record import Record
from onsite.scenario.replay import Given, Replayed, replay
from onsite.scenario.scoring import SceneKey, decision_points
from onsite.scenario.story import Story


@dataclass(frozen=True)
class Edition:
    """One version of a story, and by decision the keys that answers on it are measured by."""

    story: Story
    keys: Mapping[str, Mapping[str, SceneKey]] = field(default_factory=dict)


@dataclass(frozen=True)
class Editions:
    """The versions of one scenario that answers are replayed on.

    older: by the version that an attempt says it was begun on; mostly that very version, and another where it was
    decided so. points: what each decision is worth, the same in all versions.
    """

    today: Edition
    older: Mapping[int, Edition] = field(default_factory=dict)
    points: Mapping[str, float] = field(default_factory=dict)

    def number(self, version: int) -> Edition:
        """The edition whose story is version `version`; today's when there is no such one."""
        found = (one for one in self.older.values() if one.story.version == version)
        return self.today if version == self.today.story.version else next(found, self.today)


@dataclass(frozen=True)
class Attempt:
    """One attempt: its 1-based number, the version it says it was begun on, its replay, and on which version that is.

    A record is anybody's to edit, so `version` is what somebody says; `edition` is one that there is.
    """

    number: int
    version: int
    replayed: Replayed
    edition: int


def attempts_of(editions: Editions, record: Record) -> list[Attempt]:
    """Every attempt in the record, replayed."""
    found = []
    for number, (version, answers) in enumerate(record.attempts(), start=1):
        edition, replayed = _replayed(editions, version, answers)
        found.append(Attempt(number, version, replayed, edition.story.version))
    return found


def _replayed(editions: Editions, version: int, answers: Sequence[Given]) -> tuple[Edition, Replayed]:
    """The attempt on the version it was begun on, where that is there, else on today's.

    Where its answers do not all fit, but fit further on today's story, somebody went on after an update, and it is
    replayed on today's.
    """
    now = editions.today
    own = editions.older.get(version, now)
    replayed = replay(own.story, answers)
    if own is now or replayed.problem is None:
        return own, replayed
    today = replay(now.story, answers)
    return (now, today) if fits_further(today.problem, replayed.problem) else (own, replayed)


def fits_further(problem: int | None, than: int | None) -> bool:
    """Whether more answers fit, told by the indexes of the first that does not (None: all fit)."""
    return than is not None and (problem is None or problem > than)


def counted_attempt(editions: Editions, record: Record) -> Attempt | None:
    """The attempt that is graded, by the `counts` of today's story; None when nothing was answered."""
    return counted_among(editions, attempts_of(editions, record))


def counted_among(editions: Editions, attempts: list[Attempt]) -> Attempt | None:
    """The attempt that is graded of all those of a record, in order; None of none.

    An attempt that another version of the story cut short does not count when a later one was made. `best` compares
    whole attempts by their machine-graded points, each by the keys of its own edition; without keys it is the first.
    The earlier of two equals counts.
    """
    whole = [a for a in attempts if a.replayed.problem is None or a.version == a.edition]
    attempts = whole or attempts
    if not attempts:
        return None
    counts = editions.today.story.counts
    if counts == "last":
        return attempts[-1]
    if counts == "best" and editions.today.keys and editions.points:

        def total(attempt: Attempt) -> float:
            keys = editions.number(attempt.edition).keys
            return sum(decision_points(attempt.replayed.path, key, editions.points[name]) for name, key in keys.items())

        return max(attempts, key=lambda attempt: (total(attempt), -attempt.number))
    return attempts[0]
