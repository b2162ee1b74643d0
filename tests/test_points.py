"""The source points of a course."""

import re

import pytest

from onsite.points import read_citable, read_points, read_tensions
from onsite.scenario.errors import ScenarioError


def test_the_points_of_the_course_have_ids_and_titles(repository):
    points = read_points(repository / "book" / "source-points.yml")
    assert points["P06"] == "Keep them informed"
    assert [name for name in points if not re.fullmatch(r"[A-Z][0-9]{2}", name)] == []
    assert [name for name, title in points.items() if not title.strip()] == []
    assert len(set(points.values())) == len(points), "two points share a title"


def test_the_numbered_practices_are_complete(repository):
    points = read_points(repository / "book" / "source-points.yml")
    assert [name for name in points if name.startswith("P")] == [f"P{number:02}" for number in range(1, 23)]


def test_a_tension_is_named_by_what_it_is_about_and_can_be_cited(repository):
    path = repository / "book" / "source-points.yml"
    tensions = read_tensions(path)
    assert tensions["T04"].startswith("Sane hours")
    assert list(tensions) == [f"T{number:02}" for number in range(1, 13)]
    assert read_citable(path).keys() == read_points(path).keys() | tensions.keys()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "points: []\n",
        "points: {P01: Communicate}\n",
        "points: {P01: {gist: x}}\n",
        "points: {P01: {title: 5}}\n",
    ],
    ids=["empty", "a list", "points in a list", "a bare title", "no title", "a number"],
)
def test_a_file_of_another_shape_says_what_to_do(tmp_path, text):
    path = tmp_path / "source-points.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_points(path)
    assert (
        str(caught.value) == f"{path}: The file has no 'points' with a 'title' each. Restore it from version control."
    )


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "source-points.yml"
    with pytest.raises(ScenarioError, match="cannot be read") as caught:
        read_points(path)
    assert caught.value.findings[0].file == path


def test_a_point_given_twice_is_found(tmp_path):
    path = tmp_path / "source-points.yml"
    path.write_text("points:\n  P01: {title: One}\n  P01: {title: Two}\n", "utf-8")
    with pytest.raises(ScenarioError, match=r":3: The key 'P01' stands here a second time"):
        read_points(path)
