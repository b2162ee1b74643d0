"""Committed files that are made from others: up to date, and made the same by the stock tools."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from serving import REPOSITORY, copy_course

from onsite.build.derived import derive
from onsite.paths import CoursePaths


def tool(name: str) -> str:
    """A command of the environment the tests run in."""
    return str(Path(sys.executable).with_name(name + (".exe" if os.name == "nt" else "")))


@pytest.fixture
def copy(tmp_path: Path) -> CoursePaths:
    course = CoursePaths(copy_course(tmp_path / "course"))
    course.editor_schema.parent.mkdir(parents=True)
    shutil.copyfile(CoursePaths(REPOSITORY).editor_schema, course.editor_schema)
    return course


def stock(copy: CoursePaths, *command: str) -> str:
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=copy.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_notebooks_and_stories_are_up_to_date(copy: CoursePaths):
    changed = [str(path.relative_to(copy.root)) for path in derive(copy)]
    assert not changed, f"out of date: {changed}. Run `python3 course.py build` and commit what it wrote."


def test_stock_nbgrader_makes_the_same_learner_notebooks(copy: CoursePaths, repository: Path):
    """Three of them: each takes the stock command some seconds, and all are made by the same template."""
    for slug in ("outage", "six-weeks", "pre-test"):
        shutil.rmtree(copy.exercises / slug)
        stock(copy, tool("nbgrader"), "generate_assignment", slug)
        made = {p.name: p.read_bytes() for p in (copy.exercises / slug).iterdir()}
        committed = {
            p.name: p.read_bytes()
            for p in (repository / "exercises" / slug).iterdir()
            if p.is_file() and not p.name.startswith((".", "answers"))
        }
        assert made == committed


def test_nothing_a_learner_receives_holds_the_key(copy: CoursePaths):
    for path in copy.exercises.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8")
            for secret in ("BEGIN HIDDEN TESTS", '"credit', '\\"credit', "credit:", "keys ="):
                assert secret not in text, f"{path.relative_to(copy.root)} holds {secret!r}"


def test_stock_jupyter_book_builds_without_a_warning(copy: CoursePaths):
    told = stock(copy, tool("jupyter-book"), "build", ".")
    assert "WARNING" not in told
    pages = {p.relative_to(copy.site).as_posix() for p in copy.site.rglob("*.html")}
    assert {"book/index.html", "exercises/outage/outage.html"} <= pages
    assert not [page for page in pages if page.startswith("solutions")]
    assert not (copy.site / "_sources").exists()


@pytest.mark.parametrize("folder", ["solutions", "exercises"])
def test_every_notebook_runs_from_top_to_bottom(copy: CoursePaths, folder: str):
    told = stock(
        copy, sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", folder
    )
    assert " passed" in told
