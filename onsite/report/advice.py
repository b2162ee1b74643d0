"""What the figures mean, in a plain sentence each, and when they do not carry it.

The thresholds are conventions, named here once. They say where to look, not what is true.
"""

from dataclasses import dataclass
from math import isnan
from typing import Literal

from onsite.report.analysis import Analysis, Gain, ItemFigures
from onsite.report.choices import Chosen
from onsite.report.statistics import Estimate

FEW = 30
"""Below so many people item statistics are shown, but nothing is advised on them."""

A_FEW = 10
"""Below so many people no subject for a session is taken from their answers."""

DIVIDED = 0.3
"""A room of which two people drawn at random chose differently less often is not called divided: four in five chose the
same."""

SOME = 100
"""Below so many people they come with a caution. Classical item analysis is usually asked for samples from about here
on (Nunnally, J. C., & Bernstein, I. H. (1994). Psychometric Theory, 3rd ed., chapter 8)."""

WEAK, WORKS = 0.10, 0.20
"""An item-rest correlation below WEAK tells hardly anything; from WORKS on an item works (Ebel, R. L., & Frisbie, D. A.
(1991). Essentials of Educational Measurement, 5th ed., chapter 13, takes 0.20 as the margin)."""

EASY, HARD = 0.95, 0.35

Mark = Literal["", "look", "wait"]


@dataclass(frozen=True)
class Advice:
    """A sentence for a person. mark: "look" asks to look again, "wait" says that there are too few people."""

    text: str
    mark: Mark = ""


def about_item(item: ItemFigures) -> Advice:
    """What to do about one decision."""
    n, rest = item.rest.n, item.rest
    if n < FEW:
        return Advice(f"Only {n} people: too few to judge this decision. Wait for {FEW} or more.", "wait")
    if rest.value < WEAK and rest.high < WORKS:
        return Advice(
            "People who do well elsewhere do no better here, or worse. Check the key and the wording first, and do not "
            "draw conclusions about people from this decision.",
            "look",
        )
    if item.facility >= EASY:
        return Advice("Nearly everybody gets this. Keep it as an opening, or make its second-best option better.")
    if item.facility <= HARD and item.met > 0.5:
        return Advice("Few get this. Teach it, or talk it over in a session; if good people disagree, look at the key.")
    if isnan(rest.value):
        return Advice("Everybody earned the same here, so it cannot tell people apart.")
    if rest.value < WEAK:
        return Advice("It goes together only loosely with the rest. Fine for talking about, weak for measuring.")
    return Advice("It works: those who do well elsewhere do well here.")


def about_alpha(analysis: Analysis) -> Advice:
    """What the reliability of a scenario's score allows."""
    alpha = analysis.alpha
    if isnan(alpha.value):
        return Advice("There is no reliability to work out: too few people, or all with the same score.", "wait")
    if alpha.n < FEW:
        return Advice(f"With {alpha.n} people this number can be anything. Do not use it.", "wait")
    if alpha.low >= 0.8:
        text = (
            "The score holds together well enough to talk with one person about theirs, with the interval in mind. "
            "Decide nothing on it."
        )
    elif alpha.value >= 0.6:
        text = "The score is steady enough to compare groups, but not two people."
    else:
        text = (
            "The decisions hang together loosely, which is usual for stories. Look at decisions one by one and at "
            "whole groups; say nothing about one person's score."
        )
    if not analysis.straight:
        text += " The story branches: a decision not come to counts 0, and that alone makes decisions go together."
    if alpha.n < SOME:
        text += f" With {alpha.n} people even this is a rough guide."
    return Advice(text)


def about_option(chosen: Chosen, asked: int) -> Advice:
    """What to do about one response option."""
    if chosen.keyed or chosen.than_keyed is None:
        nobody = chosen.n == 0 and asked >= FEW
        return Advice("Nobody chose it: it takes up room. Rewrite it." if nobody and not chosen.keyed else "")
    than = chosen.than_keyed
    if than.n >= 10 and asked >= FEW and not isnan(than.low) and than.low > 0:
        return Advice(
            "Those who chose this do better on everything else than those who chose the keyed answer. Check the key.",
            "look",
        )
    return Advice("")


def about_gain(gain: Gain) -> Advice:
    """What the normalised gain says."""
    value = gain.gain
    people = f"{value.n} people who finished both tests"
    if isnan(value.value):
        return Advice("There was nothing left to gain: the first test was answered in full.", "wait")
    share = f"{100 * value.value:.0f}%"
    if value.n < FEW:
        return Advice(f"With {people} the interval is too wide to say much. Wait for {FEW} or more.", "wait")
    if isnan(value.low):
        return Advice(
            f"The {people} were nearly all at the top before: too little was left to gain to judge it.", "wait"
        )
    if value.low > 0:
        return Advice(f"The {people} gained {share} of what they still had to learn, and that is more than chance.")
    if value.high < 0:
        return Advice(f"The {people} did worse afterwards. Look at the second test before you look at them.", "look")
    return Advice(f"For the {people} no change can be told from chance.")


def percent(share: float) -> str:
    """0.724 as '72%'; a dash for no number."""
    return "\u2013" if isnan(share) else f"{number(100 * share, 0)}%"


def number(value: float, places: int = 2) -> str:
    """A number with so many places and a real minus sign, never of a zero; a dash for none."""
    if isnan(value):
        return "\u2013"
    # Adding 0.0 takes the sign off what has been rounded to zero.
    return f"{round(value, places) + 0.0:.{places}f}".replace("-", "\u2212")


def interval(estimate: Estimate, places: int = 2) -> str:
    """'0.12 to 0.34', or a dash."""
    if isnan(estimate.low):
        return "\u2013"
    return f"{number(estimate.low, places)} to {number(estimate.high, places)}"
