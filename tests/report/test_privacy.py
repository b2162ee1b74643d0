"""Groups and cells of fewer than five people are not shown alone, nor can they be worked out."""

import itertools
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from report.straight import cohort_of, test_of

from onsite.report import analysis, credit, per_group
from onsite.report.choices import choices, choices_by_group
from onsite.report.cohort import Cohort, CohortBuilder
from onsite.report.facts import Reply, code_of
from onsite.report.findings import Findings
from onsite.report.group_tables import by_group_tables
from onsite.report.inference import told_by_group
from onsite.report.page import report_page
from onsite.report.privacy import OTHERS, Told, hidden, leaves_few, masked, pooled_names, protect, told

test_of.__test__ = False


def test_small_groups_are_pooled():
    names = pooled_names({"A": (20, 20), "B": (3, 3), "C": (4, 4), "D": (5, 5)})
    assert names == {"A": "A", "B": OTHERS, "C": OTHERS, "D": "D"}


def test_a_pool_that_is_too_small_takes_the_next_smallest_group():
    # Everybody minus A minus D would be B.
    assert pooled_names({"A": (20, 20), "B": (3, 3), "D": (6, 6)}) == {"A": "A", "B": OTHERS, "D": OTHERS}


def test_a_large_group_of_which_few_played_is_small():
    assert pooled_names({"A": (20, 20), "B": (30, 2), "C": (9, 9)})["B"] == OTHERS
    assert pooled_names({"A": (20, 20), "B": (30, 0)}) == {"A": "A", "B": "B"}, "that nobody played can be said"


def test_without_small_groups_all_keep_their_names():
    assert pooled_names({"A": (5, 5), "B": (7, 7)}) == {"A": "A", "B": "B"}


@pytest.mark.parametrize(
    ("counts", "out"),
    [
        ([10, 10, 10], []),
        ([10, 4, 10], [0, 1]),  # else the total minus the two others would tell
        ([10, 4, 7], [1, 2]),
        ([10, 4, 3], [1, 2]),  # seven together
        ([10, 0, 10], []),
        ([3, 0, 0], [0]),
        ([12, 1, 1, 6], [1, 2, 3]),
    ],
)
def test_what_is_hidden_is_never_about_fewer_than_five(counts, out):
    assert np.flatnonzero(hidden(np.array([counts]))[0]).tolist() == out


def test_no_table_lets_a_small_cell_be_subtracted():
    random = np.random.default_rng(3)
    for _ in range(2000):
        counts = random.integers(0, 12, size=random.integers(2, 7))
        mask = hidden(counts[None, :])[0]
        assert not ((counts > 0) & (counts < 5) & ~mask).any()
        left = counts[mask].sum()
        assert left == 0 or left >= 5 or (counts[~mask] == 0).all(), counts


def given_away(parts: int, total: int) -> tuple[int, int]:
    """Of all ways to spread `total` people over so many parts: how often a small part can be worked out, and how often
    there is one, for somebody who knows the total and how the numbers are made."""
    ways: dict[Told, list[tuple[int, ...]]] = {}
    for some in itertools.product(range(total + 1), repeat=parts - 1):
        if sum(some) <= total:
            counts = (*some, total - sum(some))
            ways.setdefault(told(counts, total), []).append(counts)
    small = [
        len({counts[part] for counts in together}) == 1
        for together in ways.values()
        for part in range(parts)
        for counts in together
        if 0 < counts[part] < 5
    ]
    return sum(small), len(small)


@pytest.mark.parametrize("total", range(6, 60))
def test_who_knows_the_total_cannot_tell_how_many_the_few_were(total):
    assert given_away(2, total)[0] == 0


def test_nor_among_three_answers_but_for_rare_corners():
    # Such as 4, 4 and 4 of twelve.
    for total in (10, 17, 25, 40):
        found, of = given_away(3, total)
        assert found <= 0.02 * of


def test_without_few_people_numbers_are_exact():
    assert told([30, 0, 12], 42) == Told((30, 0, 12))


def test_means_are_kept_back_only_where_they_tell_of_a_few():
    assert leaves_few(7, 10)
    assert not leaves_few(10, 10)
    assert not leaves_few(5, 10)
    assert not leaves_few(97, 100)


