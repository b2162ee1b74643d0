"""Figures as inline SVG, drawn by matplotlib, in colours that the page sets: one drawing for light, dark and print.

matplotlib writes colours as hex numbers. Those below stand for roles, and are written as CSS variables afterwards.
"""

import io
import itertools
import re
import textwrap
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve

INK, SOFT, LINE, PAPER = "#010101", "#020202", "#030303", "#040404"
MAIN, SECOND, GOOD, POOR = "#050505", "#060606", "#070707", "#080808"
ROLES = {INK: "ink", SOFT: "soft", LINE: "line", PAPER: "card", MAIN: "main", SECOND: "second", GOOD: "good",
         POOR: "poor"}  # fmt: skip
SHADES = {f"#0a0a{step:02x}": f"shade-{step}" for step in range(8)}
"""Eight shades for shares, from weak to strong; numbers on them are legible in both schemes."""

_STYLE: Any = {
    "svg.fonttype": "none", "svg.hashsalt": "onsite", "font.family": "sans-serif", "font.size": 11,
    "text.color": INK, "axes.edgecolor": LINE, "axes.labelcolor": SOFT, "xtick.color": SOFT, "ytick.color": INK,
    "axes.facecolor": "none", "figure.facecolor": "none", "axes.spines.top": False, "axes.spines.right": False,
    "axes.axisbelow": True, "grid.color": LINE, "grid.linewidth": 0.6, "xtick.major.size": 0, "ytick.major.size": 0,
    "hatch.color": PAPER,
}  # fmt: skip

WIDTH = 8.4


def short(text: str, length: int = 44) -> str:
    """Markdown or any text as one line of at most `length` characters."""
    return textwrap.shorten(re.sub(r"[*_`]", "", text), length, placeholder=" \u2026")


def distinct(names: Iterable[str]) -> list[str]:
    """The names, those that stood before with a number, so that no line of a figure replaces another."""
    found: dict[str, None] = {}
    for name in names:
        numbered = (f"{name} ({number})" for number in itertools.count(2))
        found[next(one for one in itertools.chain([name], numbered) if one not in found)] = None
    return list(found)


def _label(name: str, length: int = 44) -> str:
    """A name as matplotlib writes it: one line, or two where it has two."""
    return "\n".join(_plain(short(line, length)) for line in name.split("\n"))


def _figure(height: float) -> tuple[Figure, Any]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasSVG(figure)
    return figure, figure.add_subplot()


def _svg(figure: Figure, label: str) -> str:
    """The figure as an `svg` element that a screen reader takes as one picture called `label`."""
    stream = io.StringIO()
    with warnings.catch_warnings():
        # It measures text in its own font, which has not every script; the browser's fonts draw it.
        warnings.filterwarnings("ignore", message=r"Glyph \d+|Matplotlib currently does not support")
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # Ids are made unique by what the figure is called, since a page holds many.
    prefix = "f" + format(abs(hash_of(label)), "x")
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = re.sub(r"url\(#", f"url(#{prefix}-", text)
    text = re.sub(r'xlink:href="#', f'href="#{prefix}-', text)
    for colour, role in itertools.chain(ROLES.items(), SHADES.items()):
        text = text.replace(colour, f"var(--{role})")
    text = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", text)
    opening = re.match(r"<svg [^>]*viewBox=\"([^\"]*)\"[^>]*>", text)
    assert opening is not None
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{opening[1]}" role="img" aria-label="{_escaped(label)}">'
    return head + re.sub(r"\s*\n\s*", "\n", text[opening.end() :])


def hash_of(text: str) -> int:
    """A number for a text that is the same in every run."""
    number = 0
    for char in text:
        number = (number * 131 + ord(char)) % (1 << 40)
    return number


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _plain(text: str) -> str:
    # matplotlib reads what stands between dollar signs as mathematics.
    return text.replace("$", r"\$")


def _from_to(values: Mapping[str, float]) -> str:
    """The lowest and the highest of some shares in words, for whoever hears the figure; '' for fewer than two."""
    known = {name: value for name, value in values.items() if not np.isnan(value)}
    if len(known) < 2:
        return ""
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    words = (f"{100 * known[name]:.0f}%, {short(name.replace(chr(10), ' in '), 80)}" for name in (low, high))
    return " Lowest: {}. Highest: {}.".format(*words)


