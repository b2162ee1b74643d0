"""The typed form of `scenario.yml`, format 1. Field descriptions double as the author's help."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

from onsite.scenario.conditions import Condition, parse_condition

FORMAT = 1

SLUG_PATTERN = r"^[a-z][a-z0-9-]{0,49}$"

Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
StateName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
PointId = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}$")]
Whole = Annotated[int, Strict()]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Unit = Annotated[str, StringConstraints(max_length=20, strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]


def _condition(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        raise ValueError("a condition is a comparison, such as confidence >= 50.")
    return parse_condition(value) if isinstance(value, str) else value


When = Annotated[Condition, BeforeValidator(_condition, json_schema_input_type=str)]


class Part(BaseModel):
    """A piece of a scenario: unknown keys are errors, values are never silently converted."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Branch(Part):
    """Where to go when a condition holds."""

    when: When = Field(default=(), description="State comparisons that must all hold, e.g. `confidence >= 50`.")
    goto: Slug = Field(description="The scene or ending to go to.")


def _branches(value: Any) -> Any:
    return [{"goto": value}] if isinstance(value, str) else value


Route = Annotated[
    tuple[Branch, ...],
    BeforeValidator(_branches, json_schema_input_type=str | list[Branch]),
]
"""Branches tried in order; the first whose condition holds is taken."""


class Passage(Part):
    """A piece of narrative, shown when its condition holds."""

    when: When = ()
    text: Prose


def _passages(value: Any) -> Any:
    parts = value if isinstance(value, (list, tuple)) else [value]
    return [part if isinstance(part, (dict, Passage)) else {"text": part} for part in parts]


Narrative = Annotated[
    tuple[Passage, ...],
    Field(min_length=1),
    BeforeValidator(_passages, json_schema_input_type=str | list[str | Passage]),
]


class Person(Part):
    """Somebody in the story."""

    name: Line
    position: Line
    cares_about: Line


class StateVariable(Part):
    """A whole number that the learner's choices move."""

    label: Line
    start: Whole
    min: Whole = 0
    max: Whole = 100
    unit: Unit = ""
    better: Literal["higher", "lower"] = "higher"
    shown: Annotated[bool, Strict()] = Field(default=True, description="false for a hidden flag")


class Decision(Part):
    """Something the learner is graded on; one graded cell in nbgrader."""

    title: Line
    points: Whole = Field(gt=0, le=1000)


Effects = dict[StateName, Whole]


class Outcome(Part):
    """What an answer leads to, whatever kind of item it answers."""

    consequence: Prose = Field(description="What happens in the story. Shown at once.")
    coaching: Prose = Field(description="Why it was strong or weak. Shown only after the end.")
    cites: tuple[PointId, ...] = Field(min_length=1, description="The source points this rests on.")
    effects: Effects = Field(default_factory=dict, description="Added to the state, then kept within min and max.")
    goto: Route = ()


class Option(Outcome):
    """One response option of a choice."""

    id: Slug
    text: Prose
    when: When = Field(default=(), description="Offered only while this holds.")
    credit: Annotated[float, Strict()] = Field(ge=0, le=1, description="Effectiveness, 0 to 1.", allow_inf_nan=False)


class Choice(Part):
    """An item answered by one option."""

    kind: Literal["choice"]
    prompt: Prose
    decision: Slug | None = None
    options: tuple[Option, ...] = Field(min_length=2, max_length=6)


class Words(Part):
    """Guidance on length; the player shows it and forces nothing."""

    min: Whole = Field(ge=1, le=1000)
    max: Whole = Field(ge=1, le=1000)


class Criterion(Part):
    """One observable behaviour of a rubric, with what it is worth."""

    points: Whole = Field(gt=0)
    criterion: Prose


class Text(Outcome):
    """An item answered in the learner's own words and graded by a person."""

    kind: Literal["text"]
    prompt: Prose
    decision: Slug | None = None
    words: Words | None = None
    rubric: tuple[Criterion, ...] = Field(min_length=1)
    model: Prose = Field(description="A good answer, as one person might write it.")


Item = Annotated[Choice | Text, Field(discriminator="kind")]


class Scene(Part):
    """A piece of story, with an item or only told."""

    title: Line | None = None
    narrative: Narrative
    item: Item | None = None
    next: Route = ()


class Ending(Part):
    """Where a path ends, and what it teaches."""

    title: Line
    narrative: Prose
    debrief: Prose


def _format(value: int) -> int:
    if value != FORMAT:
        raise ValueError(f"This file says format {value}; this version of Onsite reads format {FORMAT}.")
    return value


class Scenario(Part):
    """A whole scenario as its author wrote it, key included."""

    format: Annotated[Whole, AfterValidator(_format)]
    version: Whole = Field(ge=1, le=100_000, description="Raise it when scenes, options or credit change.")
    title: Line
    summary: Prose
    minutes: Whole = Field(ge=1, le=600)
    level: Line
    role: Prose
    setting: Prose
    cast: tuple[Person, ...] = Field(min_length=1)
    objectives: tuple[Prose, ...] = Field(min_length=1)
    trains: tuple[PointId, ...] = Field(min_length=1)
    out_of_scope: tuple[Prose, ...] = ()
    debrief: Literal["on_completion", "after_grading"]
    counts: Literal["first", "best", "last"] = "first"
    state: dict[StateName, StateVariable] = Field(default_factory=dict)
    decisions: dict[Slug, Decision] = Field(min_length=1)
    start: Slug
    scenes: dict[Slug, Scene] = Field(min_length=1)
    endings: dict[Slug, Ending] = Field(min_length=1)

    @property
    def points(self) -> int:
        """The most that can be earned: the sum over all decisions."""
        return sum(decision.points for decision in self.decisions.values())


def outcomes(item: Choice | Text) -> tuple[Outcome, ...]:
    """Every way an item can be answered, as far as the story can tell them apart."""
    return item.options if isinstance(item, Choice) else (item,)
