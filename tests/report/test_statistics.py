"""The statistics, held against published data and against what can be worked out by hand."""

import csv
from pathlib import Path

import numpy as np
import pytest

from onsite.report import statistics as st

LSAT = Path(__file__).parents[1] / "data" / "report" / "lsat.csv"


def lsat(section: str) -> np.ndarray:
    """The 1000 x 5 score matrix of section 'lsat6' or 'lsat7'."""
    lines = [line for line in LSAT.read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    patterns = np.array([[float(row[f"q{n}"]) for n in range(1, 6)] for row in rows])
    return np.repeat(patterns, [int(row[section]) for row in rows], axis=0)


def test_lsat6_is_the_published_table():
    assert lsat("lsat6").shape == lsat("lsat7").shape == (1000, 5)


def test_facility_on_lsat6():
    assert st.facility(lsat("lsat6")).round(3).tolist() == [0.924, 0.709, 0.553, 0.763, 0.870]


def test_item_rest_correlation_on_lsat6():
    assert st.item_rest(lsat("lsat6")).round(4).tolist() == [0.1128, 0.1532, 0.1728, 0.1444, 0.1216]


@pytest.mark.parametrize(("section", "published"), [("lsat6", 0.2950), ("lsat7", 0.4534)])
def test_alpha_on_the_lsat(section, published):
    found = st.alpha(lsat(section))
    assert round(found.value, 4) == published
    assert found.low < published < found.high
    assert found.n == 1000


def test_alphas_interval_covers_the_truth_as_often_as_it_says():
    # Parallel items of true-score variance 1 and error variance 1: alpha = k / (k + 1) (Spearman-Brown of 0.5).
    random = np.random.default_rng(1)
    truth, hits, rounds = 5 / 6, 0, 1000
    for _ in range(rounds):
        scores = random.normal(size=(40, 1)) + random.normal(size=(40, 5))
        found = st.alpha(scores)
        hits += found.low <= truth <= found.high
    # 95% of 1000, give or take three standard errors of a share.
    assert abs(hits / rounds - 0.95) < 3 * np.sqrt(0.95 * 0.05 / rounds)


def test_alphas_interval_is_feldts():
    # n = 11, k = 5: 97.5th percentiles from a printed table are F(10, 40) = 2.39 and F(40, 10) = 3.26.
    random = np.random.default_rng(7)
    found = st.alpha(random.normal(size=(11, 1)) + random.normal(size=(11, 5)))
    assert (1 - found.low) / (1 - found.value) == pytest.approx(2.39, abs=0.005)
    assert (1 - found.high) / (1 - found.value) == pytest.approx(1 / 3.26, abs=0.001)


def test_where_nothing_varies_there_is_no_number():
    same = np.ones((20, 3))
    assert np.isnan(st.item_rest(same)).all()
    assert np.isnan(st.alpha(same).value)
    assert np.isnan(st.alpha(np.ones((2, 3))).value)


def test_an_item_is_left_out_of_its_own_total():
    # Two items that have nothing to do with each other: with itself in the total each would correlate at 0.71.
    crossed = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10, dtype=float)
    assert st.item_rest(crossed).tolist() == pytest.approx([0, 0], abs=1e-12)


def test_normalised_gain_by_hand():
    before, after = np.array([40.0, 60.0, 50.0, 50.0]), np.array([70.0, 80.0, 75.0, 75.0])
    found = st.normalised_gain(before, after, 100)
    assert found.value == pytest.approx((75 - 50) / (100 - 50))
    assert found.low <= found.value <= found.high
    assert found == st.normalised_gain(before, after, 100), "the same answers give the same report"


def test_gain_keeps_a_persons_two_scores_together():
    # Everybody gains exactly half of what was left; only resampling pairs can see that there is no doubt about it.
    before = np.linspace(0, 90, 40)
    found = st.normalised_gain(before, before + (100 - before) / 2, 100)
    assert (found.low, found.high) == pytest.approx((0.5, 0.5))


def test_there_is_no_gain_without_room_or_people():
    assert np.isnan(st.normalised_gain(np.array([100.0, 100.0]), np.array([100.0, 90.0]), 100).value)
    assert np.isnan(st.normalised_gain(np.array([10.0]), np.array([20.0]), 100).value)


def test_disagreement_is_the_chance_that_two_people_differ():
    # 2 and 2 of four: of the six pairs four differ.
    assert st.disagreement(np.array([2.0, 2.0])) == pytest.approx(4 / 6)
    assert st.disagreement(np.array([7.0, 0.0])) == 0
    assert np.isnan(st.disagreement(np.array([1.0])))


def test_intervals_of_means_and_correlations():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    found = st.mean_interval(values)
    assert (found.value, found.low, found.high) == pytest.approx((3, 3 - 2.776 * 0.7071, 3 + 2.776 * 0.7071), abs=0.001)
    # Fisher's z of 0.5 with n = 103: 0.5493 +- 0.196.
    r = st.correlation_interval(0.5, 103)
    assert (r.low, r.high) == pytest.approx((np.tanh(0.3533), np.tanh(0.7453)), abs=0.001)
