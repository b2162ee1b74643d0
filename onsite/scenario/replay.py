"""Replay: the same answers always lead through the same story. The player's `replay.js` does the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from onsite.scenario.conditions import holds
from onsite.scenario.schema import Branch
from onsite.scenario.story import Story, StoryChoice, StoryItem, StoryOption, StoryOutcome, after, start_state

TEXT_LIMIT = 8000
"""The most characters a text answer may have."""

# What JavaScript's trim() takes off; Python's strip() differs by a few characters.
_BLANK = "\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


@dataclass(frozen=True)
class Answered:
    """One answer given: in which scene, what, and the state right after it."""

    scene: str
    answer: str
    state: dict[str, int]


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


def offered(item: StoryChoice, state: Mapping[str, int]) -> list[StoryOption]:
    """The options a learner may choose in this state."""
    return [option for option in item.options if holds(option.when, state)]


def outcome_of(item: StoryItem, answer: object, state: Mapping[str, int]) -> StoryOutcome | None:
    """What `answer` leads to, or None when it is not a valid answer to this item in this state."""
    if not isinstance(answer, str):
        return None
    if isinstance(item, StoryChoice):
        return next((option for option in offered(item, state) if option.id == answer), None)
    return item if answer.strip(_BLANK) and len(answer) <= TEXT_LIMIT else None


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


def replay(story: Story, answers: Sequence[tuple[str, object]]) -> Replayed:
    """Play `answers` (pairs of scene and answer) of one attempt from the start of the story.

    Answers after an ending are not used, and are no problem.
    """
    state = start_state(story)
    place = settle(story, story.start, state)
    path: list[Answered] = []
    for index, (scene, answer) in enumerate(answers):
        if place in story.endings:
            break
        item = story.scenes[place].item if place in story.scenes and place == scene else None
        outcome = outcome_of(item, answer, state) if item is not None else None
        if place is None or outcome is None:
            return _at(story, place, state, path, problem=index)
        state = after(story, state, outcome.effects)
        path.append(Answered(scene, str(answer), state))
        place = settle(story, follow(outcome.goto, state), state)
    return _at(story, place, state, path)


def _at(
    story: Story, place: str | None, state: dict[str, int], path: list[Answered], problem: int | None = None
) -> Replayed:
    ended = place in story.endings
    return Replayed(state, path, None if ended else place, place if ended else None, problem)
