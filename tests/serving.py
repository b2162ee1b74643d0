"""The course built and served for tests: a copy with a site by Jupyter Book, a real server, real nbgrader runs.

Where tests run in several processes, the course is built once for all of them, and each serves a copy of its own.
"""

import re
import secrets
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
from filelock import FileLock
from side_by_side import WORKER

from onsite.grading.scenarios import load_course_scenario
from onsite.paths import CoursePaths
from onsite.scenario.graph import best_path, explore

REPOSITORY = Path(__file__).parents[1]
START_SECONDS = 60


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
    """A copy of the course with its site built by Jupyter Book, warnings being errors. Shared: only to be read."""
    own = tmp_path_factory.getbasetemp()
    root = (own.parent if WORKER else own) / "course-built"
    with FileLock(root.with_suffix(".lock")):
        if not root.exists():
            making = copy_course(tmp_path_factory.mktemp("course"))
            done = subprocess.run(
                [sys.executable, "-m", "onsite", "build"], cwd=making, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"the course did not build:\n{done.stdout}\n{done.stderr}"
            making.rename(root)
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
    """A port nobody listens on.

    Below those that systems give to outgoing connections, and from a thousand of this process's own: until a server
    has started there, nobody else is given it.
    """
    first = 20_000 + 1_000 * int(WORKER.removeprefix("gw") or 0)
    while True:
        port = first + secrets.randbelow(1_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("localhost", port))
            except OSError:
                continue
        return port


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


def _serving(built: Path, folder: Path, *options: str) -> Iterator[Served]:
    shutil.copytree(built, folder / "course")
    process, server = start_server(folder / "course", *options)
    yield server
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="session")
def served(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The course served to one person on their own machine."""
    yield from _serving(built, tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def collecting(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same course, only gathering hand-ins."""
    yield from _serving(built, tmp_path_factory.mktemp("collecting"), "--collect")
