"""The cohort table and the questions put to it, on data small enough to count by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cohorts import straight_test
from report.straight import cohort_of, test_of
from report.test_statistics import lsat

from onsite.report import advice, analysis, credit
from onsite.report.choices import choices
from onsite.report.cohort import CohortBuilder
from onsite.report.facts import Reply, facts_of_version
from onsite.report.findings import Findings

test_of.__test__ = False


def test_published_data_go_through_the_whole_analysis():
    found = analysis.item_analysis(cohort_of(lsat("lsat6")), "test")
    assert [round(item.facility, 3) for item in found.items] == [0.924, 0.709, 0.553, 0.763, 0.870]
    assert [round(item.rest.value, 4) for item in found.items] == [0.1128, 0.1532, 0.1728, 0.1444, 0.1216]
    assert round(found.alpha.value, 4) == 0.2950
    assert round(analysis.item_analysis(cohort_of(lsat("lsat7")), "test").alpha.value, 4) == 0.4534


def test_a_first_answer_fills_a_decision_and_later_ones_do_not():
    builder = CohortBuilder([test_of(2)], {})
    builder.add("p", "test", [Reply("q1", "wrong", 0.0, "d1"), Reply("q1", "right", 1.0, "d1")], ending="done")
    cohort = builder.build()
    assert cohort.answers["fills"].tolist() == [True, False]
    assert cohort.plays["score"].tolist() == [0.0], "of two points, the second decision not come to"


def test_an_unread_text_is_left_out_of_what_could_be_earned():
    builder = CohortBuilder([test_of(2)], {})
    builder.add("p", "test", [Reply("q1", "right", 1.0, "d1"), Reply("q2", "written", None, "d2")], ending="done")
    cohort = builder.build()
    assert cohort.plays["score"].tolist() == [1.0]
    assert list(cohort.scores("test").columns) == ["d1"]


def test_an_empty_cohort_can_be_built():
    cohort = CohortBuilder([test_of(2)], {}).build()
    assert cohort.plays.empty
    assert cohort.answers.empty


def test_unfinished_plays_count_as_begun_only():
    builder = CohortBuilder([test_of(1)], {})
    for number in range(8):
        reply = [Reply("q1", "right", 1.0, "d1")]
        builder.add(f"p{number}", "test", reply, ending="done" if number < 6 else None)
    builder.learner("somebody on the roster")
    assert analysis.completion(builder.build()).loc["test"].to_dict() == {"people": 9, "started": 8, "finished": 6}


def test_the_gain_is_that_of_people_with_both_tests():
    builder = CohortBuilder([test_of(10, "before"), test_of(10, "after")], {})

    def play(person: str, slug: str, right: int) -> None:
        replies = [Reply(f"q{n}", "x", float(n <= right), f"d{n}") for n in range(1, 11)]
        builder.add(person, slug, replies, ending="done")

    for number in range(6):
        play(f"p{number}", "before", 4)
        play(f"p{number}", "after", 7)
    play("alone", "before", 10)
    found = analysis.gain(builder.build(), "before", "after")
    assert found is not None
    assert found.gain.n == 6
    assert found.gain.value == pytest.approx((0.7 - 0.4) / (1 - 0.4))
    assert found.only_before == 1


def test_the_room_is_split_where_people_chose_differently():
    scores = np.zeros((20, 3))
    scores[:10, 0] = 1
    scores[:15, 1] = 1
    table = analysis.splits(cohort_of(scores))
    assert table["scene"].tolist() == ["q1", "q2"], "in the third all agreed"
    assert table.loc[0, "disagreement"] == pytest.approx(100 / 190)
    assert table.loc[1, "shares"] == pytest.approx((0.75, 0.25))


def test_an_interval_of_scores_ends_at_none_and_at_all_of_the_points():
    nearly_all = np.ones((6, 2))
    nearly_all[0] = 0
    high = analysis.score_summary(cohort_of(nearly_all)).loc["test"]
    assert (high["low"] > 0, high["high"]) == (True, 1.0)
    low = analysis.score_summary(cohort_of(1 - nearly_all)).loc["test"]
    assert (low["low"], low["high"] < 1) == (0.0, True)


def test_the_hardest_decision_comes_first():
    scores = np.ones((10, 3))
    scores[:7, 1] = 0
    table = credit.hardest(Findings(cohort_of(scores)).decisions)
    assert table["decision"].tolist()[0] == "d2"
    assert table["credit"].tolist()[0] == pytest.approx(0.3)


def test_choosers_are_judged_by_everything_else():
    # Whoever was right in the first question was wrong in all others, and the other way round.
    scores = np.array([[1, 0, 0, 0]] * 20 + [[0, 1, 1, 1]] * 20, dtype=float)
    one = choices(cohort_of(scores), "test")[0]
    right, wrong = one.chosen
    assert (right.keyed, right.rest) == (True, 0.0)
    assert (wrong.keyed, wrong.rest) == (False, 1.0)
    assert advice.about_option(wrong, one.asked).mark == "look"
    assert advice.about_option(right, one.asked).mark == ""


def test_with_few_people_nothing_is_advised():
    scores = np.array([[1, 0, 0, 0]] * 10 + [[0, 1, 1, 1]] * 10, dtype=float)
    cohort = cohort_of(scores)
    found = analysis.item_analysis(cohort, "test")
    assert {advice.about_item(item).mark for item in found.items} == {"wait"}
    assert advice.about_alpha(found).mark == "wait"
    assert "20 people" in advice.about_alpha(found).text


@pytest.mark.parametrize(
    ("right", "words"),
    [(98, "Nearly everybody"), (20, "Few get this"), (100, "Nearly everybody")],
)
def test_facility_is_told_in_words(right, words):
    random = np.random.default_rng(4)
    ability = random.normal(size=(100, 1))
    scores = (ability + random.normal(size=(100, 5)) > 0).astype(float)
    scores[:, 0] = 0
    scores[np.argsort(-ability[:, 0])[:right], 0] = 1
    found = analysis.item_analysis(cohort_of(scores), "test")
    assert advice.about_item(found.items[0]).text.startswith(words)


def test_groups_can_be_renamed_into_one():
    cohort = cohort_of(np.ones((4, 1)), ["a", "b", "c", "c"]).with_groups({"a": "c"})
    assert cohort.groups() == ["b", "c"]
    assert isinstance(cohort.learners["group"].dtype, pd.CategoricalDtype)


def tests_called(**sorts: str | None):
    return CohortBuilder([replace(test_of(2, slug), test=sort) for slug, sort in sorts.items()], {}).build().tests()


def test_the_two_tests_are_those_that_say_so_whatever_they_are_called():
    assert tests_called(story=None, arrival="after", departure="before") == ("departure", "arrival")


def test_an_older_version_of_a_test_is_neither_of_the_two():
    tests = [replace(test_of(2, slug), test=slug[:6].rstrip("@")) for slug in ("before", "after", "before@1")]
    cohort = CohortBuilder([*tests[:2], replace(tests[2], older=True)], {}).build()
    assert cohort.tests() == ("before", "after")
    assert facts_of_version("before", straight_test("before", 1, test="before").scenario).test == "before"


def test_without_one_of_each_there_is_nothing_to_compare():
    assert tests_called(story=None, arrival="after") is None
    assert tests_called(one="before", two="before", arrival="after") is None


def test_scenes_of_one_title_are_told_apart():
    facts = test_of(3)
    alike = {name: replace(item, title="Noon" if name != "q2" else item.title) for name, item in facts.items.items()}
    assert dict(replace(facts, items=alike).places) == {
        "q1": "Noon (1 of 2)",
        "q2": "Question 2",
        "q3": "Noon (2 of 2)",
        "done": "Done",
    }
