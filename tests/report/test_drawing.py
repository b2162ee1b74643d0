"""What the figures draw, read back from the SVG."""

import re
from collections.abc import Mapping

import pandas as pd
import pytest

from onsite.report.drawing import distinct, flows, histogram

NUMBER = r"(-?[\d.]+)"
BAND = re.compile(rf'd="M[^"]* {NUMBER} \S+\s+L {NUMBER} [^"]*" [^>]*opacity')
PLACE = re.compile(rf'd="M {NUMBER} \S+\s+L {NUMBER} [^"]*" [^>]*style="fill: var\(--(?:ink|second)\)"')


def widths(ways: Mapping[tuple[str, str], int], size: Mapping[str, int], total: int) -> tuple[list[float], list[float]]:
    """The widths of the bands and of the places of a drawing from `a` to `end`, each from left to right and from top to
    bottom, as shares of the width of `a`."""
    table = pd.DataFrame([(*way, n) for way, n in ways.items()], columns=["source", "target", "n"])
    drawn = flows("Ways", table, {}, ["end"], size=size, total=total)
    bands, places = ([float(right) - float(left) for left, right in shape.findall(drawn)] for shape in (BAND, PLACE))
    return [one / places[0] for one in bands], [one / places[0] for one in places]


def test_a_band_and_a_place_are_as_wide_as_their_share_of_people():
    ways = {("a", "b"): 30, ("a", "c"): 10, ("b", "end"): 30, ("c", "end"): 10}
    bands, places = widths(ways, {"a": 40, "b": 30, "c": 10, "end": 40}, 40)
    assert bands == pytest.approx([0.75, 0.25, 0.75, 0.25], abs=1e-3)
    assert places == pytest.approx([1, 0.75, 0.25, 1], abs=1e-3)


def test_bands_of_rounded_numbers_do_not_stand_out_beside_their_place():
    ways = {("a", "b"): 32, ("a", "c"): 17, ("b", "end"): 32, ("c", "end"): 17}
    bands, places = widths(ways, {"a": 40, "b": 32, "c": 17, "end": 40}, 40)
    assert places == pytest.approx([1, 32 / 40, 17 / 40, 1], abs=1e-3)
    assert bands == pytest.approx([32 / 49, 17 / 49, 32 / 49, 17 / 49], abs=1e-3)


def test_people_are_counted_in_whole_ones():
    for most in (13, 2):
        drawn = histogram("Scores", [(0.0, 0.5, 1), (0.5, 0.6, most)], what="score")
        numbers = re.findall(r">([\d.]+)</text>", drawn)
        assert len(numbers) >= 3
        assert [one for one in numbers if not one.isdigit()] == []


def test_no_two_lines_of_a_figure_have_one_name():
    assert distinct(["A", "B", "A", "A"]) == ["A", "B", "A (2)", "A (3)"]
    for names in (["A", "A (2)", "A"], ["A", "A", "A (2)"], ["A (2)", "A (2)", "A"]):
        found = distinct(names)
        assert len(set(found)) == 3
        assert [new.startswith(old) for old, new in zip(names, found, strict=True)] == [True] * 3
