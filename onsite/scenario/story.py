"""The story a player needs, made from a scenario: text as HTML, no credit, and coaching only when allowed.

The classes mirror `story.json`; `story_of` is the one place where the key is left behind.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from onsite.scenario.conditions import Condition
from onsite.scenario.errors import OnsiteError
from onsite.scenario.items import StoryItem
from onsite.scenario.parts import Branch
from onsite.scenario.schema import Scenario, Scene
from onsite.scenario.story_parts import StoryPart, html


class StoryState(StoryPart):
    """One state variable: a whole number kept within min..max."""

    label: str
    start: int
    min: int
    max: int
    unit: str
    better: Literal["higher", "lower"]
    shown: bool


class StoryPassage(StoryPart):
    """Narrative HTML, shown while its condition holds."""

    when: Condition = ()
    html: str


class StoryClock(StoryPart):
    """A soft clock: each of at most `most` ticks, one every `every` seconds, applies `effects` and says something."""

    every: int
    effects: dict[str, int]
    most: int
    says: str


class StoryScene(StoryPart):
    """A scene: narrative and perhaps an item."""

    title: str | None = None
    narrative: tuple[StoryPassage, ...]
    item: StoryItem | None = None
    next: tuple[Branch, ...] = ()
    clock: StoryClock | None = None


class StoryEnding(StoryPart):
    """An ending; the debrief is None when it is kept for the feedback after grading."""

    title: str
    narrative: str
    debrief: str | None = None


class StoryPerson(StoryPart):
    """Somebody in the story."""

    name: str
    position: str
    cares_about: str


class StoryDecision(StoryPart):
    """A decision's name; what it is worth stays behind."""

    title: str


class Story(StoryPart):
    """Everything the player shows and computes with. Never holds credit."""

    format: Literal[1] = 1
    scenario: str
    version: int
    title: str
    summary: str
    minutes: int
    level: str
    role: str
    setting: str
    cast: tuple[StoryPerson, ...]
    objectives: tuple[str, ...]
    debrief: Literal["on_completion", "after_grading"]
    counts: Literal["first", "best", "last"]
    state: dict[str, StoryState]
    decisions: dict[str, StoryDecision]
    start: str
    scenes: dict[str, StoryScene]
    endings: dict[str, StoryEnding]

    def to_json(self) -> str:
        """The text of `story.json`: stable, with absent fields left out, ending in a newline."""
        return self.model_dump_json(indent=1, exclude_none=True) + "\n"


FILE_NAME = "story.json"
OLDER_FILES = "story-*.json"
"""Matches the names of `older_file`."""


def older_file(version: int) -> str:
    """The name of the file beside answers.json with the story that answers begun on `version` are replayed on."""
    return f"story-{version}.json"


def read_story(path: Path) -> Story:
    """Read `story.json`. Raises OnsiteError when it is missing or was not made by this version's build."""
    try:
        return Story.model_validate_json(path.read_bytes())
    except OSError as error:
        raise OnsiteError(
            f"{path}: the story cannot be read ({error.strerror}). Run `python3 course.py build`."
        ) from error
    except ValidationError as error:
        raise OnsiteError(f"{path}: this is not a story of this version. Run `python3 course.py build`.") from error


def story_of(slug: str, scenario: Scenario) -> Story:
    """The story of a scenario: everything a player needs, nothing of the key.

    Coaching, rubric, model answer and debrief go along only under `debrief: on_completion`.
    """
    told = scenario.debrief == "on_completion"
    return Story(
        scenario=slug,
        version=scenario.version,
        title=scenario.title,
        summary=html(scenario.summary),
        minutes=scenario.minutes,
        level=scenario.level,
        role=html(scenario.role),
        setting=html(scenario.setting),
        cast=tuple(StoryPerson(**person.model_dump()) for person in scenario.cast),
        objectives=tuple(html(objective) for objective in scenario.objectives),
        debrief=scenario.debrief,
        counts=scenario.counts,
        state={name: StoryState(**variable.model_dump()) for name, variable in scenario.state.items()},
        decisions={name: StoryDecision(title=decision.title) for name, decision in scenario.decisions.items()},
        start=scenario.start,
        scenes={name: _scene(scene, told) for name, scene in scenario.scenes.items()},
        endings={
            name: StoryEnding(
                title=ending.title,
                narrative=html(ending.narrative),
                debrief=html(ending.debrief) if told else None,
            )
            for name, ending in scenario.endings.items()
        },
    )


def _scene(scene: Scene, told: bool) -> StoryScene:
    narrative = tuple(StoryPassage(when=passage.when, html=html(passage.text)) for passage in scene.narrative)
    clock = None
    if scene.clock is not None:
        clock = StoryClock(**scene.clock.model_dump(exclude={"says"}), says=html(scene.clock.says))
    return StoryScene(
        title=scene.title,
        narrative=narrative,
        item=None if scene.item is None else scene.item.to_story(scene.next, told),
        next=scene.next if scene.item is None else (),
        clock=clock,
    )


def start_state(story: Story) -> dict[str, int]:
    """Every state variable at its start value."""
    return {name: variable.start for name, variable in story.state.items()}


def after(story: Story, state: Mapping[str, int], effects: Mapping[str, int]) -> dict[str, int]:
    """The state after `effects` are added, each value kept within its variable's min..max."""
    changed = dict(state)
    for name, change in effects.items():
        variable = story.state[name]
        changed[name] = min(variable.max, max(variable.min, changed[name] + change))
    return changed
