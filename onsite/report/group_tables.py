"""The report by group, as data for a notebook: tables and ways in which small groups and cells are masked.

They are kept in `by-group.json`, which holds nothing about a person: whoever gets the folder can filter and compare,
but work nobody out.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from onsite.grading.calibration import LEVELS
from onsite.report import per_group
from onsite.report.analysis import STOPPED, Ways
from onsite.report.choices import Chosen, choices_by_group
from onsite.report.credit import ByGroup
from onsite.report.drawing import distinct, short
from onsite.report.facts import ItemFacts, ScenarioFacts
from onsite.report.findings import Findings
from onsite.report.privacy import EVERYBODY, SMALLEST
from onsite.report.scenario_section import in_words
from onsite.scenario.errors import OnsiteError

MOST_DECISIONS = 10


MEANS, PARTS, ANSWERS, CHANGES, MINUTES = KINDS = ("means", "parts", "answers", "changes", "minutes")
"""Shares from 0 to 1, each for itself; shares of a whole, which are rounded where one is not to be shown; the same of
sentences, which are to be read; shares before and after, two lines each; minutes."""


@dataclass(frozen=True)
class Lines:
    """One question's answer: a figure per line for everybody and by group (NaN: not to be shown).

    scenario, about: the scenario that it is about and what in it, '' for all; kind: what the figures are, see KINDS;
    most: how many are shown, the largest first, 0 for all as they stand.
    """

    question: str
    shares: pd.DataFrame
    scenario: str = ""
    about: str = ""
    kind: str = MEANS
    most: int = 0

    def of(self, group: str) -> pd.Series:
        """The figures of one group, those that may be shown."""
        found = self.shares[group].dropna()
        return found.sort_values(ascending=False, kind="stable").head(self.most) if self.most else found


@dataclass(frozen=True)
class Paths:
    """The ways through one scenario by group, of those groups of which they may be shown. titles: of its places."""

    question: str
    scenario: str
    titles: Mapping[str, str]
    endings: tuple[str, ...]
    ways: Mapping[str, Ways]


@dataclass(frozen=True)
class GroupTables:
    """All that the notebook can show. groups: the names to choose from, EVERYBODY first."""

    groups: tuple[str, ...]
    tables: tuple[Lines, ...]
    paths: tuple[Paths, ...] = ()

    def to_json(self) -> str:
        """As text, for `by-group.json`."""
        told = {
            "groups": self.groups,
            "tables": [_told_lines(one, self.groups) for one in self.tables],
            "paths": [_told_paths(one) for one in self.paths],
        }
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def by_group_tables(findings: Findings) -> GroupTables:
    """The tables of a cohort, small groups pooled and small cells masked as in the page."""
    cohort = findings.cohort
    several = len(cohort.groups()) > 1
    names = (EVERYBODY, *(cohort.groups() if several else ()))
    if findings.people < SMALLEST:
        return GroupTables(names, ())
    titles = dict(zip(cohort.scenarios, distinct(facts.title for facts in cohort.scenarios.values()), strict=True))
    tables = [*_of_the_course(findings, titles), *_of_scenarios(findings, titles)]
    shown = (replace(one, shares=one.shares[list(names)]) for one in tables)
    return GroupTables(names, tuple(one for one in shown if len(one.shares)), tuple(_paths(findings, titles, names)))


def _of_the_course(findings: Findings, titles: Mapping[str, str]) -> Iterator[Lines]:
    cohort, done = findings.cohort, findings.completion
    finished = per_group.completion(cohort)
    finished.insert(0, EVERYBODY, (done["finished"] / done["people"]).reindex(finished.index))
    yield Lines("Who has finished", finished.rename(index=titles))
    yield _lines("Mean score by scenario", per_group.scores(cohort), titles)
    spread = _lines("How the scores are spread: the share of people by mean score", per_group.spread(cohort))
    yield replace(spread, kind=PARTS)
    practices = findings.practices
    lines = practices.firm or list(practices.overall.index)
    told = ByGroup(practices.overall[lines], practices.people[lines], practices.groups.loc[lines])
    since = " (from the test before the course)" if practices.only_before else ""
    names = {line: one.name for line, one in practices.lines.items()}
    yield _lines(f"Mean credit by practice{since}", told, names)
    asked = {
        f"{slug}/{scene}": f"{facts.asks(item)}\n{titles[slug]}"
        for slug, facts in cohort.scenarios.items()
        for scene, item in facts.items.items()
    }
    decisions = dict(zip(asked, distinct(asked.values()), strict=True))
    question = "Which decisions split the room: the chance that two people chose differently"
    yield replace(_lines(question, per_group.splits(cohort, findings.splits), decisions), most=MOST_DECISIONS)
    attempts = {
        f"{slug}/{which}": f"{title}\n{which} attempt" for slug, title in titles.items() for which in ("first", "last")
    }
    changes = _lines("First against last attempt, of those who played again", per_group.attempts(cohort), attempts)
    yield replace(changes, kind=CHANGES)
    if tests := cohort.tests():
        both = {name: cohort.scenarios[slug].title for name, slug in zip(("before", "after"), tests, strict=True)}
        yield _lines("The two tests, of those who took both", per_group.gain(cohort, *tests, findings.gain), both)
    yield _lines("Mean credit by how sure they were", per_group.calibration(cohort), LEVELS)
    minutes = _lines("How long half of them took at most", per_group.minutes(cohort), titles)
    yield replace(minutes, kind=MINUTES)


def _of_scenarios(findings: Findings, titles: Mapping[str, str]) -> Iterator[Lines]:
    cohort = findings.cohort
    for slug, facts in cohort.scenarios.items():
        decisions = distinct(decision.title for decision in facts.decisions.values())
        names = dict(zip(facts.decisions, decisions, strict=True))
        found = _lines("Mean credit by decision, of those who came to it", findings.decisions[slug], names)
        yield replace(found, scenario=titles[slug])
    for slug, facts in cohort.scenarios.items():
        yield from _chosen(findings, facts, titles[slug])


def _chosen(findings: Findings, facts: ScenarioFacts, title: str) -> Iterator[Lines]:
    by_group = choices_by_group(findings.cohort, facts.slug)
    for one in findings.choices[facts.slug]:
        item = facts.items[one.scene]
        answers = (f"{in_words(item, chosen)}{_worth(item, chosen)}" for chosen in one.chosen)
        shares = by_group[one.scene].set_axis(distinct(answers), axis=0)
        shares.insert(0, EVERYBODY, [chosen.share for chosen in one.chosen])
        about = f"{facts.places[one.scene]}: {short(item.prompt, 160)}"
        yield Lines("Who chose what", shares, title, about, ANSWERS)


def _worth(item: ItemFacts, chosen: Chosen) -> str:
    if chosen.keyed:
        return " [best]" if item.options else " [keyed]"
    return f" [credit {chosen.credit:g}]" if item.options else ""


def _paths(findings: Findings, titles: Mapping[str, str], names: Iterable[str]) -> Iterator[Paths]:
    cohort = findings.cohort
    for slug, whole in findings.ways.items():
        if not whole.table["n"].any():
            continue
        facts = cohort.scenarios[slug]
        # Of every way that anybody took: of one that is not told, nobody can say whether any of the group took it.
        all_ways = whole.table.set_index(["source", "target"]).index
        told = {EVERYBODY: whole, **per_group.ways(cohort, slug, whole)}
        ways = {
            name: replace(
                one, table=one.table.set_index(["source", "target"]).reindex(all_ways, fill_value=0).reset_index()
            )
            for name, one in told.items()
            if name in names and one.table["n"].any()
        }
        places = {**facts.places, STOPPED: "handed in before the end"}
        used = {name for way in all_ways for name in way}
        shown = {name: place for name, place in places.items() if name in used}
        yield Paths("The ways they took", titles[slug], shown, tuple(facts.endings), ways)


def _lines(question: str, found: ByGroup, names: Mapping[str, str] | None = None) -> Lines:
    table = found.groups.copy()
    table.insert(0, EVERYBODY, found.overall)
    return Lines(question, table.rename(index=names or {}))


def _told_lines(lines: Lines, names: Iterable[str]) -> dict[str, object]:
    # As exact as it is shown, or how many people they are could be told from the digits.
    shares = {
        group: [None if pd.isna(value) else round(float(value), 2) for value in lines.shares[group]] for group in names
    }
    said = {name: getattr(lines, name) for name in ("question", "scenario", "about", "kind", "most")}
    return {**said, "lines": [str(line) for line in lines.shares.index], "shares": shares}


def _told_paths(paths: Paths) -> dict[str, object]:
    ways = {
        group: {**asdict(one), "table": [[str(s), str(t), int(n)] for s, t, n in one.table.itertuples(index=False)]}
        for group, one in paths.ways.items()
    }
    return {**asdict(replace(paths, ways={})), "ways": ways}


def read_group_tables(path: Path) -> GroupTables:
    """Read `by-group.json`. Raises OnsiteError when it is missing or damaged."""
    try:
        data = json.loads(path.read_text("utf-8"))
        return GroupTables(
            tuple(data["groups"]), tuple(map(_read_lines, data["tables"])), tuple(map(_read_paths, data["paths"]))
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OnsiteError(f"{path} is missing or damaged. Run `python3 course.py report` again.") from error


def _read_lines(told: dict[str, Any]) -> Lines:
    lines = told.pop("lines")
    return Lines(**{**told, "shares": pd.DataFrame(told["shares"], index=lines, dtype=float)})


def _read_paths(told: dict[str, Any]) -> Paths:
    ways = {
        group: Ways(**{**one, "table": pd.DataFrame(one["table"], columns=["source", "target", "n"])})
        for group, one in told["ways"].items()
    }
    return Paths(**{**told, "endings": tuple(told["endings"]), "ways": ways})
