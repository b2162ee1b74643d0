"""The typed form of `scenario.yml`, format 1. Field descriptions double as the author's help."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from onsite.scenario.items import Item
from onsite.scenario.parts import Effects, Line, Part, PointId, Prose, Route, Slug, StateName, Unit, When, Whole

FORMAT = 1


class Passage(Part):
    """A piece of narrative, shown when its condition holds."""

    when: When = Field(default=(), description="Shown only while this holds.")
    text: Prose = Field(description="What the learner reads.")


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

    name: Line = Field(description="First and last name.")
    position: Line = Field(description="What they do, and for whom.")
    cares_about: Line = Field(description="What moves them, in a few words.")


class StateVariable(Part):
    """A whole number that the learner's choices move."""

    label: Line = Field(description="What the learner reads beside the meter.")
    start: Whole = Field(description="The value before anything is answered.")
    min: Whole = Field(default=0, description="It never falls below this.")
    max: Whole = Field(default=100, description="It never rises above this.")
    unit: Unit = Field(default="", description='What it counts, e.g. "%" or " min".')
    better: Literal["higher", "lower"] = Field(default="higher", description="Which way is good.")
    shown: Annotated[bool, Strict()] = Field(default=True, description="false for a hidden flag")


class Decision(Part):
    """Something the learner is graded on; one graded cell in nbgrader."""

    title: Line = Field(description="What it is called on the result, a few words.")
    points: Whole = Field(gt=0, le=1000, description="What a full answer is worth.")


class Clock(Part):
    """A soft clock: while the scene waits for its answer, time costs something. It never locks anything."""

    every: Whole = Field(ge=5, le=600, description="Seconds from one tick to the next.")
    effects: Effects = Field(min_length=1, description="Added to the state at each tick, kept within min and max.")
    most: Whole = Field(ge=1, le=20, description="After so many ticks the clock stands still.")
    says: Prose = Field(description="What the learner reads at each tick. A sentence.")


class Scene(Part):
    """A piece of story, with an item or only told."""

    title: Line | None = Field(default=None, description="The heading of the scene, e.g. a time and a place.")
    narrative: Narrative = Field(
        description="What happens: a text, or a list of texts, each shown always or only `when` something holds."
    )
    item: Item | None = Field(default=None, description="The question. Left out, the scene only tells.")
    next: Route = Field(default=(), description="Where the story goes on, unless the answer says so itself.")
    clock: Clock | None = Field(default=None, description="Makes thinking time cost something, without forcing anyone.")


class Ending(Part):
    """Where a path ends, and what it teaches."""

    title: Line = Field(description="What this ending is called.")
    narrative: Prose = Field(description="How it ends.")
    debrief: Prose = Field(description="What this path teaches, addressed to the learner.")


def _format(value: int) -> int:
    if value != FORMAT:
        raise ValueError(f"This file says format {value}; this version of Onsite reads format {FORMAT}.")
    return value


class Scenario(Part):
    """A whole scenario as its author wrote it, key included."""

    format: Annotated[Whole, AfterValidator(_format)] = Field(description="The version of the file format: 1.")
    version: Whole = Field(ge=1, le=100_000, description="Raised by `revise`, before scenes, options or credit change.")
    title: Line = Field(description="The name of the scenario.")
    summary: Prose = Field(description="One or two sentences for lists.")
    minutes: Whole = Field(ge=1, le=600, description="How long one play takes, about.")
    level: Line = Field(description="Whom it is for, e.g. first assignment.")
    role: Prose = Field(description="Who the learner is in the story.")
    setting: Prose = Field(description="Where and when.")
    cast: tuple[Person, ...] = Field(min_length=1, description="The people in the story.")
    objectives: tuple[Prose, ...] = Field(min_length=1, description="After this scenario you can ...")
    trains: tuple[PointId, ...] = Field(min_length=1, description="All the source points that are cited below.")
    out_of_scope: tuple[Prose, ...] = Field(default=(), description="What it is not about.")
    debrief: Literal["on_completion", "after_grading"] = Field(
        description="on_completion: coaching when the story ends. after_grading: only with the result."
    )
    counts: Literal["first", "best", "last"] = Field(default="first", description="Which attempt is graded.")
    test: Literal["before", "after"] | None = Field(
        default=None,
        description="before: the test that people take before the course. after: the one after it. The report compares "
        "the two. Leave it out of every story.",
    )
    pass_mark: Whole = Field(default=65, ge=1, le=100, description="Passed from so many percent of the points on.")
    state: dict[StateName, StateVariable] = Field(
        default_factory=dict, description="Meters and hidden flags that answers move."
    )
    decisions: dict[Slug, Decision] = Field(min_length=1, description="What is graded, in the order of the story.")
    start: Slug = Field(description="The first scene.")
    scenes: dict[Slug, Scene] = Field(min_length=1, description="The story, scene by scene, by a short name each.")
    endings: dict[Slug, Ending] = Field(min_length=1, description="Where the story can end, by a short name each.")

    @property
    def points(self) -> int:
        """The most that can be earned: the sum over all decisions."""
        return sum(decision.points for decision in self.decisions.values())

    @property
    def pass_points(self) -> float:
        """The pass mark in points."""
        return self.pass_mark * self.points / 100