def bars(label: str, values: Mapping[str, float], *, notes: Sequence[str] = ()) -> str:
    """Horizontal bars of shares, 0 to 1, the first on top, each with its percentage and a note."""
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(0.5 + 0.36 * len(values))
        names = [_label(name) for name in values]
        rows = np.arange(len(names))[::-1]
        axes.barh(rows, list(values.values()), color=MAIN, height=0.62)
        for index, (row, value) in enumerate(zip(rows, values.values(), strict=True)):
            note = f"  {notes[index]}" if notes else ""
            axes.text(value + 0.01, row, f"{100 * value:.0f}%{note}", va="center", color=INK, fontsize=10)
        _shares(axes, rows, names)
        return _svg(figure, label + _from_to(values))


def _shares(axes: Any, rows: Any, names: list[str], right: float = 1.16) -> None:
    axes.set_yticks(rows, names, fontsize=9.5 if any("\n" in name for name in names) else 11, linespacing=1.1)
    axes.set_xlim(0, right)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)


def histogram(label: str, bands: Sequence[tuple[float, float, int]], *, what: str) -> str:
    """How many people scored what: (from, to, people) per band, drawn as people for each ten points."""
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(2.6)
        for low, high, people in bands:
            width = high - low
            axes.bar((low + high) / 2, people * 0.1 / width, width=width - 0.01, color=MAIN)
        axes.set_xlim(0, 1)
        axes.set_xticks(np.linspace(0, 1, 11), [f"{10 * step}%" for step in range(11)])
        axes.set_xlabel(what)
        axes.set_ylabel("people for each 10 points")
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.tick_params(axis="x", pad=8)
        axes.grid(axis="y")
        low, high, most = max(bands, key=lambda band: band[2])
        return _svg(figure, f"{label} Most, {most}, from {100 * low:.0f}% to {100 * high:.0f}%.")


def shade(value: float) -> int:
    """The shade for a share: 0 (below 30%) to 7 (90% and more)."""
    return int(np.clip(np.floor((value - 0.2) * 10), 0, 7))


def heat_map(label: str, table: pd.DataFrame) -> str:
    """Shares (lines x groups) as tiles with their percentage; NaN is shown as hatched."""
    with mpl.rc_context(_STYLE):
        lines, groups = table.shape
        figure, axes = _figure(0.6 + 0.32 * lines)
        values = table.to_numpy(dtype=float)
        for row, column in itertools.product(range(lines), range(groups)):
            value, at = values[row, column], (column, lines - 1 - row)
            if np.isnan(value):
                axes.add_patch(Rectangle(at, 0.97, 0.92, facecolor="none", edgecolor=LINE, linewidth=0.8))
                continue
            axes.add_patch(Rectangle(at, 0.97, 0.92, facecolor=f"#0a0a{shade(value):02x}"))
            colour = "#0b0b0b" if shade(value) >= 5 else "#0c0c0c"
            axes.text(
                at[0] + 0.48, at[1] + 0.45, f"{100 * value:.0f}%", ha="center", va="center", fontsize=9.5, color=colour
            )
        axes.set_xlim(0, max(groups, 2))
        axes.set_ylim(0, lines)
        axes.set_yticks(np.arange(lines)[::-1] + 0.46, [_plain(short(str(name), 36)) for name in table.index])
        axes.set_xticks(np.arange(groups) + 0.48, [_plain(short(str(name), 18)) for name in table.columns])
        axes.xaxis.tick_top()
        for spine in axes.spines.values():
            spine.set_visible(False)
        tiles = {f"{line}, {group}": table.loc[line, group] for line in table.index for group in table.columns}
        return (
            _svg(figure, label + _from_to(tiles))
            .replace("#0b0b0b", "var(--on-strong)")
            .replace("#0c0c0c", "var(--on-weak)")
        )


