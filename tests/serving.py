"""The course built and served for tests: a copy with a site by Jupyter Book, a real server, real nbgrader runs."""

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from onsite.grading.scenarios import load_course_scenario
from onsite.paths import CoursePaths
from onsite.scenario.graph import best_path, explore

REPOSITORY = Path(__file__).parents[1]
START_SECONDS = 60
MADE_BY_GRADING = ("hand-ins", "submitted", "autograded", "feedback", "gradebook*", "work")


@dataclass
class Served:
    """A running server on a copy of the course."""

    origin: str
    start: str
    root: Path

    @property
    def scenario(self) -> str:
        """The address of the outage scenario's page."""
        return f"{self.origin}/course/exercises/outage/outage.html"


def copy_course(to: Path) -> Path:
    """The course's content, without machinery, answers or grades, in a folder of its own."""
    for name in ("solutions", "exercises", "book"):
        shutil.copytree(REPOSITORY / name, to / name, ignore=shutil.ignore_patterns("answers*", ".*"))
    for name in ("_config.yml", "_toc.yml", "nbgrader_config.py", "requirements.txt"):
        shutil.copyfile(REPOSITORY / name, to / name)
    return to


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course with its site built by Jupyter Book, warnings being errors."""
    root = copy_course(tmp_path_factory.mktemp("course"))
    done = subprocess.run(
        [sys.executable, "-m", "onsite", "build"], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"the course did not build:\n{done.stdout}\n{done.stderr}"
    return root


@pytest.fixture(scope="session")
def text_scene(built: Path) -> str:
    """The scene that asks for a text."""
    scenes = load_course_scenario(CoursePaths(built).solutions / "outage").story.scenes
    return next(name for name, scene in scenes.items() if scene.item and scene.item.kind == "text")


@pytest.fixture(scope="session")
def best(built: Path) -> dict[str, str]:
    """The option with the highest score, by scene."""
    scenario = load_course_scenario(CoursePaths(built).solutions / "outage")
    _, path = best_path(explore(scenario.scenario))
    return {scene: option for scene, option in path if option is not None}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def start_server(root: Path, *options: str) -> tuple[subprocess.Popen[str], Served]:
    """Start `course.py`'s server on `root` and wait until it answers."""
    port = free_port()
    command = [sys.executable, "-m", "onsite", "--no-browser", "--port", str(port), *options]
    with (root / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=root, stdout=log, stderr=subprocess.STDOUT, text=True)
    end = time.monotonic() + START_SECONDS
    origin = f"http://localhost:{port}"
    while time.monotonic() < end and process.poll() is None:
        text = (root / "server.log").read_text()
        found = re.search(r"http://\S+/start\?token=\S+", text)
        if found:
            with urllib.request.urlopen(f"{origin}/course/hand-in", timeout=10):
                return process, Served(origin, found[0], root)
        time.sleep(0.1)
    process.kill()
    pytest.fail(f"the server did not start:\n{(root / 'server.log').read_text()}")


@pytest.fixture(scope="session")
def served(built: Path) -> Iterator[Served]:
    """The course served to one person on their own machine."""
    process, server = start_server(built)
    yield server
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="session")
def collecting(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same course, only gathering hand-ins."""
    root = tmp_path_factory.mktemp("collecting") / "course"
    shutil.copytree(built, root, ignore=shutil.ignore_patterns(*MADE_BY_GRADING))
    process, server = start_server(root, "--collect")
    yield server
    process.terminate()
    process.wait(20)
