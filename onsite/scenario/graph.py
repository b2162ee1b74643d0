"""Every situation a learner can reach, as a graph: for proofs about paths, endings and scores."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from onsite.scenario.items.base import Answer
from onsite.scenario.key import key_of
from onsite.scenario.replay import follow, passed, ticked
from onsite.scenario.schema import Scenario
from onsite.scenario.scoring import credit
from onsite.scenario.story import Story, StoryScene, after, start_state

MAX_NODES = 200_000

Node = tuple[str, tuple[int, ...], frozenset[str]]
"""A situation: the place, the state that some condition still asks about, the decisions already filled."""


@dataclass(frozen=True)
class Step:
    """One answer from a situation: what is answered (None: a text), what it earns, where it leads.

    All valid answers of an item with one outcome lead the same way, so one stands for them: the best. ticks: how often
    the clock ticks first; tick counts that cannot change the path are left out.
    """

    answer: Answer | None
    points: float
    target: Node | None
    ticks: int = 0


@dataclass
class StoryGraph:
    """All reachable situations and the steps between them.

    told: the scenes without an item that some path passes; stuck: situations in which no option is offered
    or no route holds; refilled: (scene, decision) pairs met with the decision already filled; complete: False
    when the search stopped at MAX_NODES.
    """

    start: Node | None
    steps: dict[Node, list[Step]] = field(default_factory=dict)
    endings: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    stuck: list[Node] = field(default_factory=list)
    refilled: set[tuple[str, str]] = field(default_factory=set)
    complete: bool = True

    def scenes(self) -> set[str]:
        """The scenes that some path reaches."""
        return {place for place, _, _ in self.steps} | self.told


def explore(story: Story, scenario: Scenario) -> StoryGraph:
    """Search breadth first through every answer in every reachable situation.

    State that no condition asks about cannot change the path, so it is left out of the situations.
    """
    asked = _asked(scenario)
    keys = key_of(scenario)
    graph = StoryGraph(start=None)

    def arrive(place: str | None, state: dict[str, int], filled: frozenset[str]) -> Node | None:
        *told, last = passed(story, place, state)
        graph.told.update(name for name in told if name is not None)
        return None if last is None else (last, tuple(state[name] for name in asked), filled)

    state = start_state(story)
    graph.start = arrive(story.start, state, frozenset())
    waiting = deque([(graph.start, state)] if graph.start else [])
    seen = {graph.start}
    while waiting:
        here, state = waiting.popleft()
        place, _, filled = here
        if place in story.endings:
            graph.endings.add(place)
            continue
        scene = story.scenes[place]
        authored = scenario.scenes[place].item
        assert scene.item is not None and authored is not None, "settle() stops at scenes with an item only"
        decision = scene.item.decision
        if decision in filled:
            graph.refilled.add((place, str(decision)))
        now_filled = filled | {decision} if decision else filled
        steps = graph.steps[here] = []
        for ticks in _ticks(scene, asked):
            waited = ticked(story, scene, state, ticks)
            assert waited is not None, "a clock can tick as often as it says"
            ways = scene.item.ways(waited)
            if not ways and here not in graph.stuck:
                graph.stuck.append(here)
            for outcome in ways:
                new_state = after(story, waited, outcome.effects)
                answer = getattr(outcome, "id", None) or authored.reference()
                points = 0.0
                if decision is not None and decision not in filled:
                    earned = 1.0 if answer is None else credit(keys[decision][place], answer)
                    points = scenario.decisions[decision].points * earned
                target = arrive(follow(outcome.goto, new_state), new_state, now_filled)
                steps.append(Step(answer, points, target, ticks))
                if target is not None and target not in seen:
                    if len(seen) >= MAX_NODES:
                        graph.complete = False
                        continue
                    seen.add(target)
                    waiting.append((target, new_state))
        if here not in graph.stuck and any(step.target is None for step in steps):
            graph.stuck.append(here)
    return graph


def _ticks(scene: StoryScene, asked: list[str]) -> range:
    """The tick counts worth exploring: only those that some condition can see."""
    seen = scene.clock is not None and not scene.clock.effects.keys().isdisjoint(asked)
    return range(scene.clock.most + 1) if scene.clock is not None and seen else range(1)


def _asked(scenario: Scenario) -> list[str]:
    names: set[str] = set()
    for scene in scenario.scenes.values():
        # Narrative conditions change what is read, not where the story goes.
        routes = [scene.next]
        if scene.item is not None:
            outcomes = [outcome for _, outcome in scene.item.outcomes()]
            routes += [outcome.goto for outcome in outcomes]
            names |= {c.name for outcome in outcomes for c in getattr(outcome, "when", ())}
        names |= {c.name for route in routes for branch in route for c in branch.when}
    return sorted(names)


def best_path(graph: StoryGraph) -> tuple[float, list[tuple[str, Answer | None]]]:
    """The highest score any path earns, text items counted full, and one such path as (scene, answer) pairs.

    No clock ticks on it: nobody who switches the clock off, or who is quick, may lose by that.
    Relaxes backwards until nothing changes, which ends because loops earn nothing: a decision pays once.
    """
    best: dict[Node, float] = {}
    choice: dict[Node, Step] = {}
    order = list(graph.steps)
    changed = True
    while changed:
        changed = False
        for node in reversed(order):
            for step in graph.steps[node]:
                if step.ticks or step.target is None or (step.target in graph.steps and step.target not in best):
                    continue
                value = step.points + best.get(step.target, 0.0)
                if value > best.get(node, -1.0) + 1e-9:
                    best[node], choice[node], changed = value, step, True
    path = list(_walk(graph, choice))
    return (best.get(graph.start, 0.0) if graph.start else 0.0), path


def _walk(graph: StoryGraph, choice: dict[Node, Step]) -> Iterator[tuple[str, Answer | None]]:
    node = graph.start
    while node is not None and node in choice:
        yield node[0], choice[node].answer
        node = choice[node].target


def loops(graph: StoryGraph) -> set[str]:
    """Scenes from which no ending can be reached."""
    leads_out: set[Node] = set()
    before = -1
    while len(leads_out) != before:
        before = len(leads_out)
        for node, steps in graph.steps.items():
            if any(
                step.target is not None and (step.target not in graph.steps or step.target in leads_out)
                for step in steps
            ):
                leads_out.add(node)
    return {node[0] for node in graph.steps if node not in leads_out}
