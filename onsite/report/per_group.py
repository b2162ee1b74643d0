"""The questions of the report asked of each group, with whatever would tell of a few people left out."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from onsite.report import analysis, statistics
from onsite.report.analysis import Gain, Ways
from onsite.report.cohort import Cohort
from onsite.report.credit import ByGroup
from onsite.report.inference import giveaways, ranges, tellable, told_by_group
from onsite.report.privacy import SMALLEST, Told, leaves_few, masked


def completion(cohort: Cohort) -> pd.DataFrame:
    """Share of each group (columns) that finished each scenario (rows), 0 to 1."""
    members = cohort.learners["group"].value_counts()
    plays = cohort.counted[cohort.counted["finished"]]
    counts = pd.crosstab(plays["scenario"].to_numpy(), _groups_of(cohort, plays["learner"]))
    counts = counts.reindex(index=list(cohort.scenarios), columns=cohort.groups(), fill_value=0)
    return counts / members.reindex(counts.columns).to_numpy(dtype=float)


def scores(cohort: Cohort) -> ByGroup:
    """Mean score of finished plays, by scenario and group."""
    return _plays_by_group(cohort, "score", "mean")


def minutes(cohort: Cohort) -> ByGroup:
    """Minutes at it, the middle of those of finished plays whose times can be believed, by scenario and group."""
    found = _plays_by_group(cohort, "seconds", "median")
    return ByGroup(found.overall / 60, found.people, found.groups / 60)


def _plays_by_group(cohort: Cohort, column: str, how: str) -> ByGroup:
    plays = cohort.counted[cohort.counted["finished"] & cohort.counted[column].notna()]
    group = _groups_of(cohort, plays["learner"])
    frame = pd.DataFrame({"line": plays["scenario"].astype(str), "group": group, "value": plays[column]})
    overall = frame.groupby("line")["value"].agg([how, "size"])
    lines = [slug for slug in cohort.scenarios if slug in overall.index and overall.loc[slug, "size"] >= SMALLEST]
    table = frame.groupby(["line", "group"])["value"].agg([how, "size"])
    values = table[how].unstack("group").reindex(index=lines, columns=cohort.groups())
    sizes = table["size"].unstack("group").reindex(index=lines, columns=cohort.groups()).fillna(0)
    overall = overall.loc[lines]
    return ByGroup(overall[how], overall["size"], masked(values, sizes))


def spread(cohort: Cohort) -> ByGroup:
    """Share of people whose mean score lies in each band (lines), the lowest band first.

    The bands are made of those of `score_bands`, so that the two together tell no more than either; few, so that groups
    fill them.
    """
    groups = cohort.groups()
    scores = analysis.person_scores(cohort)
    if len(scores) < SMALLEST:
        return _nothing(groups)
    known = {low for low, _, _ in analysis.score_bands(scores.to_numpy())}
    edges = [0.0, *(edge for edge in _BANDS if edge in known), 1.0]
    names = [_band(low, high) for low, high in pairwise(edges)]
    # The last band holds the highest score.
    band = np.minimum(np.searchsorted(edges, scores.to_numpy(), side="right"), len(names)) - 1
    counts = np.zeros((len(groups), len(names)), dtype=np.int64)
    np.add.at(counts, (pd.Index(groups).get_indexer(_groups_of(cohort, scores.index)), band), 1)
    whole = counts.sum(axis=0)
    overall = pd.Series(whole / whole.sum(), index=names)
    shares = shares_told(told_by_group(counts), names, pd.Series(counts.sum(axis=1), index=groups))
    return ByGroup(overall, pd.Series(whole, index=names), shares)


_BANDS = (0.4, 0.6, 0.8)


def _band(low: float, high: float) -> str:
    if low == 0:
        return f"under {high:.0%}" if high < 1 else "any score"
    return f"{low:.0%} to under {high:.0%}" if high < 1 else f"{low:.0%} and more"


def shares_told(found: Sequence[Told | None], lines: Sequence[object], sizes: pd.Series) -> pd.DataFrame:
    """What share of each group said or did what (lines x groups), NaN where that must not be told.

    found: by group, what may be told of each line, perhaps followed by what is in no line; sizes: by group, how many
    people they are.
    """
    shares = {
        group: [
            float("nan") if mine is None or part is None else part / total
            for part in (mine.parts if mine else [None] * len(lines))[: len(lines)]
        ]
        for mine, (group, total) in zip(found, sizes.items(), strict=True)
    }
    return pd.DataFrame(shares, index=pd.Index(lines), dtype=float)


def splits(cohort: Cohort, whole: pd.DataFrame) -> ByGroup:
    """The chance that two people of a group drawn at random chose differently, by `scenario/scene`.

    whole: what `analysis.splits` says of everybody.
    """
    groups = cohort.groups()
    answers = dict(list(cohort.counted_answers().groupby(["scenario", "scene"], observed=True)))
    rows = {}
    for _, row in whole.iterrows():
        here = answers[row["scenario"], row["scene"]]
        counts = pd.crosstab(here["group"].astype(str), here["option"].astype(str)).reindex(groups, fill_value=0)
        numbers = counts.to_numpy(dtype=np.int64)
        rows[f"{row['scenario']}/{row['scene']}"] = [
            row["disagreement"],
            row["n"],
            *(
                float("nan") if parts is None else statistics.disagreement(parts)
                for found, mine in zip(told_by_group(numbers), numbers, strict=True)
                for parts in [analysis.told_parts(found, int(mine.sum()))]
            ),
        ]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["overall", "people", *map(str, range(len(groups)))])
    return ByGroup(table["overall"], table["people"], table.iloc[:, 2:].set_axis(groups, axis=1))


def gain(cohort: Cohort, before: str, after: str, whole: Gain | None) -> ByGroup:
    """Mean scores in both tests, lines `before` and `after`, of those who finished both; no lines for fewer than five.

    A group is left out where its means would tell of a few who finished one test only, and so are others from which,
    with those of everybody, it could be worked out. whole: what `analysis.gain` says of everybody.
    """
    groups = cohort.groups()
    if whole is None or whole.telling:
        return _nothing(groups)
    plays = cohort.counted[cohort.counted["finished"] & cohort.counted["score"].notna()]
    table = plays.pivot(index="learner", columns="scenario", values="score")[[before, after]]
    took = table.notna().groupby(_groups_of(cohort, table.index)).sum().reindex(groups, fill_value=0)
    both = table.dropna()
    group = _groups_of(cohort, both.index)
    means = both.groupby(group).mean().reindex(groups).T
    means.index = pd.Index(["before", "after"])
    means[_held_back(group, took)] = float("nan")
    overall = pd.Series({"before": whole.before, "after": whole.after})
    return ByGroup(overall, pd.Series(whole.gain.n, index=overall.index), means)


def attempts(cohort: Cohort) -> ByGroup:
    """First and last attempt, mean scores of those who finished more than once: lines `scenario/first` and
    `scenario/last`. Groups are left out as in `gain`."""
    groups = cohort.groups()
    overall: dict[str, float] = {}
    people: dict[str, int] = {}
    means: dict[str, pd.Series] = {}
    for row in analysis.attempts(cohort).itertuples(index=False):
        ends = analysis.first_and_last(cohort, row.scenario)
        played = pd.Series(_groups_of(cohort, ends.index)).value_counts().reindex(groups, fill_value=0)
        ends = ends[ends["size"] > 1]
        group = _groups_of(cohort, ends.index)
        found = ends.groupby(group)[["first", "last"]].mean().reindex(groups)
        found.loc[_held_back(group, played.to_frame())] = float("nan")
        for which in ("first", "last"):
            line = f"{row.scenario}/{which}"
            overall[line], people[line], means[line] = getattr(row, which), row.n, found[which]
    if not means:
        return _nothing(groups)
    return ByGroup(pd.Series(overall), pd.Series(people), pd.DataFrame(means).T)


def _held_back(group: NDArray[np.str_], took: pd.DataFrame) -> list[str]:
    """The groups whose means over some of their people must not be told.

    group: that of each of these people; took: by group (rows), of how many others the means are known. Held back are
    groups in which that would tell of a few, and the smallest others, until those who are held back are no few.
    """
    people = pd.Series(group).value_counts().reindex(took.index, fill_value=0)

    def telling(names: list[str]) -> bool:
        n = int(people[names].sum())
        return n < SMALLEST or any(leaves_few(n, int(all_of_them)) for all_of_them in took.loc[names].sum())

    rest = [str(name) for name in people[people > 0].sort_values(kind="stable").index]
    out = [name for name in rest if telling([name])]
    rest = [name for name in rest if name not in out]
    while out and rest and telling(out):
        out.append(rest.pop(0))
    return out


def ways(cohort: Cohort, scenario: str, whole: Ways) -> dict[str, Ways]:
    """The ways of each group through a scenario, of which there is something to tell.

    whole: what `analysis.ways` says of everybody.
    """
    by_group = {str(group): mine for group, mine in cohort.counted_answers(scenario).groupby("group", observed=True)}
    flows = {group: analysis.flow_of(cohort, mine) for group, mine in by_group.items()}
    found = {group: analysis.ways_of(cohort.scenarios[scenario], by_group[group], flows[group]) for group in by_group}
    out = {group for group, ways in found.items() if ways.total < SMALLEST or ways.table.empty}
    if len(out) == len(found):
        return {}
    numbers = pd.DataFrame({group: _numbers(flow) for group, flow in flows.items()}).fillna(0)
    counts = numbers.to_numpy(dtype=np.int64).T
    names = list(found)
    exact = [at for at, group in enumerate(names) if group not in out and not found[group].rounded]
    may = tellable(counts[exact], counts.sum(axis=0))
    out |= {names[at] for at, tell in zip(exact, may, strict=True) if not tell}
    giving = giveaways(
        counts,
        np.array([ways.total for ways in found.values()]),
        [None if group in out else _ranges(ways, numbers.index, least=0) for group, ways in found.items()],
        None if whole.table.empty else _ranges(whole, numbers.index, least=1),
        _on_and_off(numbers.index),
    )
    out |= {names[at] for at in giving}
    return {group: ways for group, ways in found.items() if group not in out}


def _numbers(flow: pd.DataFrame) -> pd.Series:
    return flow.set_index(["source", "target"])["n"]


def _ranges(ways: Ways, lines: pd.Index, *, least: int) -> NDArray[np.int64]:
    """See `inference.ranges`. least: how many went a way at least that is not told of."""
    numbers = _numbers(ways.table).reindex(lines, fill_value=0)
    known = ranges(Told(tuple(n or (None if ways.rounded else 0) for n in numbers), ways.rounded), ways.total)
    known[0, known[0] < SMALLEST] = least if ways.rounded else 0
    return known


def _on_and_off(lines: pd.MultiIndex) -> NDArray[np.int64]:
    """By place: 1 for each way on from it and -1 for each way to it, as many go on as come."""
    sources, targets = (lines.get_level_values(end).to_numpy() for end in ("source", "target"))
    places = np.unique(sources)[:, np.newaxis]
    found: NDArray[np.int64] = np.subtract(sources == places, targets == places, dtype=np.int64)
    return found


def calibration(cohort: Cohort) -> ByGroup:
    """Mean credit by confidence, from low to high, and group."""
    overall = analysis.calibration(cohort)
    answers = cohort.counted_answers()
    answers = answers[answers["confidence"].notna() & answers["credit"].notna()]
    by = [answers["confidence"].astype(str), answers["group"].astype(str)]
    shape = {"index": overall.index, "columns": cohort.groups()}
    means = answers.groupby(by)["credit"].mean().unstack().reindex(**shape)
    people = answers.groupby(by)["learner"].nunique().unstack().reindex(**shape).fillna(0)
    return ByGroup(overall["credit"], overall["people"], masked(means, people))


def _groups_of(cohort: Cohort, learners: Iterable[int]) -> NDArray[np.str_]:
    groups: NDArray[np.str_] = np.asarray(cohort.learners["group"].astype(str))[np.asarray(learners)]
    return groups


def _nothing(groups: Sequence[str]) -> ByGroup:
    return ByGroup(pd.Series(dtype=float), pd.Series(dtype=int), pd.DataFrame(columns=groups, dtype=float))
