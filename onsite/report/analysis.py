"""The questions of the report, each answered by one pure function from the cohort table to a small table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from onsite.report import statistics
from onsite.report.cohort import LEVELS, Cohort
from onsite.report.facts import ScenarioFacts
from onsite.report.privacy import ROUND_FROM, SMALLEST, Told, leaves_few, rounded, told
from onsite.report.statistics import Estimate

STOPPED = ""
"""Where the flow of those goes who handed in before the end."""


def completion(cohort: Cohort) -> pd.DataFrame:
    """By scenario: `people` (everybody in the cohort), `started`, `finished`."""
    plays = cohort.counted
    rows = [
        (
            slug,
            len(cohort.learners),
            int((plays["scenario"] == slug).sum()),
            int(((plays["scenario"] == slug) & plays["finished"]).sum()),
        )
        for slug in cohort.scenarios
    ]
    return pd.DataFrame(rows, columns=["scenario", "people", "started", "finished"]).set_index("scenario")


def person_scores(cohort: Cohort) -> pd.Series:
    """Each person's mean score over the scenarios they finished, 0 to 1, by learner."""
    plays = cohort.counted
    return plays[plays["finished"]].groupby("learner")["score"].mean().dropna()


class Unread(NamedTuple):
    """Written answers that nobody has marked yet, and whose they are."""

    texts: int
    people: int


def unread(cohort: Cohort) -> Unread:
    """How many written answers in the plays that are graded wait for a reader."""
    answers = cohort.counted_answers()
    waiting = answers[answers["fills"] & answers["credit"].isna()]
    return Unread(len(waiting), int(waiting["learner"].nunique()))


def score_bands(scores: NDArray[np.float64]) -> list[tuple[float, float, int]]:
    """How many scored from what to what: bands of a tenth, joined until none holds 1 to SMALLEST - 1 people."""
    # The edges as they are told: linspace(0, 1, 11) would have 0.6000000000000001, above a score of 0.6.
    counts, _ = np.histogram(scores, bins=np.arange(11) / 10)
    bands = [(step / 10, (step + 1) / 10, int(n)) for step, n in enumerate(counts)]
    while len(bands) > 1:
        small = next((index for index, band in enumerate(bands) if 0 < band[2] < SMALLEST), None)
        if small is None:
            break
        beside = [i for i in (small - 1, small + 1) if 0 <= i < len(bands)]
        # Towards the middle of the scores, where the people are.
        other = max(beside, key=lambda i: bands[i][2])
        first, second = sorted((small, other))
        joined = (bands[first][0], bands[second][1], bands[first][2] + bands[second][2])
        bands[first : second + 1] = [joined]
    return bands


