"""`choice`: one option is chosen, and each leads its own way."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from onsite.scenario.conditions import Condition, holds
from onsite.scenario.items.base import Answer, ItemPart, Place, StoryItemPart, Told
from onsite.scenario.parts import Outcome, Prose, Route, Slug, When
from onsite.scenario.story_parts import StoryOutcome, html, story_outcome


class Option(Outcome):
    """One response option of a choice."""

    id: Slug = Field(description="A short name, unlike the others here. It must not give away the key.")
    text: Prose = Field(description="What the learner does or says.")
    when: When = Field(default=(), description="Offered only while this holds.")
    credit: Annotated[float, Strict()] = Field(ge=0, le=1, description="Effectiveness, 0 to 1.", allow_inf_nan=False)


class Choice(ItemPart):
    """An item answered by one option."""

    kind: Literal["choice"] = Field(description="choice: one option is chosen, and each leads its own way.")
    options: tuple[Option, ...] = Field(
        min_length=2, max_length=6, description="What can be done, 2 to 6 ways. At least one is always offered."
    )

    def outcomes(self) -> Iterator[tuple[Place, Outcome]]:
        """Each option."""
        for index, option in enumerate(self.options):
            yield ("options", index), option

    def outcome_of(self, answer: Answer) -> Outcome:
        """The chosen option."""
        return self._chosen(answer)

    def lists(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The options."""
        yield "options", self.options

    def key(self) -> dict[str, Any]:
        """Credit by option id."""
        return {"kind": "choice", "credit": {option.id: float(option.credit) for option in self.options}}

    def reference(self) -> Answer | None:
        """None: which option is best depends on where each leads."""
        return None

    def told(self, answer: Answer) -> list[Told]:
        """The chosen option; its coaching is that of its outcome."""
        return [Told(self._chosen(answer).text)]

    def to_story(self, onward: Route, told: bool) -> "StoryChoice":
        """The options without their credit."""
        options = tuple(
            StoryOption.model_validate(
                {
                    "id": option.id,
                    "html": html(option.text),
                    "when": option.when,
                    **story_outcome(option, onward, told),
                }
            )
            for option in self.options
        )
        return StoryChoice(kind="choice", options=options, **self._asked())

    def _chosen(self, answer: Answer) -> Option:
        return next(option for option in self.options if option.id == answer)


class StoryOption(StoryOutcome):
    """One response option."""

    id: str
    html: str
    when: Condition = ()


class StoryChoice(StoryItemPart):
    """An item answered with the id of one option."""

    kind: Literal["choice"]
    options: tuple[StoryOption, ...]

    def ways(self, state: Mapping[str, int]) -> list[StoryOption]:
        """The options a learner may choose in this state."""
        return [option for option in self.options if holds(option.when, state)]

    def outcome_of(self, answer: object, state: Mapping[str, int]) -> StoryOption | None:
        """The option whose id `answer` is, if it is offered now."""
        return next((option for option in self.ways(state) if isinstance(answer, str) and option.id == answer), None)


def choice_credit(answer: object, credit: Mapping[str, float]) -> float:
    """Credit of a choice: the effectiveness its author gave the chosen option, from 0.0 to 1.0.

    credit: effectiveness by option id; an option it does not know is worth 0.0. Source: the design's table of
    item kinds (situational judgement test, one response chosen).
    """
    return min(1.0, max(0.0, float(credit.get(answer, 0.0)))) if isinstance(answer, str) else 0.0
