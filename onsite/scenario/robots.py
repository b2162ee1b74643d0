"""What people earn who do not read the story: a random guesser, and three robots with a trick each.

The robots' tricks are for choices; on every other kind that the machine marks they guess. A text earns nothing and is
left out of what could have been earned, since a person marks it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from statistics import fmean as mean
from typing import Any

from onsite.scenario.fairness import length
from onsite.scenario.graph import Node, Step, StoryGraph
from onsite.scenario.items import Item
from onsite.scenario.items.choice import Choice, Option
from onsite.scenario.items.ranking import MOST
from onsite.scenario.items.rating import Rating, rating_credit
from onsite.scenario.key import text_decisions
from onsite.scenario.phrases import Phrases
from onsite.scenario.schema import Scenario
from onsite.scenario.wording import POLITE

Way = tuple[float, Step, float]
"""One way on: its probability, the step, and the points it earns."""

Pick = Callable[[list[Option]], Option]

TOLERANCE = 1e-12
MOST_ROUNDS = 100_000


def _blind_rating(item: Rating) -> float:
    # Each response is rated 1 to 5 with the same probability, and credit is a mean over responses.
    return mean(rating_credit({one.id: guess}, {one.id: one.rating}) for one in item.responses for guess in range(1, 6))


BLIND: Mapping[str, Callable[[Any], float]] = {
    "best_worst": lambda item: 1 / len(item.options),
    "rating": _blind_rating,
    "ranking": lambda _: 12 / MOST,
    "select": lambda item: item.choose / len(item.options),
    "sort": lambda item: 1 / len(item.bins),
}
"""The mean credit of a blind answer, by kind of item whose answers all lead on alike.

All answers are equally likely: pairs of best and worst, ratings, orders (mean 12 of 20 by the scheme's source), sets of
as many options as are to be chosen, bins. Tests hold these against every answer added up.
"""


def ways(scenario: Scenario, graph: StoryGraph, node: Node) -> list[Way]:
    """How a random guesser goes on from a situation: every option offered equally likely, the clock off."""
    steps = [step for step in graph.steps[node] if step.ticks == 0]
    share = _share(_item(scenario, node))
    return [(1 / len(steps), step, step.points * share) for step in steps]


def _share(item: Item) -> float:
    """The part of a step's points that a blind answer earns: all of them for a choice, whose step is one option."""
    if isinstance(item, Choice):
        return 1.0
    return BLIND[item.kind](item) if item.kind in BLIND else 0.0


def _item(scenario: Scenario, node: Node) -> Item:
    item = scenario.scenes[node[0]].item
    assert item is not None, "a situation is a scene with an item"
    return item


def left_out(scenario: Scenario) -> set[str]:
    """The decisions that neither guesser nor robots are scored on: those a person marks."""
    return set(text_decisions(scenario))


def expected(scenario: Scenario, graph: StoryGraph, decisions: Collection[str] | None = None) -> tuple[float, float]:
    """What a random guesser gathers on average: points, and words read from the first situation on.

    decisions: those whose points count; all unless given.

    The value of a situation is the mean over its ways on of gain plus value of the next one (dynamic programming,
    last situations first). Exact without loops; with loops repeated until no value moves by TOLERANCE.
    """
    order, cyclic = graph.order
    onward = [
        (node, ways(scenario, graph, node), decisions is None or _item(scenario, node).decision in decisions)
        for node in order
    ]
    value: dict[Node | None, tuple[float, float]] = {None: (0.0, 0.0)}
    value |= {node: (0.0, float(words)) for node, words in graph.words.items() if node not in graph.steps}
    for _ in range(MOST_ROUNDS if cyclic else 1):
        moved = 0.0
        for node, onto, counted in onward:
            points, words = 0.0, float(graph.words[node])
            for probability, step, earned in onto:
                ahead = value.get(step.target, (0.0, 0.0))
                points += probability * (earned * counted + ahead[0])
                words += probability * (step.words + ahead[1])
            if cyclic:
                before = value.get(node, (0.0, 0.0))
                moved = max(moved, abs(points - before[0]), abs(words - before[1]))
            value[node] = (points, words)
        if moved <= TOLERANCE:
            break
    return value[graph.start]


def longest(options: list[Option]) -> Option:
    """The option with the longest text; of equals the first."""
    return max(options, key=lambda option: length(option.text))


def first(options: list[Option]) -> Option:
    """The option on top."""
    return options[0]


_COURTEOUS = Phrases(POLITE)


def most_polite(options: list[Option]) -> Option:
    """The option with the most signs of courtesy; of equals the first."""
    return max(options, key=lambda option: len(_COURTEOUS.in_text(option.text)))


ROBOTS: Mapping[str, Pick] = {"longest": longest, "first": first, "most polite": most_polite}


@dataclass(frozen=True)
class Walked:
    """Where a robot came to: its points, its answers by scene, and the ending, or None when it goes in circles."""

    points: float
    answers: tuple[tuple[str, str], ...]
    ending: str | None


def walk(scenario: Scenario, graph: StoryGraph, pick: Pick) -> Walked:
    """Play a scenario by one rule to an ending, or until a situation comes a second time."""
    points = 0.0
    answers: list[tuple[str, str]] = []
    seen: set[Node] = set()
    node = graph.start
    while node is not None and node in graph.steps and node not in seen:
        seen.add(node)
        item = _item(scenario, node)
        steps = [step for step in graph.steps[node] if step.ticks == 0]
        if isinstance(item, Choice):
            by_id = {step.answer: step for step in steps}
            picked = pick([option for option in item.options if option.id in by_id])
            step = by_id[picked.id]
            points += step.points
            answers.append((node[0], picked.id))
        else:
            step = steps[0]
            points += step.points * _share(item)
        node = step.target
    ended = node is not None and node[0] in scenario.endings
    return Walked(points, tuple(answers), node[0] if ended and node is not None else None)
