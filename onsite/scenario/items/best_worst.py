"""`best_worst`: the most and the least effective of four or five."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import Field

from onsite.scenario.items.base import Answer, Fault, OneOutcomeItem, OneOutcomeStory, Told
from onsite.scenario.parts import Entry, Route, Slug
from onsite.scenario.story_parts import StoryEntry, story_entries


class BestWorst(OneOutcomeItem):
    """An item answered by the most and the least effective of its options."""

    kind: Literal["best_worst"] = Field(
        description="best_worst: the learner picks the most and the least effective option."
    )
    options: tuple[Entry, ...] = Field(min_length=4, max_length=5, description="What could be done, 4 or 5 ways.")
    best: Slug = Field(description="The id of the most effective option.")
    worst: Slug = Field(description="The id of the least effective option.")

    def lists(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The options."""
        yield "options", self.options

    def faults(self) -> Iterator[Fault]:
        """A key that names no option, or one for both."""
        ids = [option.id for option in self.options]
        for name in ("best", "worst"):
            if getattr(self, name) not in ids:
                what = f"'{getattr(self, name)}' is not the id of an option of this item."
                yield Fault((name,), what, f"Known: {', '.join(ids)}.")
        if self.best == self.worst:
            what = f"'{self.best}' is named as the most and as the least effective."
            yield Fault(("worst",), what, "Name two different options.")

    def key(self) -> dict[str, Any]:
        """The two ids."""
        return {"kind": "best_worst", "best": self.best, "worst": self.worst}

    def reference(self) -> Answer:
        """Both as the key has them."""
        return {"best": self.best, "worst": self.worst}

    def told(self, answer: Answer) -> list[Told]:
        """The two picked."""
        assert isinstance(answer, dict)
        by_id = {option.id: option for option in self.options}
        picked = (("Most effective, you said", by_id[answer["best"]]), ("Least effective", by_id[answer["worst"]]))
        return [Told(option.text, said, option.coaching) for said, option in picked]

    def to_story(self, onward: Route, told: bool) -> "StoryBestWorst":
        """The options without the two ids of the key."""
        return StoryBestWorst(
            kind="best_worst", options=story_entries(self.options, told), **self._asked_and_told(onward, told)
        )


class StoryBestWorst(OneOutcomeStory):
    """An item answered with {"best": id, "worst": id}."""

    entries_in = "options"

    kind: Literal["best_worst"]
    options: tuple[StoryEntry, ...]

    def accepts(self, answer: object) -> bool:
        """Whether it names two different options, and nothing else."""
        if not isinstance(answer, dict) or answer.keys() != {"best", "worst"}:
            return False
        best, worst = answer["best"], answer["worst"]
        ids = {option.id for option in self.options}
        return isinstance(best, str) and isinstance(worst, str) and {best, worst} <= ids and best != worst


def best_worst_credit(answer: object, best: str, worst: str) -> float:
    """Credit of the two picks: 0.5 x (best right) + 0.5 x (worst right): 0.0, 0.5 or 1.0.

    Source: the design's table of item kinds (situational judgement test, most and least effective).
    """
    if not isinstance(answer, dict):
        return 0.0
    return 0.5 * (answer.get("best") == best) + 0.5 * (answer.get("worst") == worst)