def test_masked_values_are_gone():
    table = masked(pd.DataFrame([[0.1, 0.2, 0.3]]), pd.DataFrame([[9, 2, 4]]))
    assert np.isnan(table.to_numpy()[0]).tolist() == [False, True, True]


def groups(*sizes: tuple[str, int]) -> list[str]:
    return [name for name, size in sizes for _ in range(size)]


def test_a_small_group_appears_nowhere_on_the_page_or_in_the_notebooks_data():
    random = np.random.default_rng(1)
    names = groups(("Lisbon", 30), ("Secretariat", 3), ("Kiosk", 2), ("Pune", 30))
    cohort = cohort_of(random.integers(0, 2, size=(len(names), 6)).astype(float), names)
    page = report_page(Findings(cohort))
    assert "Lisbon" in page
    assert OTHERS in page
    assert "Secretariat" not in page
    assert "Kiosk" not in page
    data = by_group_tables(Findings(cohort)).to_json()
    assert set(json.loads(data)["groups"]) == {"everybody", "Lisbon", "Pune", OTHERS}


def test_one_small_group_cannot_be_had_by_subtracting_the_others():
    names = groups(("Lisbon", 30), ("Secretariat", 3), ("Pune", 20))
    cohort = protect(cohort_of(np.ones((len(names), 3)), names))
    assert cohort.groups() == ["Lisbon", OTHERS]
    assert (cohort.learners["group"] == OTHERS).sum() == 23


def test_cells_of_groups_that_hardly_met_a_decision_are_empty():
    # Pune has ten people, of whom two met the second question.
    names = groups(("Lisbon", 20), ("Oslo", 20), ("Pune", 10))
    scores = np.ones((50, 2))
    met = np.ones((50, 2), dtype=bool)
    met[32:, 1] = False
    cohort = cohort_of(scores, names, met=met)
    found = credit.decisions_by_group(cohort, "test")
    assert found.people.to_dict() == {"d1": 50, "d2": 32}
    assert not found.groups.loc["d1"].isna().any()
    met[40:42, 1] = True
    found = credit.decisions_by_group(cohort_of(scores, names, met=met), "test")
    assert found.groups.loc["d2"].isna().to_dict() == {"Lisbon": False, "Oslo": True, "Pune": True}


def test_of_what_is_hidden_beside_a_few_nobody_says_that_it_is_under_five():
    scores = np.ones((9, 1))
    scores[:3] = 0
    page = report_page(Findings(cohort_of(scores)))
    assert page.count(">not told<") == 2, "six were right and three wrong"
    assert "under 5<" not in page


def test_the_mean_score_of_a_few_choosers_is_not_shown():
    random = np.random.default_rng(2)
    scores = random.integers(0, 2, size=(40, 5)).astype(float)
    scores[:, 0] = 1
    scores[:3, 0] = 0
    one = next(one for one in choices(cohort_of(scores), "test") if one.scene == "q1")
    right, wrong = one.chosen
    assert (right.n, right.about) == (37, True), "35 to 39, so 1 to 4 of 40 were wrong"
    assert wrong.n is None
    assert np.isnan(wrong.rest)
    assert wrong.than_keyed is None


def test_of_a_small_room_no_mean_is_shown_from_which_that_of_a_few_follows():
    scores = np.random.default_rng(2).integers(0, 2, size=(20, 5)).astype(float)
    scores[:, 0] = 1
    scores[:3, 0] = 0
    one = next(one for one in choices(cohort_of(scores), "test") if one.scene == "q1")
    assert all(np.isnan(chosen.rest) for chosen in one.chosen)


def test_under_five_people_there_is_no_figure_at_all():
    page = report_page(Findings(cohort_of(np.ones((4, 3)))))
    assert "fewer than 5" in page
    assert "<svg" not in page
    assert not re.search(r"\d%", page.split("</style>")[1])
    assert json.loads(by_group_tables(Findings(cohort_of(np.ones((4, 3))))).to_json())["tables"] == []


