"""The map of a scenario: its scenes, decisions and endings, drawn as SVG and told as a list.

Made from the story, so nothing of the key can be in it.
"""

import functools
import itertools
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from onsite.build.layers import Layout, lay_out
from onsite.scenario.conditions import Condition
from onsite.scenario.items import StoryItem
from onsite.scenario.items.choice import StoryChoice
from onsite.scenario.parts import Branch
from onsite.scenario.story import Story

WIDTH, HEIGHT = 150.0, 60.0
_GAP, _FALL, _MARGIN = 18.0, 58.0, 12.0
_LINE_CHARS = 21
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OPERATORS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "exactly", "!=": "not"}


@dataclass(frozen=True)
class Place:
    """A scene or an ending. decision: its number in the story's order, from 1; kind: 'told', 'ending' or the item's."""

    name: str
    title: str
    kind: str
    decision: int | None = None


@dataclass
class Passage:
    """All ways from one place to another. letters: of the options, in the order of the screen; empty when there is
    only one way to answer; sometimes: whether all of it depends on what happened before."""

    source: str
    target: str
    letters: list[str] = field(default_factory=list)
    sometimes: bool = True

    @property
    def label(self) -> str:
        """The letters, runs of three and more shortened: `A C-E`, with a dash."""
        runs: list[list[str]] = []
        for letter in self.letters:
            if runs and ord(letter) == ord(runs[-1][-1]) + 1:
                runs[-1].append(letter)
            else:
                runs.append([letter])
        parts = [f"{run[0]}\u2013{run[-1]}" if len(run) > 2 else " ".join(run) for run in runs]
        return " ".join(parts)


def scenario_map(story: Story) -> str:
    """The map as HTML: a figure with the drawing, and the same as a list for those who do not see it."""
    places, passages = places_of(story), passages_of(story)
    return map_template("map.html").render(
        story=story, drawing=Drawing(story.start, places, passages), places=places, roads=_roads(story, places)
    )


@functools.cache
def map_template(name: str) -> Template:
    """A template of the map."""
    environment = Environment(loader=PackageLoader("onsite.build"), autoescape=True, undefined=StrictUndefined)
    environment.globals |= {"width": f"{WIDTH:g}", "height": f"{HEIGHT:g}"}
    return environment.get_template(name)


def map_stylesheet() -> str:
    """The stylesheet that the map needs, in light and dark."""
    return files("onsite.build").joinpath("templates", "map.css").read_text("utf-8")


def places_of(story: Story) -> dict[str, Place]:
    """Every scene and ending by name. A scene without a title has its name for one."""
    numbers = {decision: number for number, decision in enumerate(story.decisions, 1)}
    places = {
        name: Place(name, scene.title or name, scene.item.kind, numbers.get(scene.item.decision or ""))
        if scene.item
        else Place(name, scene.title or name, "told")
        for name, scene in story.scenes.items()
    }
    return places | {name: Place(name, ending.title, "ending") for name, ending in story.endings.items()}


def _answers(item: StoryItem | None, follows: tuple[Branch, ...]) -> list[tuple[str, tuple[Branch, ...]]]:
    """(letter, route) of every way to go on; the letter is empty where all answers go the same way."""
    if item is None:
        return [("", follows)]
    if isinstance(item, StoryChoice):
        return [(_LETTERS[index], option.goto) for index, option in enumerate(item.options)]
    return [("", item.goto)]


def passages_of(story: Story) -> list[Passage]:
    """Every passage of the story, in the order of its scenes."""
    found: dict[tuple[str, str], Passage] = {}
    for name, scene in story.scenes.items():
        for letter, route in _answers(scene.item, scene.next):
            for branch in route:
                passage = found.setdefault((name, branch.goto), Passage(name, branch.goto))
                if letter and letter not in passage.letters:
                    passage.letters.append(letter)
                if len(route) == 1:
                    passage.sometimes = False
    return list(found.values())


@dataclass(frozen=True)
class Road:
    """One line of the list: under which answers, on which condition, to where."""

    answers: str
    condition: str
    target: Place


def _roads(story: Story, places: Mapping[str, Place]) -> dict[str, list[Road]]:
    """For each scene its roads; options with the same route share theirs."""
    roads: dict[str, list[Road]] = {}
    for name, scene in story.scenes.items():
        grouped: dict[tuple[Branch, ...], Passage] = {}
        for letter, route in _answers(scene.item, scene.next):
            grouped.setdefault(route, Passage(name, "")).letters.extend(letter)
        roads[name] = [
            Road(
                passage.label.replace(" ", ", "),
                _condition(story, branch.when) or ("otherwise" if index else ""),
                places[branch.goto],
            )
            for route, passage in grouped.items()
            for index, branch in enumerate(route)
        ]
    return roads


def _condition(story: Story, when: Condition) -> str:
    told = [f"\u2018{story.state[c.name].label}\u2019 is {_OPERATORS[c.op]} {c.value}" for c in when]
    return "if " + " and ".join(told) if told else ""


@dataclass(frozen=True)
class Box:
    """A place as drawn: its upper left corner and centre, its title in lines (each with its height), its caption."""

    place: Place
    x: float
    y: float
    centre: float
    lines: tuple[tuple[float, str], ...]
    caption: str
    caption_y: float


