"""The story on paper: complete, in order, and no verdict before the end."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from onsite.build.transcript import transcript
from onsite.scenario.check import scenario_files
from onsite.scenario.load import load_scenario
from onsite.scenario.story import Story, story_of

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY / "tests" / "data"
EVERY_SCENARIO = [DATA / "tiny.yml", DATA / "all_kinds.yml", *scenario_files(REPOSITORY / "solutions")]
VOID = {"br", "hr"}


class _Page(HTMLParser):
    """The words of a page, the numbers of its lists, and whether its elements are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words = ""

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 (the name is HTMLParser's)
        self.words += " " if tag in ("p", "li") else ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        self.words += data


def words(page: str) -> str:
    parser = _Page()
    parser.feed(page)
    parser.close()
    assert parser.open == [], "elements are left open"
    return " ".join(parser.words.split())


@pytest.fixture(scope="module", params=EVERY_SCENARIO, ids=lambda path: f"{path.parent.name}-{path.stem}")
def story(request) -> Story:
    """The story with its coaching, whenever its author would have that shown."""
    scenario = load_scenario(request.param).model_copy(update={"debrief": "on_completion"})
    return story_of(request.param.parent.name, scenario)


def every_outcome(story: Story):
    for scene in story.scenes.values():
        if scene.item is not None:
            yield from scene.item.options if scene.item.kind == "choice" else (scene.item,)


def test_every_scene_answer_consequence_and_ending_is_on_the_paper(story):
    told = words(transcript(story))
    for scene in story.scenes.values():
        assert all(words(passage.html) in told for passage in scene.narrative)
        if scene.item is not None and scene.item.kind == "choice":
            assert all(words(option.html) in told for option in scene.item.options)
    assert all(words(outcome.consequence) in told for outcome in every_outcome(story))
    for ending in story.endings.values():
        assert ending.title in told
        assert words(ending.narrative) in told


def test_each_answer_has_a_number_of_its_own_and_is_sent_to_it(story):
    page = transcript(story)
    numbers = [int(number) for number in re.findall(r"[Tt]urn to (\d+)\.", page)]
    assert numbers == list(range(1, len(list(every_outcome(story))) + 1))
    [leaves] = re.findall(r'<ol class="onsite-transcript-leaves">\n(.*?)</ol>\n</section>', page, re.DOTALL)
    assert leaves.count("Read on: ") == len(numbers)


def test_coaching_comes_after_everything_else(story):
    page = transcript(story)
    before, after = page.split("<h3>Looking back</h3>")
    for outcome in every_outcome(story):
        assert outcome.coaching not in before
        assert outcome.coaching in after


def test_after_grading_there_is_nothing_to_look_back_on(story):
    scenario_path = next(path for path in EVERY_SCENARIO if path.parent.name == story.scenario)
    scenario = load_scenario(scenario_path).model_copy(update={"debrief": "after_grading"})
    page = transcript(story_of("slug", scenario))
    assert "Looking back" not in page
    told = words(page)
    assert [
        outcome.id for outcome in every_outcome(story) if hasattr(outcome, "id") and words(outcome.coaching) in told
    ] == []
    assert not any(words(ending.debrief) in told for ending in story.endings.values())


def test_two_builds_are_equal(story):
    assert transcript(story) == transcript(story)


def test_the_small_story_reads_as_meant(tiny_story):
    told = words(transcript(tiny_story))
    for sentence in (
        "Keep count of Trust (starts at 50%), Minutes late (starts at 0), She knows (starts at 0).",
        "Liis Tamm, office manager. Cares about a quiet start.",
        "If Trust is below 50: She looks at her watch.",
        "C Go and look for the caretaker. Turn to 3.",
        "It gives, with a crack. Trust \u221230%. Read on: scene 2.",
        "Trust \u221260%; Minutes late +90. Read on: if Trust is below 10, the ending 'Sent home'; otherwise scene 2.",
        "The hall is dark. Read on: if She knows is exactly 1, scene 4; otherwise scene 3.",
        "B (only if Trust is at least 60) Half an hour at most; I will come by at a quarter past.",
        "Write it. Write it down. Then turn to 8.",
    ):
        assert sentence in told, told


def test_a_hidden_flag_is_counted_on_paper_since_nobody_else_does(tiny_story):
    assert "She knows +1" in words(transcript(tiny_story))


def test_names_and_titles_are_text_and_not_html(tiny_story):
    person = tiny_story.cast[0].model_copy(update={"name": "<b>Liis</b>", "cares_about": "R&D < sales"})
    ending = tiny_story.endings["open"].model_copy(update={"title": "<i>Open</i>"})
    story = tiny_story.model_copy(update={"cast": (person,), "endings": {**tiny_story.endings, "open": ending}})
    page = transcript(story)
    assert "&lt;b&gt;Liis&lt;/b&gt;" in page
    assert "R&amp;D &lt; sales" in page
    assert "<i>" not in page
    assert "<b>" not in page