def test_no_band_of_scores_holds_a_few_people():
    scores = np.array([0.05] + [0.35] * 3 + [0.55] * 30 + [0.65] * 20 + [0.95] * 4)
    bands = analysis.score_bands(scores)
    assert sum(n for _, _, n in bands) == len(scores)
    assert all(n == 0 or n >= 5 for _, _, n in bands)
    assert bands[0][0] == 0
    assert bands[-1][1] == 1
    assert all(before[1] == after[0] for before, after in itertools.pairwise(bands))
    assert analysis.score_bands(np.full(6, 1.0))[-1] == (0.9, 1.0, 6)


def test_scores_on_an_edge_lie_in_the_same_band_on_the_page_and_by_group():
    scores = np.zeros((60, 10))
    for row in range(60):
        scores[row, : 5 if row < 28 else 7] = 1
    scores[:3, :6] = 1
    cohort = cohort_of(scores, ["A"] * 30 + ["B"] * 30)
    page = analysis.score_bands(analysis.person_scores(cohort).to_numpy())
    below = sum(n for _, high, n in page if high <= 0.6)
    assert below == per_group.spread(cohort).people["40% to under 60%"] == 25, "else the two less each other are three"


def test_ways_of_a_few_are_not_told_by_the_other_ways():
    met = np.ones((40, 2), dtype=bool)
    met[37:, 1] = False
    cohort = cohort_of(np.ones((40, 2)), met=met)
    assert analysis.flow(cohort, "test")["n"].tolist() == [37, 37, 3]
    found = analysis.ways(cohort, "test")
    assert found.rounded
    assert found.table["n"].tolist() == [37, 37, 0], "the middle of 35 to 39"
    met[36, 1] = False
    assert analysis.ways(cohort_of(np.ones((40, 2)), met=met), "test").table["n"].tolist() == [37, 37, 0]


def test_a_way_that_several_options_lead_to_does_not_tell_who_chose_the_rare_one():
    # Of 25 people 14 go on to the second question; 10 and 1 end here, by two options.
    builder = CohortBuilder([replace(test_of(2), straight=False)], {})
    for number in range(25):
        option = "right" if number < 14 else "wrong" if number < 24 else "rare"
        replies = [Reply("q1", option, 1.0, "d1"), *([Reply("q2", "right", 1.0, "d2")] if number < 14 else [])]
        builder.add(f"p{number}", "test", replies, ending="done")
    cohort = builder.build()
    assert told([14, 10, 1], 25).parts == (12, 12, None)
    assert analysis.ways(cohort, "test").table["n"].tolist() == [12, 12, 12], "11 less 10 to 14 would be one"


def test_of_fewer_than_ten_people_no_way_is_told_where_one_is_of_few():
    met = np.ones((8, 2), dtype=bool)
    assert len(analysis.ways(cohort_of(np.ones((8, 2)), met=met), "test").table)
    met[7, 1] = False
    assert analysis.ways(cohort_of(np.ones((8, 2)), met=met), "test").table.empty


def test_a_few_who_chose_otherwise_do_not_show_beside_a_split():
    scores = np.ones((40, 2))
    scores[:18, 0] = 0
    found = analysis.splits(cohort_of(scores))
    assert found["shares"].tolist() == [pytest.approx((22 / 40, 18 / 40))]
    scores[:, 1] = 1
    scores[:3, 1] = 0
    assert analysis.splits(cohort_of(scores))["scene"].tolist() == ["q1"], "three of forty are no split"


def play_twice(people: int, again: int):
    builder = CohortBuilder([test_of(4)], {})
    for number in range(people):
        for attempt in range(2 if number < again else 1):
            replies = [Reply(f"q{n}", "x", float(n <= number % 4), f"d{n}") for n in range(1, 5)]
            builder.add(f"p{number}", "test", replies, attempt=attempt + 1, counted=attempt == 0, ending="done")
    return builder.build()


def play_both(before: int, after: int):
    """People who took the test before, of whom so many took the one after."""
    tests = [replace(test_of(4, slug), test=slug) for slug in ("before", "after")]
    builder = CohortBuilder(tests, {})
    for slug, people in (("before", before), ("after", after)):
        for number in range(people):
            replies = [Reply(f"q{n}", "x", float(n <= number % 4), f"d{n}") for n in range(1, 5)]
            builder.add(f"p{number}", slug, replies, ending="done")
    return builder.build()


