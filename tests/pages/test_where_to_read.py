"""Which page of the book a point sends its reader to."""

from pathlib import Path

from onsite.pages.where_to_read import readings
from onsite.paths import CoursePaths


def test_the_page_that_names_a_point_foremost_is_the_one_to_read(tmp_path: Path):
    course = CoursePaths(tmp_path)
    course.practices.mkdir(parents=True)
    course.points.write_text(
        "points:\n  P01: {title: Communicate}\n  P02: {title: Be a guest}\n  P03: {title: Listen}\n", "utf-8"
    )
    for name, points, title in (("a", "P01, P02", "A page"), ("b", "P02", "Their *house*")):
        text = f"---\nminutes: 5\npoints: [{points}]\ntensions: []\n---\n# {title}\n"
        (course.practices / f"{name}.md").write_text(text, "utf-8")
    found = readings(course)
    assert {point: (one.point, one.page) for point, one in found.items()} == {
        "P01": ("Communicate", "A page"),
        "P02": ("Be a guest", "Their house"),
        "P03": ("Listen", None),
    }


def test_every_point_of_the_course_has_a_page_to_read(repository: Path):
    assert [point for point, one in readings(CoursePaths(repository)).items() if one.page is None] == []
