"""Which differences of state can still matter, place by place.

A story of sixty scenes with two meters has millions of states, nearly all of which lead on alike. A *cut* at n says
that some condition ahead tells values below n from values of n and more; between two cuts all values lead on alike.
Cuts are carried backwards through the story. An effect of +e, kept within min..max, moves a cut from n to n - e:
with min < n <= max, min(max, max(min, v + e)) >= n holds exactly when v + e >= n. A variable without a cut at a
place is dead there (liveness analysis is the special case), and folding loses nothing: equal folds have equal futures.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from onsite.scenario.conditions import Condition
from onsite.scenario.parts import Branch, Effects
from onsite.scenario.schema import Scenario, Scene

Cuts = dict[str, set[int]]
"""By state name, the values at which something ahead changes; names without any are left out."""

Fold = dict[str, list[int]]
"""How to fold a state at one place: by name of what matters there its cuts in order, none to keep every value."""

MOST_CUTS = 2_000
"""With more cuts than this at one place a variable is kept value by value: wide ranges would take too long."""


def folds_of(scenario: Scenario, *, narrative: bool) -> dict[str, Fold]:
    """How to fold the state at every place. With `narrative`, what is read must be alike too, not only what follows."""
    exact: set[str] = set()
    while True:
        found, too_many = _settle(scenario, exact, narrative=narrative)
        if too_many is None:
            return {
                place: {name: [] if name in exact else sorted(at) for name, at in cuts.items()}
                for place, cuts in found.items()
            }
        exact.add(too_many)


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
            for when in (*_offers(scene), *(_passages(scene) if narrative else ())):
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


def conditions(scene: Scene, *, narrative: bool) -> Iterator[Condition]:
    """The conditions of a scene: on options, on routes and, with `narrative`, on passages."""
    if narrative:
        yield from _passages(scene)
    yield from _offers(scene)
    yield from (branch.when for _, route in _ways(scene) for branch in route)


def _passages(scene: Scene) -> Iterator[Condition]:
    return (passage.when for passage in scene.narrative)


def _offers(scene: Scene) -> Iterator[Condition]:
    return (getattr(outcome, "when", ()) for _, outcome in (scene.item.outcomes() if scene.item is not None else ()))


def _ways(scene: Scene) -> Iterator[tuple[Effects, Iterable[Branch]]]:
    """Every way out of a scene: what it does to the state, and the route it then takes."""
    if scene.item is None:
        yield {}, scene.next
        return
    for _, outcome in scene.item.outcomes():
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
    """Add the cuts before each tick of the scene's clock."""
    clock = scene.clock
    if clock is None:
        return
    later = cuts
    for _ in range(clock.most):
        later = _before(later, clock.effects, ranges, exact)
        _join(cuts, {name: set(at) for name, at in later.items()})