@pytest.mark.parametrize(("before", "after", "shown"), [(12, 9, False), (12, 12, True), (12, 7, True), (40, 37, True)])
def test_who_took_one_test_only_is_not_told_by_the_means_of_both(before, after, shown):
    page = report_page(Findings(play_both(before, after)))
    assert ("The two means are not shown" in page) is not shown
    assert ("Hollow: before" in page) is shown


def test_how_many_had_no_believable_time_is_not_told_by_the_others():
    builder = CohortBuilder([test_of(1)], {})
    for number in range(20):
        seconds = None if number < 3 else 600.0
        builder.add(f"p{number}", "test", [Reply("q1", "right", 1.0, "d1")], ending="done", seconds=seconds)
    page = report_page(Findings(builder.build()))
    row = re.search(r"<caption>Minutes</caption>.*?<tbody>(.*?)</tbody>", page, re.DOTALL)
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", row[1])
    assert cells[-2:] == ["about 17", "under 5"]


@pytest.mark.parametrize(("people", "again", "shown"), [(12, 9, 0), (12, 12, 1), (12, 7, 1), (40, 37, 1)])
def test_who_played_only_once_is_not_told_by_those_who_played_again(people, again, shown):
    assert len(analysis.attempts(play_twice(people, again))) == shown


def test_what_few_of_a_group_chose_is_not_everybodys_choices_less_those_of_the_others():
    divided, few, alike = [10, 10], [8, 2], [20, 20]
    assert told_by_group(np.array([divided, [12, 7], alike])) == [Told((10, 10)), Told((12, 7)), Told((20, 20))]
    found = told_by_group(np.array([divided, few, alike]))
    assert found[0] is None, "18 and 12 less 10 and 10 would be 8 and 2"
    assert found[2] == Told((20, 20))


def test_no_groups_choices_follow_from_those_of_the_others():
    random = np.random.default_rng(5)
    left_out = 0
    for _ in range(2000):
        counts = random.integers(0, 14, size=(random.integers(2, 6), 3))
        found = told_by_group(counts)
        exact = [at for at, one in enumerate(found) if one and not one.rounded and None not in one.parts]
        assert not ((counts[exact] > 0) & (counts[exact] < 5)).any()
        if (whole := told(counts.sum(axis=0).tolist(), int(counts.sum()))).rounded or None in whole.parts:
            continue
        rest = counts.sum(axis=0) - counts[exact].sum(axis=0)
        assert not ((rest > 0) & (rest < 5)).any()
        left_out += len(exact) < len(counts)
    assert left_out > 100


@pytest.mark.parametrize(
    "counts",
    [
        [[9, 4], [15, 4], [7, 8]],  # of everybody's 16 less 8, two groups have up to four each
        [[24, 1], [24, 1], [24, 1], [24, 1], [24, 1], [10, 10]],  # of 15 less 10, five groups have one at least
        [[33, 17, 3], [18, 8, 0], [24, 4, 4]],  # 4 and 3, since seven are left of all who chose the last
    ],
)
def test_what_few_of_two_groups_chose_is_not_all_that_is_left_of_everybodys(counts):
    numbers = np.array(counts)
    found = told_by_group(numbers)
    small = [at for at, row in enumerate(counts) if any(0 < n < 5 for n in row)]
    assert any(found[at] is None for at in small)
    assert any(found)


def left_out_of_gain(*sizes: tuple[int, int]):
    """Of which groups, where so many took the test before and so many of them the one after, nothing is told."""
    tests = [replace(test_of(4, slug), test=slug) for slug in ("before", "after")]
    builder = CohortBuilder(tests, {})
    for at, took in enumerate(sizes):
        for number in range(took[0]):
            builder.learner(f"g{at}-{number}", "ABC"[at])
            for slug, people in zip(("before", "after"), took, strict=True):
                replies = [Reply(f"q{n}", "x", float(n <= number % 4), f"d{n}") for n in range(1, 5)]
                if number < people:
                    builder.add(f"g{at}-{number}", slug, replies, ending="done")
    cohort = builder.build()
    found = per_group.gain(cohort, "before", "after", analysis.gain(cohort, "before", "after"))
    return found.groups.loc["after"].isna().to_dict()


