"""One step of a scenario at a time, straight from what its author wrote: no HTML is made to follow the story."""

from typing import Any

from onsite.scenario.conditions import holds
from onsite.scenario.folding import folds
from onsite.scenario.replay import follow
from onsite.scenario.schema import Branch, Effects, Item, Scenario, Scene, outcomes

State = dict[str, int]

ENTRIES = ("options", "responses", "statements")
"""The keys under which kinds of items list what a learner reads."""


class Walker:
    """A scenario prepared for many steps: folds, lengths of texts, decisions that can still be filled."""

    def __init__(self, scenario: Scenario, *, narrative: bool) -> None:
        self._scenario = scenario
        self._narrative = narrative
        self._folds = folds(scenario, narrative=narrative)
        self._fillable = fillable(scenario)
        self._lengths: dict[str, int] = {}
        self._ranges = {name: (variable.min, variable.max) for name, variable in scenario.state.items()}

    def item(self, place: str) -> Item:
        """The item of a scene at which the story rests."""
        item = self._scenario.scenes[place].item
        assert item is not None, "rest() stops at scenes with an item only"
        return item

    def after(self, state: State, effects: Effects) -> State:
        """As `story.after`, on the scenario."""
        changed = dict(state)
        for name, change in effects.items():
            low, high = self._ranges[name]
            changed[name] = min(high, max(low, changed[name] + change))
        return changed

    def waits(self, place: str, state: State) -> list[State]:
        """The state after 0, 1, 2 ... ticks of the scene's clock; of one without a clock, only as it is."""
        clock: Any = getattr(self._scenario.scenes[place], "clock", None)
        states = [state]
        for _ in range(0 if clock is None else clock.most):
            states.append(self.after(states[-1], clock.effects))
        return states

    def rest(self, place: str | None, state: State) -> tuple[str | None, set[str], int]:
        """Where the story comes to rest from `place` on, the scenes told on the way, and their words.

        The place is None when no route holds, or when told scenes lead in a circle.
        """
        words = 0
        told: set[str] = set()
        scenes = self._scenario.scenes
        while place in scenes and scenes[place].item is None:
            if place in told:
                return None, told, words
            told.add(place)
            words += self._passages(scenes[place], state)
            place = follow(scenes[place].next, state)
        return place, told, words

    def fold(self, place: str, state: State, filled: frozenset[str]) -> tuple[tuple[int, ...], frozenset[str]]:
        """What still matters at `place` of the state, and of the decisions filled."""
        return self._folds[place](state), filled & self._fillable[place]

    def words(self, place: str, state: State) -> int:
        """Words read on arriving: passages, prompt and the options offered; at an ending its text and debrief."""
        if place in self._scenario.endings:
            ending = self._scenario.endings[place]
            return self.length(ending.narrative) + self.length(ending.debrief)
        item = self.item(place)
        entries = [entry for name in ENTRIES for entry in getattr(item, name, ())]
        offered = (entry.text for entry in entries if holds(getattr(entry, "when", ()), state))
        return (
            self._passages(self._scenario.scenes[place], state)
            + self.length(item.prompt)
            + sum(self.length(text) for text in offered)
        )

    def _passages(self, scene: Scene, state: State) -> int:
        shown = (p.text for p in scene.narrative if not (self._narrative and p.when) or holds(p.when, state))
        return sum(map(self.length, shown))

    def length(self, text: str) -> int:
        """Words of a text."""
        if text not in self._lengths:
            self._lengths[text] = len(text.split())
        return self._lengths[text]


def fillable(scenario: Scenario) -> dict[str, frozenset[str]]:
    """By place, the decisions that some scene from here on fills, conditions left aside."""
    ahead: dict[str, frozenset[str]] = {place: frozenset() for place in (*scenario.scenes, *scenario.endings)}
    changed = True
    while changed:
        changed = False
        for place, scene in reversed(scenario.scenes.items()):
            routes: list[tuple[Branch, ...]] = [scene.next]
            here: set[str] = set()
            if scene.item is not None:
                routes += [outcome.goto for outcome in outcomes(scene.item)]
                here |= {scene.item.decision} if scene.item.decision else set()
            here = here.union(*(ahead[branch.goto] for route in routes for branch in route))
            if here != ahead[place]:
                ahead[place], changed = frozenset(here), True
    return ahead
