"""Mean credit by decision, practice or anything else that answers speak for, and by group."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from onsite.report.cohort import Cohort
from onsite.report.privacy import SMALLEST, masked


@dataclass(frozen=True)
class ByGroup:
    """A table of lines x groups, for everybody and by group. values are 0 to 1, NaN where too few to be shown."""

    overall: pd.Series
    people: pd.Series
    groups: pd.DataFrame


def by_group(cohort: Cohort, links: pd.DataFrame, scenario: str | None = None) -> ByGroup:
    """Mean credit by line and group: first each person's mean, then that over people. The lowest line first.

    links: which answers (`item`: scenario/scene) speak for which `line`, many for one, and one for many.
    """
    answers = cohort.counted_answers(scenario)
    answers = answers[answers["credit"].notna() & answers["fills"]]
    groups = cohort.groups()
    if answers.empty or links.empty:
        empty = pd.Series(dtype=float)
        return ByGroup(empty, empty, pd.DataFrame(columns=groups, dtype=float))
    item = _item_codes(answers)
    lines = sorted(links["line"].unique())
    coded = pd.DataFrame(
        {"item": item.cat.codes.to_numpy(), "learner": answers["learner"].to_numpy(), "credit": answers["credit"]}
    )
    joined = coded.merge(
        pd.DataFrame(
            {
                "item": item.cat.categories.get_indexer(links["item"]),
                "line": pd.Index(lines).get_indexer(links["line"]),
            }
        ),
        on="item",
    )
    per_person = joined.groupby(["line", "learner"], sort=False)["credit"].mean().reset_index()
    per_person["group"] = np.asarray(cohort.learners["group"].astype(str))[per_person["learner"].to_numpy()]
    overall = per_person.groupby("line")["credit"].agg(["mean", "size"])
    overall.index = [lines[code] for code in overall.index]
    overall = overall[overall["size"] >= SMALLEST].sort_values("mean")
    table = per_person.groupby(["line", "group"])["credit"].agg(["mean", "size"])
    means, sizes = table["mean"].unstack("group"), table["size"].unstack("group").fillna(0)
    means.index = sizes.index = pd.Index([lines[code] for code in means.index])
    means = means.reindex(index=overall.index, columns=groups)
    sizes = sizes.reindex(index=overall.index, columns=groups, fill_value=0).fillna(0)
    return ByGroup(overall["mean"], overall["size"].astype(int), masked(means, sizes))


def _item_codes(answers: pd.DataFrame) -> pd.Series:
    """`scenario/scene` of each answer, as a category."""
    scenario, scene = answers["scenario"].cat, answers["scene"].cat
    width = len(scene.categories)
    together = scenario.codes.to_numpy().astype(np.int64) * width + scene.codes.to_numpy()
    used, codes = np.unique(together, return_inverse=True)
    names = [f"{scenario.categories[code // width]}/{scene.categories[code % width]}" for code in used]
    return pd.Series(pd.Categorical.from_codes(codes, names), index=answers.index)


def decisions_by_group(cohort: Cohort, scenario: str) -> ByGroup:
    """Mean credit by decision, among those whose path came to it. In the order of the story."""
    facts = cohort.scenarios[scenario]
    links = pd.DataFrame(
        [(f"{scenario}/{scene}", item.decision) for scene, item in facts.items.items() if item.decision],
        columns=["item", "line"],
    )
    found = by_group(cohort, links, scenario)
    order = [name for name in facts.decisions if name in found.overall.index]
    return ByGroup(found.overall.loc[order], found.people.loc[order], found.groups.loc[order])


def hardest(decisions: Mapping[str, ByGroup]) -> pd.DataFrame:
    """Every decision that at least five people came to, lowest mean credit first.

    decisions: what `decisions_by_group` says of each scenario.

    Columns: `scenario`, `decision`, `n` (who came to it), `credit` (their mean, 0 to 1).
    """
    rows = [
        {"scenario": slug, "decision": name, "n": int(found.people[name]), "credit": float(found.overall[name])}
        for slug, found in decisions.items()
        for name in found.overall.index
    ]
    table = pd.DataFrame(rows, columns=["scenario", "decision", "n", "credit"])
    return table.sort_values("credit", ignore_index=True)