def test_who_in_a_group_took_one_test_only_is_not_told_by_its_means():
    assert left_out_of_gain((20, 20), (12, 12), (30, 30)) == {"A": False, "B": False, "C": False}
    assert left_out_of_gain((20, 10), (12, 12), (30, 30)) == {"A": False, "B": False, "C": False}
    assert left_out_of_gain((20, 18), (12, 12), (30, 30)) == {"A": True, "B": True, "C": False}, (
        "everybody's less those of B and C would be A's"
    )


def test_a_group_of_which_few_were_sure_is_not_told_by_the_others():
    builder = CohortBuilder([test_of(1)], {})
    for group, sure in (("A", 10), ("B", 3), ("C", 20)):
        for number in range(20):
            builder.learner(f"{group}{number}", group)
            level = "high" if number < sure else "low"
            builder.add(f"{group}{number}", "test", [Reply("q1", "right", 1.0, "d1", level)], ending="done")
    found = per_group.calibration(builder.build()).groups.isna()
    assert found.loc["high"].to_dict() == {"A": True, "B": True, "C": False}
    assert found.loc["low"].to_dict() == {"A": False, "B": False, "C": True}, "nobody of C was of little assurance"


def play_ways(ways: dict[str, list[int]]):
    """By group, how many people went each of three ways: to an end from the first scene, the second, or the third."""
    builder = CohortBuilder([replace(test_of(3), straight=False)], {})
    for group, counts in ways.items():
        for length, people in enumerate(counts, 1):
            for number in range(people):
                builder.learner(f"{group}{length}-{number}", group)
                replies = [Reply(f"q{n}", "right", 1.0, f"d{n}") for n in range(1, length + 1)]
                builder.add(f"{group}{length}-{number}", "test", replies, ending="done")
    return builder.build()


def ways_by_group(cohort: Cohort) -> dict[str, analysis.Ways]:
    return per_group.ways(cohort, "test", analysis.ways(cohort, "test"))


def test_ways_of_a_few_in_a_group_are_not_told_by_those_of_the_others():
    shown = ways_by_group(play_ways({"A": [10, 0, 10], "B": [12, 0, 7], "C": [20, 0, 20]}))
    assert {group: ways.rounded for group, ways in shown.items()} == {"A": False, "B": False, "C": False}
    shown = ways_by_group(play_ways({"A": [10, 0, 10], "B": [8, 0, 2], "C": [20, 0, 20]}))
    assert {group: ways.rounded for group, ways in shown.items()} == {"B": True, "C": False}, (
        "everybody's ways less those of A and C would be those of B"
    )
    assert ways_by_group(play_ways({"A": [10, 0, 10], "B": [2, 0, 2], "C": [20, 0, 20]})).keys() == {"C"}


def test_ways_of_a_few_in_two_groups_are_not_told_by_what_is_left_of_everybodys():
    ways = {"A": [4, 10, 10], "B": [4, 12, 10], "C": [10, 10, 10]}
    assert ways_by_group(play_ways(ways)).keys() == {"B", "C"}, "of 18 less 10, A and B have up to four each"
    ways = {"A": [2, 10, 10], "B": [4, 12, 10], "C": [10, 10, 10]}
    assert ways_by_group(play_ways(ways)).keys() == {"A", "B", "C"}


def test_no_groups_ways_follow_from_those_of_the_others():
    random = np.random.default_rng(7)
    held_back = 0
    for _ in range(120):
        groups = {name: random.integers(0, 12, size=3).tolist() for name in "ABCD"[: random.integers(2, 5)]}
        cohort = play_ways(groups)
        whole = analysis.flow(cohort, "test").set_index(["source", "target"])["n"]
        rest = whole.copy()
        for ways in ways_by_group(cohort).values():
            numbers = ways.table.set_index(["source", "target"])["n"]
            assert not ((numbers > 0) & (numbers < 5)).any()
            if not ways.rounded:
                rest = rest.sub(numbers, fill_value=0)
        if not analysis.ways(cohort, "test").rounded and not (whole < 5).any():
            assert not ((rest > 0) & (rest < 5)).any()
            held_back += rest.any()
    assert held_back > 5


def test_what_few_of_a_group_chose_is_told_of_no_group_from_which_it_follows():
    scores = np.ones((80, 1))
    scores[:10] = scores[20:28] = scores[40:60] = 0
    names = ["A"] * 20 + ["B"] * 10 + ["A"] * 10 + ["C"] * 40
    few = choices_by_group(cohort_of(scores, names), "test")["q1"]
    assert few["C"].tolist() == [0.5, 0.5]
    assert few["B"].isna().any(), "two of ten"
    assert few["A"].isna().all()