@dataclass(frozen=True)
class Line:
    """A passage as drawn: the path of an SVG, and its label with the place of that."""

    passage: Passage
    path: str
    label: str
    x: float
    y: float


class Drawing:
    """Where the places and passages stand, in units of the drawing (one is one CSS pixel at full size)."""

    def __init__(self, start: str, places: Mapping[str, Place], passages: Sequence[Passage]) -> None:
        """Lay out whatever `start` leads to; boxes and lines are what the template draws."""
        edges = [(p.source, p.target) for p in passages]
        layout = lay_out(start, edges, dict.fromkeys(places, WIDTH), _GAP)
        left = min(layout.x[name] - (WIDTH / 2 if name in places else 0) for name in layout.x) - _MARGIN
        right = max(layout.x[name] + (WIDTH / 2 if name in places else 0) for name in layout.x) + _MARGIN + 4
        self._x = {name: x - left for name, x in layout.x.items()}
        self._row = {name: row for row, names in enumerate(layout.rows) for name in names}
        self.width = round(right - left)
        self.height = round(len(layout.rows) * (HEIGHT + _FALL) - _FALL + 2 * _MARGIN)
        self.boxes = [self._box(places[name]) for row in layout.rows for name in row if name in places]
        self.lines = self._lines(layout, passages)

    def _top(self, name: str) -> float:
        return _MARGIN + self._row[name] * (HEIGHT + _FALL)

    def _box(self, place: Place) -> Box:
        lines = _wrapped(place.title)
        caption = "Ending" if place.kind == "ending" else ""
        if place.decision:
            caption = f"Decision {place.decision}"
            if place.kind != "choice":
                caption += f", {place.kind.replace('_', ' ')}"
        middle = len(lines) + bool(caption)
        first = self._top(place.name) + HEIGHT / 2 - (middle - 1) * 8 + 4.5
        return Box(
            place,
            x=round(self._x[place.name] - WIDTH / 2, 1),
            y=round(self._top(place.name), 1),
            centre=round(self._x[place.name], 1),
            lines=tuple((round(first + 16 * index, 1), line) for index, line in enumerate(lines)),
            caption=caption,
            caption_y=round(first + 16 * len(lines), 1),
        )

    def _lines(self, layout: Layout, passages: Sequence[Passage]) -> list[Line]:
        known = [p for p in passages if (p.source, p.target) in layout.routes]
        ports = self._ports(layout, known)
        lines = [self._ring(p) for p in passages if p.source == p.target and p.source in self._x]
        for passage in known:
            route = layout.routes[(passage.source, passage.target)]
            back = route[0] != passage.source
            points = [(ports[(passage.source, passage.target, "upper")], self._top(route[0]) + HEIGHT)]
            for name in route[1:-1]:
                points += [(self._x[name], self._top(name)), (self._x[name], self._top(name) + HEIGHT)]
            points.append((ports[(passage.source, passage.target, "lower")], self._top(route[-1])))
            if back:
                points.reverse()
            label_x, label_y = points[0]
            label_y += -7 if back else 17
            lines.append(Line(passage, _curve(points), passage.label, round(label_x, 1), round(label_y, 1)))
        return lines

    def _ring(self, passage: Passage) -> Line:
        """A road back to where it leaves: a small bow at the right edge of the box."""
        x, y = self._x[passage.source] + WIDTH / 2, self._top(passage.source)
        bow = f"M{x:.1f} {y + HEIGHT - 14:.1f}c14 2 14 -34 1 -32"
        return Line(passage, bow, passage.label, round(x, 1), round(y + HEIGHT + 13, 1))

    def _ports(self, layout: Layout, passages: Sequence[Passage]) -> dict[tuple[str, str, str], float]:
        """Where on a box each line leaves and arrives: side by side, in the order of where the lines go."""
        sides: dict[tuple[str, str], list[tuple[float, tuple[str, str]]]] = {}
        for passage in passages:
            edge = (passage.source, passage.target)
            route = layout.routes[edge]
            sides.setdefault((route[0], "upper"), []).append((self._x[route[1]], edge))
            sides.setdefault((route[-1], "lower"), []).append((self._x[route[-2]], edge))
        ports = {}
        for (name, side), ends in sides.items():
            spread = WIDTH - 34 if side == "upper" else min(WIDTH - 40, 22.0 * (len(ends) - 1))
            for index, (_, edge) in enumerate(sorted(ends)):
                share = index / (len(ends) - 1) - 0.5 if len(ends) > 1 else 0.0
                ports[(*edge, side)] = self._x[name] + share * spread
        return ports


def _wrapped(title: str) -> list[str]:
    """At most two lines, about equally long."""

    def lines(chars: int) -> list[str]:
        return textwrap.wrap(title, chars, max_lines=2, placeholder=" \u2026") or [title]

    widest = lines(_LINE_CHARS)
    if len(widest) == 1 or widest[-1].endswith("\u2026"):
        return widest
    narrower = (lines(chars) for chars in range(_LINE_CHARS // 2, _LINE_CHARS))
    return next((found for found in narrower if len(found) == 2 and not found[-1].endswith("\u2026")), widest)


def _curve(points: Sequence[tuple[float, float]]) -> str:
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        bend = (y1 - y0) * 0.55
        straight = abs(x1 - x0) < 0.5
        parts.append(
            f"L{x1:.1f} {y1:.1f}"
            if straight
            else f"C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}"
        )
    return "".join(parts)
