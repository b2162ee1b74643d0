"""Cohorts in which something is missing, equal or odd: a page all the same, and no figure without sense."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from report.straight import PRACTICES, cohort_of, test_of

from onsite.report.cohort import Cohort, CohortBuilder
from onsite.report.explore import figure_of
from onsite.report.facts import Reply
from onsite.report.findings import Findings
from onsite.report.group_tables import by_group_tables
from onsite.report.page import report_page

test_of.__test__ = False

SENSELESS = re.compile(r"\b(?:nan|NaN|inf|None)\b|[-\N{MINUS SIGN}]0(?:\.0+)?(?![\d.])")


def told(page: str) -> str:
    """What a person reads or hears on a page, or in the notebook."""
    labels = re.findall(r'(?:aria-label|alt)="([^"]*)"', page)
    return " ".join([*labels, re.sub(r"<style.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)])


def scores(people: int, items: int = 6) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 2, size=(people, items)).astype(float)


def replies(right: int, items: int = 6) -> list[Reply]:
    """The first `right` questions answered well, the others badly."""
    return [Reply(f"q{n}", "right" if n <= right else "wrong", float(n <= right), f"d{n}") for n in range(1, items + 1)]


def built(fill: Callable[[CohortBuilder], None], *, straight: bool = True) -> Cohort:
    builder = CohortBuilder([replace(test_of(6), straight=straight)], PRACTICES)
    fill(builder)
    return builder.build()


def begun(builder: CohortBuilder, answers: int) -> None:
    for number in range(20):
        builder.add(f"p{number}", "test", replies(3)[:answers])


def twenty_attempts(builder: CohortBuilder) -> None:
    for number in range(12):
        for attempt in range(20):
            right = (number + attempt) % 7
            builder.add(f"p{number}", "test", replies(right), attempt=attempt + 1, counted=not attempt, ending="done")


def texts(builder: CohortBuilder) -> None:
    for number in range(20):
        builder.add(f"p{number}", "test", [Reply("q1", "written", None, "d1")], ending="done")


def pair(before: Callable[[int], int], after: Callable[[int], int], people: int) -> Cohort:
    """People who took both tests; how many were right by the number of the person."""
    tests = [replace(test_of(6, slug), test=slug) for slug in ("before", "after")]
    builder = CohortBuilder(tests, PRACTICES)
    for number in range(people):
        for slug, right in (("before", before), ("after", after)):
            builder.add(f"p{number}", slug, replies(right(number)), ending="done", seconds=60.0)
    return builder.build()


def same_titles() -> Cohort:
    cohort = cohort_of(scores(40), ["A"] * 20 + ["B"] * 20)
    facts = cohort.scenarios["test"]
    decisions = {name: replace(one, title="Same <b>title</b>") for name, one in facts.decisions.items()}
    practices = dict.fromkeys(PRACTICES, "Same")
    return replace(cohort, scenarios={"test": replace(facts, decisions=decisions)}, practices=practices)


def choosers_alike() -> Cohort:
    """All who were wrong in the first question were right in three of the five others."""
    answers = scores(40)
    answers[:12] = [0, 1, 1, 1, 0, 0]
    answers[12:, 0] = 1
    return cohort_of(answers)


ODD = {
    "nobody": lambda: cohort_of(scores(0)),
    "four people": lambda: cohort_of(scores(4)),
    "five people": lambda: cohort_of(scores(5)),
    "the same score for all": lambda: cohort_of(np.ones((12, 6))),
    "nothing right": lambda: cohort_of(np.zeros((40, 6))),
    "one question": lambda: cohort_of(scores(40, 1)),
    "one group": lambda: cohort_of(scores(40), ["A"] * 40),
    "groups of one": lambda: cohort_of(scores(40), [f"g{number}" for number in range(40)]),
    "many groups": lambda: cohort_of(scores(200), [f"g{number % 40}" for number in range(200)]),
    "groups that are called like ours": lambda: cohort_of(
        scores(60), ["everybody"] * 20 + ["other groups"] * 10 + ["x"] * 3 + [""] * 12 + ["no group"] * 15
    ),
    "other scripts": lambda: cohort_of(scores(60), ["東京"] * 20 + ["मुंबई"] * 20 + ["a\nb\x00c\u202e" * 40] * 20),
    "nobody finished": lambda: built(lambda builder: begun(builder, 1)),
    "nobody finished a story with branches": lambda: built(lambda builder: begun(builder, 1), straight=False),
    "nobody answered": lambda: built(lambda builder: begun(builder, 0), straight=False),
    "twenty attempts": lambda: built(twenty_attempts),
    "unread texts only": lambda: built(texts),
    "nothing left to gain": lambda: pair(lambda _: 6, lambda _: 5, 12),
    "hardly anything left to gain": lambda: pair(lambda number: 6 if number else 5, lambda _: 6, 40),
    "the same before and after": lambda: pair(lambda _: 3, lambda _: 3, 12),
    "a hair worse after": lambda: pair(lambda number: 3 if number else 4, lambda _: 3, 5),
    "titles that stand twice": same_titles,
    "the same score elsewhere for all who chose one answer": choosers_alike,
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_cohort_gets_a_page_and_a_notebook_without_senseless_figures(name):
    cohort = ODD[name]()
    findings = Findings(cohort)
    tables = by_group_tables(findings)
    everything = [*tables.tables, *tables.paths]
    shown = [
        report_page(findings),
        *(figure_of(one, group) for one in everything for group in tables.groups[:3]),
    ]
    for page in shown:
        assert [match[0] for match in SENSELESS.finditer(told(page))] == []
        assert not re.search(r'="[^"]*\b(?:nan|inf)\b', page), "a figure drawn nowhere"


def test_senseless_figures_would_be_found():
    assert SENSELESS.search("alpha is nan, ")
    assert SENSELESS.search("\N{MINUS SIGN}0.00 to 0.20")
    assert SENSELESS.search("-0%")
    assert not SENSELESS.search("\N{MINUS SIGN}0.05 to 0.20, q-01, 2026-11-22")


def test_where_all_scored_alike_it_says_that_there_is_no_reliability():
    assert "all with the same score" in report_page(Findings(ODD["the same score for all"]()))


def test_where_nothing_was_left_to_gain_it_says_so():
    assert "nothing left to gain" in report_page(Findings(ODD["nothing left to gain"]()))
    assert "too little was left to gain" in report_page(Findings(ODD["hardly anything left to gain"]()))


def test_a_groups_name_never_stands_for_all_or_for_nobodys():
    page = report_page(Findings(ODD["groups that are called like ours"]()))
    assert "everybody (group)" in page
    assert "no group (group)" in page
    groups = by_group_tables(Findings(ODD["groups that are called like ours"]())).groups
    assert len(set(groups)) == len(groups)


def test_of_many_groups_the_figure_shows_the_largest_and_says_so():
    page = report_page(Findings(ODD["many groups"]()))
    assert "The largest 8 of 40 groups" in page
    assert "The largest" not in report_page(Findings(cohort_of(scores(40), ["A"] * 20 + ["B"] * 20)))


def test_where_people_stopped_shows_though_nobody_finished():
    page = report_page(Findings(ODD["nobody finished a story with branches"]()))
    assert "Of 20 people who began, 0 came to an ending." in page
    assert "handed in before the end" in page


def test_a_scenario_hardly_played_is_named_and_no_more():
    builder = CohortBuilder([test_of(6), test_of(6, "rare")], PRACTICES)
    for number in range(20):
        builder.add(f"p{number}", "test", replies(number % 7), ending="done")
    for number in range(3):
        builder.add(f"p{number}", "rare", replies(6), ending="done")
    page = report_page(Findings(builder.build()))
    assert "Fewer than 5 people began these, so nothing is shown about them: Rare." in page
    assert 'id="scenario-rare"' not in page
