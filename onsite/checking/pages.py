"""Checking the pages of the book: their items, and the grammar of the practice pages."""

from collections.abc import Iterator

from onsite.pages.grammar import grammar_findings
from onsite.pages.page import read_page
from onsite.pages.try_it import read_try
from onsite.paths import CoursePaths
from onsite.points import read_points, read_tensions
from onsite.scenario.errors import Finding, ScenarioError


def page_findings(course: CoursePaths) -> Iterator[Finding]:
    """What is wrong in the pages, page by page."""
    points, tensions = read_points(course.points), read_tensions(course.points)
    known = points.keys() | tensions.keys()
    for path in course.pages():
        try:
            page = read_page(path)
        except ScenarioError as error:
            yield from error.findings
            continue
        if path.parent == course.practices:
            yield from grammar_findings(page, path.read_text("utf-8"), points, tensions)
        for block in page.tries:
            try:
                read_try(block, path, known)
            except ScenarioError as error:
                yield from error.findings
