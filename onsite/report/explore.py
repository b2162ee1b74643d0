"""The notebook in which a manager looks at one group: a widget on the tables of `by-group.json`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import nbformat
import pandas as pd
from markupsafe import escape

from onsite.report import drawing
from onsite.report.advice import number, percent
from onsite.report.analysis import Ways
from onsite.report.blocks import NOT_TOLD
from onsite.report.group_tables import ANSWERS, CHANGES, MEANS, MINUTES, PARTS, GroupTables, Lines, Paths
from onsite.report.privacy import EVERYBODY, SMALLEST
from onsite.report.scenario_section import most_taken

_NOTHING = (
    f"<p>Nothing to show about this group: figures about fewer than {SMALLEST} people are left out, and so are those "
    "from which they could be worked out.</p>"
)

_STYLE = (
    ".onsite-report{--ink:#1f2430;--soft:#555d6e;--line:#d0ccc2;--card:#fff;--main:#9a4a2a;--second:#2f6f86;"
    "--poor:#a33;background:#fff;color:#1f2430;padding:.5rem;max-width:60rem}"
    ".onsite-report svg{max-width:100%;height:auto}"
    ".onsite-report table{border-collapse:collapse;margin:.5rem 0}"
    ".onsite-report th,.onsite-report td{padding:.25rem .75rem .25rem 0;vertical-align:top;text-align:left}"
    ".onsite-report td{white-space:nowrap;text-align:right}"
    ".onsite-report tbody tr{border-top:1px solid var(--line)}"
    ".onsite-report tbody th{font-weight:normal}"
    ".onsite-report .share{display:inline-block;height:.6em;background:var(--main)}"
)


def figure_of(one: Lines | Paths, group: str) -> str:
    """One table or the ways through one scenario, for one group beside everybody, as HTML."""
    if isinstance(one, Paths):
        return _framed(_ways(one, group))
    if one.of(group).empty:
        return _framed(_about(one) + _NOTHING)
    return _framed(_about(one) + _DRAWN[one.kind](one, group))


def _framed(html: str) -> str:
    return f'<style>{_STYLE}</style><div class="onsite-report">{html}</div>'


def _about(lines: Lines) -> str:
    return f"<p><strong>{escape(lines.about)}</strong></p>" if lines.about else ""


def _bars(lines: Lines, group: str) -> str:
    mine, all_of_them = lines.of(group), lines.shares[EVERYBODY]
    notes = [] if group == EVERYBODY else [f"(everybody {percent(all_of_them[line])})" for line in mine.index]
    return drawing.bars(_label(lines, group), dict(mine), notes=notes) + _numbers(lines, group)


def _parts(lines: Lines, group: str) -> str:
    return _bars(lines, group) + _rounded(lines, group)


def _answers(lines: Lines, group: str) -> str:
    """A table with the whole answers, each with a bar."""
    shares = zip(lines.shares.index, lines.shares[group], lines.shares[EVERYBODY], strict=True)
    rows = [((str(line),), _bar(mine), _known(everybody)) for line, mine, everybody in shares]
    return _table(("Answer",), group, rows) + _rounded(lines, group)


def _bar(share: float) -> str:
    bar = "" if pd.isna(share) else f'<span class="share" style="width:{6 * share:.2f}em"></span> '
    return f"{bar}{_known(share)}"


def _rounded(lines: Lines, group: str) -> str:
    if not lines.shares[group].isna().any():
        return ""
    return f"<p>What fewer than {SMALLEST} people did is not told, and what is told beside it is rounded.</p>"


def _changes(lines: Lines, group: str) -> str:
    mine = lines.of(group)
    pairs = {
        str(first).partition("\n")[0]: (mine[first], mine[last])
        for first, last in zip(mine.index[::2], mine.index[1::2], strict=True)
    }
    drawn = drawing.dumbbells(f"{_label(lines, group)}.", pairs)
    return f"{drawn}<p>Hollow: first attempt. Full: last attempt.</p>{_numbers(lines, group)}"


def _minutes(lines: Lines, group: str) -> str:
    mine = lines.of(group)
    marks = {} if group == EVERYBODY else lines.shares[EVERYBODY].to_dict()
    dots = {str(line): (value, value, value) for line, value in mine.items()}
    drawn = drawing.ranges(f"{_label(lines, group)}.", dots, unit="minutes", marks=marks)
    legend = f"<p>Dot: {escape(group)}. Diamond: everybody.</p>" if marks else ""
    return drawn + legend + _numbers(lines, group, lambda value: f"{number(value, 0)} minutes")


_DRAWN = {MEANS: _bars, PARTS: _parts, ANSWERS: _answers, CHANGES: _changes, MINUTES: _minutes}


def _label(lines: Lines, group: str) -> str:
    return f"{lines.scenario or lines.question}: {group}"


def _numbers(lines: Lines, group: str, said: Callable[[float], str] = percent) -> str:
    everybody = lines.shares[EVERYBODY]
    rows = [((str(line),), said(value), said(everybody[line])) for line, value in lines.of(group).items()]
    return _folded(_table((lines.question,), group, rows))


def _ways(paths: Paths, group: str) -> str:
    mine, whole = paths.ways.get(group), paths.ways[EVERYBODY]
    if mine is None:
        return _NOTHING
    shown = mine.table[mine.table["n"] > 0]
    svg = drawing.flows(
        f"The ways through {paths.scenario}: {group}. {most_taken(shown, paths.titles)}",
        mine.table,
        paths.titles,
        list(paths.endings),
        size=mine.places,
        total=mine.total,
    )
    everybody = _shares(whole)
    rows = [
        ((paths.titles[source], paths.titles[target]), percent(share), percent(everybody[source, target]))
        for (source, target), share in _shares(mine).items()
    ]
    rounded = " Numbers are rounded, so that nobody can be worked out." if mine.rounded else ""
    return (
        f"{svg}<p>From top to bottom; a band is as wide as its share of the {mine.total} people who began. Ways of "
        f"fewer than {SMALLEST} people are left out.{rounded}</p>{_folded(_table(('From', 'To'), group, rows))}"
    )


def _shares(ways: Ways) -> Mapping[tuple[str, str], float]:
    shown = ways.table[ways.table["n"] > 0]
    return {(s, t): min(1.0, n / ways.total) for s, t, n in shown.itertuples(index=False)}


def _table(first: tuple[str, ...], group: str, rows: Iterable[tuple[tuple[str, ...], str, str]]) -> str:
    """rows: the names of a line as text, what is so of the group and of everybody as HTML."""
    alone = group == EVERYBODY
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in (*first, group, *([] if alone else [EVERYBODY])))
    body = "".join(
        f'<tr>{"".join(f"""<th scope="row">{escape(name)}</th>""" for name in names)}<td>{mine}</td>'
        f"{'' if alone else f'<td>{everybody}</td>'}</tr>"
        for names, mine, everybody in rows
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _folded(table: str) -> str:
    return f"<details><summary>The numbers</summary>{table}</details>"


def _known(value: float) -> str:
    return NOT_TOLD if pd.isna(value) else percent(value)


def explorer(tables: GroupTables) -> Any:
    """The widget: what to look at, in which scenario, which group, and the figures. A `VBox` of ipywidgets."""
    import ipywidgets as widgets

    everything: list[Lines | Paths] = [*tables.tables, *tables.paths]
    if not everything:
        return widgets.HTML(f"<p>There are hand-ins of fewer than {SMALLEST} people, so there is nothing to show.</p>")
    by_question: dict[str, dict[str, list[Lines | Paths]]] = {}
    for one in everything:
        by_question.setdefault(one.question, {}).setdefault(one.scenario, []).append(one)
    wide = widgets.Layout(width="28rem", max_width="100%")
    question = widgets.Dropdown(options=list(by_question), description="Show", layout=wide)
    scenario = widgets.Dropdown(options=[""], description="Scenario", layout={"width": "28rem", "max_width": "100%"})
    group = widgets.Dropdown(options=list(tables.groups), description="Group", layout=wide)
    figure = widgets.HTML()

    def show(_: object = None) -> None:
        figure.value = "".join(figure_of(one, group.value) for one in by_question[question.value][scenario.value])

    def ask(_: object = None) -> None:
        # The same scenario stays chosen where the next question knows it too.
        before, names = scenario.value, list(by_question[question.value])
        scenario.unobserve(show, "value")
        scenario.options = names
        scenario.value = before if before in names else names[0]
        scenario.layout.display = None if any(names) else "none"
        scenario.observe(show, "value")
        show()

    scenario.observe(show, "value")
    question.observe(ask, "value")
    group.observe(show, "value")
    ask()
    return widgets.VBox([question, scenario, group, figure])


_OPENING = """# The cohort, group by group

Run the cell below (Shift and Enter), then choose what to look at and which group. Groups and cells of fewer than
{smallest} people are pooled or left out, and what stands beside them is rounded. Before you compare two groups, read
what the figures cannot tell: the page *Reading the report*."""

_CELL = """from pathlib import Path

from onsite.report.explore import explorer
from onsite.report.group_tables import read_group_tables

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
