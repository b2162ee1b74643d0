"""What is read from a page."""

from pathlib import Path

import pytest

from onsite.pages.page import parse_page, read_page
from onsite.scenario.errors import ScenarioError


def test_a_page_tells_its_front_matter_and_its_parts(page):
    read = page()
    assert (read.minutes, read.ids("points"), read.ids("tensions")) == (6, ("P21", "P03"), ("T06",))
    assert read.title == "Let them finish"
    assert [heading.text for heading in read.headings if heading.level == 2][:2] == [
        "The 11:20 ferry",
        "In one sentence",
    ]


def test_a_block_tells_its_name_its_text_and_its_line(sound):
    read = parse_page(sound.replace("{try-it}", "{try-it} day-1"), Path("page.md"))
    (block,) = read.tries
    assert block.argument == "day-1"
    assert block.text.startswith("narrative: A call")
    assert sound.splitlines()[block.line - 1] == "narrative: A call with the ticket office."
    assert [note.text for note in read.notes] == ["Whom will you ask, and *where*?\n"]


def test_words_are_those_that_are_read(page):
    few = parse_page("---\nminutes: 5\n---\n# Two words\n\n:::{note}\nand four more words\n:::\n", Path("page.md"))
    assert few.words == 6
    wordy = page(("narrative: A call with the ticket office.", "narrative: A call. " + "Many more words. " * 50))
    assert wordy.words == page().words, "an item's words are not the page's"


def test_a_heading_in_an_example_is_none(page):
    example = page(("Somebody never stops.", "```text\n## Not a heading\n```"))
    assert [heading.text for heading in example.headings] == [heading.text for heading in page().headings]


@pytest.mark.parametrize("front", ["- a\n- b\n", "minutes: [\n"])
def test_front_matter_of_another_shape_is_told_with_its_line(front):
    with pytest.raises(ScenarioError) as caught:
        parse_page(f"---\n{front}---\n# T\n", Path("page.md"))
    assert caught.value.findings[0].line in (1, 2, 3)


def test_a_page_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_page(tmp_path / "none.md")
