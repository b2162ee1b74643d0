"""Replay: the same answers always lead through the same story. The player's `replay.js` does the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from onsite.scenario.conditions import holds
from onsite.scenario.items.base import Answer
from onsite.scenario.parts import Branch
from onsite.scenario.story import Story, StoryScene, after, start_state


class Given(NamedTuple):
    """One answer as it stands in a record: in which scene, what, how sure, and after how many ticks of the clock.

    confidence: "low", "middle", "high", or None when it was not asked; ticks: 0 without a clock.
    """

    scene: str
    answer: object
    confidence: str | None = None
    ticks: object = 0


@dataclass(frozen=True)
class Answered:
    """One answer used: in which scene, what, the state right after it; confidence and ticks as in Given."""

    scene: str
    answer: Answer
    state: dict[str, int]
    confidence: str | None = None
    ticks: int = 0


@dataclass
class Replayed:
    """Where a sequence of answers leads.

    path: the answers used, in order; scene: the scene now waiting for an answer, or None;
    ending: the ending reached, or None; problem: index of the first answer that does not fit the
    story (answers from there on are not used), or None.
    """

    state: dict[str, int]
    path: list[Answered] = field(default_factory=list)
    scene: str | None = None
    ending: str | None = None
    problem: int | None = None


def ticked(story: Story, scene: StoryScene, state: Mapping[str, int], ticks: object) -> dict[str, int] | None:
    """The state after so many ticks of the scene's clock, or None when it cannot have ticked so often."""
    most = scene.clock.most if scene.clock else 0
    if not isinstance(ticks, (int, float)) or isinstance(ticks, bool) or ticks not in range(most + 1):
        return None
    now = dict(state)
    for _ in range(int(ticks)):
        assert scene.clock is not None, "only a clock ticks"
        now = after(story, now, scene.clock.effects)
    return now


def follow(route: Sequence[Branch], state: Mapping[str, int]) -> str | None:
    """The first place on `route` whose condition holds, or None: a gap that loading rules out."""
    return next((branch.goto for branch in route if holds(branch.when, state)), None)


def passed(story: Story, place: str | None, state: Mapping[str, int]) -> list[str | None]:
    """The places from `place` on through scenes that only tell, to the next scene with an item or ending.

    The last is None when the story has a gap, or goes in circles without asking anything.
    """
    places = [place]
    while place is not None and place not in story.endings and story.scenes[place].item is None:
        place = follow(story.scenes[place].next, state)
        places.append(place if len(places) <= len(story.scenes) else None)
        place = places[-1]
    return places


def settle(story: Story, place: str | None, state: Mapping[str, int]) -> str | None:
    """Where the story comes to rest from `place` on: a scene with an item, an ending, or None as in `passed`."""
    return passed(story, place, state)[-1]


def replay(story: Story, answers: Sequence[Given | tuple[str, object]]) -> Replayed:
    """Play the answers of one attempt from the start of the story.

    A clock's ticks come before the answer they stand with: they may open and close options. Answers after an
    ending are not used, and are no problem. At a problem the state is that before the answer and its ticks.
    """
    state = start_state(story)
    place = settle(story, story.start, state)
    path: list[Answered] = []
    for index, given in enumerate(answers):
        if place in story.endings:
            break
        now = answered(story, place, state, Given(*given))
        if now is None:
            return _at(story, place, state, path, problem=index)
        step, place = now
        path.append(step)
        state = step.state
    return _at(story, place, state, path)


def road(story: Story, replayed: Replayed) -> list[str]:
    """Every place of a replay in order, scenes that only tell included.

    The last is where it came to stand: an ending, or the scene that waits for an answer.
    """
    state = start_state(story)
    places = passed(story, story.start, state)
    for step in replayed.path:
        scene = story.scenes[step.scene]
        waited = ticked(story, scene, state, step.ticks)
        assert scene.item is not None and waited is not None, "only answers that fit are on a path"
        outcome = scene.item.outcome_of(step.answer, waited)
        assert outcome is not None, "only answers that fit are on a path"
        state = step.state
        places += passed(story, follow(outcome.goto, state), state)
    return [place for place in places if place is not None]


def answered(
    story: Story, place: str | None, state: Mapping[str, int], given: Given
) -> tuple[Answered, str | None] | None:
    """One answer: as used at `place`, and where the story then rests; None when it does not fit there."""
    if place is None or place != given.scene:
        return None
    scene = story.scenes[place]
    waited = ticked(story, scene, state, given.ticks)
    if scene.item is None or waited is None:
        return None
    outcome = scene.item.outcome_of(given.answer, waited)
    if outcome is None:
        return None
    now = after(story, waited, outcome.effects)
    step = Answered(place, cast(Answer, given.answer), now, given.confidence, int(cast(int, given.ticks)))
    return step, settle(story, follow(outcome.goto, now), now)


def _at(
    story: Story, place: str | None, state: dict[str, int], path: list[Answered], problem: int | None = None
) -> Replayed:
    ended = place in story.endings
    return Replayed(state, path, None if ended else place, place if ended else None, problem)
