"""The report finds what the generator of cohorts put in: facilities, groups, gain, a bad item, a wrong key."""

import math

import numpy as np
import pytest
from report.conftest import LIFT, MISKEYED, NOISY, SHIFTS, Made

from onsite.report import advice, analysis, credit
from onsite.report.choices import choices
from onsite.report.findings import Findings
from onsite.report.practices import practices_by_group
from onsite.report.statistics import normalised_gain


def test_every_hand_in_was_read(made: Made):
    assert made.reading.refused == []
    assert made.cohort.plays["learner"].nunique() > 990
    assert len(made.cohort.learners) == 1000


def test_facilities_are_those_of_the_model(made: Made):
    off = []
    for slug in ("pre-test", "post-test"):
        found = credit.decisions_by_group(made.cohort, slug)
        for name in found.overall.index:
            # Credit is at most 1 and at least 0, so its standard deviation is at most a half.
            error = 0.5 / math.sqrt(found.people[name])
            off.append((found.overall[name] - made.truth.facility(slug, name)) / error)
    assert len(off) == 40
    assert max(map(abs, off)) < 3.5
    # Half of the people stop early somewhere, but that must not shift the mean of all.
    assert abs(np.mean(off)) < 0.6


def test_practices_rank_the_groups_as_they_are(made: Made):
    found = practices_by_group(made.cohort)
    assert not found.groups.isna().any().any(), "250 people a group are enough to show all"
    assert list(found.groups.mean().sort_values(ascending=False).index) == list(SHIFTS)


def test_the_gain_lies_in_its_interval(made: Made):
    found = analysis.gain(made.cohort, "pre-test", "post-test")
    assert found is not None
    before = np.array([made.truth.facility("pre-test", f"d{n}") for n in range(1, 21)]).mean()
    after = np.array([made.truth.facility("post-test", f"d{n}") for n in range(1, 21)]).mean()
    truth = (after - before) / (1 - before)
    assert LIFT > 0
    assert truth > 0.1
    assert found.gain.low < truth < found.gain.high
    assert found.gain.high - found.gain.low < 0.1
    assert advice.about_gain(found).text.startswith(f"The {found.gain.n} people")


def test_no_gain_is_told_where_there_is_none(made: Made):
    # The same test against itself, halves of the items: nobody has learned anything between them.
    scores = made.cohort.scores("post-test").to_numpy()
    odd, even = scores[:, ::2].mean(axis=1), scores[:, 1::2].mean(axis=1)
    harder, easier = sorted((odd, even), key=lambda half: half.mean())
    shifted = easier - easier.mean() + harder.mean()
    found = normalised_gain(harder, shifted, 1.0)
    assert found.low < 0 < found.high


def test_the_planted_bad_item_is_found_and_others_are_not(made: Made):
    about = {
        item.decision: advice.about_item(item).mark for item in analysis.item_analysis(made.cohort, "pre-test").items
    }
    bad = {name for name, mark in about.items() if mark == "look"}
    assert {"d7", "d12"} == bad, "the item without discrimination and the one with a wrong key"
    assert NOISY == "q7"
    after = analysis.item_analysis(made.cohort, "post-test").items
    assert [item.decision for item in after if advice.about_item(item).mark] == []


def test_the_planted_wrong_key_is_found_at_its_option(made: Made):
    looks = {(one.what, one.option) for one in Findings(made.cohort).looks if one.scenario == "pre-test" and one.option}
    assert ("d12", made.liked) in looks
    assert {what for what, _ in looks} <= {"d12"}
    chosen = next(one for one in choices(made.cohort, "pre-test") if one.scene == MISKEYED).chosen
    keyed = next(one for one in chosen if one.keyed)
    liked = next(one for one in chosen if one.said == made.liked)
    assert liked.rest > keyed.rest


def test_alpha_is_that_of_a_test_with_so_much_in_common(made: Made):
    found = analysis.item_analysis(made.cohort, "post-test")
    assert found.straight
    assert 0.7 < found.alpha.low < found.alpha.value < found.alpha.high < 0.95


def test_those_who_play_again_do_better(made: Made):
    table = analysis.attempts(made.cohort).set_index("scenario")
    change = table.loc["pre-test", "change"]
    assert change.low > 0.05, "the second attempt was generated with more ability"


def test_confidence_goes_with_credit(made: Made):
    table = analysis.calibration(made.cohort)
    assert list(table.index) == ["low", "middle", "high"]
    assert table.loc["low", "credit"] + 0.1 < table.loc["high", "credit"]


def test_times_are_not_moved_by_lunches_and_wild_clocks(made: Made):
    table = analysis.times(made.cohort)
    # 20 questions at exp(4.2) = 67 seconds in the median, 80 in the mean, at everybody's own pace.
    assert 15 < table.loc["pre-test", "median"] < 35
    assert table.loc["pre-test", "q3"] < 45
    assert table["left_out"].sum() > 0


@pytest.mark.parametrize("slug", ["pre-test", "all-kinds"])
def test_the_flow_loses_nobody(made: Made, slug: str):
    flow = analysis.flow(made.cohort, slug)
    ended = flow[flow["target"].isin([*made.cohort.scenarios[slug].endings, analysis.STOPPED])]
    counted = made.cohort.counted
    answered = made.cohort.counted_answers(slug)["play"].nunique()
    assert ended["n"].sum() == answered
    stopped = ended.loc[ended["target"] == analysis.STOPPED, "n"].sum()
    assert stopped == answered - ((counted["scenario"] == slug) & counted["finished"]).sum()
