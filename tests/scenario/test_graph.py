"""The graph of situations: what is reachable, what the best path is, where no way leads out."""

from pathlib import Path

import pytest

from onsite.scenario.graph import best_path, explore, loops
from onsite.scenario.load import load_scenario
from onsite.scenario.replay import Given, replay


@pytest.fixture
def graph_of(edited):
    """graph_of((old, new), ...): the graph of the small scenario with these edits."""

    def graph(*edits):
        scenario = load_scenario(edited(*edits))
        return explore(scenario)

    return graph


def test_every_scene_and_ending_of_the_small_scenario_is_reached(graph_of):
    graph = graph_of()
    assert graph.scenes() == {"corridor", "hall", "stairs", "desk", "paper"}
    assert graph.told == {"hall"}
    assert graph.endings == {"open", "shut", "home"}
    assert (graph.complete, graph.stuck, graph.refilled) == (True, [], set())


def test_only_state_that_a_condition_asks_about_tells_situations_apart(graph_of):
    # `minutes` differs after "ten" and "range", but no route asks for it: both lead into one situation.
    graph = graph_of()
    desk = next(node for node in graph.steps if node[0] == "desk")
    assert len({step.target for step in graph.steps[desk]}) == 1
    split = graph_of(("      goto: open\n", "      goto: [{when: minutes < 30, goto: shut}, {goto: open}]\n"))
    desk = next(node for node in split.steps if node[0] == "desk")
    assert len({step.target for step in split.steps[desk]}) == 2


def test_a_condition_on_an_option_alone_tells_situations_apart(graph_of):
    graph = graph_of(
        ("next: [{when: told == 1, goto: desk}, {goto: stairs}]", "next: desk"),
        ("when: trust < 10, goto: home", "when: minutes > 59, goto: home"),
    )
    offers = sorted([step.answer for step in steps] for node, steps in graph.steps.items() if node[0] == "desk")
    assert offers == [["ten"], ["ten", "range"]]


def test_a_condition_on_narrative_alone_does_not_tell_situations_apart(graph_of):
    assert len(graph_of().steps) == len(graph_of(("- when: trust < 50", "- when: minutes < 50")).steps)


def test_the_best_path_is_the_one_its_author_meant(graph_of):
    assert best_path(graph_of()) == (20.0, [("corridor", "tell"), ("desk", "range"), ("paper", None)])


def test_a_better_recovery_makes_a_better_path(graph_of):
    worth, path = best_path(
        graph_of(
            (
                "credit: 1\n          cites: [P06]\n          effects: {trust: 10",
                "credit: 0\n          cites: [P06]\n          effects: {trust: 10",
            )
        )
    )
    assert worth == 12.0
    assert path == [("corridor", "push"), ("stairs", "own"), ("paper", None)]


def test_a_loop_pays_its_decision_once(graph_of):
    worth, _ = best_path(
        graph_of(
            ("goto: shut", "goto: stairs"),
            ("goto: home}", "goto: shut}"),
            ("  home: {title: Sent home, narrative: A taxi., debrief: You were not there.}\n", ""),
        )
    )
    assert worth == 20.0


def test_from_every_scene_of_the_small_scenario_an_ending_can_be_reached(graph_of):
    assert loops(graph_of()) == set()


def test_a_scene_that_leads_only_to_itself_has_no_way_out(graph_of):
    assert loops(graph_of(("      goto: open\n", "      goto: paper\n"))) == {"desk", "paper"}


def test_replay_walks_every_step_the_graph_knows(graph_of, tiny_story):
    graph = graph_of()
    waiting = [(graph.start, [])]
    seen = set()
    while waiting:
        node, answers = waiting.pop()
        here = replay(tiny_story, answers)
        assert (here.scene or here.ending, here.problem) == (node[0], None)
        if node in seen or node not in graph.steps:
            continue
        seen.add(node)
        steps = graph.steps[node]
        item = tiny_story.scenes[node[0]].item
        if item.kind == "choice":
            assert [step.answer for step in steps] == [option.id for option in item.ways(here.state)]
        waiting += [
            (step.target, [*answers, Given(node[0], step.answer or "A text.", ticks=step.ticks)]) for step in steps
        ]
    assert seen == set(graph.steps)


def test_a_real_scenario_is_explored_within_the_limit(repository: Path):
    for path in sorted((repository / "solutions").glob("*/scenario.yml")):
        scenario = load_scenario(path)
        graph = explore(scenario)
        assert graph.complete, f"{path} has too many situations"
        assert graph.scenes() == set(scenario.scenes)
        assert graph.endings == set(scenario.endings)
