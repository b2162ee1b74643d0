"""A scenario in figures: its size, its reading time, and what people earn who do not read it."""

from dataclasses import dataclass

from onsite.scenario.fairness import Count, count_longest, count_places, scored_choices
from onsite.scenario.graph import Node, StoryGraph
from onsite.scenario.items.best_worst import BestWorst
from onsite.scenario.items.choice import Choice
from onsite.scenario.robots import ROBOTS, Walked, expected, left_out, walk
from onsite.scenario.schema import Scenario

WORDS_A_MINUTE = 200
"""Reading for understanding on a screen, rounded down from the 238 words a minute of silent adult reading of English
non-fiction (Brysbaert 2019, Journal of Memory and Language 109), since many here read in a second language."""


@dataclass(frozen=True)
class Figures:
    """What `check` prints of a scenario.

    paths: different sequences of answers from start to an ending, texts counted as one answer, or None when a loop
    makes them endless; words: read on an average path, which is that of somebody who takes every option offered with
    the same probability (role, setting, passages, prompts, all options offered, the consequence of the one chosen,
    ending and debrief; not the coaching, which is looked up); exact_words: False when every conditional passage had
    to be counted in; machine_points: the sum over decisions without those in `left_out`; choice_points, choice_guesser:
    the sum over decisions that a choice or a best_worst fills somewhere, and what the guesser earns of it.
    """

    scenes: int
    endings: int
    decisions: int
    points: int
    situations: int
    paths: int | None
    words: float
    exact_words: bool
    minutes: int
    machine_points: int
    left_out: tuple[str, ...]
    guesser: float
    choice_points: int
    choice_guesser: float
    robots: dict[str, Walked]
    longest: Count
    places: dict[str, Count]

    @property
    def reading(self) -> float:
        """Minutes of reading on an average path."""
        return self.words / WORDS_A_MINUTE


def figures_of(scenario: Scenario, graph: StoryGraph, *, exact_words: bool) -> Figures:
    """The figures of a scenario whose story has no errors."""
    unscored = left_out(scenario)
    points, words = expected(scenario, graph)
    chosen = _chosen(scenario)
    items = scored_choices(scenario)
    return Figures(
        scenes=len(scenario.scenes),
        endings=len(scenario.endings),
        decisions=len(scenario.decisions),
        points=scenario.points,
        situations=len(graph.steps),
        paths=count_paths(graph),
        words=_before_the_story(scenario) + graph.opening + words,
        exact_words=exact_words,
        minutes=scenario.minutes,
        machine_points=sum(d.points for name, d in scenario.decisions.items() if name not in unscored),
        left_out=tuple(name for name in scenario.decisions if name in unscored),
        guesser=points,
        choice_points=sum(scenario.decisions[name].points for name in chosen),
        choice_guesser=expected(scenario, graph, chosen)[0],
        robots={name: walk(scenario, graph, pick) for name, pick in ROBOTS.items()},
        longest=count_longest(items),
        places=count_places(items),
    )


def count_paths(graph: StoryGraph) -> int | None:
    """How many sequences of answers lead to an ending, or None when a loop makes them endless. Exact at any size."""
    order, cyclic = graph.order
    if cyclic:
        return None
    count: dict[Node, int] = {}
    for node in order:
        targets = (step.target for step in graph.steps[node] if step.ticks == 0 and step.target is not None)
        count[node] = sum(count.get(target, 1) for target in targets)
    return 0 if graph.start is None else count.get(graph.start, 1)


def _chosen(scenario: Scenario) -> set[str]:
    items = (scene.item for scene in scenario.scenes.values())
    return {item.decision for item in items if isinstance(item, (Choice, BestWorst)) and item.decision is not None}


def _before_the_story(scenario: Scenario) -> int:
    return len(f"{scenario.role} {scenario.setting}".split())
