"""`text`: an answer in the learner's own words, graded by a person against a rubric."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from onsite.scenario.items.base import Answer, Fault, OneOutcomeItem, OneOutcomeStory, Told
from onsite.scenario.parts import Part, Prose, Route, Whole
from onsite.scenario.story_parts import html

TEXT_LIMIT = 8000
"""The most characters a text answer may have."""

# What JavaScript's trim() takes off; Python's strip() differs by a few characters.
_BLANK = "\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


class Words(Part):
    """Guidance on length; the player shows it and forces nothing."""

    min: Whole = Field(ge=1, le=1000, description="The fewest words that can do the job.")
    max: Whole = Field(ge=1, le=1000, description="The most words a reader will thank you for.")


class Criterion(Part):
    """One observable behaviour of a rubric, with what it is worth."""

    points: Whole = Field(gt=0, description="What it is worth. Together they make the decision's points.")
    criterion: Prose = Field(description="One behaviour that two readers would agree on having seen.")


class Text(OneOutcomeItem):
    """An item answered in the learner's own words and graded by a person."""

    kind: Literal["text"] = Field(description="text: the learner writes, and a person grades it.")
    words: Words | None = Field(default=None, description="Guidance on length, shown and not enforced.")
    rubric: tuple[Criterion, ...] = Field(min_length=1, description="What the reader looks for.")
    model: Prose = Field(description="A good answer, as one person might write it.")

    def faults(self) -> Iterator[Fault]:
        """Guidance on length that nobody can follow."""
        if self.words is not None and self.words.min > self.words.max:
            yield Fault(("words",), "'min' is larger than 'max'.", "Swap them.")

    def key(self) -> None:
        """None: a person grades it."""
        return

    def reference(self) -> None:
        """None: a person grades it."""
        return

    def told(self, answer: Answer) -> list[Told]:
        """Nothing: the words are the learner's own, and no Markdown."""
        del answer
        return []

    def to_story(self, onward: Route, told: bool) -> "StoryText":
        """The rubric without its points, and the model answer, only where coaching goes along."""
        return StoryText(
            kind="text",
            words=self.words,
            rubric=tuple(html(criterion.criterion) for criterion in self.rubric) if told else None,
            model=html(self.model) if told else None,
            **self._asked_and_told(onward, told),
        )


class StoryText(OneOutcomeStory):
    """An item answered in free text."""

    kind: Literal["text"]
    words: Words | None = None
    rubric: tuple[str, ...] | None = None
    model: str | None = None

    def accepts(self, answer: object) -> bool:
        """Whether it is text, not blank, and of at most TEXT_LIMIT characters."""
        return isinstance(answer, str) and bool(answer.strip(_BLANK)) and len(answer) <= TEXT_LIMIT
