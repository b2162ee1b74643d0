"""What every test may ask for: the small scenario of the tests, and a course folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import courses
import pytest

from onsite.scenario.load import load_scenario
from onsite.scenario.schema import Scenario
from onsite.scenario.story import Story, story_of

pytest_plugins = ["side_by_side", "serving"]


@pytest.fixture(scope="session", autouse=True)
def nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Jupyter and IPython keep settings, layouts and a history at home: tests neither follow those nor add to them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository under test."""
    return courses.REPOSITORY


@pytest.fixture(scope="session")
def tiny() -> Path:
    """The small scenario of the tests, as its author wrote it."""
    return courses.SCENARIOS[courses.TINY_SLUG]


@pytest.fixture(scope="session")
def tiny_scenario(tiny: Path) -> Scenario:
    return load_scenario(tiny)


@pytest.fixture(scope="session")
def tiny_story(tiny_scenario: Scenario) -> Story:
    return story_of(courses.TINY_SLUG, tiny_scenario)


@pytest.fixture(scope="session")
def all_kinds() -> Path:
    """A scenario with every kind of item, confidence, a clock and a scene met again."""
    return courses.SCENARIOS[courses.KINDS_SLUG]


@pytest.fixture
def make_course():
    """make_course(folder): a course in `folder` that holds the small scenario as solutions/locked-door."""
    return courses.make_course
