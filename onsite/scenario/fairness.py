"""Give-aways: what lets a test-wise reader find the best option without understanding the story.

Counts are held against chance by an exact one-sided test at 5 % (see `chance`): each scored choice is one trial, and
the chance of a hit is that of drawing its best option blindly. Few items prove little; `Count.mute` says so where
even a hit in every item would be no evidence.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any, NamedTuple

from onsite.scenario.chance import LEVEL, overlap, tail
from onsite.scenario.errors import Finding
from onsite.scenario.graph import Node, StoryGraph
from onsite.scenario.items import Item
from onsite.scenario.items.choice import Choice, Option
from onsite.scenario.phrases import Phrases
from onsite.scenario.schema import Scenario
from onsite.scenario.wording import ABSOLUTE
from onsite.scenario.yaml_source import Location, Source

NEAR = 0.9
"""Feedback is near-equal above this ratio of difflib, taken over words."""


class Placed(NamedTuple):
    """A choice whose options differ in credit, by its scene."""

    scene: str
    options: tuple[Option, ...]

    def best(self) -> set[int]:
        """Places of the options with the highest credit."""
        top = max(option.credit for option in self.options)
        return {index for index, option in enumerate(self.options) if option.credit == top}

    def longest(self) -> set[int]:
        """Places of the options with the longest text."""
        top = max(length(option.text) for option in self.options)
        return {index for index, option in enumerate(self.options) if length(option.text) == top}


@dataclass(frozen=True)
class Count:
    """How often a give-away holds, against chance.

    hits: the scenes in which it holds; of: how many items could show it; expected: by chance; p: the chance of at
    least so many; level: p below it is more than chance; mute: no count whatever could fall below it.
    """

    hits: tuple[str, ...]
    of: int
    expected: float
    p: float
    level: float
    mute: bool

    @property
    def unfair(self) -> bool:
        """Whether it holds more often than chance explains."""
        return self.p < self.level


def fairness_warnings(source: Source, scenario: Scenario, graph: StoryGraph) -> Iterator[Finding]:
    """Every give-away in a scenario whose story has no errors."""
    items = scored_choices(scenario)
    longest = count_longest(items)
    if longest.unfair:
        yield source.warning(
            _item(longest.hits[0]),
            f"The best option is the longest in {_counted(longest)}: {', '.join(longest.hits)}.",
            "Shorten the best options, or give the others their reasons.",
        )
    for place, count in count_places(items).items():
        if count.unfair:
            yield source.warning(
                _item(count.hits[0]),
                f"The best option stands {place} in {_counted(count)}: {', '.join(count.hits)}.",
                "Move some of the best options to other places.",
            )
    yield from _absurd(source, scenario, graph)
    yield from _same_feedback(source, scenario)


def _counted(count: Count) -> str:
    return (
        f"{len(count.hits)} of {count.of} items, where chance gives {count.expected:.1f} "
        f"(p = {count.p:.2g}, tested at {count.level:.2g})"
    )


def _item(scene: str) -> Location:
    return ("scenes", scene, "item", "options")


def length(text: str) -> int:
    """Characters of a text as it is read, line breaks counted as one space each."""
    return len(" ".join(text.split()))


def scored_choices(scenario: Scenario) -> list[Placed]:
    """Every scored choice in which some option is better than another."""
    return [
        Placed(name, scene.item.options)
        for name, scene in scenario.scenes.items()
        if isinstance(scene.item, Choice)
        and scene.item.decision is not None
        and len({option.credit for option in scene.item.options}) > 1
    ]


def count_longest(items: Iterable[Placed]) -> Count:
    """How often a longest option is a best one. Items whose options are all of one length show nothing."""
    items = [item for item in items if len(item.longest()) < len(item.options)]
    hits = [item.scene for item in items if item.longest() & item.best()]
    return _count(hits, [overlap(len(i.options), len(i.longest()), len(i.best())) for i in items], LEVEL)


def count_places(items: Iterable[Placed]) -> dict[str, Count]:
    """How often a best option stands first, second ..., last. The level is shared out among the places (Bonferroni)."""
    items = list(items)
    most = max((len(item.options) for item in items), default=0)
    names = {place: name for place, name in enumerate(_PLACES) if place < most}
    if len({len(item.options) for item in items}) > 1:
        names[-1] = "last"
    return {
        name: _count(
            [item.scene for item in held if place % len(item.options) in item.best()],
            [len(item.best()) / len(item.options) for item in held],
            LEVEL / len(names),
        )
        for place, name in names.items()
        if (held := [item for item in items if place < len(item.options)])
    }


_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def _count(hits: list[str], chances: list[float], level: float) -> Count:
    mute = tail(chances, len(chances)) >= level
    return Count(tuple(hits), len(chances), sum(chances), tail(chances, len(hits)), level, mute)


# --- options that nobody would take ----------------------------------------------------------------


def _absurd(source: Source, scenario: Scenario, graph: StoryGraph) -> Iterator[Finding]:
    absolute = Phrases(ABSOLUTE)
    found = [
        (name, index, option, phrases[0])
        for name, scene in scenario.scenes.items()
        for index, option in enumerate(scene.item.options if isinstance(scene.item, Choice) else ())
        if (phrases := absolute.in_text(option.text))
    ]
    worse = never_better(graph) if found else {}
    for name, index, option, phrase in found:
        if option.id in worse.get(name, ()):
            yield source.warning(
                (*_item(name), index, "text"),
                f"Hardly anybody would take '{option.id}': it says '{phrase}', "
                "and in no state is it worth more than another option.",
                "Give it the reason that somebody sensible would have, or take it out.",
            )


def never_better(graph: StoryGraph) -> dict[str, set[str]]:
    """By scene, the options that in every situation are worth no more than any other, and somewhere less.

    Worth is what an option earns together with the best that can still follow.
    """
    best, _ = graph.best
    candidates: dict[str, set[str]] = {}
    better: dict[str, set[str]] = {}
    for node in graph.steps:
        worth = _worth(graph, node, best)
        low, high = min(worth.values(), default=0.0), max(worth.values(), default=0.0)
        for answer, value in worth.items():
            if value > low + 1e-9:
                better.setdefault(node[0], set()).add(answer)
            elif value < high - 1e-9:
                candidates.setdefault(node[0], set()).add(answer)
    return {scene: answers - better.get(scene, set()) for scene, answers in candidates.items()}


def _worth(graph: StoryGraph, node: Node, best: Mapping[Node, float]) -> dict[str, float]:
    return {
        step.answer: step.points + (best.get(step.target, 0.0) if step.target is not None else 0.0)
        for step in graph.steps[node]
        if isinstance(step.answer, str) and step.ticks == 0
    }


# --- the same feedback twice ------------------------------------------------------------------------


def _same_feedback(source: Source, scenario: Scenario) -> Iterator[Finding]:
    for name, scene in scenario.scenes.items():
        told = [] if scene.item is None else feedback_of(scene.item)
        for field in ("coaching", "consequence"):
            texts = [(place, entry.id, _words(text)) for place, entry in told if (text := getattr(entry, field, ""))]
            for (_, first, one), (place, second, other) in combinations(texts, 2):
                if alike(one, other):
                    yield source.warning(
                        ("scenes", name, "item", *place, field),
                        f"'{first}' and '{second}' have {'the same' if one == other else 'nearly the same'} {field}.",
                        "Say what is particular to each.",
                    )


def feedback_of(item: Item) -> list[tuple[Location, Any]]:
    """What in an item has an id and feedback of its own, with its place in the item."""
    if isinstance(item, Choice):
        return list(item.outcomes())
    return list(item.entries())


def _words(text: str) -> tuple[str, ...]:
    kept = "".join(letter if letter.isalnum() else " " for letter in text.lower())
    return tuple(kept.split())


def alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two texts are the same but for case and punctuation, or nearly: difflib's ratio over words above NEAR."""
    if one == other:
        return True
    size = len(one) + len(other)
    # Upper bounds first, as in difflib's own quick_ratio: nearly every pair is settled by them.
    if 2 * min(len(one), len(other)) <= NEAR * size:
        return False
    if 2 * sum((Counter(one) & Counter(other)).values()) <= NEAR * size:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() > NEAR
