"""How surprising a count is, exactly."""

from collections.abc import Sequence
from math import comb

LEVEL = 0.05
"""A warning is given when chance alone would do as much in less than this share of cases."""


def tail(chances: Sequence[float], hits: int) -> float:
    """P(at least `hits` successes) of independent trials with these chances: the Poisson-binomial upper tail.

    Exact, by adding one trial after another. With equal chances it is the binomial tail; 1.0 for hits <= 0.
    """
    counts = [1.0]
    for chance in chances:
        more = [count * chance for count in counts]
        counts = [count * (1 - chance) for count in counts] + [0.0]
        for index, value in enumerate(more):
            counts[index + 1] += value
    return min(1.0, sum(counts[max(0, hits) :]))


def overlap(size: int, one: int, other: int) -> float:
    """P(two random subsets of `size` things, of `one` and of `other` members, have something in common).

    1 - C(size - one, other) / C(size, other), from the hypergeometric distribution.
    """
    return 1 - comb(size - one, other) / comb(size, other)
