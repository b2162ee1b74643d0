"""Which of the course's points an answer speaks for: one rule for the feedback page and for the cohort report."""

from onsite.scenario.items import Item
from onsite.scenario.items.choice import Choice


def practices_of(item: Item) -> tuple[str, ...]:
    """The ids of the points and tensions that the item's best answer rests on, each once, in the author's order.

    Of a choice they are those of its best option, or best options; every other kind cites for the item as a whole.
    What a weaker option cites is what it goes against as often as what it shows, so that it does not count.
    """
    if isinstance(item, Choice):
        best = max(option.credit for option in item.options)
        cited = [cite for option in item.options if option.credit == best for cite in option.cites]
    else:
        cited = [cite for _, outcome in item.outcomes() for cite in outcome.cites]
    return tuple(dict.fromkeys(cited))
