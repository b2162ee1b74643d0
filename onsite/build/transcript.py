"""A story as a printed game book: for paper, for a reader without JavaScript, for reading ahead."""

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from onsite.scenario.conditions import Condition
from onsite.scenario.parts import Branch
from onsite.scenario.story import Story

_WORDS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "exactly", "!=": "not"}


@dataclass(frozen=True)
class Leaf:
    """One numbered paragraph: what follows from one answer, and where to read on."""

    number: int
    outcome: StoryOutcome
    effects: str
    reads_on: str
    coaching: Markup | None


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
        letter=lambda index: "ABCDEFGH"[index],
    )


def _leaves(story: Story) -> dict[tuple[str, int], Leaf]:
    leaves: dict[tuple[str, int], Leaf] = {}
    for name, scene in story.scenes.items():
        if scene.item is None:
            continue
        outcomes = scene.item.options if isinstance(scene.item, StoryChoice) else (scene.item,)
        for index, outcome in enumerate(outcomes):
            coaching = Markup(outcome.coaching) if outcome.coaching else None
            leaves[(name, index)] = Leaf(
                len(leaves) + 1, outcome, _effects(story, outcome), _route(story, outcome.goto), coaching
            )
    return leaves


def _effects(story: Story, outcome: StoryOutcome) -> str:
    # On paper nobody else keeps count, so hidden state is told too.
    told = [
        f"{story.state[name].label} {_amount(change, story.state[name].unit, sign=True)}"
        for name, change in outcome.effects.items()
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
