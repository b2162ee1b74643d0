"""How each place of a story is reached: the shortest answers that lead there, for an author who wants to look at it."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from onsite.scenario.items.base import Answer
from onsite.scenario.replay import follow, passed, ticked
from onsite.scenario.schema import Scenario
from onsite.scenario.story import Story, after, start_state

Way = tuple[tuple[str, Answer, int], ...]
"""Answers from the start of the story: (scene, answer, ticks of its clock before the answer)."""

PLACEHOLDER = "(written here by the preview, so that the story goes on)"
MAX_SITUATIONS = 50_000


def ways(story: Story, scenario: Scenario) -> dict[str, Way]:
    """The shortest way to every scene and ending that can be reached, told scenes included.

    Searches breadth first over situations: a place, and the state that some route or option asks about. Stops when
    every place is found, or after MAX_SITUATIONS. Where all answers lead the same way, the reference answer is given.
    """
    asked = sorted(_asked(story))
    found: dict[str, Way] = {}
    waiting: deque[tuple[str, dict[str, int], Way]] = deque()
    seen: set[tuple[str, tuple[int, ...]]] = set()

    def arrive(place: str | None, state: dict[str, int], way: Way) -> None:
        *told, last = passed(story, place, state)
        for name in [*told, last]:
            if name is not None:
                found.setdefault(name, way)
        if last is None or last in story.endings:
            return
        situation = (last, tuple(state[name] for name in asked))
        if situation not in seen and len(seen) < MAX_SITUATIONS:
            seen.add(situation)
            waiting.append((last, state, way))

    arrive(story.start, start_state(story), ())
    everything = len(story.scenes) + len(story.endings)
    while waiting and len(found) < everything:
        place, state, way = waiting.popleft()
        scene, authored = story.scenes[place], scenario.scenes[place].item
        assert scene.item is not None and authored is not None, "passed() stops at scenes with an item only"
        felt = scene.clock is not None and not scene.clock.effects.keys().isdisjoint(asked)
        for ticks in range(scene.clock.most + 1) if scene.clock is not None and felt else range(1):
            waited = ticked(story, scene, state, ticks)
            assert waited is not None, "a clock can tick as often as it says"
            for outcome in scene.item.ways(waited):
                answer = getattr(outcome, "id", None) or authored.reference() or PLACEHOLDER
                new_state = after(story, waited, outcome.effects)
                arrive(follow(outcome.goto, new_state), new_state, (*way, (place, answer, ticks)))
    return found


def _asked(story: Story) -> set[str]:
    """The states that a route or an option asks about; what only narrative asks cannot part the ways."""
    parts: list[Any] = []
    for scene in story.scenes.values():
        parts += [branch.model_dump() for branch in scene.next]
        if scene.item is not None:
            parts.append(scene.item.model_dump())
    return {name for part in parts for name in _names(part)}


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key == "when":
                yield from (comparison["name"] for comparison in part)
            else:
                yield from _names(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _names(part)
