"""The pieces that scenario files are made of, whatever the kind of item. Field descriptions are the author's help."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

from onsite.scenario.conditions import Condition, parse_condition

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


Effects = dict[StateName, Whole]


class Outcome(Part):
    """What an answer leads to, whatever kind of item it answers."""

    consequence: Prose = Field(description="What happens in the story. Shown at once.")
    coaching: Prose = Field(description="Why it was strong or weak. Shown only after the end.")
    cites: tuple[PointId, ...] = Field(min_length=1, description="The source points this rests on.")
    effects: Effects = Field(default_factory=dict, description="Added to the state, then kept within min and max.")
    goto: Route = Field(
        default=(),
        description="Where the story goes from here: a scene or ending, or branches with `when`. "
        "Left out, the scene's `next` holds.",
    )


class Entry(Part):
    """One of the things an item asks about, where the whole answer has one consequence."""

    id: Slug = Field(description="A short name, unlike the others here. It must not give away the key.")
    text: Prose = Field(description="What the learner reads.")
    coaching: Prose = Field(description="Why it is as strong or weak as the key says. Shown only after the end.")
    cites: tuple[PointId, ...] = Field(min_length=1, description="The source points this rests on.")