def stacked(label: str, rows: Mapping[str, Sequence[float]]) -> str:
    """One bar per line, cut into the shares of its answers, the largest first."""
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(0.5 + 0.42 * len(rows))
        at = np.arange(len(rows))[::-1]
        colours = [MAIN, SECOND, SOFT, LINE]
        for row, parts in zip(at, rows.values(), strict=True):
            left = 0.0
            for index, share in enumerate(parts):
                axes.barh(row, share, left=left, color=colours[min(index, 3)], height=0.66, edgecolor=PAPER)
                if share >= 0.08 and index < 3:
                    axes.text(
                        left + share / 2, row, f"{100 * share:.0f}%", ha="center", va="center", color=PAPER, fontsize=10
                    )
                left += share
        _shares(axes, at, [_label(name) for name in rows], 1.01)
        first = next(iter(rows))
        shares = ", ".join(f"{100 * share:.0f}%" for share in rows[first])
        return _svg(figure, f"{label} First {short(first.replace(chr(10), ' in '), 80)}: {shares}.")


def ranges(label: str, rows: Mapping[str, tuple[float, float, float]], *, unit: str, marks: Mapping[str, float]) -> str:
    """A dot with a line on both sides per line: (low, value, high). marks: a second sign per line, such as a plan."""
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(0.75 + 0.36 * len(rows))
        at = np.arange(len(rows))[::-1]
        for row, (name, (low, value, high)) in zip(at, rows.items(), strict=True):
            axes.plot([low, high], [row, row], color=MAIN, linewidth=2.2, solid_capstyle="butt")
            axes.plot([value], [row], "o", color=MAIN, markersize=7)
            if name in marks:
                axes.plot([marks[name]], [row], "D", color=SECOND, markersize=6, fillstyle="none", markeredgewidth=1.6)
        axes.set_yticks(at, [_label(name) for name in rows])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.grid(axis="x")
        axes.set_xlabel(unit)
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_visible(False)
        axes.set_xlim(left=0)
        middles = [value for _, value, _ in rows.values()]
        return _svg(figure, f"{label} The middle lies between {min(middles):.0f} and {max(middles):.0f} {unit}.")


def dumbbells(label: str, rows: Mapping[str, tuple[float, float]]) -> str:
    """From a hollow dot to a full one per line: two shares, first and last."""
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(0.6 + 0.36 * len(rows))
        at = np.arange(len(rows))[::-1]
        for row, (first, last) in zip(at, rows.values(), strict=True):
            axes.plot([first, last], [row, row], color=SOFT, linewidth=1.6, zorder=1)
            axes.plot([first], [row], "o", color=PAPER, markeredgecolor=MAIN, markersize=8, markeredgewidth=1.8)
            axes.plot([last], [row], "o", color=MAIN, markersize=8)
            for share, beside in ((first, first > last), (last, last >= first)):
                axes.annotate(
                    f"{100 * share:.0f}%", (share, row), (8 if beside else -8, 0), textcoords="offset points",
                    ha="left" if beside else "right", va="center", fontsize=9, color=INK,
                )  # fmt: skip
        axes.set_ylim(-0.6, len(rows) - 0.4)
        _shares(axes, at, [_label(name) for name in rows], 1.06)
        rose = sum(last > first for first, last in rows.values())
        return _svg(figure, label + (f" It rose in {rose} of {len(rows)}." if len(rows) > 1 else ""))


