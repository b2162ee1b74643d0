"""The page as a manager meets it: it answers first, says what to do, needs nothing else, can be heard."""

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from report.conftest import Made
from report.straight import PRACTICES, cohort_of, test_of

from onsite.report.cohort import CohortBuilder
from onsite.report.facts import OptionFacts, Reply
from onsite.report.findings import Findings
from onsite.report.page import report_page

test_of.__test__ = False


@pytest.fixture(scope="module")
def page(made: Made) -> str:
    return report_page(Findings(made.cohort), made_on="22 November 2026", left_out=["Files that could not be read: 3."])


def test_it_needs_nothing_else(page):
    assert "<script" not in page
    addresses = re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?([^\"')>\s]+)", page)
    assert [a for a in addresses if not a.startswith(("#", "f"))] == []
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"|http-equiv', "", page)


def test_the_first_screen_is_a_few_sentences_and_what_to_do(page):
    first = page.split('class="first"')[1].split("<nav")[0]
    told, steps = first.split('id="next"')
    assert told.count("<p>") == 5
    assert "gained" in told
    assert 2 <= steps.count("<li>") <= 5
    assert "earned" in told
    assert "weakest in" in told


def in_short(page: str) -> str:
    """The sentences under "In short"."""
    return page.split('id="in-short"')[1].split("</section>", maxsplit=1)[0]


def test_practices_that_came_out_alike_are_not_called_weak_and_strong():
    scores = np.zeros((40, 6))
    scores[:20] = 1
    told = in_short(report_page(Findings(cohort_of(scores))))
    assert "All practices came out alike, at 50% of the credit." in told
    assert "weakest" not in told
    scores[20, 0] = 1
    told = in_short(report_page(Findings(cohort_of(scores))))
    assert "came out alike" not in told
    assert "strongest in" in told


def split_into(*options: int) -> str:
    """The step about the split of a room of which so many people chose each option."""
    (item,) = test_of(1).items.values()
    item = replace(item, options={f"o{n}": OptionFacts(f"Option {n}.", 0.0) for n in range(len(options))})
    builder = CohortBuilder([replace(test_of(1), items={"q1": item})], PRACTICES)
    chosen = [f"o{n}" for n, people in enumerate(options) for _ in range(people)]
    for number, option in enumerate(chosen):
        builder.add(f"p{number}", "test", [Reply("q1", option, 0.0, "d1")], ending="done")
    (step,) = next_steps(report_page(Findings(builder.build())))
    return step


def test_a_room_is_divided_in_two_or_in_many():
    assert split_into(12, 8, 5).endswith("divided: 48% chose one way and 32% another.")
    assert split_into(7, 7, 6, 5).endswith("divided: no answer got more than 28%.")


def test_people_who_cannot_be_told_apart_by_their_scores_get_no_figure_of_them():
    few, many = (
        report_page(Findings(cohort_of(np.array(rows))))
        for rows in ([[1, 0]] * 4 + [[1, 1]] * 8, [[1, 0], [1, 1]] * 20)
    )
    assert "People by mean score" not in few
    assert "Scores by scenario" in few
    assert "People by mean score" in many


def next_steps(page: str) -> list[str]:
    """The steps as they stand under "What to do next"; what stands there instead where there is none."""
    box = page.split('id="next"')[1].split("</section>", maxsplit=1)[0]
    return re.findall(r"<(?:li|p)>(.*?)</(?:li|p)>", box)


def test_a_session_is_opened_with_a_split_whether_or_not_it_has_another_subject():
    scores = np.zeros((12, 6))
    scores[:6] = 1
    (step,) = next_steps(report_page(Findings(cohort_of(scores))))
    assert step.startswith("Open the next session with \u2018Decision 1\u2019")
    scores[6, 0] = 1
    subject, step = next_steps(report_page(Findings(cohort_of(scores))))
    assert subject.startswith("Make \u2018Keep them informed\u2019 the subject of the next session"), (
        "not the strongest"
    )
    assert step.startswith("Open it with \u2018Decision 2\u2019")


def test_where_the_room_agrees_about_the_subject_another_decision_opens_the_session():
    scores = np.zeros((20, 6))
    scores[:10, ::2] = 1
    subject, step = next_steps(report_page(Findings(cohort_of(scores))))
    assert subject.startswith("Make \u2018Keep them informed\u2019")
    assert step.startswith("Open the next session with \u2018Decision 1\u2019"), "which does not speak for the subject"


def test_a_room_of_which_nine_in_ten_agree_is_not_called_divided():
    scores = np.zeros((60, 2))
    scores[:6] = 1
    assert next_steps(report_page(Findings(cohort_of(scores)))) == ["These figures ask for nothing yet."]
    scores[:12] = 1
    assert len(next_steps(report_page(Findings(cohort_of(scores))))) == 1


def test_of_fewer_than_ten_people_no_session_gets_its_subject():
    scores = np.zeros((9, 6))
    scores[:5] = 1
    assert next_steps(report_page(Findings(cohort_of(scores)))) == ["These figures ask for nothing yet."]
    assert len(next_steps(report_page(Findings(cohort_of(np.vstack([scores, [0, 1, 0, 1, 0, 1]])))))) == 2


def test_a_practice_is_called_weak_or_strong_from_three_decisions_on():
    scores = np.zeros((40, 6))
    scores[:20, 1::2] = 1
    assert "weakest in \u2018Communicate\u2019" in in_short(report_page(Findings(cohort_of(scores))))
    page = report_page(Findings(cohort_of(scores[:, :5])))
    assert "weakest in" not in in_short(page), "of P06 there are two"
    assert "the subject of" not in page
    assert "Compared are practices that 3 decisions or more speak for" in page


def practice_rows(page: str) -> list[list[str]]:
    """The table of practices, cell by cell."""
    body = page.split("<caption>Mean credit by practice")[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in body.split("</tr>")[:-1]]


def test_practices_that_the_same_decisions_speak_for_stand_in_one_row():
    facts = test_of(6)
    both = {name: replace(item, practices=("P01", "P06")) for name, item in facts.items.items()}
    apart = cohort_of(np.ones((40, 6)))
    together = replace(apart, scenarios={"test": replace(facts, items=both)})
    assert [row[:3] for row in practice_rows(report_page(Findings(together)))] == [
        ["Communicate (P01) and Keep them informed (P06): measured by the same decisions", "6", "1"]
    ]
    assert sorted(row[:3] for row in practice_rows(report_page(Findings(apart)))) == [
        ["Communicate (P01)", "3", "1"],
        ["Keep them informed (P06)", "3", "1"],
    ]


def around_the_course(before: int, after: int) -> str:
    """The page where so many people answered all wrong before the course, and so many all right after it."""
    tests = [replace(test_of(6, slug), test=slug) for slug in ("before", "after")]
    builder = CohortBuilder(tests, PRACTICES)
    for slug, people, credit in (("before", before, 0.0), ("after", after, 1.0)):
        for number in range(people):
            replies = [Reply(f"q{n}", "right" if credit else "wrong", credit, f"d{n}") for n in range(1, 7)]
            builder.add(f"p{number}", slug, replies, ending="done")
    return report_page(Findings(builder.build()))


def test_what_they_can_do_is_not_taken_from_the_test_before_the_course():
    page = around_the_course(20, 20)
    assert "All practices came out alike, at 100% of the credit." in page
    assert {row[4] for row in practice_rows(page)} == {"100%"}
    assert "The test before the course is left out" in page
    page = around_the_course(20, 0)
    assert "All practices came out alike, at 0% of the credit." in page
    assert "This is from the test before the course" in page


def test_what_nobody_has_begun_is_named_once_and_counts_in_nothing():
    builder = CohortBuilder([test_of(2), test_of(2, "other"), test_of(2, "rest")], PRACTICES)
    for number in range(20):
        for slug in ("test", "other")[: 1 + number % 2]:
            builder.add(f"p{number}", slug, [Reply(f"q{n}", "right", 1.0, f"d{n}") for n in (1, 2)], ending="done")
    page = report_page(Findings(builder.build()))
    assert "Nobody has begun: Rest." in page
    assert page.count("Rest") == 1
    assert "2 scenarios have been begun; on average a person has finished 1.5 of them." in page
    assert "Nobody has begun" not in report_page(Findings(cohort_of(np.ones((20, 2)))))


def test_texts_that_wait_are_counted_and_are_to_be_read_first():
    def with_texts(unread: int) -> str:
        builder = CohortBuilder([test_of(2), test_of(2, "other")], PRACTICES)
        for number in range(20):
            for slug in ("test", "other"):
                text = Reply("q2", "written", None if number < unread else 0.5, "d2")
                builder.add(f"p{number}", slug, [Reply("q1", "right", 1.0, "d1"), text], ending="done")
        return report_page(Findings(builder.build()))

    page = with_texts(7)
    assert "14 written answers of 7 people wait to be read." in in_short(page)
    assert "counts them as 0" in in_short(page)
    assert next_steps(page)[0].startswith("Read these first: 14 written answers of 7 people wait")
    assert "14 written answers of 7 people wait. Until then a score here" in page
    assert "wait" not in in_short(with_texts(0))
    assert not any(step.startswith("Read these first") for step in next_steps(with_texts(0)))


def test_people_on_the_roster_are_told_from_people_who_handed_in():
    cohort = cohort_of(np.ones((20, 2)))
    assert ">20 people</p>" in report_page(Findings(cohort))
    assert "20 of 20 people (100%) have finished" in report_page(Findings(cohort))
    more = replace(cohort, learners=pd.DataFrame({"group": pd.Categorical([""] * 25)}))
    assert ">25 people on the roster, of whom 20 handed something in</p>" in report_page(Findings(more))
    assert "20 of 25 people on the roster (80%) have finished" in report_page(Findings(more))


def test_where_there_is_nothing_to_do_there_is_no_list():
    page = report_page(Findings(cohort_of(np.ones((40, 2)))))
    assert next_steps(page) == ["These figures ask for nothing yet."]
    assert "<ol>" not in page


def test_every_figure_has_a_label_and_its_numbers_in_a_table(page):
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(figures) >= 9
    for figure in figures:
        label = re.search(r'<svg [^>]*role="img" aria-label="([^"]{20,})"', figure)
        assert label
        assert re.search(r"\d+%|\d+ minutes|Most went on|rose in", label[1]), "what there is to see, not only of what"
        table = figure.split('<details class="numbers">')[1]
        assert "<caption>" in table
        assert table.count("<tr") >= 2


def test_ids_are_unique(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


class Headings(HTMLParser):
    """Collects the levels of headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        del attrs
        if re.fullmatch(r"h\d", tag):
            self.levels.append(int(tag[1]))


def test_headings_leave_no_level_out(page):
    levels = Headings(page).levels
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_headings_are_questions_that_a_manager_asks(page):
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
    assert sum(heading.endswith("?") for heading in headings) >= 8
    assert not any(word in " ".join(headings).lower() for word in ("facility", "alpha", "correlation", "distractor"))


def test_it_says_what_it_rests_on_and_what_it_leaves_out(page):
    for words in ("Feldt", "Hake", "n = ", "Files that could not be read: 3.", "What this report cannot tell"):
        assert words in page


def test_colours_are_left_to_the_page(page):
    svgs = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert re.findall(r"#[0-9a-f]{6}\b", svgs) == []
    used = set(re.findall(r"var\(--([\w-]+)\)", svgs))
    defined = set(re.findall(r"--([\w-]+):", page))
    assert used <= defined


def test_nothing_from_a_roster_can_be_markup():
    names = ["<script>alert(1)</script>"] * 20 + ['$x$ & "co"'] * 20
    page = report_page(Findings(cohort_of(np.random.default_rng(1).integers(0, 2, size=(40, 4)).astype(float), names)))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "$x$ &amp; " in page


def test_the_same_cohort_gives_the_same_page():
    scores = np.random.default_rng(1).integers(0, 2, size=(40, 4)).astype(float)
    assert report_page(Findings(cohort_of(scores))) == report_page(Findings(cohort_of(scores)))


def test_an_older_version_is_not_one_more_scenario_to_play():
    builder = CohortBuilder(
        [test_of(2), replace(test_of(2, "test@1"), title="Test (version 1)", older=True)], PRACTICES
    )
    for number in range(20):
        replies = [Reply(f"q{n}", "right", 1.0, f"d{n}") for n in (1, 2)]
        builder.add(f"p{number}", "test" if number < 10 else "test@1", replies, ending="done")
    page = report_page(Findings(builder.build()))
    assert "20 of 20 people" in page
    assert "scenarios have been begun" not in page, "it is one"
    assert "Nobody has begun" not in page
    assert "stands under that version" in page
    assert "stands under that version" not in report_page(Findings(cohort_of(np.ones((20, 2)))))
