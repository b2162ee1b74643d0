"""The kinds of item, one module each. A new kind is entered here, in three places, and nowhere else in the scenario."""

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field

from onsite.scenario.items.best_worst import BestWorst, StoryBestWorst, best_worst_credit
from onsite.scenario.items.choice import Choice, StoryChoice, choice_credit
from onsite.scenario.items.ranking import Ranking, StoryRanking, ranking_credit
from onsite.scenario.items.rating import Rating, StoryRating, rating_credit
from onsite.scenario.items.select import Select, StorySelect, select_credit
from onsite.scenario.items.sort import Sort, StorySort, sort_credit
from onsite.scenario.items.text import StoryText, Text

Item = Annotated[Choice | BestWorst | Rating | Ranking | Select | Sort | Text, Field(discriminator="kind")]
"""An item as its author wrote it, key included."""

StoryItem = Annotated[
    StoryChoice | StoryBestWorst | StoryRating | StoryRanking | StorySelect | StorySort | StoryText,
    Field(discriminator="kind"),
]
"""An item as the player gets it."""

CREDIT: Mapping[str, Callable[..., float]] = {
    "choice": choice_credit,
    "best_worst": best_worst_credit,
    "rating": rating_credit,
    "ranking": ranking_credit,
    "select": select_credit,
    "sort": sort_credit,
}
"""What an answer is worth, by kind: each takes the answer and, by name, the rest of the key. A person grades `text`."""

KIND_NAMES = (*CREDIT, "text")
