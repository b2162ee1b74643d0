"""What every test may ask for: the small scenario of the tests, and a course folder of its own."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onsite.paths import CoursePaths
from onsite.scenario.load import load_scenario
from onsite.scenario.schema import Scenario
from onsite.scenario.story import Story, story_of

pytest_plugins = ["side_by_side", "serving"]

REPOSITORY = Path(__file__).parents[1]
TINY_SLUG = "locked-door"


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
    return REPOSITORY


@pytest.fixture(scope="session")
def tiny() -> Path:
    """The small scenario of the tests, as its author wrote it."""
    return REPOSITORY / "tests" / "data" / "tiny.yml"


@pytest.fixture(scope="session")
def tiny_scenario(tiny: Path) -> Scenario:
    return load_scenario(tiny)


@pytest.fixture(scope="session")
def tiny_story(tiny_scenario: Scenario) -> Story:
    return story_of(TINY_SLUG, tiny_scenario)


@pytest.fixture(scope="session")
def all_kinds(repository: Path) -> Path:
    """A scenario with every kind of item, confidence, a clock and a scene met again."""
    return repository / "tests" / "data" / "all_kinds.yml"


@pytest.fixture
def make_course(tiny: Path) -> Callable[[Path], CoursePaths]:
    """make_course(folder): a course in `folder` that holds the small scenario as solutions/locked-door."""

    def make(folder: Path) -> CoursePaths:
        course = CoursePaths(folder)
        for source, target in (
            (tiny, course.solutions / TINY_SLUG / "scenario.yml"),
            (REPOSITORY / "book" / "source-points.yml", course.points),
            (REPOSITORY / "nbgrader_config.py", course.root / "nbgrader_config.py"),
        ):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        return course

    return make
