"""The map with one person's road on it: marked for each, drawn once, and drawn as the facilitator's is."""

import re

import pytest

from onsite.build.road_map import RoadMap
from onsite.scenario.load import load_scenario
from onsite.scenario.story import story_of

WAY = ["corridor", "hall", "stairs", "shut"]


@pytest.fixture(scope="module")
def drawn(tiny_story) -> RoadMap:
    return RoadMap(tiny_story)


def taken(svg: str) -> list[str]:
    return re.findall(r'class="onsite-map-taken" d="([^"]*)"', svg)


def test_the_thick_roads_lie_on_those_of_the_map(drawn):
    svg = drawn.marked(WAY)
    roads = re.findall(r'class="onsite-map-road[^"]*" d="([^"]*)"', svg)
    assert len(taken(svg)) == 3
    assert set(taken(svg)) < set(roads)


def test_one_persons_marks_are_not_on_the_next_ones_map(drawn):
    before = drawn.marked(WAY)
    other = drawn.marked(["corridor", "home"])
    assert taken(other) and not set(taken(other)) & set(taken(before))
    assert 'data-went="hall"' not in other
    assert drawn.marked(WAY) == before


def test_a_place_met_twice_has_both_numbers_and_the_ring_is_thick(all_kinds):
    svg = RoadMap(story_of("kinds", load_scenario(all_kinds))).marked(["monday", "meeting", "kitchen", "kitchen"])
    assert re.findall(r'data-went="kitchen">.*?<text[^>]*>([^<]*)</text>', svg) == ["3, 4"]
    assert len(taken(svg)) == 3


def test_it_can_be_scrolled_by_keyboard_and_has_a_name(drawn):
    svg = drawn.marked(WAY)
    assert re.search(r'<div class="onsite-map-window" tabindex="0" role="group" aria-label="[^"]+"', svg)
    assert re.search(r'<svg [^>]*role="img" aria-label="[^"]+your road marked', svg)


def test_every_way_of_the_story_is_in_its_list(drawn):
    assert "<li>The corridor<ul><li>to The locked door</li><li>to Sent home</li></ul></li>" in drawn.ways
    called_as_in_the_player = "<li>The locked door<ul><li>to Making it good</li><li>to Making it good</li></ul></li>"
    assert called_as_in_the_player in drawn.ways
    assert drawn.forks
