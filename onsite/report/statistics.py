"""Classical item analysis and the few estimates of the report. Pure functions over arrays; numpy and scipy compute.

A *score matrix* has one row per person and one column per item, each value from 0 to 1 (the credit earned), none
missing.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

SEED = 20260101
"""Bootstraps start here, so that the same answers give the same report."""


@dataclass(frozen=True)
class Estimate:
    """A value with its 95% confidence interval and the number of people it rests on. NaN where there is none."""

    value: float
    low: float
    high: float
    n: int


NOTHING = Estimate(float("nan"), float("nan"), float("nan"), 0)


def facility(scores: Matrix) -> Vector:
    """Mean credit of each item, 0 to 1: the classical difficulty index p (NaN for no people)."""
    return scores.mean(axis=0) if len(scores) else np.full(scores.shape[1], np.nan)


def item_rest(scores: Matrix) -> Vector:
    """Corrected item-total correlation of each item: Pearson's r with the sum of the *other* items, -1 to 1.

    NaN where the item or the rest does not vary. Source: Henrysson, S. (1963). Correction of item-total correlations
    in item analysis. Psychometrika, 28, 211-218, in its usual form with the item left out of the total.
    """
    people, items = scores.shape
    if people < 3 or items < 2:
        return np.full(items, np.nan)
    rest = scores.sum(axis=1, keepdims=True) - scores
    centred, rest = scores - scores.mean(axis=0), rest - rest.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0) * (rest**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Vector = np.where(spread > 1e-12, (centred * rest).sum(axis=0) / spread, np.nan)
    return found


def correlation_interval(r: float, people: int) -> Estimate:
    """`r` with its 95% interval by Fisher's z transformation: tanh(atanh r +- 1.96 / sqrt(n - 3)); needs n > 3.

    Source: Fisher, R. A. (1921). On the "probable error" of a coefficient of correlation. Metron, 1, 3-32.
    """
    if people <= 3 or not abs(r) < 1:
        return Estimate(r, float("nan"), float("nan"), people)
    half = float(stats.norm.ppf(0.975)) / np.sqrt(people - 3)
    return Estimate(r, float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half)), people)


def alpha(scores: Matrix, level: float = 0.95) -> Estimate:
    """Cronbach's alpha with its confidence interval: k / (k - 1) x (1 - sum of item variances / variance of the sum).

    The interval is exact for normal two-way data without interaction: 1 - (1 - alpha) x F, with F the quantiles of
    the F distribution with n - 1 and (n - 1)(k - 1) degrees of freedom. NaN for fewer than 3 people or 2 items, or when
    everybody has the same sum. Sources: Cronbach, L. J. (1951). Psychometrika, 16, 297-334; Feldt, L. S., Woodruff,
    D. J., & Salih, F. A. (1987). Statistical inference for coefficient alpha. Applied Psychological Measurement, 11,
    93-103, formulas 6 and 7.
    """
    people, items = scores.shape
    total = float(scores.sum(axis=1).var(ddof=1)) if people > 2 else 0.0
    if items < 2 or total <= 1e-12:
        return Estimate(float("nan"), float("nan"), float("nan"), people)
    value = items / (items - 1) * (1 - float(scores.var(axis=0, ddof=1).sum()) / total)
    tail = (1 - level) / 2
    low, high = (1 - (1 - value) * stats.f.ppf([1 - tail, tail], people - 1, (people - 1) * (items - 1))).tolist()
    return Estimate(value, low, high, people)


def normalised_gain(before: Vector, after: Vector, most: float, resamples: int = 2000) -> Estimate:
    """Normalised gain of a group: (mean after - mean before) / (most - mean before), with a bootstrap interval.

    before, after: the same people's scores, 0 to `most`, in the same order. The share of what could still be learned
    that was learned: 1 is everything, 0 nothing, below 0 a loss. NaN for fewer than 2 people or when nothing was left
    to gain; the interval is NaN when in some resample nothing was left, as with few people near the top. Sources:
    Hake, R. R. (1998). Interactive-engagement versus traditional methods. American Journal of Physics, 66, 64-74
    (gain of the group's means); Efron, B., & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapter 13
    (percentile interval, pairs resampled), computed by scipy.stats.bootstrap.
    """
    people = len(before)
    if people < 2 or before.mean() >= most:
        return Estimate(float("nan"), float("nan"), float("nan"), people)

    def gain(one: Any, two: Any, axis: int = -1) -> Any:
        start = one.mean(axis=axis)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (two.mean(axis=axis) - start) / (most - start)

    with warnings.catch_warnings():
        # A resample without room to gain is found out below.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (before, after), gain, paired=True, vectorized=True, n_resamples=resamples,
            batch=max(1, 2_000_000 // people), method="percentile", rng=np.random.default_rng(SEED),
        )  # fmt: skip
    low, high = found.confidence_interval
    if not np.isfinite(found.bootstrap_distribution).all():
        low = high = np.nan
    return Estimate(float(gain(before, after)), float(low), float(high), people)


def mean_interval(values: Vector) -> Estimate:
    """The mean with its 95% interval by Student's t; the interval is NaN for fewer than 2 values."""
    people = len(values)
    if people == 0:
        return NOTHING
    mean = float(values.mean())
    if people < 2:
        return Estimate(mean, float("nan"), float("nan"), people)
    half = float(stats.t.ppf(0.975, people - 1)) * float(values.std(ddof=1)) / np.sqrt(people)
    return Estimate(mean, mean - half, mean + half, people)


def disagreement(counts: Vector) -> float:
    """The chance that two people drawn at random answered differently: 1 - sum n(n - 1) / (N(N - 1)), 0 to 1.

    NaN for fewer than two people. Source: Simpson, E. H. (1949). Measurement of diversity. Nature, 163, 688 (his
    unbiased estimate of concentration, taken from 1).
    """
    total = float(counts.sum())
    if total < 2:
        return float("nan")
    return float(1 - (counts * (counts - 1)).sum() / (total * (total - 1)))


def difference_interval(one: Vector, two: Vector) -> Estimate:
    """Mean of `one` minus mean of `two` (different people) with its 95% interval by Welch; NaN below 2 people each.

    n is the smaller of the two numbers. Source: Welch, B. L. (1947). Biometrika, 34, 28-35, computed by
    scipy.stats.ttest_ind.
    """
    n = min(len(one), len(two))
    if n < 2:
        return Estimate(float("nan"), float("nan"), float("nan"), n)
    value = float(one.mean() - two.mean())
    if one.std() + two.std() < 1e-12:
        return Estimate(value, value, value, n)
    with warnings.catch_warnings():
        # Where all of one side scored the same, its variance is 0, and that is exact enough.
        warnings.filterwarnings(
            "ignore", message="Precision loss occurred in moment calculation", category=RuntimeWarning
        )
        low, high = stats.ttest_ind(one, two, equal_var=False).confidence_interval(0.95)
    return Estimate(value, float(low), float(high), n)
