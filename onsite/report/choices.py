"""Who chose what, and how well those people did on everything else: the analysis of distractors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from onsite.report import statistics
from onsite.report.cohort import Cohort
from onsite.report.facts import ItemFacts, parts_of
from onsite.report.inference import told_by_group, told_together
from onsite.report.per_group import shares_told
from onsite.report.privacy import MEANS_FROM, SMALLEST, Told
from onsite.report.statistics import Estimate

Part = tuple[str, str]

_TOGETHER = ("select", "ranking")
"""Kinds of which all choose so many options, or give each place once."""


@dataclass(frozen=True)
class Chosen:
    """One thing that could be said to an item, and who said it.

    part, said: as in `facts.parts_of`; keyed: whether it earns the most; credit: of an option (NaN for other kinds);
    n: how many said it, None where that must not be told; about: whether n had to be rounded, and where it is None,
    whether these are fewer than SMALLEST for sure; share: of those who answered (NaN likewise); rest: their mean score
    on the scenario's other decisions, 0 to 1, NaN likewise; than_keyed: rest minus the rest of those who gave the keyed
    answer (for a selection: of those who did not choose this), None where there is nothing to compare.
    """

    part: str
    said: str
    keyed: bool
    credit: float
    n: int | None
    about: bool
    share: float
    rest: float
    than_keyed: Estimate | None


@dataclass(frozen=True)
class ItemChoices:
    """All that was said to the item of one scene, by `asked` people."""

    scene: str
    asked: int
    chosen: tuple[Chosen, ...]


def choices(cohort: Cohort, scenario: str) -> list[ItemChoices]:
    """Every item of a scenario but the written ones, in the order of the story, that five people or more answered."""
    answers = cohort.counted_answers(scenario)
    answers = answers.assign(rest=_rest(cohort, scenario, answers))
    found = []
    for scene, item, here in _asked(cohort, scenario, answers):
        said = here["option"].astype(str).to_numpy(dtype=object)
        found.append(ItemChoices(scene, len(here), tuple(_of_item(item, said, here["rest"].to_numpy()))))
    return found


def choices_by_group(cohort: Cohort, scenario: str) -> dict[str, pd.DataFrame]:
    """By scene of `choices`: what share of each group (columns) said what (lines, as in `ItemChoices.chosen`)."""
    groups = cohort.groups()
    found = {}
    for scene, item, here in _asked(cohort, scenario, cohort.counted_answers(scenario)):
        group = pd.Index(groups).get_indexer(here["group"].astype(str))
        sizes = pd.Series(np.bincount(group, minlength=len(groups)), index=groups)
        parts = _parts(item, here["option"].astype(str).to_numpy(dtype=object))
        told = _told(item, parts, group, len(groups))
        found[scene] = pd.concat(
            [shares_told(mine, [*who], sizes) for mine, who in zip(told, parts.values(), strict=True)]
        )
    return found


def _asked(cohort: Cohort, scenario: str, answers: pd.DataFrame) -> Iterator[tuple[str, ItemFacts, pd.DataFrame]]:
    """The scenes whose items something can be told of, in the order of the story, and their answers."""
    for scene, item in cohort.scenarios[scenario].items.items():
        here = answers[answers["scene"] == scene]
        if item.kind != "text" and len(here) >= SMALLEST:
            yield scene, item, here


def _of_item(item: ItemFacts, answers: NDArray[np.object_], rest: NDArray[np.float64]) -> Iterator[Chosen]:
    keyed, parts = _keyed(item), _parts(item, answers)
    told = _told(item, parts, np.zeros(len(answers), dtype=np.int64), 1)
    for (found,), who in zip(told, parts.values(), strict=True):
        yield from _of_part(item, who, found or Told((None,) * len(who)), keyed, rest)


def _told(
    item: ItemFacts, parts: Mapping[str, Mapping[Part, NDArray[np.bool_]]], group: NDArray[np.int64], groups: int
) -> list[list[Told | None]]:
    """What may be told of each part, by group. group: of each answer, below `groups`."""
    size = np.bincount(group, minlength=groups)
    tables = []
    for who in parts.values():
        counts = [np.bincount(group[said], minlength=groups) for said in who.values()]
        # Of a selection the rest are those who left this one out.
        tables.append(np.array([*counts, size - sum(counts)]).T)
    return told_together(tables) if item.kind in _TOGETHER else [told_by_group(counts) for counts in tables]


def _keyed(item: ItemFacts) -> set[Part]:
    best = max((option.credit for option in item.options.values()), default=0.0)
    return {("", name) for name, option in item.options.items() if option.credit == best} or set(item.keyed)


def _parts(item: ItemFacts, answers: NDArray[np.object_]) -> dict[str, dict[Part, NDArray[np.bool_]]]:
    """What could be said to each part of an item, and which of the answers say it."""
    codes, names = pd.factorize(answers)
    said_in: dict[Part, list[int]] = {}
    for index, name in enumerate(names):
        for pair in parts_of(item.kind, str(name)):
            said_in.setdefault(pair, []).append(index)
    found: dict[str, dict[Part, NDArray[np.bool_]]] = {}
    for pair in [("", name) for name in item.options] or sorted({*said_in, *_keyed(item)}):
        found.setdefault(pair[0], {})[pair] = np.isin(codes, said_in.get(pair, []))
    return found


def _of_part(
    item: ItemFacts, who: dict[Part, NDArray[np.bool_]], found: Told, keyed: set[Part], rest: NDArray[np.float64]
) -> list[Chosen]:
    nobodys = found.rounded and len(rest) < MEANS_FROM
    known = ~np.isnan(rest)
    right = np.any([said for pair, said in who.items() if pair in keyed] or [np.zeros(len(rest), bool)], axis=0)
    rows = []
    for index, (pair, said) in enumerate(who.items()):
        mine = rest[said & known]
        others = rest[(~said if item.kind == "select" else right) & known]
        shown = found.parts[index]
        few = shown is None or nobodys
        comparable = not few and pair not in keyed and min(len(mine), len(others)) >= SMALLEST
        rows.append(
            Chosen(
                part=pair[0],
                said=pair[1],
                keyed=pair in keyed,
                credit=item.options[pair[1]].credit if item.options else float("nan"),
                n=shown,
                about=found.rounded and shown != 0,
                share=float("nan") if shown is None else shown / len(rest),
                rest=float("nan") if few or len(mine) < SMALLEST else float(mine.mean()),
                than_keyed=statistics.difference_interval(mine, others) if comparable else None,
            )
        )
    return rows


def _rest(cohort: Cohort, scenario: str, answers: pd.DataFrame) -> NDArray[np.float64]:
    """For each answer its learner's mean credit over the other decisions, by points; NaN for unfinished plays."""
    scores = cohort.scores(scenario)
    if scores.empty or not len(answers):
        return np.full(len(answers), np.nan)
    worth = np.array([cohort.scenarios[scenario].decisions[name].points for name in scores.columns])
    earned = scores.to_numpy() * worth
    row = pd.Index(scores.index).get_indexer(answers["learner"])
    columns = {name: index for index, name in enumerate(scores.columns)}
    # One more at the end, so that the code -1 of "no decision" finds -1.
    by_code = np.array([columns.get(name, -1) for name in answers["decision"].cat.categories] + [-1], dtype=int)
    column = by_code[answers["decision"].cat.codes.to_numpy()]
    filled = column >= 0
    own = np.where(filled, earned[row, column], 0.0)
    left = worth.sum() - np.where(filled, worth[column], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = (earned.sum(axis=1)[row] - own) / left
    return np.where((row >= 0) & (left > 0), rest, np.nan)
