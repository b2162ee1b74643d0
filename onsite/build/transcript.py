"""A story as a printed game book: for paper, for a reader without JavaScript, for reading ahead."""

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from onsite.scenario.conditions import Condition
from onsite.scenario.items import StoryItem
from onsite.scenario.items.base import OneOutcomeStory
from onsite.scenario.items.choice import StoryChoice
from onsite.scenario.items.rating import StoryRating
from onsite.scenario.items.select import StorySelect
from onsite.scenario.items.sort import StorySort
from onsite.scenario.parts import Branch
from onsite.scenario.story import Story, StoryClock
from onsite.scenario.story_parts import StoryOutcome

_LETTERS = "ABCDEFGHIJ"
_HOW = {
    "text": "Write it down.",
    "best_worst": "Note two letters: the most effective, and the least effective.",
    "rating": "Give each letter a number from 1 (not effective) to 5 (very effective).",
    "ranking": "Put the letters in order, the most effective first.",
    "sort": "Note for each letter where it goes.",
}
"""How an item is answered on paper, by kind."""

_WORDS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "exactly", "!=": "not"}


@dataclass(frozen=True)
class Leaf:
    """One numbered paragraph: what follows from one answer, and where to read on.

    coaching: for the looking back; entries: that on single entries of the item, each with its letter.
    """

    number: int
    outcome: StoryOutcome
    effects: str
    reads_on: str
    coaching: Markup | None
    entries: tuple[tuple[str, Markup], ...] = ()


def transcript(story: Story) -> str:
    """The whole story as HTML: scenes in the author's order, each answer leading to a numbered paragraph."""
    environment = Environment(loader=PackageLoader("onsite.build"), autoescape=True, undefined=StrictUndefined)
    environment.filters["html"] = Markup
    return environment.get_template("transcript.html").render(
        story=story,
        leaves=_leaves(story),
        starts=[f"{v.label} (starts at {_amount(v.start, v.unit)})" for v in story.state.values()],
        condition=lambda when: _condition(story, when),
        route=lambda route: _route(story, route),
        letter=lambda index: _LETTERS[index],
        how=_how,
        clock=lambda clock: _clock(story, clock),
    )


def _leaves(story: Story) -> dict[tuple[str, int], Leaf]:
    leaves: dict[tuple[str, int], Leaf] = {}
    for name, scene in story.scenes.items():
        if scene.item is None:
            continue
        outcomes = scene.item.options if isinstance(scene.item, StoryChoice) else (scene.item,)
        entries = scene.item.entries() if isinstance(scene.item, OneOutcomeStory) else ()
        told = tuple((_LETTERS[i], Markup(entry.coaching)) for i, entry in enumerate(entries) if entry.coaching)
        for index, outcome in enumerate(outcomes):
            coaching = Markup(outcome.coaching) if outcome.coaching else None
            leaves[(name, index)] = Leaf(
                len(leaves) + 1,
                outcome,
                _effects(story, outcome.effects),
                _route(story, outcome.goto),
                coaching,
                told,
            )
    return leaves


def _how(item: StoryItem) -> str:
    """How this item is answered on paper."""
    if isinstance(item, StorySelect):
        return f"Choose {item.choose}, and note the letters."
    if isinstance(item, StoryRating) and item.scale:
        labels = ", ".join(f"{number} is {label}" for number, label in enumerate(item.scale, start=1))
        return f"Give each letter a number: {labels}."
    if isinstance(item, StorySort):
        return f"{_HOW['sort']} The places are: {'; '.join(one.label for one in item.bins)}."
    return _HOW[item.kind]


def _clock(story: Story, clock: StoryClock) -> str:
    times = "once" if clock.most == 1 else f"at most {clock.most} times"
    return (
        f"Time passes while you decide: after every {clock.every} seconds, {times}, {_effects(story, clock.effects)}. "
        "Leave the clock out if you would rather think in peace. With it, you read each time:"
    )


def _effects(story: Story, effects: Mapping[str, int]) -> str:
    # On paper nobody else keeps count, so hidden state is told too.
    told = [
        f"{story.state[name].label} {_amount(change, story.state[name].unit, sign=True)}"
        for name, change in effects.items()
        if change
    ]
    return "; ".join(told)


def _amount(value: int, unit: str, *, sign: bool = False) -> str:
    number = f"{value:+d}".replace("-", "\u2212") if sign else str(value)
    return f"{number} {unit}" if unit[:1].isalpha() else f"{number}{unit}"


def _title(story: Story, place: str) -> str:
    if place in story.endings:
        return f"the ending '{story.endings[place].title}'"
    # Two scenes may share a title.
    return f"scene {list(story.scenes).index(place) + 1}"


def _route(story: Story, route: tuple[Branch, ...]) -> str:
    parts: list[str] = []
    for branch in route:
        condition = f"if {_condition(story, branch.when)}, " if branch.when else "otherwise " if parts else ""
        parts.append(f"{condition}{_title(story, branch.goto)}")
    return "; ".join(parts)


def _condition(story: Story, when: Condition) -> str:
    return " and ".join(f"{story.state[c.name].label} is {_WORDS[c.op]} {c.value}" for c in when)
