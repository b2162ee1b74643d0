"""Replay: the vectors shared with the player, and what must hold for any answers."""

import json
from pathlib import Path

import pytest
from tiny_tools import BEST, HOME, RECOVERY

from onsite.scenario.items.text import TEXT_LIMIT
from onsite.scenario.replay import Given, follow, passed, replay, road, settle
from onsite.scenario.story import Story, start_state

SHARED = json.loads((Path(__file__).parents[1] / "data" / "replay_vectors.json").read_text("utf-8"))
STORIES = {name: Story.model_validate(story) for name, story in SHARED["stories"].items()}


def spelled_out(answer: object) -> object:
    """An answer of the vectors as it stands in a record."""
    if isinstance(answer, dict) and set(answer) == {"repeat"}:
        text, count = answer["repeat"]
        return text * count
    return answer


def given(scene: str, answer: object, more: dict[str, object] | None = None) -> Given:
    """An answer of the vectors as replay takes it."""
    return Given(scene, spelled_out(answer), **(more or {}))


@pytest.mark.parametrize("vector", SHARED["vectors"], ids=lambda vector: vector["name"])
def test_the_vectors_shared_with_the_player_come_out_as_written(vector):
    found = replay(STORIES[vector["story"]], [given(*one) for one in vector["answers"]])
    assert {
        "state": found.state,
        "path": [step.scene for step in found.path],
        "states": [step.state for step in found.path],
        "scene": found.scene,
        "ending": found.ending,
        "problem": found.problem,
    } == vector["expect"]


def bones(value: object) -> object:
    """A story without its words: what decides where it goes."""
    if isinstance(value, dict):
        kept = {"state", "start", "scenes", "endings"} if "scenes" in value else value.keys() - WORDS
        return {key: bones(inner) for key, inner in value.items() if key in kept}
    return [bones(inner) for inner in value] if isinstance(value, list) else value


WORDS = {"title", "label", "narrative", "html", "prompt", "consequence", "coaching", "rubric", "model", "debrief"}


def test_the_vectors_tell_the_small_scenario_as_it_is_today(tiny_story):
    ours, theirs = (json.loads(story.to_json()) for story in (tiny_story, STORIES["locked-door"]))
    assert bones(theirs) == bones(ours), "bring the story in replay_vectors.json up to date with tiny.yml"
    assert bones(ours)["scenes"]["stairs"]["item"]["options"][1]["goto"] == [{"when": [], "goto": "shut"}]


def test_the_vectors_have_names_of_their_own():
    names = [vector["name"] for vector in SHARED["vectors"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("answers", [BEST, RECOVERY, HOME], ids=["best", "recovery", "home"])
def test_the_start_of_an_attempt_replays_as_the_start_of_its_path(tiny_story, answers):
    whole = replay(tiny_story, answers)
    for count in range(len(answers) + 1):
        part = replay(tiny_story, answers[:count])
        assert part.path == whole.path[:count]
        assert part.problem is None


def test_the_answer_stands_in_the_path_as_it_was_given(tiny_story):
    found = replay(tiny_story, BEST)
    assert [(step.scene, step.answer) for step in found.path] == list(BEST)


def test_replaying_twice_gives_the_same_and_changes_nothing_in_the_story(tiny_story):
    before = tiny_story.to_json()
    first, second = replay(tiny_story, RECOVERY), replay(tiny_story, RECOVERY)
    assert first == second
    first.path[0].state["trust"] = -1
    assert second.path[0].state["trust"] == 20
    assert tiny_story.to_json() == before


def test_only_options_whose_condition_holds_are_offered(tiny_story):
    item = tiny_story.scenes["desk"].item
    state = start_state(tiny_story)
    assert [option.id for option in item.ways({**state, "trust": 59})] == ["ten"]
    assert [option.id for option in item.ways({**state, "trust": 60})] == ["ten", "range"]


def test_a_route_with_a_gap_leads_nowhere(tiny_story):
    route = tiny_story.scenes["corridor"].item.options[2].goto[:1]
    assert follow(route, {"trust": 9}) == "home"
    assert follow(route, {"trust": 10}) is None
    assert settle(tiny_story, None, {}) is None


def test_telling_scenes_in_a_circle_come_to_an_end():
    story = STORIES["told-only"]
    scenes = {**story.scenes, "twice": story.scenes["once"].model_copy(update={"next": story.scenes["once"].next})}
    circle = story.model_copy(update={"scenes": scenes})
    assert [branch.goto for branch in circle.scenes["twice"].next] == ["twice"]
    assert settle(circle, "once", {}) is None
    assert replay(circle, []).scene is None
    assert replay(circle, []).ending is None
    assert replay(circle, [("once", "x")]).problem == 0


def test_the_places_passed_on_the_way_are_told(tiny_story):
    assert passed(tiny_story, "hall", {"told": 1}) == ["hall", "desk"]
    assert passed(tiny_story, "home", {}) == ["home"]


def test_the_limit_of_a_text_is_the_documented_one():
    assert TEXT_LIMIT == 8000


@pytest.mark.parametrize(
    ("answers", "way"),
    [
        (BEST, ["corridor", "hall", "desk", "paper", "open"]),
        (RECOVERY, ["corridor", "hall", "stairs", "paper", "open"]),
        (HOME, ["corridor", "home"]),
        (BEST[:1], ["corridor", "hall", "desk"]),
        ((), ["corridor"]),
    ],
)
def test_a_road_names_every_place_told_ones_too(tiny_story, answers, way):
    assert road(tiny_story, replay(tiny_story, answers)) == way
