"""The report by group, for a notebook: tables in which small groups and cells are masked, and a widget on them.

The notebook reads `by-group.json`, which holds nothing about a person: whoever gets the folder can filter and
compare, but work nobody out.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from markupsafe import escape

from onsite.grading.calibration import LEVELS
from onsite.report import analysis, drawing
from onsite.report.advice import number, percent
from onsite.report.analysis import ByGroup
from onsite.report.cohort import Cohort
from onsite.report.practices import practices_by_group
from onsite.report.privacy import EVERYBODY, SMALLEST, protect
from onsite.scenario.errors import OnsiteError

MOST_DECISIONS = 10


@dataclass(frozen=True)
class Lines:
    """One question's answer: a title and shares, 0 to 1, for everybody and by group (NaN: not to be shown).

    unit: "minutes" where they are no shares; most: how many are drawn, the largest first, 0 for all as they stand.
    """

    title: str
    shares: pd.DataFrame
    unit: str = ""
    most: int = 0

    def of(self, group: str) -> pd.Series:
        """The shares of one group, those that may be shown."""
        found = self.shares[group].dropna()
        return found.sort_values(ascending=False, kind="stable").head(self.most) if self.most else found


@dataclass(frozen=True)
class GroupTables:
    """All that the notebook can show. groups: the names to choose from, EVERYBODY first."""

    groups: tuple[str, ...]
    tables: tuple[Lines, ...]

    def to_json(self) -> str:
        """As text, for `by-group.json`."""
        tables = [
            {
                "title": one.title,
                "unit": one.unit,
                "most": one.most,
                "lines": [str(line) for line in one.shares.index],
                "shares": {
                    group: [None if pd.isna(value) else round(float(value), 4) for value in one.shares[group]]
                    for group in self.groups
                },
            }
            for one in self.tables
        ]
        return json.dumps({"groups": list(self.groups), "tables": tables}, ensure_ascii=False, indent=1) + "\n"


def by_group_tables(cohort: Cohort) -> GroupTables:
    """The tables of a cohort, small groups pooled and small cells masked as in the page."""
    cohort = protect(cohort).begun()
    several = len(cohort.groups()) > 1
    shown = drawing.distinct(facts.title for facts in cohort.scenarios.values())
    titles = dict(zip(cohort.scenarios, shown, strict=True))
    tables: list[Lines] = []
    if cohort.plays["learner"].nunique() >= SMALLEST:
        done = analysis.completion(cohort)
        finished = analysis.completion_by_group(cohort)
        finished.insert(0, EVERYBODY, (done["finished"] / done["people"]).reindex(finished.index))
        tables.append(Lines("Who has finished", _renamed(finished, titles, several)))
        tables.append(_lines("Mean score by scenario", analysis.scores_by_group(cohort), titles, several))
        practices = practices_by_group(cohort)
        names = {line: one.name for line, one in practices.lines.items()}
        lines = practices.firm or list(practices.overall.index)
        told = ByGroup(practices.overall[lines], practices.people[lines], practices.groups.loc[lines])
        since = " (from the test before the course)" if practices.only_before else ""
        tables.append(_lines(f"Mean credit by practice{since}", told, names, several))
        tables += _asked_of_a_group(cohort, titles, several)
        for slug, facts in cohort.scenarios.items():
            decisions = drawing.distinct(decision.title for decision in facts.decisions.values())
            names = dict(zip(facts.decisions, decisions, strict=True))
            tables.append(_lines(titles[slug], analysis.decisions_by_group(cohort, slug), names, several))
    groups = cohort.groups() if several else []
    return GroupTables((EVERYBODY, *groups), tuple(one for one in tables if len(one.shares)))


def _asked_of_a_group(cohort: Cohort, titles: dict[str, str], several: bool) -> Iterator[Lines]:
    asked = {
        f"{slug}/{scene}": f"{facts.asks(item)}\n{titles[slug]}"
        for slug, facts in cohort.scenarios.items()
        for scene, item in facts.items.items()
    }
    decisions = dict(zip(asked, drawing.distinct(asked.values()), strict=True))
    question = "Which decisions split the room: the chance that two people chose differently"
    divided = _lines(question, analysis.splits_by_group(cohort), decisions, several)
    yield replace(divided, most=MOST_DECISIONS)
    if tests := cohort.tests():
        both = {name: cohort.scenarios[slug].title for name, slug in zip(("before", "after"), tests, strict=True)}
        yield _lines("The two tests, of those who took both", analysis.gain_by_group(cohort, *tests), both, several)
    yield _lines("Mean credit by how sure they were", analysis.calibration_by_group(cohort), LEVELS, several)
    minutes = _lines("How long half of them took at most", analysis.minutes_by_group(cohort), titles, several)
    yield replace(minutes, unit="minutes")


def _lines(title: str, found: ByGroup, names: Mapping[str, str], several: bool) -> Lines:
    table = found.groups.copy()
    table.insert(0, EVERYBODY, found.overall)
    return Lines(title, _renamed(table, names, several))


def _renamed(table: pd.DataFrame, names: Mapping[str, str], several: bool) -> pd.DataFrame:
    table = table.rename(index=names)
    return table if several else table[[EVERYBODY]]


def read_group_tables(path: Path) -> GroupTables:
    """Read `by-group.json`. Raises OnsiteError when it is missing or damaged."""
    try:
        data = json.loads(path.read_text("utf-8"))
        return GroupTables(
            tuple(data["groups"]),
            tuple(
                Lines(
                    one["title"],
                    pd.DataFrame(one["shares"], index=one["lines"], dtype=float),
                    one["unit"],
                    int(one["most"]),
                )
                for one in data["tables"]
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OnsiteError(f"{path} is missing or damaged. Run `python3 course.py report` again.") from error


def figure_of(lines: Lines, group: str) -> str:
    """One table for one group as HTML: bars beside those of everybody, and the numbers."""
    mine, all_of_them = lines.of(group), lines.shares[EVERYBODY]
    if mine.empty:
        return f"<p>Nothing to show about this group: figures about fewer than {SMALLEST} people are left out.</p>"
    said = _minutes if lines.unit else percent
    if lines.unit:
        marks = {} if group == EVERYBODY else all_of_them.to_dict()
        dots = {str(line): (value, value, value) for line, value in mine.items()}
        svg = drawing.ranges(f"{lines.title}: {group}.", dots, unit=lines.unit, marks=marks)
        svg += f"<p>Dot: {escape(group)}. Diamond: everybody.</p>" if marks else ""
    else:
        notes = [] if group == EVERYBODY else [f"(everybody {percent(all_of_them[line])})" for line in mine.index]
        svg = drawing.bars(f"{lines.title}: {group}", dict(mine), notes=notes)
    rows = "".join(
        f'<tr><th scope="row">{escape(line)}</th><td>{said(value)}</td><td>{said(all_of_them[line])}</td></tr>'
        for line, value in mine.items()
    )
    return (
        f"<style>{_COLOURS}</style>"
        f'<div class="onsite-report">{svg}<details><summary>The numbers</summary><table>'
        f"<thead><tr><th>{escape(lines.title)}</th><th>{escape(group)}</th><th>everybody</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></details></div>"
    )


def _minutes(value: float) -> str:
    return f"{number(value, 0)} minutes"


_COLOURS = (
    ".onsite-report{--ink:#1f2430;--soft:#555d6e;--line:#d0ccc2;--card:#fff;--main:#9a4a2a;--second:#2f6f86;"
    "background:#fff;color:#1f2430;padding:.5rem}.onsite-report svg{max-width:100%;height:auto}"
)


def explorer(tables: GroupTables) -> Any:
    """The widget: what to look at, which group, and the figure. A `VBox` of ipywidgets."""
    import ipywidgets as widgets

    if not tables.tables:
        return widgets.HTML(f"<p>There are hand-ins of fewer than {SMALLEST} people, so there is nothing to show.</p>")
    wide = widgets.Layout(width="28rem")
    what = widgets.Dropdown(
        options=[(one.title, index) for index, one in enumerate(tables.tables)], description="Show", layout=wide
    )
    group = widgets.Dropdown(options=list(tables.groups), description="Group", layout=wide)
    figure = widgets.HTML()

    def show(_: object = None) -> None:
        figure.value = figure_of(tables.tables[what.value], group.value)

    what.observe(show, "value")
    group.observe(show, "value")
    show()
    return widgets.VBox([what, group, figure])


_OPENING = """# The cohort, group by group

Run the cell below (Shift and Enter), then choose what to look at and which group. Groups and cells of fewer than
{smallest} people are pooled or left out. Before you compare two groups, read what the figures cannot tell: the page
*Reading the report*."""

_CELL = """from pathlib import Path

from onsite.report.explore import explorer, read_group_tables

explorer(read_group_tables(Path("by-group.json")))"""


def explorer_notebook() -> str:
    """The text of `report.ipynb`: a sentence and one cell, the same for every cohort."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(_OPENING.format(smallest=SMALLEST), id="opening"),
            nbformat.v4.new_code_cell(_CELL, id="explorer"),
        ],
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )
    return str(nbformat.writes(notebook)) + "\n"
