"""`select`: so many of several are chosen."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from onsite.scenario.items.base import Answer, Fault, OneOutcomeItem, OneOutcomeStory, Told, are_ids
from onsite.scenario.parts import Entry, Route, Whole
from onsite.scenario.story_parts import StoryEntry, story_entries


class SelectOption(Entry):
    """One of the things to choose from."""

    keyed: Annotated[bool, Strict()] = Field(description="The key: true for those that should be chosen.")


class Select(OneOutcomeItem):
    """An item answered by choosing so many of its options."""

    kind: Literal["select"] = Field(description="select: the learner chooses so many of several.")
    choose: Whole = Field(ge=1, le=7, description="How many to choose. Exactly so many options are `keyed: true`.")
    options: tuple[SelectOption, ...] = Field(min_length=3, max_length=8, description="What to choose from, 3 to 8.")

    def lists(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The options."""
        yield "options", self.options

    def faults(self) -> Iterator[Fault]:
        """A number to choose that does not fit the options."""
        keyed = len(self._keyed())
        if self.choose >= len(self.options):
            what = f"'choose' is {self.choose}, but there are only {len(self.options)} options."
            yield Fault(("choose",), what, "Let the learner choose fewer than there are.")
        elif keyed != self.choose:
            what = f"'choose' is {self.choose}, but {keyed} options are keyed."
            yield Fault(("choose",), what, "Make the two agree.")

    def key(self) -> dict[str, Any]:
        """The ids to choose, and how many may be."""
        return {"kind": "select", "keyed": self._keyed(), "choose": self.choose}

    def reference(self) -> Answer:
        """The keyed options."""
        return self._keyed()

    def told(self, answer: Answer) -> list[Told]:
        """Every option, the chosen ones first."""
        chosen = [Told(option.text, "You chose it", option.coaching) for option in self.options if option.id in answer]
        left = [Told(o.text, "You did not choose it", o.coaching) for o in self.options if o.id not in answer]
        return chosen + left

    def to_story(self, onward: Route, told: bool) -> "StorySelect":
        """The options without who is keyed."""
        return StorySelect(
            kind="select",
            choose=self.choose,
            options=story_entries(self.options, told),
            **self._asked_and_told(onward, told),
        )

    def _keyed(self) -> list[str]:
        return [option.id for option in self.options if option.keyed]


class StorySelect(OneOutcomeStory):
    """An item answered with a list of ids; their order does not matter."""

    entries_in = "options"

    kind: Literal["select"]
    choose: int
    options: tuple[StoryEntry, ...]

    def accepts(self, answer: object) -> bool:
        """Whether it names at least one option and none twice. More than `choose` is an answer, worth nothing."""
        return bool(answer) and are_ids(answer, self.options)


def select_credit(answer: object, keyed: Sequence[str], choose: int) -> float:
    """Credit of a selection: keyed options chosen / `choose`, from 0.0 to 1.0; 0.0 when more than `choose` are chosen.

    keyed: the ids that should be chosen, exactly `choose` of them. Source: the design's table of item kinds (equal
    marks per keyed one, as in the UK Foundation Programme's "choose three of eight").
    """
    if not isinstance(answer, list) or len(answer) > choose:
        return 0.0
    return sum(name in answer for name in keyed) / choose
