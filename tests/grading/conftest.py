"""A course with derived files and an empty gradebook, made once by real nbgrader, copied for each test."""

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from courses import make_course
from revisions import REVISED, change

from onsite.authoring.revise import revise
from onsite.build.derived import derive
from onsite.grading.nbgrader_api import nbgrader, register
from onsite.paths import CoursePaths


@pytest.fixture(scope="session")
def derived_course(tmp_path_factory: pytest.TempPathFactory) -> CoursePaths:
    course = make_course(tmp_path_factory.mktemp("derived") / "course")
    derive(course)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with nbgrader(course) as api:
            register(course, api, "locked-door")
    return course


@pytest.fixture
def course(derived_course: CoursePaths, tmp_path: Path) -> CoursePaths:
    """A course of the test's own: solutions, exercises, no hand-ins."""
    shutil.copytree(derived_course.root, tmp_path / "course")
    return CoursePaths(tmp_path / "course")


@pytest.fixture
def edit_scenario(course: CoursePaths) -> Callable[[str, str], None]:
    """edit_scenario(old, new): change the course's scenario and derive its files again."""

    def edit(old: str, new: str) -> None:
        path = course.solutions / "locked-door" / "scenario.yml"
        text = path.read_text("utf-8")
        assert old in text, f"the scenario does not say {old!r}"
        path.write_text(text.replace(old, new), "utf-8")
        derive(course)

    return edit


@pytest.fixture(scope="session")
def revised_course(derived_course: CoursePaths, tmp_path_factory: pytest.TempPathFactory) -> CoursePaths:
    course = CoursePaths(tmp_path_factory.mktemp("revised") / "course")
    shutil.copytree(derived_course.root, course.root)
    revise(course, "locked-door")
    change(course.solutions / "locked-door" / "scenario.yml", *REVISED)
    derive(course)
    return course


@pytest.fixture
def revised(revised_course: CoursePaths, tmp_path: Path) -> CoursePaths:
    """The course after an update: version 2 of its scenario is today's, version 1 is kept. Its gradebook knows 1."""
    shutil.copytree(revised_course.root, tmp_path / "revised")
    return CoursePaths(tmp_path / "revised")
