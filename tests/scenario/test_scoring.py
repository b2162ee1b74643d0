"""What answers are worth: known scores on the small scenario, and the author's own figures on the real ones."""

import math
from collections import deque
from pathlib import Path

import pytest
from tiny_tools import BEST, HOME, RECOVERY

from onsite.scenario.check import scenario_files
from onsite.scenario.graph import Node, Step, StoryGraph, best_path, explore
from onsite.scenario.items.choice import Choice, choice_credit
from onsite.scenario.key import key_of, text_decisions
from onsite.scenario.load import load_scenario
from onsite.scenario.replay import Answered, replay
from onsite.scenario.schema import Scenario
from onsite.scenario.scoring import decision_points, reaches
from onsite.scenario.story import Story, story_of

REPOSITORY = Path(__file__).parents[2]
SOME_TEXT = "Some text."


def scores(scenario: Scenario, story: Story, answers) -> dict[str, float]:
    """Points by decision that is graded by machine."""
    path = replay(story, answers).path
    return {name: decision_points(path, key, scenario.decisions[name].points) for name, key in key_of(scenario).items()}


def choice(**credits: float) -> dict[str, object]:
    """The key of a choice."""
    return {"kind": "choice", "credit": credits}


# --- the small scenario ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "door", "repair"),
    [
        (BEST, 10.0, 6.0),
        ([("corridor", "tell"), ("desk", "ten")], 10.0, 1.5),
        (RECOVERY, 5.0, 3.0),
        ([("corridor", "push"), ("stairs", "shrug")], 5.0, 0.0),
        (HOME, 0.0, 0.0),
        ([("corridor", "tell")], 10.0, 0.0),
        ([], 0.0, 0.0),
    ],
    ids=["best", "guess at the desk", "recovery", "shrug", "sent home", "under way", "empty"],
)
def test_each_way_through_the_small_scenario_earns_what_its_author_meant(
    tiny_scenario, tiny_story, answers, door, repair
):
    assert scores(tiny_scenario, tiny_story, answers) == {"door": door, "repair": repair}


def test_answers_that_do_not_fit_the_story_earn_nothing(tiny_scenario, tiny_story):
    assert scores(tiny_scenario, tiny_story, [("desk", "range")]) == {"door": 0.0, "repair": 0.0}
    hidden = [("corridor", "push"), ("desk", "range")]
    assert scores(tiny_scenario, tiny_story, hidden) == {"door": 5.0, "repair": 0.0}


def test_answers_after_the_ending_earn_nothing(tiny_scenario, tiny_story):
    assert scores(tiny_scenario, tiny_story, [("corridor", "leave"), ("stairs", "own"), ("corridor", "tell")]) == {
        "door": 0.0,
        "repair": 0.0,
    }


def test_the_first_scene_that_fills_a_decision_counts():
    path = [Answered("a", "weak", {}), Answered("b", "strong", {})]
    assert decision_points(path, {"b": choice(strong=1.0), "a": choice(weak=0.25)}, 8) == 2.0


def test_points_are_always_a_plain_float():
    path = [Answered("a", "x", {})]
    for value in (
        decision_points(path, {"a": choice(x=1)}, 3),
        decision_points([], {}, 3),
        choice_credit("x", {"x": 1}),
    ):
        assert type(value) is float, "nbgrader reads anything else as full marks"


@pytest.mark.parametrize(("credit", "expected"), [(-1, 0.0), (0, 0.0), (0.3, 0.3), (1, 1.0), (7, 1.0)])
def test_credit_never_leaves_its_range(credit, expected):
    assert choice_credit("x", {"x": credit}) == expected


def test_an_option_the_key_does_not_know_earns_nothing():
    assert choice_credit("y", {"x": 1.0}) == 0.0


def test_the_key_holds_every_machine_graded_decision_and_no_other(tiny_scenario):
    assert key_of(tiny_scenario) == {
        "door": {"corridor": choice(tell=1.0, push=0.5, leave=0.0)},
        "repair": {"stairs": choice(own=0.5, shrug=0.0), "desk": choice(ten=0.25, range=1.0)},
    }
    assert text_decisions(tiny_scenario) == {"note": ("paper",)}


def test_an_item_without_a_decision_moves_the_story_and_is_not_scored(edited):
    path = edited(("      decision: door\n", ""), ("  door: {title: At the door, points: 10}\n", ""))
    scenario = load_scenario(path)
    story = story_of("locked-door", scenario)
    assert set(key_of(scenario)) == {"repair"}
    assert scores(scenario, story, BEST) == {"repair": 6.0}
    assert best_path(explore(scenario))[0] == scenario.points == 10


