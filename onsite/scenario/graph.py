"""Every situation a learner can reach, as a graph: for proofs about paths, endings and scores."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from onsite.scenario.items.base import Answer
from onsite.scenario.schema import Scenario
from onsite.scenario.walker import Walker, changed, follow, passes, read

MAX_NODES = 200_000

Node = tuple[str, tuple[int, ...], frozenset[str]]
"""A situation: the place, the state as far as it still matters, the decisions filled that could be filled again."""


class Step(NamedTuple):
    """One answer from a situation.

    answer: the option's id, or for an item whose answers all lead on alike one that earns the full credit (None: a
    text); points: what it earns; target: where it leads; words: what is read between the answer and the target;
    ticks: how often the scene's clock ticks first (counts that cannot make a difference are left out).
    """

    answer: Answer | None
    points: float
    target: Node | None
    words: int = 0
    ticks: int = 0


@dataclass
class StoryGraph:
    """All reachable situations and the steps between them.

    told: the scenes without an item that some path passes; stuck: situations in which no option is offered
    or no route holds; refilled: (scene, decision) pairs met with the decision already filled; words: what is
    read on arriving in a situation; opening: what is read before the first; complete: False when the search
    stopped at MAX_NODES.
    """

    start: Node | None
    steps: dict[Node, list[Step]] = field(default_factory=dict)
    endings: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    stuck: list[Node] = field(default_factory=list)
    refilled: set[tuple[str, str]] = field(default_factory=set)
    words: dict[Node, int] = field(default_factory=dict)
    opening: int = 0
    complete: bool = True

    @cached_property
    def order(self) -> tuple[list[Node], bool]:
        """The situations in which something is asked, targets before what leads there; and whether any form a loop."""
        return _backwards(self)

    @cached_property
    def best(self) -> "tuple[dict[Node, float], dict[Node, Step]]":
        """From each situation the most that can still be earned, and the step that does; none where no ending follows.

        To be asked for once the graph is complete.
        """
        return _best(self)

    def scenes(self) -> set[str]:
        """The scenes that some path reaches."""
        return {place for place, _, _ in self.steps} | self.told


def explore(scenario: Scenario, *, narrative: bool = False, limit: int | None = None) -> StoryGraph:  # noqa: PLR0912
    """Search breadth first through every answer in every reachable situation, up to `limit` (MAX_NODES) of them.

    State that can make no difference any more is left out of the situations (see `folding`). With `narrative`,
    situations in which different passages are read are told apart, and `words` are exact; without, every passage
    counts as read.
    """
    limit = MAX_NODES if limit is None else limit
    story = Walker(scenario, narrative=narrative)
    graph = StoryGraph(start=None)
    place, told, graph.opening = story.rest(scenario.start, story.start)
    graph.told.update(told)
    if place is None:
        return graph
    graph.start = (place, story.fold(place, story.start), frozenset())
    waiting = deque([(graph.start, story.start)])
    seen = {graph.start}
    while waiting:
        here, state = waiting.popleft()
        place, _, filled = here
        if place in story.endings:
            graph.words[here] = story.endings[place]
            graph.endings.add(place)
            continue
        ask = story.asks[place]
        graph.words[here] = read(ask.texts, state)
        if ask.decision in filled:
            graph.refilled.add((place, str(ask.decision)))
        points = 0.0 if ask.decision in filled else ask.points
        steps = graph.steps[here] = []
        stuck = False
        for ticks in range(ask.ticks + 1):
            state = changed(state, ask.clock) if ticks else state
            before = len(steps)
            for way in ask.ways:
                if way.when and not passes(way.when, state):
                    continue
                new_state = changed(state, way.change)
                place, told, words = story.rest(follow(way.route, new_state), new_state)
                if told:
                    graph.told.update(told)
                target = None
                if place is None:
                    stuck = True
                else:
                    target = (place, story.fold(place, new_state), story.filled(place, filled, ask.decision))
                steps.append(Step(way.answer, points * way.credit, target, words + way.words, ticks))
                if target is not None and target not in seen:
                    if len(seen) >= limit:
                        graph.complete = False
                        return graph
                    seen.add(target)
                    waiting.append((target, new_state))
            stuck = stuck or len(steps) == before
        if stuck:
            graph.stuck.append(here)
    return graph


def _backwards(graph: StoryGraph) -> tuple[list[Node], bool]:
    order: list[Node] = []
    state: dict[Node, bool] = {}  # False: on the way down; True: done
    cyclic = False
    for root in [graph.start, *graph.steps]:
        if root is None or root in state or root not in graph.steps:
            continue
        state[root] = False
        stack = [(root, iter(graph.steps[root]))]
        while stack:
            node, steps = stack[-1]
            for step in steps:
                target = step.target
                if target is None or target not in graph.steps:
                    continue
                if target not in state:
                    state[target] = False
                    stack.append((target, iter(graph.steps[target])))
                    break
                cyclic = cyclic or not state[target]
            else:
                state[node] = True
                order.append(node)
                stack.pop()
    return order, cyclic


def _best(graph: StoryGraph) -> tuple[dict[Node, float], dict[Node, Step]]:
    # With loops, repeats until nothing changes, which ends because loops earn nothing: a decision pays once.
    best: dict[Node, float] = {}
    choice: dict[Node, Step] = {}
    order, cyclic = graph.order
    changed = True
    while changed:
        changed = False
        for node in order:
            for step in graph.steps[node]:
                if step.ticks or step.target is None or (step.target in graph.steps and step.target not in best):
                    continue  # nobody may need the clock, which can be switched off
                value = step.points + best.get(step.target, 0.0)
                if value > best.get(node, -1.0) + 1e-9:
                    best[node], choice[node], changed = value, step, cyclic
    return best, choice


def best_path(graph: StoryGraph) -> tuple[float, list[tuple[str, Answer | None]]]:
    """The highest score any path earns, texts counted full, and one such path as (scene, answer) pairs.

    No clock ticks on it: nobody who switches the clock off, or who is quick, may lose by that.
    """
    best, choice = graph.best
    path = list(_walk(graph, choice))
    return (best.get(graph.start, 0.0) if graph.start else 0.0), path


def _walk(graph: StoryGraph, choice: dict[Node, Step]) -> Iterator[tuple[str, Answer | None]]:
    node = graph.start
    while node is not None and node in choice:
        yield node[0], choice[node].answer
        node = choice[node].target


def loops(graph: StoryGraph) -> set[str]:
    """Scenes from which no ending can be reached."""
    leads_out, _ = graph.best
    return {node[0] for node in graph.steps if node not in leads_out}
