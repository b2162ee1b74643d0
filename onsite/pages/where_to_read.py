"""Where in the book to read about a point: the practice page that treats it first of all."""

from collections.abc import Mapping
from dataclasses import dataclass

from onsite.pages.page import read_page
from onsite.paths import CoursePaths
from onsite.points import read_points


@dataclass(frozen=True)
class Reading:
    """A point of the course: what it is called, and the title of the page to read on it (None where there is none)."""

    point: str
    page: str | None


def readings(course: CoursePaths) -> Mapping[str, Reading]:
    """Every point of the course by id. Raises ScenarioError when the points or a practice page cannot be read.

    Of several pages on a point it is the one that names it foremost in its `points`, and of those the first by path.
    """
    foremost: dict[str, tuple[int, str]] = {}
    for path in sorted(course.practices.glob("*.md")):
        page = read_page(path)
        for rank, point in enumerate(page.ids("points")):
            if point not in foremost or rank < foremost[point][0]:
                foremost[point] = (rank, page.title)
    return {
        point: Reading(title, foremost[point][1] if point in foremost else None)
        for point, title in read_points(course.points).items()
    }
