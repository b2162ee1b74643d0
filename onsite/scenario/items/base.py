"""What every kind of item has in common, as its author writes it and as the player gets it.

A kind is one module beside this one: a subclass of `ItemPart` (or `OneOutcomeItem`), a subclass of
`StoryItemPart` (or `OneOutcomeStory`), and the pure function that says what an answer is worth.
It is entered in `items/__init__.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Strict

from onsite.scenario.parts import Entry, Outcome, Part, Prose, Route, Slug
from onsite.scenario.story_parts import StoryEntry, StoryOutcome, StoryPart, html, story_outcome

Place = tuple[str | int, ...]
"""Where something stands within an item: keys and indexes."""

Answer = str | list[str] | dict[str, Any]
"""A valid answer, in the form its kind asks for."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong within an item: where, what, and what the author should do."""

    at: Place
    what: str
    do: str


@dataclass(frozen=True)
class Told:
    """One part of an answer, put back into words: the entry's text, what was said of it, and its coaching.

    text and coaching are Markdown; coaching is None where the outcome's own says it all.
    """

    text: str
    said: str = ""
    coaching: str | None = None


class ItemPart(Part):
    """A question to the learner. The methods are what the rest of the machinery asks of a kind."""

    prompt: Prose = Field(description="The question, in one or two sentences.")
    decision: Slug | None = Field(
        default=None, description="The decision this item fills. Left out, the item moves the story and is not scored."
    )
    confidence: Annotated[bool, Strict()] = Field(
        default=False,
        description="true: the learner also says how sure they are (low, middle, high). It never changes the score.",
    )

    def outcomes(self) -> Iterator[tuple[Place, Outcome]]:
        """Every way an answer can lead, as far as the story can tell them apart, with its place in the item."""
        raise NotImplementedError

    def outcome_of(self, answer: Answer) -> Outcome:
        """What a valid answer leads to."""
        raise NotImplementedError

    def lists(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The item's lists of things with an id of their own, by their key in the file."""
        yield from ()

    def entries(self) -> Iterator[tuple[Place, Entry]]:
        """What has coaching and sources of its own but no consequence, with its place in the item."""
        for name, parts in self.lists():
            for index, part in enumerate(parts):
                if isinstance(part, Entry):
                    yield (name, index), part

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the key, beyond what the types say. An item with faults cannot be loaded."""
        yield from ()

    def giveaways(self) -> Iterator[Fault]:
        """What would tell a learner the key. An item with giveaways loads, but does not pass `check`."""
        yield from ()

    def key(self) -> dict[str, Any] | None:
        """The key as JSON, with the item's `kind`; None when a person grades it."""
        raise NotImplementedError

    def reference(self) -> Answer | None:
        """An answer worth the full credit; None where that depends on the state, or on a person."""
        raise NotImplementedError

    def told(self, answer: Answer) -> list[Told]:
        """A valid answer in words, for the feedback."""
        raise NotImplementedError

    def to_story(self, onward: Route, told: bool) -> "StoryItemPart":
        """The item without its key. `onward`: the scene's `next`; `told`: whether coaching goes along."""
        raise NotImplementedError

    def _asked(self) -> dict[str, Any]:
        return {
            "decision": self.decision,
            "prompt": html(self.prompt),
            "confidence": True if self.confidence else None,
        }


class OneOutcomeItem(ItemPart, Outcome):
    """An item where every valid answer leads the same way."""

    def outcomes(self) -> Iterator[tuple[Place, Outcome]]:
        """The item's own outcome."""
        yield (), self

    def outcome_of(self, answer: Answer) -> Outcome:
        """The item's own outcome, whatever the answer."""
        del answer
        return self

    def _asked_and_told(self, onward: Route, told: bool) -> dict[str, Any]:
        return {**self._asked(), **story_outcome(self, onward, told)}


class StoryItemPart(StoryPart):
    """A question as the player shows it."""

    decision: str | None = None
    prompt: str
    confidence: Literal[True] | None = None

    def ways(self, state: Mapping[str, int]) -> Sequence[StoryOutcome]:
        """Every way on from here in this state."""
        raise NotImplementedError

    def outcome_of(self, answer: object, state: Mapping[str, int]) -> StoryOutcome | None:
        """What `answer` leads to, or None when it is not a valid answer in this state."""
        raise NotImplementedError


class OneOutcomeStory(StoryItemPart, StoryOutcome):
    """A question whose every valid answer leads the same way."""

    entries_in: ClassVar[str] = ""
    """The field that lists what is asked about, if there is one."""

    def accepts(self, answer: object) -> bool:
        """Whether `answer`, any JSON value, is a valid answer."""
        raise NotImplementedError

    def entries(self) -> tuple[StoryEntry, ...]:
        """What is asked about, in the author's order."""
        return getattr(self, self.entries_in) if self.entries_in else ()

    def ways(self, state: Mapping[str, int]) -> Sequence[StoryOutcome]:
        """The one way on."""
        del state
        return (self,)

    def outcome_of(self, answer: object, state: Mapping[str, int]) -> StoryOutcome | None:
        """The item's own outcome for a valid answer, else None."""
        del state
        return self if self.accepts(answer) else None


def are_ids(value: object, entries: Sequence[StoryEntry]) -> bool:
    """Whether `value` is a list of ids of `entries`, none of them twice."""
    known = {entry.id for entry in entries}
    return (
        isinstance(value, list)
        and all(isinstance(one, str) and one in known for one in value)
        and len(set(value)) == len(value)
    )
