"""What the course promises of itself: every point taught and graded, scenarios that differ, pages one can find."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from onsite.pages.contents import contents
from onsite.pages.coverage import coverage
from onsite.pages.page import read_page
from onsite.pages.try_it import cited
from onsite.paths import CoursePaths
from onsite.points import read_citable, read_points, read_tensions
from onsite.scenario.examine import examine
from onsite.scenario.load import load_scenario
from onsite.scenario.schema import Scenario

ROOT = Path(__file__).parents[1]
COURSE = CoursePaths(ROOT)
SCENARIOS: dict[str, Scenario] = {
    slug: load_scenario(COURSE.solutions / slug / "scenario.yml") for slug in COURSE.slugs()
}
FORMS = ("pre-test", "post-test")
CAPSTONE = "six-weeks"
STORIES = sorted(set(SCENARIOS) - set(FORMS))


def items(scenario: Scenario):
    return [scene.item for scene in scenario.scenes.values() if scene.item is not None]


# --- coverage --------------------------------------------------------------------------------------------


def test_every_point_is_on_a_page_and_in_two_graded_items_and_every_tension_in_its_chapter_and_a_decision():
    points, tensions = read_points(COURSE.points), read_tensions(COURSE.points)
    pages = [read_page(path) for path in COURSE.pages()]
    chapter = read_page(ROOT / "book" / "tensions.md")
    found = coverage(pages, SCENARIOS)
    assert list(found.gaps(points, tensions, set(chapter.ids("tensions")))) == []


def test_every_point_is_graded_twice_without_the_tests():
    found = coverage([], {slug: SCENARIOS[slug] for slug in STORIES})
    points = read_points(COURSE.points)
    assert [one for one in points if len(found.items.get(one, ())) < 2] == []


def test_every_practice_has_a_page_whose_first_point_it_is():
    pages = [read_page(path) for path in COURSE.practices.glob("*.md")]
    first = Counter(page.ids("points")[0] for page in pages)
    assert {f"P{number:02}" for number in range(1, 23)} <= first.keys()
    assert max(first.values()) == 1, "two pages begin with the same point"


# --- scenarios ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def examined():
    known = read_citable(COURSE.points)
    return {slug: examine(COURSE.solutions / slug / "scenario.yml", known) for slug in SCENARIOS}


@pytest.mark.parametrize("slug", SCENARIOS)
def test_the_check_finds_neither_error_nor_warning(examined, slug):
    assert [str(finding) for finding in examined[slug].findings] == []


@pytest.mark.parametrize("slug", STORIES)
def test_a_scenario_is_long_enough_and_branches(examined, slug):
    scenario, figures = SCENARIOS[slug], examined[slug].figures
    assert 12 <= scenario.minutes <= (30 if slug in (CAPSTONE, "outage") else 20)
    assert figures.reading < scenario.minutes, "reading alone takes longer than it says"
    assert figures.decisions >= 5
    assert figures.endings >= 3
    assert len({item.kind for item in items(scenario)}) >= 2


@pytest.mark.parametrize("slug", STORIES)
def test_decisions_change_what_comes_next(slug):
    """In five items at least, two answers lead to other scenes or leave another state that something asks for."""
    scenario = SCENARIOS[slug]
    asked = {
        comparison.name
        for scene in scenario.scenes.values()
        for when in (
            *(passage.when for passage in scene.narrative),
            *(branch.when for branch in scene.next),
            *(getattr(option, "when", ()) for option in getattr(scene.item, "options", ())),
            *(branch.when for _, outcome in (scene.item.outcomes() if scene.item else ()) for branch in outcome.goto),
        )
        for comparison in when
    }
    shown = {name for name, variable in scenario.state.items() if variable.shown}

    def leads(outcome):
        effects = tuple(sorted((n, v) for n, v in outcome.effects.items() if n in asked | shown))
        return outcome.goto, effects

    changing = [item for item in items(scenario) if len({leads(outcome) for _, outcome in item.outcomes()}) > 1]
    assert len(changing) >= 5


def test_there_are_enough_scenarios_and_all_kinds_of_items_among_them():
    assert len(STORIES) >= 13, "twelve and the capstone"
    kinds = {item.kind for slug in STORIES for item in items(SCENARIOS[slug])}
    assert kinds == {"choice", "best_worst", "rating", "ranking", "select", "sort", "text"}
    assert any(item.confidence for slug in STORIES for item in items(SCENARIOS[slug]))


def test_no_two_scenarios_share_a_person():
    names = Counter(person.name for slug in STORIES for person in SCENARIOS[slug].cast)
    assert [name for name, count in names.items() if count > 1] == []


def test_scenarios_and_the_pages_for_those_who_run_them_are_in_the_contents():
    listed = {entry.doc for module in contents(COURSE) for entry in module.entries}
    assert {f"exercises/{slug}/{slug}" for slug in SCENARIOS} <= listed
    assert {f"book/facilitators/{slug}" for slug in STORIES} <= listed
    pages = {str(path.relative_to(ROOT).with_suffix("")) for path in COURSE.pages()} - {"book/index"}
    assert pages <= listed, "a page that the contents do not list is not built"


RUNNING = (
    "What the hour is for", "The story on one page", "Materials", "Sixty minutes", "Ninety minutes",
    "When the room is silent", "What usually goes wrong", "Five, twenty or fifty people, on site or in a call",
    "Marking the text", "Handout",
)  # fmt: skip


@pytest.mark.parametrize("slug", STORIES)
def test_whoever_runs_it_finds_the_same_parts_each_time(slug):
    page = read_page(ROOT / "book" / "facilitators" / f"{slug}.md")
    has_text = any(item.kind == "text" for item in items(SCENARIOS[slug]))
    parts = [part for part in RUNNING if has_text or part != "Marking the text"]
    assert [heading.text for heading in page.headings if heading.level == 2] == parts


# --- the two tests --------------------------------------------------------------------------------------------


def test_the_two_forms_are_parallel():
    """Item by item the same kind, points, worth, number of answers and credits; other people, and no key shared."""
    before, after = (list(SCENARIOS[form].scenes.values()) for form in FORMS)
    assert len(before) == len(after) == 20
    for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
        first, second = one.item, other.item
        assert first is not None and second is not None
        assert first.kind == second.kind, number
        assert set(cited(first)) == set(cited(second)), number
        assert first.confidence == second.confidence, number
        assert [len(parts) for _, parts in first.lists()] == [len(parts) for _, parts in second.lists()], number
        if first.kind == "choice":
            credits = [sorted(option.credit for option in item.options) for item in (first, second)]
            assert credits[0] == credits[1], number
    worth = [[decision.points for decision in SCENARIOS[form].decisions.values()] for form in FORMS]
    assert worth[0] == worth[1] == [5] * 20
    assert all(SCENARIOS[form].debrief == "after_grading" for form in FORMS)


def test_between_them_the_tests_ask_for_every_point():
    for form in FORMS:
        found = coverage([], {form: SCENARIOS[form]})
        assert [one for one in read_points(COURSE.points) if one not in found.items] == []


# --- what is taken along ----------------------------------------------------------------------------------------


def test_the_pocket_card_has_every_practice_in_one_short_line():
    text = (ROOT / "book" / "cards" / "pocket-card.md").read_text("utf-8")
    lines = re.findall(r"^\[[^\]]+\]\(\.\./practices/(?P<page>[a-z-]+)\.md\)\n: (?P<line>.+)$", text, re.MULTILINE)
    points = [read_page(COURSE.practices / f"{page}.md").ids("points")[0] for page, _ in lines]
    assert sorted(points) == [f"P{number:02}" for number in range(1, 23)]
    assert [line for _, line in lines if len(line.split()) > 16] == []


def test_the_plan_asks_for_recall_on_three_days():
    page = read_page(ROOT / "book" / "cards" / "first-30-days.md")
    days = Counter(block.argument.rsplit("-", 1)[0] for block in page.tries)
    assert {day: count >= 2 for day, count in days.items()} == {"day-1": True, "day-7": True, "day-30": True}
    assert {block.argument for block in page.notes} == {"day-1", "day-7", "day-30"}


TEMPLATES = {
    "weekly-status", "minutes", "change-record", "handover", "escalation-note", "first-day-introduction",
    "feedback-request", "incident-ladder",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_shows_a_bad_one_a_good_one_and_a_blank(name):
    text = (ROOT / "book" / "templates" / f"{name}.md").read_text("utf-8")
    assert re.findall(r"\{grid-item-card\} (.+)", text) == ["Not like this", "Like this"]
    assert "```text\n" in text


# --- form -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", COURSE.pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_headings_go_down_one_step_at_a_time(path):
    levels = [heading.level for heading in read_page(path).headings]
    assert levels[:1] == [1]
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


@pytest.mark.parametrize("path", COURSE.pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_images_say_what_they_show(path):
    assert re.findall(r"!\[\s*\]\(", path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", COURSE.pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_column_of_a_table_has_a_heading(path):
    lines = path.read_text("utf-8").splitlines()
    heads = [above for above, below in pairwise(lines) if re.fullmatch(r"\|(?:\s*:?-+:?\s*\|)+", below.strip())]
    assert [head for head in heads if re.search(r"\|\s*\|", head)] == []
