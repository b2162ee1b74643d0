"""Nobody can be picked out: groups and cells of fewer than five people are never shown alone, nor by subtraction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from onsite.report.cohort import Cohort

SMALLEST = 5
"""The fewest people a figure may be about."""

ROUND_FROM = 10
"""From so many people on, a number beside a hidden one is rounded; below, it is hidden too."""

MEANS_FROM = 30
"""Below so many people the mean of a few could be had from the means of all and of the rest, to a few percent."""

EVERYBODY, OTHERS, NO_GROUP = "everybody", "other groups", "no group"
"""What stands beside the names of groups: for all, for those that are too small to be named, for people of none."""


def pooled_names(sizes: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """What each group is shown as: its own name, or OTHERS.

    sizes: by group, its members and those of them who played. Pooled are groups with fewer than SMALLEST members, and
    those of which some but fewer than SMALLEST played. When they are still too few together, the next smallest group
    joins them, since the total minus the groups shown would tell.
    """

    def small(members: int, players: int) -> bool:
        return members < SMALLEST or 0 < players < SMALLEST

    pool = [name for name, size in sizes.items() if small(*size)]
    rest = sorted((name for name in sizes if name not in pool), key=lambda name: (sizes[name][1], sizes[name][0], name))
    while pool and rest and small(sum(sizes[name][0] for name in pool), sum(sizes[name][1] for name in pool)):
        pool.append(rest.pop(0))
    return {name: OTHERS if name in pool else name for name in sizes}


def shown_name(group: str) -> str:
    """What a group is called on the page: one line, and never what stands there for something else."""
    name = " ".join("".join(char if char.isprintable() else " " for char in group).split())
    if not name:
        return NO_GROUP
    return f"{name} (group)" if name in (EVERYBODY, OTHERS, NO_GROUP) else name


def protect(cohort: Cohort) -> Cohort:
    """The cohort with groups under the names that are shown, and small ones pooled."""
    cohort = cohort.with_groups({name: shown_name(name) for name in cohort.groups()})
    members = cohort.learners["group"].value_counts()
    played = cohort.learners["group"].iloc[cohort.plays["learner"].unique()].value_counts()
    return cohort.with_groups(
        pooled_names({str(name): (int(members[name]), int(played.get(name, 0))) for name in members.index})
    )


def hidden(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which cells of a table must not be shown; one row per line whose total is known, one column per part of it.

    Hidden are cells about 1 to SMALLEST - 1 people. Where all that is hidden in a row is about fewer than SMALLEST
    people, the smallest cell still shown is hidden too (complementary suppression), and so on.
    """
    counts = np.atleast_2d(counts)
    mask = are_few(counts)
    for row, out in zip(counts, mask, strict=True):
        while out.any() and row[out].sum() < SMALLEST and ((row > 0) & ~out).any():
            shown = np.flatnonzero((row > 0) & ~out)
            out[shown[np.argmin(row[shown])]] = True
    return mask


def masked(values: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """`values` (lines x groups) with NaN where `counts` (people, of the same shape) are too few to be shown."""
    return values.mask(hidden(counts.to_numpy(dtype=np.int64)))


@dataclass(frozen=True)
class Told:
    """The parts of a known total as they may be told. parts: None for too few; rounded: whether the others are."""

    parts: tuple[int | None, ...]
    rounded: bool = False


def told(counts: Sequence[int], total: int, *, beside: bool = False) -> Told:
    """How many people did what, of `total` (known) who did something; parts of 1 to SMALLEST - 1 are not told.

    Where one is not told, the total and the parts shown would tell it. So these are rounded, or, where there are too
    few people for that, hidden too from the smallest on. beside: whether there is a number not told elsewhere that
    these would tell; then they are rounded, or all hidden.
    """
    few = [0 < count < SMALLEST for count in counts]
    least = SMALLEST * sum(count >= SMALLEST for count in counts) + sum(few)
    if total >= ROUND_FROM and total > least:
        inexact = beside or any(few)
        return Told(
            tuple(
                None if small else rounded(count, total) if inexact and 0 < count < total else count
                for count, small in zip(counts, few, strict=True)
            ),
            rounded=inexact,
        )
    if beside:
        return Told(tuple(None if count else 0 for count in counts))
    out = hidden(np.array([counts]))[0]
    return Told(tuple(None if small else count for count, small in zip(counts, out, strict=True)))


def are_few(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which numbers are about so few people that they are not told."""
    return (counts > 0) & (counts < SMALLEST)


def rounded(count: int, total: int) -> int:
    """`count` of `total` as the middle of its band of five; bands are counted down from `total`, the lowest is longer.

    Counted down, since then a rest of one to four people always leads to the same band: in ordinary fives 44 less
    about 45 would give a single person away.
    """
    band = min(-(-(total - count) // 5), (total - SMALLEST) // 5)
    return total - 5 * band + 2


def leaves_few(part: int, whole: int) -> bool:
    """Whether the means of `part` and of all `whole` people would together give the mean of a few."""
    return 0 < whole - part < SMALLEST and whole < MEANS_FROM
