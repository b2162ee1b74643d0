"""The story a player needs, made from a scenario: text as HTML, no credit, and coaching only when allowed.

The classes mirror `story.json`; `story_of` is the one place where the key is left behind.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from onsite.scenario.conditions import Condition
from onsite.scenario.errors import OnsiteError
from onsite.scenario.schema import Branch, Choice, Scenario, Scene, Text, Words

_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False, "typographer": True})
    .enable(["replacements", "smartquotes"])
    .disable(["link", "reference", "image", "autolink", "html_inline", "html_block"])
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoryState(_Part):
    """One state variable: a whole number kept within min..max."""

    label: str
    start: int
    min: int
    max: int
    unit: str
    better: Literal["higher", "lower"]
    shown: bool


class StoryPassage(_Part):
    """Narrative HTML, shown while its condition holds."""

    when: Condition = ()
    html: str


class StoryOutcome(_Part):
    """What an answer leads to. `coaching` is None when it is kept for the feedback after grading."""

    consequence: str
    effects: dict[str, int]
    goto: tuple[Branch, ...]
    coaching: str | None = None


class StoryOption(StoryOutcome):
    """One response option."""

    id: str
    html: str
    when: Condition = ()


class StoryChoice(_Part):
    """An item answered with the id of one option."""

    kind: Literal["choice"]
    decision: str | None = None
    prompt: str
    options: tuple[StoryOption, ...]


class StoryText(StoryOutcome):
    """An item answered in free text."""

    kind: Literal["text"]
    decision: str | None = None
    prompt: str
    words: Words | None = None
    rubric: tuple[str, ...] | None = None
    model: str | None = None


StoryItem = Annotated[StoryChoice | StoryText, Field(discriminator="kind")]


class StoryScene(_Part):
    """A scene: narrative and perhaps an item."""

    title: str | None = None
    narrative: tuple[StoryPassage, ...]
    item: StoryItem | None = None
    next: tuple[Branch, ...] = ()


class StoryEnding(_Part):
    """An ending; the debrief is None when it is kept for the feedback after grading."""

    title: str
    narrative: str
    debrief: str | None = None


class StoryPerson(_Part):
    """Somebody in the story."""

    name: str
    position: str
    cares_about: str


class StoryDecision(_Part):
    """A decision's name; what it is worth stays behind."""

    title: str


class Story(_Part):
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


def html(markdown: str) -> str:
    """Markdown as HTML; raw HTML, links and images in it are shown as the text they are."""
    return str(_MARKDOWN.render(markdown)).strip()


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
    item = None
    if scene.item is not None:
        item = _choice(scene.item, scene, told) if isinstance(scene.item, Choice) else _text(scene.item, scene, told)
    return StoryScene(title=scene.title, narrative=narrative, item=item, next=scene.next if item is None else ())


def _choice(item: Choice, scene: Scene, told: bool) -> StoryChoice:
    options = tuple(
        StoryOption(
            id=option.id,
            html=html(option.text),
            when=option.when,
            consequence=html(option.consequence),
            effects=option.effects,
            goto=option.goto or scene.next,
            coaching=html(option.coaching) if told else None,
        )
        for option in item.options
    )
    return StoryChoice(kind="choice", decision=item.decision, prompt=html(item.prompt), options=options)


def _text(item: Text, scene: Scene, told: bool) -> StoryText:
    return StoryText(
        kind="text",
        decision=item.decision,
        prompt=html(item.prompt),
        words=item.words,
        consequence=html(item.consequence),
        effects=item.effects,
        goto=item.goto or scene.next,
        coaching=html(item.coaching) if told else None,
        rubric=tuple(html(criterion.criterion) for criterion in item.rubric) if told else None,
        model=html(item.model) if told else None,
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