def score_summary(cohort: Cohort) -> pd.DataFrame:
    """By scenario: `n` finished, `mean` with `low` and `high` (95%), quartiles `q1`, `median`, `q3`; all 0 to 1."""
    rows = {}
    plays = cohort.counted[cohort.counted["finished"]]
    for slug in cohort.scenarios:
        scores = plays.loc[plays["scenario"] == slug, "score"].dropna().to_numpy()
        if len(scores) < SMALLEST:
            continue
        mean = statistics.mean_interval(scores)
        q1, median, q3 = np.percentile(scores, [25, 50, 75])
        rows[slug] = {
            "n": len(scores), "mean": mean.value, "low": max(0.0, mean.low), "high": min(1.0, mean.high),
            "q1": q1, "median": median, "q3": q3,
        }  # fmt: skip
    columns = ["n", "mean", "low", "high", "q1", "median", "q3"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def splits(cohort: Cohort) -> pd.DataFrame:
    """Choices by how much the room differs, most first: the chance that two people drawn at random chose differently.

    Columns: `scenario`, `scene`, `n`, `disagreement`, `first` and `second` (option ids), `shares` (of every option,
    largest first; what is too few to be told added up at the end). Only items where the two most chosen options
    can be told.
    """
    rows = []
    answers = cohort.counted_answers()
    for slug, facts in cohort.scenarios.items():
        mine = answers[answers["scenario"] == slug]
        for scene, item in facts.items.items():
            if not item.options:
                continue
            counts = mine.loc[mine["scene"] == scene, "option"].astype(str).value_counts()
            total = int(counts.sum())
            parts = told_parts(told(counts.tolist(), total), total)
            if parts is None:
                continue
            rows.append(
                {
                    "scenario": slug, "scene": scene, "n": total, "disagreement": statistics.disagreement(parts),
                    "first": str(counts.index[0]), "second": str(counts.index[1]),
                    "shares": tuple((parts / parts.sum()).tolist()),
                }
            )  # fmt: skip
    columns = ["scenario", "scene", "n", "disagreement", "first", "second", "shares"]
    return pd.DataFrame(rows, columns=columns).sort_values("disagreement", ascending=False, ignore_index=True)


def told_parts(found: Told | None, total: int) -> NDArray[np.float64] | None:
    """How many of `total` people chose each option, as far as it can be told, and the sum of the rest at the end; None
    unless two can be told."""
    shown = [n for n in found.parts if n] if found else []
    left = total - sum(shown)
    return np.array([*shown, *([left] if left > 0 else [])], dtype=float) if len(shown) > 1 else None


@dataclass(frozen=True)
class ItemFigures:
    """One decision in numbers. met: share of finished plays that came to it; facility: mean credit over all of them,
    0 where the path did not come to it, as in the grade; rest: item-rest correlation with its interval."""

    decision: str
    facility: float
    met: float
    rest: Estimate


@dataclass(frozen=True)
class Analysis:
    """The item analysis of one scenario, over everybody who finished it; decisions with unread texts are left out."""

    items: tuple[ItemFigures, ...]
    alpha: Estimate
    straight: bool


def item_analysis(cohort: Cohort, scenario: str) -> Analysis:
    """Facility, item-rest correlation and alpha of a scenario's decisions. No items for fewer than five people."""
    facts = cohort.scenarios[scenario]
    table = cohort.scores(scenario)
    matrix = table.to_numpy()
    if len(matrix) < SMALLEST:
        return Analysis((), statistics.NOTHING, facts.straight)
    answers = cohort.counted_answers(scenario)
    answers = answers[answers["fills"] & answers["learner"].isin(table.index)]
    met = answers["decision"].astype(str).value_counts() / len(matrix)
    easy, rest = statistics.facility(matrix), statistics.item_rest(matrix)
    return Analysis(
        tuple(
            ItemFigures(
                name,
                float(easy[index]),
                float(met.get(name, 0.0)),
                statistics.correlation_interval(float(rest[index]), len(matrix)),
            )
            for index, name in enumerate(table.columns)
        ),
        statistics.alpha(matrix),
        facts.straight,
    )


def flow(cohort: Cohort, scenario: str) -> pd.DataFrame:
    """How many graded plays went from each scene to the next scene or ending: `source`, `target`, `n`, most first.

    Scenes that only tell are passed over. The target STOPPED is for those who handed in before the end. See `ways` for
    what of it may be shown.
    """
    return flow_of(cohort, cohort.counted_answers(scenario))


def flow_of(cohort: Cohort, answers: pd.DataFrame) -> pd.DataFrame:
    """The same of some people's answers in one scenario."""
    answers = answers.sort_values(["play", "position"])
    if answers.empty:
        return pd.DataFrame(columns=["source", "target", "n"])
    scene, play = answers["scene"].astype(str).to_numpy(), answers["play"].to_numpy()
    after = np.append(scene[1:], "").astype(object)
    last = np.append(play[1:] != play[:-1], True)
    ending = cohort.plays["ending"].iloc[play[last]].astype(object)
    after[last] = ending.where(ending.notna(), STOPPED).to_numpy()
    table = pd.DataFrame({"source": scene, "target": after}).value_counts().reset_index(name="n")
    return table.sort_values(["n", "source", "target"], ascending=[False, True, True], ignore_index=True)


@dataclass(frozen=True)
class Ways:
    """The ways through a scenario as they may be shown.

    table: `source`, `target`, `n`, with n = 0 for fewer than SMALLEST people; places: how many came to each place that
    is left, of `total`; rounded: whether numbers had to be rounded, so that nobody is worked out.
    """

    table: pd.DataFrame
    places: Mapping[str, int]
    total: int
    rounded: bool


def ways(cohort: Cohort, scenario: str) -> Ways:
    """The flow through a scenario, ways of few people hidden. Empty where so little is left that it would tell."""
    answers = cohort.counted_answers(scenario)
    return ways_of(cohort.scenarios[scenario], answers, flow_of(cohort, answers))


def ways_of(facts: ScenarioFacts, answers: pd.DataFrame, table: pd.DataFrame) -> Ways:
    """The same of some people's answers in one scenario. table: their flow, see `flow`."""
    total = int(answers["play"].nunique())
    # A way that several options lead to would tell how many chose the rare one beside the others.
    forks = table.loc[table["source"].duplicated(), "source"]
    forks = [name for name in forks.unique() if facts.items[name].options]
    chosen = answers[answers["scene"].isin(forks)].groupby(["scene", "option"], observed=True).size()
    few = bool((table["n"] < SMALLEST).any() or (chosen < SMALLEST).any())
    if few and total < ROUND_FROM:
        return Ways(table.iloc[:0], {}, total, rounded=False)

    def shown(n: int) -> int:
        return n if not few or n == total else 0 if n < SMALLEST else rounded(n, total)

    answered = answers.groupby("scene", observed=True)["play"].nunique()
    ended = table[~table["target"].isin(answered.index)].groupby("target")["n"].sum()
    places = {str(name): shown(int(n)) for name, n in [*answered.items(), *ended.items()]}
    return Ways(table.assign(n=[shown(n) for n in table["n"]]), places, total, few)


def attempts(cohort: Cohort) -> pd.DataFrame:
    """First against last attempt of those who finished a scenario more than once, for five people and more.

    Left out where the means of those who played once could be worked out, and they are few.

    Columns: `scenario`, `n`, `first`, `last` (mean scores, 0 to 1), `change` (Estimate, mean of the differences).
    """
    rows = []
    for slug in cohort.scenarios:
        ends = first_and_last(cohort, slug)
        everybody = len(ends)
        ends = ends[ends["size"] > 1]
        if len(ends) < SMALLEST or leaves_few(len(ends), everybody):
            continue
        change = statistics.mean_interval((ends["last"] - ends["first"]).to_numpy())
        rows.append(
            {
                "scenario": slug,
                "n": len(ends),
                "first": ends["first"].mean(),
                "last": ends["last"].mean(),
                "change": change,
            }
        )
    return pd.DataFrame(rows, columns=["scenario", "n", "first", "last", "change"])


def first_and_last(cohort: Cohort, scenario: str) -> pd.DataFrame:
    """Of everybody who finished a scenario, by learner: the `first` and the `last` score (0 to 1), and `size`, how
    often."""
    plays = cohort.plays
    plays = plays[(plays["scenario"] == scenario) & plays["finished"] & plays["score"].notna()]
    plays = plays.sort_values(["learner", "attempt"])
    return plays.groupby("learner")["score"].agg(["first", "last", "size"])


@dataclass(frozen=True)
class Gain:
    """Before against after for those who finished both: mean scores 0 to 1, the normalised gain with its interval.

    only_before: how many took the first test only; telling: whether the two means would tell the mean of a few who
    took one test only.
    """

    before: float
    after: float
    gain: Estimate
    only_before: int
    telling: bool = False


def gain(cohort: Cohort, before: str, after: str) -> Gain | None:
    """The normalised gain from one scenario to another; None unless at least five people finished both."""
    plays = cohort.counted[cohort.counted["finished"]]
    first = plays[plays["scenario"] == before].set_index("learner")["score"].dropna()
    second = plays[plays["scenario"] == after].set_index("learner")["score"].dropna()
    both = first.index.intersection(second.index).sort_values()
    if len(both) < SMALLEST:
        return None
    one, two = first.loc[both].to_numpy(), second.loc[both].to_numpy()
    return Gain(
        float(one.mean()),
        float(two.mean()),
        statistics.normalised_gain(one, two, 1.0),
        only_before=len(first) - len(both),
        telling=any(leaves_few(len(both), len(all_of_them)) for all_of_them in (first, second)),
    )


def calibration(cohort: Cohort) -> pd.DataFrame:
    """By confidence, from low to high: how it stood with what was earned.

    Columns: `answers`, `people`, `credit` (mean, 0 to 1), `poor` (the share that earned less than half).
    Levels that fewer than five people used are left out.
    """
    answers = cohort.counted_answers()
    answers = answers[answers["confidence"].notna() & answers["credit"].notna()]
    rows = {}
    for level in LEVELS:
        mine = answers[answers["confidence"] == level]
        if mine["learner"].nunique() >= SMALLEST:
            credit = mine["credit"]
            rows[level] = {
                "answers": len(mine), "people": int(mine["learner"].nunique()),
                "credit": float(credit.mean()), "poor": float((credit < 0.5).mean()),
            }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", columns=["answers", "people", "credit", "poor"])


def times(cohort: Cohort) -> pd.DataFrame:
    """Minutes at it, by scenario, over finished graded plays.

    Columns: `n` with believable times, `left_out` those without, `planned`, and the quartiles `q1`, `median`, `q3`,
    since a few absurd times must not move them. Scenarios with fewer than five times are left out.
    """
    rows = {}
    plays = cohort.counted[cohort.counted["finished"]]
    for slug, facts in cohort.scenarios.items():
        mine = plays.loc[plays["scenario"] == slug, "seconds"]
        minutes = mine.dropna().to_numpy() / 60
        if len(minutes) < SMALLEST:
            continue
        q1, median, q3 = np.percentile(minutes, [25, 50, 75])
        rows[slug] = {
            "n": len(minutes), "left_out": int(mine.isna().sum()), "planned": facts.minutes,
            "q1": q1, "median": median, "q3": q3,
        }  # fmt: skip
    columns = ["n", "left_out", "planned", "q1", "median", "q3"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)
