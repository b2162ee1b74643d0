"""A layered drawing of a directed graph: which row each node stands in, in which order, and how far to the side.

The usual four steps (Sugiyama, Tagawa and Toda 1981), small: break circles, rank by the longest path, order by
barycentres, then place each row as near to its neighbours as the distances allow (isotonic regression).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Edge = tuple[str, str]

_SWEEPS = 12
_SETTLING = 600


@dataclass
class Layout:
    """rows: node names from the top, stand-ins included; x: each one's centre; routes: for each edge the names on its
    way, ends included, from the upper to the lower (an edge that leads back is given upside down)."""

    rows: list[list[str]]
    x: dict[str, float] = field(default_factory=dict)
    routes: dict[Edge, list[str]] = field(default_factory=dict)


def lay_out(start: str, edges: Sequence[Edge], widths: Mapping[str, float], gap: float) -> Layout:
    """Lay out every node that `start` leads to. `widths` by node; stand-ins on long edges have no width; `gap` is the
    least distance between two neighbours of a row. An edge from a node to itself is left out."""
    downward = _downward(start, [edge for edge in edges if edge[0] != edge[1]])
    rank = _ranks(start, downward)
    rows: list[list[str]] = [[] for _ in range(max(rank.values(), default=0) + 1)]
    for node, row in rank.items():
        rows[row].append(node)
    layout = Layout(rows)
    links: list[Edge] = []
    for edge, (upper, lower) in downward.items():
        stand_ins = [f"{edge[0]}>{edge[1]}@{row}" for row in range(rank[upper] + 1, rank[lower])]
        for row, name in enumerate(stand_ins, rank[upper] + 1):
            rows[row].append(name)
        layout.routes[edge] = [upper, *stand_ins, lower]
        links += zip(layout.routes[edge], layout.routes[edge][1:], strict=False)
    above, below = _neighbours(links)
    layout.rows = _order(rows, above, below)
    layout.x = _place(layout.rows, above, below, widths, gap)
    return layout


def _downward(start: str, edges: Sequence[Edge]) -> dict[Edge, Edge]:
    """Each edge that `start` leads to, as (upper, lower); those that close a circle are turned round."""
    children: dict[str, list[str]] = {}
    for source, target in edges:
        children.setdefault(source, []).append(target)
    turned: dict[Edge, Edge] = {}
    done: set[str] = set()
    path = [start]
    waiting = [iter(children.get(start, ()))]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
            done.add(path.pop())
            continue
        edge = (path[-1], child)
        turned[edge] = (child, path[-1]) if child in path else edge
        if child not in done and child not in path:
            path.append(child)
            waiting.append(iter(children.get(child, ())))
    return turned


def _ranks(start: str, downward: Mapping[Edge, Edge]) -> dict[str, int]:
    """The longest way down from the start; the graph has no circles any more."""
    rank = {start: 0}
    for node in (name for edge in downward for name in edge):
        rank.setdefault(node, 0)
    changed = True
    while changed:
        changed = False
        for upper, lower in downward.values():
            if rank[lower] <= rank[upper]:
                rank[lower] = rank[upper] + 1
                changed = True
    return rank


def _neighbours(links: Sequence[Edge]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for upper, lower in links:
        above.setdefault(lower, []).append(upper)
        below.setdefault(upper, []).append(lower)
    return above, below


def _order(rows: list[list[str]], above: Mapping[str, list[str]], below: Mapping[str, list[str]]) -> list[list[str]]:
    """Sweep down and up, sorting each row by where its neighbours stand; the order with the fewest crossings."""
    rows = [list(row) for row in rows]
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for index in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            beside = {name: place for place, name in enumerate(rows[index - 1 if down else index + 1])}
            places = {name: place for place, name in enumerate(rows[index])}

            def barycentre(
                name: str,
                neighbours: Mapping[str, list[str]] = neighbours,
                beside: Mapping[str, int] = beside,
                places: Mapping[str, int] = places,
            ) -> float:
                found = [beside[other] for other in neighbours.get(name, ())]
                return sum(found) / len(found) if found else float(places[name])

            rows[index].sort(key=barycentre)
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: Sequence[Sequence[str]], below: Mapping[str, list[str]]) -> int:
    count = 0
    for upper, lower in itertools.pairwise(rows):
        place = {name: index for index, name in enumerate(lower)}
        ends = [sorted(place[child] for child in below.get(name, ())) for name in upper]
        count += sum(1 for i, left in enumerate(ends) for right in ends[i + 1 :] for a in left for b in right if a > b)
    return count


def _place(
    rows: Sequence[Sequence[str]],
    above: Mapping[str, list[str]],
    below: Mapping[str, list[str]],
    widths: Mapping[str, float],
    gap: float,
) -> dict[str, float]:
    x: dict[str, float] = {}
    offsets: list[list[float]] = []
    for row in rows:
        at, line = 0.0, []
        for index, name in enumerate(row):
            width = widths.get(name, 0.0)
            at += (widths.get(row[index - 1], 0.0) + width) / 2 + gap if index else 0.0
            line.append(at)
        offsets.append(line)
        for name, place in zip(row, line, strict=True):
            x[name] = place - at / 2
    for sweep in range(_SETTLING):
        down = sweep % 2 == 0
        for index in range(len(rows)) if down else range(len(rows) - 1, -1, -1):
            wanted, weights = [], []
            for name in rows[index]:
                # Stand-ins pull harder, so that long edges come out straight.
                near = [(x[n], 1.0 if n in widths else 3.0) for n in (*above.get(name, ()), *below.get(name, ()))]
                weights.append(sum(w for _, w in near) or 1.0)
                wanted.append(sum(p * w for p, w in near) / weights[-1] if near else x[name])
            for name, place in zip(rows[index], _apart(wanted, weights, offsets[index]), strict=True):
                x[name] = place
    return x


def _apart(wanted: Sequence[float], weights: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """The places nearest to `wanted` (weighted least squares), `offsets` or more apart: pooled adjacent violators."""
    blocks: list[tuple[float, float, int]] = []  # (mean, weight, how many)
    for place, weight, offset in zip(wanted, weights, offsets, strict=True):
        mean, heavy, size = place - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            other, load, many = blocks.pop()
            mean, heavy, size = (mean * heavy + other * load) / (heavy + load), heavy + load, size + many
        blocks.append((mean, heavy, size))
    flat = [mean for mean, _, size in blocks for _ in range(size)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]
