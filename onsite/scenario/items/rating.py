"""`rating`: how effective each response is, from 1 to 5."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from onsite.scenario.items.base import Answer, OneOutcomeItem, OneOutcomeStory, Told
from onsite.scenario.parts import Entry, Line, Route, Whole
from onsite.scenario.story_parts import StoryEntry, story_entries

LOWEST, HIGHEST = 1, 5


class Response(Entry):
    """One response to rate."""

    rating: Whole = Field(ge=LOWEST, le=HIGHEST, description="The key: 1 (not effective) to 5 (very effective).")


class Rating(OneOutcomeItem):
    """An item answered by rating every response."""

    kind: Literal["rating"] = Field(description="rating: the learner rates every response from 1 to 5.")
    responses: tuple[Response, ...] = Field(min_length=2, max_length=6, description="What is rated, 2 to 6 responses.")
    scale: tuple[Line, ...] | None = Field(
        default=None,
        min_length=5,
        max_length=5,
        description="What 1, 2, 3, 4 and 5 mean, five labels in this order. Left out, 1 is least and 5 most effective.",
    )

    def lists(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The responses."""
        yield "responses", self.responses

    def key(self) -> dict[str, Any]:
        """The rating by response id."""
        return {"kind": "rating", "ratings": {response.id: response.rating for response in self.responses}}

    def reference(self) -> Answer:
        """Every response as the key rates it."""
        return {response.id: response.rating for response in self.responses}

    def told(self, answer: Answer) -> list[Told]:
        """Every response with the rating it was given."""
        assert isinstance(answer, dict)
        return [Told(r.text, f"You rated it {self._label(int(answer[r.id]))}", r.coaching) for r in self.responses]

    def _label(self, rating: int) -> str:
        return f"{rating} of 5" + (f": {self.scale[rating - 1]}" if self.scale else "")

    def to_story(self, onward: Route, told: bool) -> "StoryRating":
        """The responses without their rating."""
        return StoryRating(
            kind="rating",
            responses=story_entries(self.responses, told),
            scale=self.scale,
            **self._asked_and_told(onward, told),
        )


class StoryRating(OneOutcomeStory):
    """An item answered with {response id: 1 to 5} for every response."""

    entries_in = "responses"

    kind: Literal["rating"]
    responses: tuple[StoryEntry, ...]
    scale: tuple[str, ...] | None = None

    def accepts(self, answer: object) -> bool:
        """Whether every response, and nothing else, has a rating."""
        return (
            isinstance(answer, dict)
            and answer.keys() == {response.id for response in self.responses}
            and all(is_rating(value) for value in answer.values())
        )


def is_rating(value: object) -> bool:
    """Whether it is a whole number from 1 to 5. 4.0 is one, since JavaScript cannot tell it from 4; true is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value in range(LOWEST, HIGHEST + 1)


def rating_credit(answer: object, ratings: Mapping[str, int]) -> float:
    """Credit of ratings: the mean over the responses of max(0, 4 - |rating given - rating of the key|) / 4, 0.0 to 1.0.

    ratings: the key's, 1 to 5, by response id; a response without a valid rating earns 0. Source: the design's
    table of item kinds (a ladder of 4/3/2/1/0 of 4 by distance from the key).
    """
    if not isinstance(answer, dict):
        return 0.0
    ladder = sum(max(0, 4 - abs(int(answer[i]) - key)) for i, key in ratings.items() if is_rating(answer.get(i)))
    return ladder / (4 * len(ratings))