# --- the scenarios of the course ---------------------------------------------------------------------


@pytest.fixture(scope="module", params=scenario_files(REPOSITORY / "solutions"), ids=lambda path: path.parent.name)
def explored(request) -> tuple[Scenario, Story, StoryGraph]:
    """One scenario of the course, with all its situations."""
    scenario = load_scenario(request.param)
    story = story_of(request.param.parent.name, scenario)
    return scenario, story, explore(scenario)


def shortest_ways(graph: StoryGraph) -> dict[Node, list[tuple[str, str]]]:
    """For every situation the shortest answers that lead into it."""
    assert graph.start is not None
    ways: dict[Node, list[tuple[str, str]]] = {graph.start: []}
    waiting = deque([graph.start])
    while waiting:
        node = waiting.popleft()
        for step in graph.steps.get(node, []):
            if step.target is not None and step.target not in ways:
                ways[step.target] = [*ways[node], (node[0], step.answer or SOME_TEXT)]
                waiting.append(step.target)
    return ways


def test_the_best_path_earns_all_declared_points_when_it_is_replayed(explored):
    scenario, story, graph = explored
    best, path = best_path(graph)
    assert best == scenario.points
    answers = [(scene, answer or SOME_TEXT) for scene, answer in path]
    found = replay(story, answers)
    assert (found.problem, found.ending is not None) == (None, True)
    for name, points in scores(scenario, story, answers).items():
        assert points == scenario.decisions[name].points, f"the best path falls short in the decision {name}"
    answered = {step.scene for step in found.path}
    for name, scenes in text_decisions(scenario).items():
        assert answered & set(scenes), f"the best path never comes to the text that fills {name}"


def test_every_option_earns_the_credit_its_author_gave_it(explored):
    scenario, story, graph = explored
    ways = shortest_ways(graph)
    proven: dict[tuple[str, str], float] = {}
    for node in ways:
        for step in graph.steps.get(node, []):
            place = (node[0], str(step.answer))
            if step.answer is None or place in proven:
                continue
            item = scenario.scenes[node[0]].item
            decision = item.decision
            if decision is not None and isinstance(item, Choice):
                answers = [*ways[node], (node[0], step.answer)]
                assert replay(story, answers).problem is None
                proven[place] = scores(scenario, story, answers)[decision] / scenario.decisions[decision].points
    declared = {
        (name, option.id): option.credit
        for name, scene in scenario.scenes.items()
        if isinstance(scene.item, Choice) and scene.item.decision
        for option in scene.item.options
    }
    assert proven.keys() == declared.keys(), "some option is never offered to anybody"
    wrong = {
        place: (proven[place], credit) for place, credit in declared.items() if not math.isclose(proven[place], credit)
    }
    assert wrong == {}, "(earned, declared) by scene and option"


def test_an_empty_record_earns_nothing(explored):
    scenario, story, _ = explored
    assert set(scores(scenario, story, []).values()) == {0.0}


def test_no_way_through_earns_more_than_was_declared(explored):
    scenario, _, graph = explored
    most: dict[Node, float] = {}

    def worth(node: Node | None) -> float:
        if node is None or node not in graph.steps:
            return 0.0
        if node not in most:
            most[node] = 0.0  # a loop pays nothing a second time
            most[node] = max(earned(step) for step in graph.steps[node])
        return most[node]

    def earned(step: Step) -> float:
        return step.points + worth(step.target)

    assert worth(graph.start) <= scenario.points + 1e-9


# --- the pass mark ------------------------------------------------------------------------------------


def test_three_times_a_third_reaches_the_whole_and_nothing_less_does():
    third = decision_points([Answered("scene", "a", {})], {"scene": choice(a=1 / 3)}, 10.0)
    assert 3 * third < 10, "each is rounded, so the sum lies a hair below"
    assert reaches(3 * third, 10)
    assert not reaches(9.99, 10)
    assert reaches(10, 10)


def test_the_pass_mark_is_a_percentage_of_all_points(tiny_scenario):
    assert tiny_scenario.pass_points == tiny_scenario.points * tiny_scenario.pass_mark / 100
    assert tiny_scenario.model_copy(update={"pass_mark": 100}).pass_points == tiny_scenario.points
