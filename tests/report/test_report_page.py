"""The page as a manager meets it: it answers first, says what to do, needs nothing else, can be heard."""

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from report.conftest import Made
from report.straight import PRACTICES, cohort_of, test_of

from onsite.report.cohort import CohortBuilder
from onsite.report.facts import OptionFacts, Reply
from onsite.report.page import report_page

test_of.__test__ = False


@pytest.fixture(scope="module")
def page(made: Made) -> str:
    return report_page(made.cohort, made_on="22 November 2026", left_out=["Files that could not be read: 3."])


def test_it_needs_nothing_else(page):
    assert "<script" not in page
    addresses = re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?([^\"')>\s]+)", page)
    assert [a for a in addresses if not a.startswith(("#", "f"))] == []
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"|http-equiv', "", page)


def test_the_first_screen_is_four_sentences_and_what_to_do(page):
    first = page.split('class="first"')[1].split("<nav")[0]
    told, steps = first.split('id="next"')
    assert told.count("<p>") == 4
    assert "gained" in told
    assert 2 <= steps.count("<li>") <= 4
    assert "earned" in told
    assert "weakest in" in told


def in_short(page: str) -> str:
    """The sentences under "In short"."""
    return page.split('id="in-short"')[1].split("</section>", maxsplit=1)[0]


def test_practices_that_came_out_alike_are_not_called_weak_and_strong():
    scores = np.zeros((40, 2))
    scores[:20] = 1
    told = in_short(report_page(cohort_of(scores)))
    assert "All practices came out alike, at 50% of the credit." in told
    assert "weakest" not in told
    scores[20, 0] = 1
    told = in_short(report_page(cohort_of(scores)))
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
    (step,) = next_steps(report_page(builder.build()))
    return step


def test_a_room_is_divided_in_two_or_in_many():
    assert split_into(12, 8, 5).endswith("divided: 48% chose one way and 32% another.")
    assert split_into(7, 7, 6, 5).endswith("divided: no answer got more than 28%.")


def test_people_who_cannot_be_told_apart_by_their_scores_get_no_figure_of_them():
    few, many = (
        report_page(cohort_of(np.array(rows))) for rows in ([[1, 0]] * 4 + [[1, 1]] * 8, [[1, 0], [1, 1]] * 20)
    )
    assert "People by mean score" not in few
    assert "Scores by scenario" in few
    assert "People by mean score" in many


def next_steps(page: str) -> list[str]:
    """The steps as they stand under "What to do next"; what stands there instead where there is none."""
    box = page.split('id="next"')[1].split("</section>", maxsplit=1)[0]
    return re.findall(r"<(?:li|p)>(.*?)</(?:li|p)>", box)


def test_a_session_is_opened_with_a_split_whether_or_not_it_has_another_subject():
    scores = np.zeros((12, 2))
    scores[:6] = 1
    (step,) = next_steps(report_page(cohort_of(scores)))
    assert step.startswith("Open the next session with \u2018Decision 1\u2019")
    scores[6, 0] = 1
    subject, step = next_steps(report_page(cohort_of(scores)))
    assert subject.startswith("Make \u2018Keep them informed\u2019")
    assert "subject of the next session" in subject
    assert step.startswith("Open it with \u2018Decision 2\u2019")


def test_of_fewer_than_ten_people_no_session_gets_its_subject():
    scores = np.zeros((9, 2))
    scores[:5] = 1
    assert next_steps(report_page(cohort_of(scores))) == ["These figures ask for nothing yet."]
    assert len(next_steps(report_page(cohort_of(np.vstack([scores, [0, 1]]))))) == 2


def test_where_there_is_nothing_to_do_there_is_no_list():
    page = report_page(cohort_of(np.ones((40, 2))))
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
    page = report_page(cohort_of(np.random.default_rng(1).integers(0, 2, size=(40, 4)).astype(float), names))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "$x$ &amp; " in page


def test_the_same_cohort_gives_the_same_page():
    scores = np.random.default_rng(1).integers(0, 2, size=(40, 4)).astype(float)
    assert report_page(cohort_of(scores)) == report_page(cohort_of(scores))


def test_an_older_version_is_not_one_more_scenario_to_play():
    builder = CohortBuilder(
        [test_of(2), replace(test_of(2, "test@1"), title="Test (version 1)", older=True)], PRACTICES
    )
    for number in range(20):
        replies = [Reply(f"q{n}", "right", 1.0, f"d{n}") for n in (1, 2)]
        builder.add(f"p{number}", "test" if number < 10 else "test@1", replies, ending="done")
    page = report_page(builder.build())
    assert "they have finished 100% of all there is to play" in page
    assert "stands under that version" in page
    assert "stands under that version" not in report_page(cohort_of(np.ones((20, 2))))
