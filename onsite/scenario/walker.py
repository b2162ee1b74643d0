"""One step of a scenario at a time, straight from what its author wrote, made ready for millions of steps.

No HTML is made to follow the story. States are tuples: one whole number for each variable that a condition names.
The rules are those of `replay`; tests hold the two against each other.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from onsite.scenario.conditions import OPERATORS, Condition
from onsite.scenario.folding import Fold, conditions, folds_of
from onsite.scenario.items.base import Answer
from onsite.scenario.items.choice import Option
from onsite.scenario.parts import Branch, Effects
from onsite.scenario.schema import Scenario, Scene

State = tuple[int, ...]
Filled = frozenset[str]

Test = tuple[tuple[int, Callable[[int, int], bool], int], ...]
Change = tuple[tuple[int, int, int, int], ...]
"""(position, added, least, most) for each variable."""
Goto = tuple[tuple[Test, str], ...]
Texts = tuple[tuple[Test, int], ...]
"""Words by condition."""


def passes(test: Test, state: State) -> bool:
    """As `conditions.holds`."""
    for position, compare, value in test:  # noqa: SIM110 (all() with a generator takes three times as long)
        if not compare(state[position], value):
            return False
    return True


def changed(state: State, change: Change) -> State:
    """As `story.after`."""
    if not change:
        return state
    values = list(state)
    for position, added, low, high in change:
        value = values[position] + added
        values[position] = low if value < low else min(value, high)
    return tuple(values)


def follow(route: Goto, state: State) -> str | None:
    """As `replay.follow`."""
    for test, goto in route:
        if not test or passes(test, state):
            return goto
    return None


@dataclass(frozen=True, slots=True)
class Way:
    """One outcome of an item: the option's id or None, when it is offered, what it leads to; credit 1 unless said."""

    answer: Answer | None
    when: Test
    change: Change
    route: Goto
    credit: float
    words: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A scene with an item. ticks and clock: how often its clock may run before the answer, and what that changes."""

    decision: str | None
    points: float
    ways: tuple[Way, ...]
    texts: Texts
    ticks: int
    clock: Change


@dataclass(frozen=True, slots=True)
class Tell:
    """A scene that only tells."""

    route: Goto
    texts: Texts


class Walker:
    """A scenario made ready for many steps."""

    def __init__(self, scenario: Scenario, *, narrative: bool) -> None:
        self._scenario = scenario
        self._narrative = narrative
        folds = folds_of(scenario, narrative=narrative)
        asked = {
            c.name
            for scene in scenario.scenes.values()
            for when in conditions(scene, narrative=narrative)
            for c in when
        }
        self._position = {name: index for index, name in enumerate(sorted(asked))}
        self.start: State = tuple(scenario.state[name].start for name in sorted(asked))
        self._folds = {place: self._fold(fold) for place, fold in folds.items()}
        self._fillable = fillable(scenario)
        self._after_filling: dict[tuple[str, Filled, str | None], Filled] = {}
        self.asks: dict[str, Ask] = {}
        self.tells: dict[str, Tell] = {}
        for name, scene in scenario.scenes.items():
            if scene.item is None:
                self.tells[name] = Tell(self._route(scene.next), self._passages(scene))
            else:
                self.asks[name] = self._ask(scene)
        self.endings = {
            name: _words(ending.narrative) + _words(ending.debrief) for name, ending in scenario.endings.items()
        }

    def rest(self, place: str | None, state: State) -> tuple[str | None, list[str], int]:
        """Where the story comes to rest from `place` on, the scenes told on the way, and their words.

        The place is None when no route holds, or when told scenes lead in a circle.
        """
        words = 0
        told: list[str] = []
        while place is not None and (tell := self.tells.get(place)) is not None:
            if place in told:
                return None, told, words
            told.append(place)
            words += read(tell.texts, state)
            place = follow(tell.route, state)
        return place, told, words

    def fold(self, place: str, state: State) -> State:
        """What still matters of the state at `place`."""
        return tuple([bisect_right(cuts, state[at]) if cuts else state[at] for at, cuts in self._folds[place]])

    def filled(self, place: str, filled: Filled, decision: str | None) -> Filled:
        """What still matters at `place` of the decisions filled, `decision` now among them."""
        key = (place, filled, decision)
        if key not in self._after_filling:
            now = filled if decision is None else filled | {decision}
            self._after_filling[key] = now & self._fillable[place]
        return self._after_filling[key]

    def _fold(self, fold: Fold) -> list[tuple[int, list[int]]]:
        return [(self._position[name], cuts) for name, cuts in sorted(fold.items())]

    def _ask(self, scene: Scene) -> Ask:
        item = scene.item
        assert item is not None, "called for scenes with an item only"
        ways = tuple(
            Way(
                answer=outcome.id if isinstance(outcome, Option) else item.reference(),
                when=self._test(getattr(outcome, "when", ())),
                change=self._change(outcome.effects),
                route=self._route(outcome.goto or scene.next),
                credit=float(outcome.credit) if isinstance(outcome, Option) else 1.0,
                words=_words(outcome.consequence),
            )
            for _, outcome in item.outcomes()
        )
        listed = [part for _, parts in item.lists() for part in parts]
        texts = [(self._test(getattr(part, "when", ())), _words(_read_of(part))) for part in listed]
        points = float(self._scenario.decisions[item.decision].points) if item.decision is not None else 0.0
        clock = scene.clock
        # A clock that changes nothing asked about ticks unseen.
        change = () if clock is None else self._change(clock.effects)
        return Ask(
            decision=item.decision,
            points=points,
            ways=ways,
            texts=_sum([((), _words(item.prompt)), *self._passages(scene), *texts]),
            ticks=clock.most if clock is not None and change else 0,
            clock=change,
        )

    def _passages(self, scene: Scene) -> Texts:
        return _sum((self._test(p.when) if self._narrative else (), _words(p.text)) for p in scene.narrative)

    def _test(self, when: Condition) -> Test:
        return tuple((self._position[c.name], OPERATORS[c.op], c.value) for c in when)

    def _route(self, route: tuple[Branch, ...]) -> Goto:
        return tuple((self._test(branch.when), branch.goto) for branch in route)

    def _change(self, effects: Effects) -> Change:
        state = self._scenario.state
        return tuple(
            (self._position[name], added, state[name].min, state[name].max)
            for name, added in effects.items()
            if name in self._position
        )


def read(texts: Texts, state: State) -> int:
    """Words of the texts whose condition holds."""
    return sum([words for test, words in texts if not test or passes(test, state)])


def _sum(texts: Any) -> Texts:
    """The same texts, those without a condition taken together."""
    texts = list(texts)
    always = sum(words for test, words in texts if not test)
    return (((), always), *((test, words) for test, words in texts if test))


def _read_of(part: Any) -> str:
    """What a learner reads of a listed thing: its text, or a bin's label."""
    return str(getattr(part, "text", getattr(part, "label", "")))


def _words(text: str) -> int:
    return len(text.split())


def fillable(scenario: Scenario) -> dict[str, Filled]:
    """By place, the decisions that some scene from here on fills, conditions left aside."""
    ahead: dict[str, Filled] = {place: frozenset() for place in (*scenario.scenes, *scenario.endings)}
    again = True
    while again:
        again = False
        for place, scene in reversed(scenario.scenes.items()):
            routes: list[tuple[Branch, ...]] = [scene.next]
            here: set[str] = set()
            if scene.item is not None:
                routes += [outcome.goto for _, outcome in scene.item.outcomes()]
                here |= {scene.item.decision} if scene.item.decision else set()
            here = here.union(*(ahead[branch.goto] for route in routes for branch in route))
            if here != ahead[place]:
                ahead[place], again = frozenset(here), True
    return ahead
