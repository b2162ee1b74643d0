"""What any layered drawing must keep, on graphs of every shape."""

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from onsite.build.layers import lay_out

NODES = [f"n{index}" for index in range(9)]
GRAPHS = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=24, unique=True)
WIDTHS = dict.fromkeys(NODES, 100.0)
GAP = 10.0


def reached(edges):
    found, waiting = {"n0"}, ["n0"]
    while waiting:
        here = waiting.pop()
        for source, target in edges:
            if source == here and target not in found:
                found.add(target)
                waiting.append(target)
    return found


@given(GRAPHS)
def test_every_place_stands_once_and_nothing_overlaps(edges):
    layout = lay_out("n0", edges, WIDTHS, GAP)
    names = Counter(name for row in layout.rows for name in row)
    assert max(names.values()) == 1
    assert {name for name in names if name in WIDTHS} == reached(edges)
    for row in layout.rows:
        for left, right in itertools.pairwise(row):
            distance = (WIDTHS.get(left, 0) + WIDTHS.get(right, 0)) / 2 + GAP
            assert layout.x[right] - layout.x[left] >= distance - 1e-6


@given(GRAPHS)
def test_every_edge_runs_down_row_by_row(edges):
    layout = lay_out("n0", edges, WIDTHS, GAP)
    row_of = {name: row for row, names in enumerate(layout.rows) for name in names}
    inside = reached(edges)
    assert layout.routes.keys() == {(a, b) for a, b in edges if a != b and a in inside}
    for (source, target), route in layout.routes.items():
        assert {route[0], route[-1]} == {source, target}
        assert [row_of[name] for name in route] == list(range(row_of[route[0]], row_of[route[0]] + len(route)))


def test_a_chain_is_straight_and_a_fork_is_even():
    chain = lay_out("a", [("a", "b"), ("b", "c")], dict.fromkeys("abc", 50.0), GAP)
    assert len({round(x, 6) for x in chain.x.values()}) == 1
    fork = lay_out("a", [("a", "b"), ("a", "c")], dict.fromkeys("abc", 50.0), GAP)
    assert fork.rows == [["a"], ["b", "c"]]
    assert abs(fork.x["b"] + fork.x["c"] - 2 * fork.x["a"]) < 1


def test_crossings_that_need_not_be_are_undone():
    edges = [("s", "a"), ("s", "b"), ("s", "c"), ("a", "z"), ("b", "y"), ("c", "x")]
    layout = lay_out("s", edges, dict.fromkeys("sabcxyz", 50.0), GAP)
    upper, lower = layout.rows[1], layout.rows[2]
    assert [{"a": "z", "b": "y", "c": "x"}[name] for name in upper] == lower