def flows(
    label: str,
    table: pd.DataFrame,
    titles: Mapping[str, str],
    endings: Sequence[str],
    *,
    size: Mapping[str, int],
    total: int,
) -> str:
    """The ways people took: a row per step of the story, a band per way, as wide as its share of people.

    table: `source`, `target`, `n`, 0 for ways that are not drawn; size: how many of the `total` people came to each
    place. A place stands in the row of its longest way from the start; places met again are drawn once, and ways
    backwards are left to the table.
    """
    edges = [(str(s), str(t), int(n)) for s, t, n in table.itertuples(index=False)]
    level = _levels(edges, endings)
    edges = [edge for edge in edges if edge[2] and level[edge[1]] > level[edge[0]]]
    drawn = {name for source, target, _ in edges for name in (source, target)}
    rows = {row: at for at, row in enumerate(sorted({level[name] for name in drawn}))}
    level = {name: rows[row] for name, row in level.items() if name in drawn}
    into: dict[str, int] = {}
    out: dict[str, int] = {}
    for source, target, n in edges:
        out[source] = out.get(source, 0) + n
        into[target] = into.get(target, 0) + n
    columns: dict[int, list[str]] = {}
    for name in sorted(level, key=lambda name: (level[name], -size[name], name)):
        columns.setdefault(level[name], []).append(name)
    share = {name: size[name] / total for name in level}
    # Each place gets room for its label, however few came there.
    room = {name: max(share[name], 0.26) for name in level}
    width = max(sum(room[name] + 0.04 for name in names) for names in columns.values())
    left = {}
    for names in columns.values():
        x = (width - sum(room[name] + 0.04 for name in names)) / 2
        for name in names:
            left[name] = x + (room[name] - share[name]) / 2
            x += room[name] + 0.04
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(0.5 + 0.95 * len(columns))
        used_out, used_in = dict.fromkeys(level, 0.0), dict.fromkeys(level, 0.0)
        high = 0.14
        for source, target, n in sorted(edges, key=lambda e: (level[e[0]], left[e[0]], left[e[1]])):
            x0, x1 = left[source] + used_out[source], left[target] + used_in[target]
            # Rounded numbers may add up to more than the place that they leave or reach.
            wide = n / max(total, total * out[source] / size[source], total * into[target] / size[target])
            used_out[source] += wide
            used_in[target] += wide
            _band(axes, (x0, -level[source] - high), (x1, -level[target]), wide)
        for name in level:
            colour = SECOND if name in endings else POOR if not name else INK
            axes.add_patch(
                Rectangle((left[name], -level[name] - high), max(share[name], 0.004), high, facecolor=colour)
            )
            chars = max(16, int(room[name] / width * 84))
            title = textwrap.wrap(short(titles.get(name, name), 2 * chars), chars, max_lines=2, placeholder=" \u2026")
            told = _plain("\n".join([*title, f"{100 * share[name]:.0f}%"]))
            axes.text(
                left[name] + share[name] / 2, -level[name] + 0.05, told,
                fontsize=8, color=INK, va="bottom", ha="center", linespacing=1.05,
            )  # fmt: skip
        axes.set_xlim(-0.02, width + 0.02)
        axes.set_ylim(-max(columns) - high - 0.05, 0.55)
        axes.axis("off")
        return _svg(figure, label)


def _band(axes: Any, start: tuple[float, float], end: tuple[float, float], width: float) -> None:
    (x0, y0), (x1, y1) = start, end
    middle = (y0 + y1) / 2
    points = [
        (x0, y0), (x0, middle), (x1, middle), (x1, y1), (x1 + width, y1), (x1 + width, middle), (x0 + width, middle),
        (x0 + width, y0), (x0, y0),
    ]  # fmt: skip
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    axes.add_patch(PathPatch(Curve(points, codes), facecolor=MAIN, alpha=0.38, linewidth=0))


def _levels(edges: Sequence[tuple[str, str, int]], endings: Sequence[str]) -> dict[str, int]:
    """The column of each place: one more than the furthest place that leads to it, ways back left aside."""
    places = list(dict.fromkeys(name for source, target, _ in edges for name in (source, target)))
    ahead: dict[str, list[str]] = {}
    for source, target, _ in edges:
        if source != target:
            ahead.setdefault(source, []).append(target)
    targets = {target for _, target, _ in edges}
    starts = [name for name in places if name not in targets] or places[:1]
    order: list[str] = []
    state: dict[str, int] = {}
    back: set[tuple[str, str]] = set()

    def visit(name: str) -> None:
        state[name] = 1
        for target in ahead.get(name, []):
            if state.get(target) == 1:
                back.add((name, target))
            elif target not in state:
                visit(target)
        state[name] = 2
        order.append(name)

    for name in [*starts, *places]:
        if name not in state:
            visit(name)
    level = dict.fromkeys(places, 0)
    for name in reversed(order):
        for target in ahead.get(name, []):
            if (name, target) not in back:
                level[target] = max(level[target], level[name] + 1)
    deepest = max(level.values(), default=0)
    return {name: deepest if name in endings or not name else at for name, at in level.items()}
