"""What the report has to know of a scenario: plain data, without story logic."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

from onsite.scenario.items import Item
from onsite.scenario.items.choice import Choice
from onsite.scenario.items.sort import Sort
from onsite.scenario.items.text import Text
from onsite.scenario.practices import practices_of
from onsite.scenario.schema import Scenario

WRITTEN = "written"
"""The option code of every free text: the report never holds what somebody wrote."""


class Reply(NamedTuple):
    """One answer, as the cohort table takes it.

    option: see `code_of`; credit: 0 to 1, None while unread or when nothing is scored.
    """

    scene: str
    option: str
    credit: float | None
    decision: str | None = None
    confidence: str | None = None


@dataclass(frozen=True)
class OptionFacts:
    """One response option. text: Markdown, as learners read it; credit: 0 to 1."""

    text: str
    credit: float


@dataclass(frozen=True)
class ItemFacts:
    """One question. decision: what it fills, or None; practices: the source points that its best answer rests on.

    options: by id, for items of kind choice only; parts: for every other kind what was asked about, by id, and
    `keyed`, the parts of the answer that earns the full credit (see `parts_of`).
    """

    scene: str
    title: str
    kind: str
    prompt: str
    decision: str | None
    practices: tuple[str, ...]
    options: Mapping[str, OptionFacts]
    parts: Mapping[str, str]
    keyed: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class DecisionFacts:
    """One decision: what it is called, its worth in points, and whether a person marks it."""

    title: str
    points: float
    by_person: bool = False


@dataclass(frozen=True)
class ScenarioFacts:
    """One scenario. endings: titles by name; straight: whether every path asks all items, in one order;
    test: which of the two tests around the course it is, None for a story; older: whether it is an older version of a
    scenario that stands here too.
    """

    slug: str
    title: str
    minutes: int
    decisions: Mapping[str, DecisionFacts]
    items: Mapping[str, ItemFacts]
    endings: Mapping[str, str]
    straight: bool
    test: Literal["before", "after"] | None = None
    older: bool = False

    @property
    def story(self) -> str:
        """What all versions of the scenario are called."""
        return self.slug.partition("@")[0]

    def asks(self, item: ItemFacts) -> str:
        """What an item decides, in a few words: the title of its decision, or of its scene where it fills none."""
        return self.decisions[item.decision].title if item.decision else item.title

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Titles of scenes and endings by name; those that several share say which of them each is, in the story's
        order."""
        titles = {name: item.title for name, item in self.items.items()} | dict(self.endings)
        alike: dict[str, list[str]] = {}
        for name, title in titles.items():
            alike.setdefault(title, []).append(name)
        return {
            name: title if len(same := alike[title]) == 1 else f"{title} ({same.index(name) + 1} of {len(same)})"
            for name, title in titles.items()
        }

    @property
    def points(self) -> float:
        """The most that can be earned."""
        return sum(decision.points for decision in self.decisions.values())


def of_version(slug: str, version: int) -> str:
    """What answers on an older version of a scenario are entered under, so that they stand beside today's."""
    return f"{slug}@{version}"


def facts_of_version(slug: str, scenario: Scenario) -> ScenarioFacts:
    """The facts of an older version of a scenario."""
    facts = facts_of(of_version(slug, scenario.version), scenario)
    return replace(facts, title=f"{facts.title} (version {scenario.version})", older=True)


def facts_of(slug: str, scenario: Scenario) -> ScenarioFacts:
    """The facts of a scenario."""
    items = {
        name: _item(name, scene.title or name, scene.item)
        for name, scene in scenario.scenes.items()
        if scene.item is not None
    }
    written = {item.decision for item in items.values() if item.kind == "text"}
    return ScenarioFacts(
        slug=slug,
        title=scenario.title,
        minutes=scenario.minutes,
        decisions={
            name: DecisionFacts(decision.title, float(decision.points), name in written)
            for name, decision in scenario.decisions.items()
        },
        items=items,
        endings={name: ending.title for name, ending in scenario.endings.items()},
        straight=_is_straight(scenario),
        test=scenario.test,
    )


def code_of(kind: str, answer: object) -> str:
    """A valid answer as a short text that is equal for equal answers: an option's id, or JSON with its keys sorted.

    Free text is WRITTEN, whatever it says. The order of a selection does not count.
    """
    if kind == "text":
        return WRITTEN
    if kind == "select" and isinstance(answer, list):
        answer = sorted(answer)
    if isinstance(answer, str):
        return answer
    if kind == "rating" and isinstance(answer, dict):
        answer = {name: int(value) for name, value in answer.items()}
    return json.dumps(answer, sort_keys=True, separators=(",", ":"))


def parts_of(kind: str, code: str) -> Iterator[tuple[str, str]]:
    """What an answer says part by part: (what is asked about, what was said of it).

    best_worst: ("best" or "worst", option); select: (option, "chosen") for those chosen; ranking: (option, place);
    rating: (response, "1" to "5"); sort: (statement, bin). For choice and text the one part is ("", code).
    """
    if kind in ("choice", "text"):
        yield "", code
        return
    answer = json.loads(code)
    if kind == "select":
        yield from ((name, "chosen") for name in answer)
    elif kind == "ranking":
        yield from ((name, str(place)) for place, name in enumerate(answer, 1))
    else:
        yield from ((name, str(said)) for name, said in answer.items())


def _item(scene: str, title: str, item: Item) -> ItemFacts:
    options: dict[str, OptionFacts] = {}
    parts: dict[str, str] = {}
    keyed: frozenset[tuple[str, str]] = frozenset()
    if isinstance(item, Choice):
        options = {option.id: OptionFacts(option.text, float(option.credit)) for option in item.options}
    elif not isinstance(item, Text):
        for name, listed in item.lists():
            parts |= {part.id: getattr(part, "text", getattr(part, "label", "")) for part in listed}
            del name
        if isinstance(item, Sort):
            parts |= {f"bin:{one.id}": one.label for one in item.bins}
        keyed = frozenset(parts_of(item.kind, code_of(item.kind, item.reference())))
    return ItemFacts(
        scene=scene,
        title=title,
        kind=item.kind,
        prompt=item.prompt,
        decision=item.decision,
        practices=practices_of(item),
        options=options,
        parts=parts,
        keyed=keyed,
    )


def _is_straight(scenario: Scenario) -> bool:
    """Whether every scene leads to exactly one next place and no option is ever hidden."""
    for scene in scenario.scenes.values():
        routes = [scene.next] if scene.item is None else []
        for _, outcome in scene.item.outcomes() if scene.item is not None else ():
            routes.append(outcome.goto or scene.next)
            if getattr(outcome, "when", ()):
                return False
        if len({tuple(branch.goto for branch in route) for route in routes}) > 1 or any(len(r) != 1 for r in routes):
            return False
    return True
