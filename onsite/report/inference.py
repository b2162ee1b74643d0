"""What follows from all that is told: of groups beside everybody, and of numbers that add up."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from onsite.report.privacy import SMALLEST, Told, are_few, rounded, told

_ROUNDS = 50
"""Enough for ranges to stop narrowing."""


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
    few = np.array([are_few(counts).any(axis=1) for counts in parts])
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
    few = are_few(np.vstack([counts, whole]))
    if not few.any():
        return np.zeros(len(few), dtype=bool)

    def nothing(size: int) -> NDArray[np.int64]:
        return np.array([[0] * len(whole), [size] * len(whole)])

    told_of = [nothing(int(size)) if one is None else one for one, size in zip(known, sizes, strict=True)]
    # Of everybody what is missing of the total, so that a line adds up to a known number too.
    told_of.append(total - (nothing(total) if everybody is None else everybody)[::-1])
    low, high = np.stack(told_of, axis=1)
    right = np.vstack([counts, total - whole]) @ sums.T
    for _ in range(_ROUNDS):
        before = int((high - low).sum())
        low, high = _narrowed(low, high, right, sums)
        low, high = (
            np.maximum(low, total - high.sum(axis=0) + high),
            np.minimum(high, total - low.sum(axis=0) + low),
        )
        if before == int((high - low).sum()):
            break
    given: NDArray[np.bool_] = np.any(few & (low == high), axis=1)
    return given


def _narrowed(
    low: NDArray[np.int64], high: NDArray[np.int64], right: NDArray[np.int64], sums: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ranges of each group's numbers (rows) narrowed by what they add up to, `right` (groups x sums).

    What a number is at most is what is left of a sum when all others of it are as small as they can be.
    """
    low, high = low.copy(), high.copy()
    for signs, result in zip(sums, right.T, strict=True):
        some = np.flatnonzero(signs)
        sign = signs[some]
        # Of each number with its sign.
        least = np.where(sign > 0, low[:, some], -high[:, some])
        most = np.where(sign > 0, high[:, some], -low[:, some])
        rest = result[:, np.newaxis]
        from_ = rest - most.sum(axis=1, keepdims=True) + most
        to = rest - least.sum(axis=1, keepdims=True) + least
        low[:, some] = np.maximum(low[:, some], np.where(sign > 0, from_, -to))
        high[:, some] = np.minimum(high[:, some], np.where(sign > 0, to, -from_))
    return low, high


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
    if not are_few(whole).any():
        for smallest in np.argsort(exact.sum(axis=1), kind="stable"):
            if not are_few(whole - exact[may].sum(axis=0)).any():
                break
            may[smallest] = False
    return may
