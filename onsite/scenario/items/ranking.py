"""`ranking`: five options put in order, the most effective first."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import Field

from onsite.scenario.items.base import Answer, Fault, OneOutcomeItem, OneOutcomeStory, Told, are_ids
from onsite.scenario.parts import Entry, Route, Slug
from onsite.scenario.story_parts import StoryEntry, story_entries

LENGTH = 5
MOST = 20
"""The best score of a ranking: 4 for each of five options."""


class Ranking(OneOutcomeItem):
    """An item answered by an order of its options."""

    kind: Literal["ranking"] = Field(description="ranking: the learner puts five options in order, best first.")
    options: tuple[Entry, ...] = Field(
        min_length=LENGTH, max_length=LENGTH, description="Five options, listed in another order than the key's."
    )
    order: tuple[Slug, ...] = Field(
        min_length=LENGTH, max_length=LENGTH, description="The key: the ids of all five, the most effective first."
    )

    def lists(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The options."""
        yield "options", self.options

    def faults(self) -> Iterator[Fault]:
        """An order that is not one of these five options."""
        ids = [option.id for option in self.options]
        if sorted(self.order) != sorted(ids):
            what = "The order does not name every option of this item exactly once."
            yield Fault(("order",), what, f"The options are: {', '.join(ids)}.")

    def giveaways(self) -> Iterator[Fault]:
        """Options that stand in the order of the key, forwards or backwards."""
        ids = tuple(option.id for option in self.options)
        if ids in (self.order, self.order[::-1]):
            what = "The options are listed in the order of the key, and the learner sees them so."
            yield Fault(("options",), what, "List them in another order.")

    def key(self) -> dict[str, Any]:
        """The order."""
        return {"kind": "ranking", "order": list(self.order)}

    def reference(self) -> Answer:
        """The order of the key."""
        return list(self.order)

    def told(self, answer: Answer) -> list[Told]:
        """The options in the order they were put into."""
        by_id = {option.id: option for option in self.options}
        return [
            Told(by_id[name].text, f"You put it in place {place} of {LENGTH}", by_id[name].coaching)
            for place, name in enumerate(answer, start=1)
        ]

    def to_story(self, onward: Route, told: bool) -> "StoryRanking":
        """The options without the order of the key."""
        return StoryRanking(
            kind="ranking", options=story_entries(self.options, told), **self._asked_and_told(onward, told)
        )


class StoryRanking(OneOutcomeStory):
    """An item answered with the ids of all its options, best first."""

    entries_in = "options"

    kind: Literal["ranking"]
    options: tuple[StoryEntry, ...]

    def accepts(self, answer: object) -> bool:
        """Whether it names every option exactly once."""
        return isinstance(answer, list) and len(answer) == len(self.options) and are_ids(answer, self.options)


def ranking_score(answer: object, order: Sequence[str]) -> int:
    """Score of an order: the sum over the options of 4 - places out, where places out is |place given - place in key|.

    Range over the 120 orders of five: 8 to 20, mean 12, even numbers only; anything but an order of these options
    is worth 0. Key CABED, answer ACBED: A and C are one place out each, 3 + 3 + 4 + 4 + 4 = 18. Source: UK Foundation
    Programme, Situational Judgement Test, ranking items.
    """
    if not isinstance(answer, list) or len(answer) != len(order) or any(name not in answer for name in order):
        return 0
    return sum(4 - abs(place - answer.index(name)) for place, name in enumerate(order))


def ranking_credit(answer: object, order: Sequence[str]) -> float:
    """Credit of an order: `ranking_score` / 20, so 0.4 to 1.0 for an order of the five and 0.0 for anything else.

    Source: as `ranking_score`.
    """
    return ranking_score(answer, order) / MOST