def answered(kind: str, answers: list[list[str]], names: list[str]):
    """People who selected or ranked options, each as in `answers`."""
    facts = test_of(1)
    item = replace(facts.items["q1"], kind=kind, options={}, parts={name: name for name in "abcde"})
    builder = CohortBuilder([replace(facts, items={"q1": item})], {})
    for number, (answer, group) in enumerate(zip(answers, names, strict=True)):
        builder.learner(f"p{number}", group)
        builder.add(f"p{number}", "test", [Reply("q1", code_of(kind, answer), 1.0, "d1")], ending="done")
    return builder.build()


def test_what_few_selected_is_not_what_all_chose_less_the_other_options():
    some = [["a", "b"]] * 12 + [["a", "c"]] * 8 + [["b", "c"]] * 7 + [["a", "d"]] * 3
    cohort = answered("select", some + [["a", "b"]] * 10 + [["c", "d"]] * 10, ["A"] * 30 + ["B"] * 20)
    found = choices_by_group(cohort, "test")["q1"]
    assert found["A"].tolist()[:3] == [22 / 30, 17 / 30, 17 / 30]
    assert found["B"].isna().all(), "everybody's 33, 29, 25 and 13 less four times 10 would be those of A"
    (one,) = choices(answered("select", some, ["A"] * 30), "test")
    assert [(chosen.said, chosen.part, chosen.n, chosen.about) for chosen in one.chosen] == [
        ("chosen", "a", 22, True),
        ("chosen", "b", 17, True),
        ("chosen", "c", 17, True),
        ("chosen", "d", None, True),
    ], "23, 19 and 15 would leave 3 of twice 30"


def test_a_rank_that_few_gave_is_not_what_the_other_options_leave():
    orders = [["a", "b", "c"]] * 12 + [["b", "a", "c"]] * 7 + [["b", "c", "a"]] * 7 + [["c", "a", "b"]] * 4
    (one,) = choices(answered("ranking", orders, ["A"] * 30), "test")
    assert all(chosen.about for chosen in one.chosen if chosen.n), "12 and 14 in the first place would leave 4"
    assert sum(chosen.n is None for chosen in one.chosen) == 2


def test_a_groups_scores_are_spread_over_bands_that_add_up_to_those_of_the_page():
    scores = np.zeros((60, 10))
    for row in range(60):
        scores[row, : 2 + row % 8] = 1
    cohort = cohort_of(scores, ["A"] * 30 + ["B"] * 30)
    found = per_group.spread(cohort)
    fine = {low for low, _, _ in analysis.score_bands(analysis.person_scores(cohort).to_numpy())}
    assert fine >= {0.4, 0.6, 0.8}
    assert list(found.overall.index) == ["under 40%", "40% to under 60%", "60% to under 80%", "80% and more"]
    assert found.people.sum() == 60
    assert per_group.spread(cohort_of(scores[:8], ["A"] * 8)).overall.index.tolist() == ["any score"]
    few = per_group.spread(cohort_of(scores[:20], ["A"] * 16 + ["B"] * 4)).groups
    assert few["B"].isna().all()


def test_a_group_of_which_few_played_again_is_not_told_by_the_others():
    builder = CohortBuilder([test_of(4)], {})
    for group, people, again in (("A", 20, 18), ("B", 12, 12), ("C", 30, 30)):
        for number in range(people):
            builder.learner(f"{group}{number}", group)
            for attempt in range(2 if number < again else 1):
                replies = [Reply(f"q{n}", "x", float(n <= (number + attempt) % 4), f"d{n}") for n in range(1, 5)]
                builder.add(
                    f"{group}{number}", "test", replies, attempt=attempt + 1, counted=not attempt, ending="done"
                )
    found = per_group.attempts(builder.build())
    assert list(found.overall.index) == ["test/first", "test/last"]
    assert found.groups.loc["test/first"].isna().to_dict() == {"A": True, "B": True, "C": False}
    assert found.groups["C"].tolist() == pytest.approx([43 / 120, 45 / 120])
