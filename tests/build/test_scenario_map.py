"""The map of a scenario: everything is on it, the key is not, and those who do not see it can read it."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from onsite.build.scenario_map import map_stylesheet, scenario_map
from onsite.scenario.load import load_scenario
from onsite.scenario.story import story_of

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def drawn(tiny_story):
    return scenario_map(tiny_story)


def svg_of(html):
    return ET.fromstring(re.search(r"<svg.*</svg>", html, re.DOTALL)[0])


def texts(element):
    return [text.text for text in element.iter("text")]


def test_every_scene_and_ending_is_drawn_once_by_its_title(drawn, tiny_story):
    places = [group.get("data-place") for group in svg_of(drawn).iter("g")]
    assert sorted(places) == sorted([*tiny_story.scenes, *tiny_story.endings])
    assert {"The corridor", "The door is open", "Sent home"} <= set(texts(svg_of(drawn)))


def test_decisions_endings_and_kinds_are_named(drawn):
    said = texts(svg_of(drawn))
    assert said.count("Decision 2") == 2, "two scenes fill the second decision"
    assert "Decision 3, text" in said
    assert said.count("Ending") == 3


def test_roads_carry_the_letters_of_their_options_and_conditional_ones_are_dashed(drawn):
    root = svg_of(drawn)
    labels = [t.text for t in root.iter("text") if t.get("class") == "onsite-map-label"]
    assert "A\u2013C" in labels, "all three answers in the corridor can lead to the hall"
    dashed = [p for p in root.iter("path") if "onsite-map-sometimes" in p.get("class")]
    assert len(dashed) == 3, "to the taxi, to the desk, to the stairs"


def test_the_same_stands_in_a_list(drawn):
    listed = re.sub(r"<[^>]+>", "", drawn[drawn.index("<details") :])
    for said in (
        "The corridor, decision 1: At the door",
        "A, B: to hall",
        "C: if \u2018Trust\u2019 is below 10, to Sent home (an ending)",
        "C: otherwise, to hall",
        "if \u2018She knows\u2019 is exactly 1, to desk",
    ):
        assert said in listed, listed


def test_a_map_holds_no_credit_and_no_coaching():
    for path in (REPOSITORY / "solutions").glob("*/scenario.yml"):
        scenario = load_scenario(path)
        drawn = scenario_map(story_of(path.parent.name, scenario))
        assert "credit" not in drawn
        for scene in scenario.scenes.values():
            for _, outcome in scene.item.outcomes() if scene.item else ():
                assert outcome.coaching[:40] not in drawn


def test_titles_cannot_break_out_of_the_page(tiny_scenario):
    scenes = dict(tiny_scenario.scenes)
    scenes["hall"] = scenes["hall"].model_copy(update={"title": "<script>&\"'"})
    drawn = scenario_map(story_of("x", tiny_scenario.model_copy(update={"scenes": scenes})))
    assert "<script" not in drawn
    assert svg_of(drawn) is not None


def test_a_ring_is_drawn_too(tiny_scenario):
    scenes = dict(tiny_scenario.scenes)
    hall = scenes["hall"]
    back = hall.next[-1].model_copy(update={"goto": "corridor"})
    scenes["hall"] = hall.model_copy(update={"next": (hall.next[0], back)})
    drawn = scenario_map(story_of("x", tiny_scenario.model_copy(update={"scenes": scenes})))
    assert "stairs" not in [g.get("data-place") for g in svg_of(drawn).iter("g")], "nothing leads there any more"
    assert "to The corridor" in re.sub(r"<[^>]+>", "", drawn)


def test_it_has_colours_for_light_and_dark():
    assert map_stylesheet().count("--map-ink:") == 3


def test_a_scene_met_again_has_a_road_back_to_itself(repository):
    story = story_of("kinds", load_scenario(repository / "tests" / "data" / "all_kinds.yml"))
    rings = {
        name for name, scene in story.scenes.items() for route in routes(scene) if any(b.goto == name for b in route)
    }
    assert rings == {"kitchen"}
    drawn = scenario_map(story)
    assert "B" in "".join(t.text for t in svg_of(drawn).iter("text") if t.get("class") == "onsite-map-label")


def routes(scene):
    return [option.goto for option in getattr(scene.item, "options", ()) if hasattr(option, "goto")]
