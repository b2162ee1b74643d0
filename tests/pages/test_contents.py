"""The contents of the book: modules, their pages and scenarios, minutes, the names under which answers are kept."""

import pytest

from onsite.pages.contents import contents, note_key, practice_key
from onsite.scenario.errors import OnsiteError, ScenarioError
from onsite.scenario.story import story_of


@pytest.fixture
def course(make_course, tmp_path, sound, tiny_scenario):
    made = make_course(tmp_path / "course")
    (made.root / "book" / "practices").mkdir()
    (made.root / "book" / "practices" / "let-them-finish.md").write_text(sound, "utf-8")
    (made.exercises / "locked-door").mkdir(parents=True)
    (made.exercises / "locked-door" / "story.json").write_text(
        story_of("locked-door", tiny_scenario).to_json(), "utf-8"
    )
    (made.root / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nparts:\n"
        "  - caption: Listening\n    chapters:\n      - file: book/practices/let-them-finish\n"
        "      - file: exercises/locked-door/locked-door\n",
        "utf-8",
    )
    return made


def test_a_module_holds_its_pages_and_scenarios_with_their_minutes(course):
    (module,) = contents(course)
    page, scenario = module.entries
    assert (module.title, module.minutes, module.sort) == ("Listening", 8, "page")
    assert (page.title, page.kind, page.minutes) == ("Let them finish", "page", 6)
    assert page.keys == ("practice.let-them-finish",)
    assert page.notes == (("note.let-them-finish", "Whom will you ask, and *where*?\n"),)
    assert (scenario.title, scenario.kind, scenario.minutes, scenario.keys) == (
        "The locked door", "scenario", 2, ("locked-door",),
    )  # fmt: skip


def test_a_module_of_scenarios_says_so(course):
    toc = course.root / "_toc.yml"
    toc.write_text(toc.read_text("utf-8").replace("      - file: book/practices/let-them-finish\n", ""), "utf-8")
    (module,) = contents(course)
    assert (module.sort, len(module.entries)) == ("scenario", 1)


def test_a_page_with_several_items_keeps_each_under_a_name_of_its_own():
    assert practice_key("book/cards/first-30-days", "day-1") == "practice.first-30-days.day-1"
    assert note_key("book/cards/first-30-days") == "note.first-30-days"


def test_contents_of_another_shape_are_told(course):
    (course.root / "_toc.yml").write_text("root: book/index\n", "utf-8")
    with pytest.raises(ScenarioError, match="no 'parts'"):
        contents(course)


def test_a_scenario_that_was_not_built_is_told(course):
    (course.exercises / "locked-door" / "story.json").unlink()
    with pytest.raises(OnsiteError, match=r"Run `python3 course\.py build`"):
        contents(course)
