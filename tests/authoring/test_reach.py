"""Every place of a story can be jumped to, by answers that its replay takes."""

from pathlib import Path

import pytest

from onsite.authoring.reach import ways
from onsite.scenario.load import load_scenario
from onsite.scenario.replay import passed, replay
from onsite.scenario.story import story_of

REPOSITORY = Path(__file__).parents[2]
SCENARIOS = [
    REPOSITORY / "tests" / "data" / "tiny.yml",
    REPOSITORY / "tests" / "data" / "all_kinds.yml",
    *sorted((REPOSITORY / "solutions").glob("*/scenario.yml")),
]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_way_to_every_place_replays_and_leads_there(path):
    scenario = load_scenario(path)
    story = story_of("story", scenario)
    found = ways(story, scenario)
    assert found.keys() == story.scenes.keys() | story.endings.keys()
    for place, way in found.items():
        reached = replay(story, way)
        assert reached.problem is None
        assert len(reached.path) == len(way)
        if not way:
            assert place in passed(story, story.start, reached.state)
        elif place in story.scenes and story.scenes[place].item is None:
            before = replay(story, way[:-1])
            assert before.scene == way[-1][0]
        else:
            assert place == (reached.scene or reached.ending)


def test_the_shortest_way_is_found(tiny_scenario, tiny_story):
    found = ways(tiny_story, tiny_scenario)
    assert found["corridor"] == ()
    assert [step[:2] for step in found["hall"]] == [("corridor", "tell")]
    assert [step[:2] for step in found["home"]] == [("corridor", "leave")]
    assert [step[0] for step in found["open"]] == ["corridor", "desk", "paper"]


def test_a_place_that_nothing_leads_to_has_no_way(edited_scenario):
    scenario = edited_scenario("          goto: shut\n", "          goto: paper\n")
    found = ways(story_of("story", scenario), scenario)
    assert "shut" not in found
    assert "open" in found
