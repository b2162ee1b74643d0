"""Which differences of state can still matter, place by place.

A story of sixty scenes with two meters has millions of states, nearly all of which lead on alike. A *cut* at n says
that some condition ahead tells values below n from values of n and more; between two cuts all values lead on alike.
Cuts are carried backwards through the story. An effect of +e, kept within min..max, moves a cut from n to n - e:
with min < n <= max, min(max, max(min, v + e)) >= n holds exactly when v + e >= n. A variable without a cut at a
place is dead there (liveness analysis is the special case), and folding loses nothing: equal folds have equal futures.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from onsite.scenario.conditions import Condition
from onsite.scenario.schema import Branch, Effects, Scenario, Scene, outcomes

Cuts = dict[str, set[int]]
"""By state name, the values at which something ahead changes; names without any are left out."""

Fold = Callable[[Mapping[str, int]], tuple[int, ...]]
"""A state as the tuple of intervals its values lie in."""

MOST_CUTS = 2_000
"""With more cuts than this at one place a variable is kept value by value: wide ranges would take too long."""


def folds(scenario: Scenario, *, narrative: bool) -> dict[str, Fold]:
    """How to fold the state at every place. With `narrative`, what is read must be alike too, not only what follows."""
    exact: set[str] = set()
    while True:
        found, too_many = _settle(scenario, exact, narrative=narrative)
        if too_many is None:
            return {place: _fold(cuts, exact) for place, cuts in found.items()}
        exact.add(too_many)


def _fold(cuts: Cuts, exact: set[str]) -> Fold:
    lines = [(name, None if name in exact else sorted(values)) for name, values in sorted(cuts.items())]

    def fold(state: Mapping[str, int]) -> tuple[int, ...]:
        return tuple([state[name] if at is None else bisect_right(at, state[name]) for name, at in lines])

    return fold


def _settle(scenario: Scenario, exact: set[str], *, narrative: bool) -> tuple[dict[str, Cuts], str | None]:
    """Cuts at every place, by repetition until nothing changes; or the name of a variable with too many."""
    found: dict[str, Cuts] = {place: {} for place in chain(scenario.scenes, scenario.endings)}
    ranges = {name: (variable.min, variable.max) for name, variable in scenario.state.items()}
    changed = True
    while changed:
        changed = False
        # Stories are told forwards, so backwards most places need one visit.
        for place, scene in reversed(scenario.scenes.items()):
            here: Cuts = {}
            for when in _conditions(scene, narrative=narrative):
                _ask(here, when, ranges, exact)
            for effects, route in _ways(scene):
                ahead: Cuts = {}
                for branch in route:
                    _ask(ahead, branch.when, ranges, exact)
                    _join(ahead, found[branch.goto])
                _join(here, _before(ahead, effects, ranges, exact))
            _wait(here, scene, ranges, exact)
            for name, cuts in here.items():
                if len(cuts) > MOST_CUTS:
                    return found, name
            if here != found[place]:
                found[place], changed = here, True
    return found, None


def _conditions(scene: Scene, *, narrative: bool) -> Iterator[Condition]:
    if narrative:
        yield from (passage.when for passage in scene.narrative)
    if scene.item is not None:
        yield from (getattr(outcome, "when", ()) for outcome in outcomes(scene.item))


def _ways(scene: Scene) -> Iterator[tuple[Effects, Iterable[Branch]]]:
    """Every way out of a scene: what it does to the state, and the route it then takes."""
    if scene.item is None:
        yield {}, scene.next
        return
    for outcome in outcomes(scene.item):
        yield outcome.effects, outcome.goto or scene.next


def _ask(cuts: Cuts, when: Condition, ranges: Mapping[str, tuple[int, int]], exact: set[str]) -> None:
    """Add the cuts at which `when` changes; those outside a variable's range tell nothing apart."""
    for comparison in when:
        value = comparison.value
        at = {"<": {value}, ">=": {value}, "<=": {value + 1}, ">": {value + 1}}.get(comparison.op, {value, value + 1})
        low, high = ranges[comparison.name]
        if at := {cut for cut in at if low < cut <= high}:
            cuts.setdefault(comparison.name, set()).update({high} if comparison.name in exact else at)


def _join(cuts: Cuts, more: Cuts) -> None:
    for name, at in more.items():
        cuts.setdefault(name, set()).update(at)


def _before(cuts: Cuts, effects: Mapping[str, int], ranges: Mapping[str, tuple[int, int]], exact: set[str]) -> Cuts:
    """The cuts before `effects`, from those after."""
    moved: Cuts = {}
    for name, at in cuts.items():
        change = effects.get(name, 0)
        if not change or name in exact:
            moved[name] = at
            continue
        low, high = ranges[name]
        if earlier := {cut - change for cut in at if low < cut - change <= high}:
            moved[name] = earlier
    return moved


def _wait(cuts: Cuts, scene: Scene, ranges: Mapping[str, tuple[int, int]], exact: set[str]) -> None:
    """Add the cuts before each tick of the scene's clock, where the format has one."""
    clock = getattr(scene, "clock", None)
    if clock is None:
        return
    later = cuts
    for _ in range(clock.most):
        later = _before(later, clock.effects, ranges, exact)
        _join(cuts, {name: set(at) for name, at in later.items()})
