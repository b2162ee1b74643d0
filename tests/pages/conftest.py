"""A page that keeps to its grammar, to be spoilt."""

from collections.abc import Callable
from pathlib import Path

import pytest

from onsite.pages.page import Page, parse_page
from onsite.points import read_points, read_tensions

Edit = tuple[str, str]


@pytest.fixture(scope="session")
def points(repository: Path) -> dict[str, str]:
    return read_points(repository / "book" / "source-points.yml")


@pytest.fixture(scope="session")
def tensions(repository: Path) -> dict[str, str]:
    return read_tensions(repository / "book" / "source-points.yml")


@pytest.fixture(scope="session")
def sound(repository: Path) -> str:
    """The text of a sound page."""
    text = (repository / "tests" / "data" / "practice_page.md").read_text("utf-8")
    return text.replace("FILLER", "And so they talk on. " * 90)


@pytest.fixture
def page(sound: str) -> Callable[..., Page]:
    """page((old, new), ...): the sound page with these edits."""

    def make(*edits: Edit) -> Page:
        text = sound
        for old, new in edits:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the page"
            text = text.replace(old, new)
        return parse_page(text, Path("page.md"))

    return make
