"""`sort`: each statement into one of a few bins."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from onsite.scenario.items.base import Answer, Fault, OneOutcomeItem, OneOutcomeStory, Told
from onsite.scenario.parts import Entry, Line, Part, Route, Slug
from onsite.scenario.story_parts import StoryEntry, StoryPart, story_entries


class Bin(Part):
    """One of the places a statement can go."""

    id: Slug = Field(description="A short name, unlike the other bins'.")
    label: Line = Field(description="What the learner reads, e.g. Do, Don't, Tell, Keep.")


class Statement(Entry):
    """One thing to sort."""

    bin: Slug = Field(description="The key: the id of the bin it belongs in.")


class Sort(OneOutcomeItem):
    """An item answered by putting every statement into a bin."""

    kind: Literal["sort"] = Field(description="sort: the learner puts every statement into one of the bins.")
    bins: tuple[Bin, ...] = Field(min_length=2, max_length=4, description="Where statements can go, 2 to 4 bins.")
    statements: tuple[Statement, ...] = Field(min_length=2, max_length=10, description="What is sorted, 2 to 10.")

    def lists(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The bins and the statements."""
        yield "bins", self.bins
        yield "statements", self.statements

    def faults(self) -> Iterator[Fault]:
        """Statements whose bin is not there."""
        bins = [one.id for one in self.bins]
        for index, statement in enumerate(self.statements):
            if statement.bin not in bins:
                what = f"'{statement.bin}' is not the id of a bin of this item."
                yield Fault(("statements", index, "bin"), what, f"Known: {', '.join(bins)}.")

    def key(self) -> dict[str, Any]:
        """The bin by statement id."""
        return {"kind": "sort", "bins": self.reference()}

    def reference(self) -> dict[str, Any]:
        """Every statement where the key has it."""
        return {statement.id: statement.bin for statement in self.statements}

    def told(self, answer: Answer) -> list[Told]:
        """Every statement with the bin it was put into."""
        assert isinstance(answer, dict)
        labels = {one.id: one.label for one in self.bins}
        return [Told(s.text, f"You put it under: {labels[answer[s.id]]}", s.coaching) for s in self.statements]

    def to_story(self, onward: Route, told: bool) -> "StorySort":
        """The statements without their bin."""
        return StorySort(
            kind="sort",
            bins=tuple(StoryBin(id=one.id, label=one.label) for one in self.bins),
            statements=story_entries(self.statements, told),
            **self._asked_and_told(onward, told),
        )


class StoryBin(StoryPart):
    """One of the places a statement can go."""

    id: str
    label: str


class StorySort(OneOutcomeStory):
    """An item answered with {statement id: bin id} for every statement."""

    entries_in = "statements"

    kind: Literal["sort"]
    bins: tuple[StoryBin, ...]
    statements: tuple[StoryEntry, ...]

    def accepts(self, answer: object) -> bool:
        """Whether every statement, and nothing else, is in a bin."""
        bins = {one.id for one in self.bins}
        return (
            isinstance(answer, dict)
            and answer.keys() == {statement.id for statement in self.statements}
            and all(isinstance(value, str) and value in bins for value in answer.values())
        )


def sort_credit(answer: object, bins: Mapping[str, str]) -> float:
    """Credit of sorting: statements in the right bin / statements, from 0.0 to 1.0.

    bins: the key's bin by statement id. Source: the design's table of item kinds.
    """
    if not isinstance(answer, dict):
        return 0.0
    right = [name for name, bin_id in bins.items() if answer.get(name) == bin_id]
    return len(right) / len(bins)
