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
    mask: NDArray[np.bool_] = (counts > 0) & (counts < SMALLEST)
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


def told_by_group(counts: NDArray[np.int64]) -> list[Told | None]:
    """How many people of each group (rows) did what (columns), as far as it may be told; None for nothing.

    What is not told of some groups is everybody's numbers less those of the other groups: see `tellable`.
    """
    return told_together([counts])[0]


def told_together(parts: Sequence[NDArray[np.int64]]) -> list[list[Told | None]]:
    """The same of several parts of the same answers, whose numbers follow from each other.

    As all choose so many options, or give each place once, what few said of one part is what is left by the others.
    """
    found = _told_of_each(parts)
    exact = [
        at
        for at, mine in enumerate(zip(*found, strict=True))
        if all(one and not one.rounded and None not in one.parts for one in mine)
    ]
    counts = np.hstack(parts)
    for at, may in zip(exact, tellable(counts[exact], counts.sum(axis=0)), strict=True):
        if not may:
            _leave_out(at, found)
    together = [numbers.sum(axis=0, keepdims=True) for numbers in parts]
    for numbers, mine, (everybody,) in zip(parts, found, _told_of_each(together), strict=True):
        sizes, lines = numbers.sum(axis=1), numbers.shape[1]
        known = [ranges(one, int(size)) if one else None for one, size in zip(mine, sizes, strict=True)]
        whole = ranges(everybody, int(sizes.sum())) if everybody else None
        for at in giveaways(numbers, sizes, known, whole, np.ones((1, lines), dtype=np.int64)):
            _leave_out(at, found)
    return found


def _told_of_each(parts: Sequence[NDArray[np.int64]]) -> list[list[Told | None]]:
    """What may be told of each part, by group, as though there were no other groups."""
    few = np.array([_few(counts).any(axis=1) for counts in parts])
    elsewhere = few.sum(axis=0) > few
    return [
        [
            told(row.tolist(), int(row.sum()), beside=bool(also)) if row.sum() >= SMALLEST else None
            for row, also in zip(counts, beside, strict=True)
        ]
        for counts, beside in zip(parts, elsewhere, strict=True)
    ]


def _leave_out(group: int, found: Sequence[list[Told | None]]) -> None:
    for mine in found:
        mine[group] = None


def giveaways(
    counts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    known: Sequence[NDArray[np.int64] | None],
    everybody: NDArray[np.int64] | None,
    sums: NDArray[np.int64],
) -> list[int]:
    """Which groups (rows) to leave out so that no number of a few follows from all that is told, the smallest first.

    sizes: how many people each group has; known, everybody: the `ranges` of what is told of each and of all, None for
    nothing; sums: which numbers of a group are known to add up to what (1, or -1 where they are taken away).
    """
    known, out = list(known), []
    by_itself = _gives_away(counts, sizes, [None] * len(known), everybody, sums)
    while (giving := _gives_away(counts, sizes, known, everybody, sums) & ~by_itself).any():
        left = [at for at, one in enumerate(known) if one is not None]
        out.append(min([at for at in left if giving[at]] or left, key=lambda at: int(sizes[at])))
        known[out[-1]] = None
    return out


def _gives_away(
    counts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    known: Sequence[NDArray[np.int64] | None],
    everybody: NDArray[np.int64] | None,
    sums: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Of which groups, and at the end whether of everybody, a number of few people follows; see `giveaways`.

    The range in which each number can lie is narrowed by the others of its group and of its line while that helps.
    """
    whole, total = counts.sum(axis=0), int(sizes.sum())
    few = _few(np.vstack([counts, whole]))
    if not few.any():
        return np.zeros(len(few), dtype=bool)

    def nothing(size: int) -> NDArray[np.int64]:
        return np.array([[0] * len(whole), [size] * len(whole)])

    told_of = [nothing(int(size)) if one is None else one for one, size in zip(known, sizes, strict=True)]
    # Of everybody what is missing of the total, so that a line adds up to a known number too.
    told_of.append(total - (nothing(total) if everybody is None else everybody)[::-1])
    low, high = np.stack(told_of, axis=1)
    right = (np.vstack([counts, total - whole]) @ sums.T)[:, :, np.newaxis]
    for _ in range(_ROUNDS):
        before = int((high - low).sum())
        least = np.where(sums > 0, low[:, np.newaxis], -high[:, np.newaxis]) * (sums != 0)
        most = np.where(sums > 0, high[:, np.newaxis], -low[:, np.newaxis]) * (sums != 0)
        from_, to = right - most.sum(axis=2, keepdims=True) + most, right - least.sum(axis=2, keepdims=True) + least
        above = np.where(sums > 0, from_, np.where(sums < 0, -to, low[:, np.newaxis])).max(axis=1)
        below = np.where(sums > 0, to, np.where(sums < 0, -from_, high[:, np.newaxis])).min(axis=1)
        above, below = np.maximum(low, above), np.minimum(high, below)
        low = np.maximum(above, total - below.sum(axis=0) + below)
        high = np.minimum(below, total - above.sum(axis=0) + above)
        if before == int((high - low).sum()):
            break
    given: NDArray[np.bool_] = np.any(few & (low == high), axis=1)
    return given


_ROUNDS = 50
"""Enough for ranges to stop narrowing."""


def ranges(found: Told, total: int) -> NDArray[np.int64]:
    """The least and the most that each part can be, two rows, for somebody who knows what is told, and how."""
    lowest = rounded(SMALLEST, total) if found.rounded else 0
    ends = [
        (1, SMALLEST - 1 if found.rounded else total)
        if part is None
        else (SMALLEST if part == lowest else part - 2, part + 2)
        if found.rounded and 0 < part < total
        else (part, part)
        for part in found.parts
    ]
    return np.array(ends).T


def tellable(exact: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which groups' numbers may stand beside everybody's. One row per group whose numbers are exact and about no few.

    Where everybody's are exact too, the smallest groups are left out until what is left of everybody is about no few
    people either.
    """
    may = np.ones(len(exact), dtype=bool)
    if not _few(whole).any():
        for smallest in np.argsort(exact.sum(axis=1), kind="stable"):
            if not _few(whole - exact[may].sum(axis=0)).any():
                break
            may[smallest] = False
    return may


def _few(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
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
