"""A real browser on the real course: built, served, graded by real nbgrader runs."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 60

# Without these Chromium itself looks for its maker's servers at every start.
QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def _chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, or a skip that says what to install; ONSITE_REQUIRE_BROWSER=1 makes its absence a failure."""
    path = _chromium()
    if path is None:
        message = "No Chromium found. Install it (Debian: apt-get install chromium) or name it in CHROMIUM."
        if os.environ.get("ONSITE_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    sandbox = [] if hasattr(os, "geteuid") and os.geteuid() != 0 else ["--no-sandbox"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET + sandbox)
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """A browser context that lets no request off the course's origin through, and remembers those that tried."""

    context: BrowserContext
    origin: str
    strays: list[str] = field(default_factory=list)

    def page(self) -> Page:
        """A new tab."""
        return self.context.new_page()


def visit(browser: Browser, origin: str, **options: object) -> Visit:
    """A fresh visitor to the server at `origin`."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    visitor = Visit(context, origin)

    def guard(route: object) -> None:
        request = route.request  # type: ignore[attr-defined]
        url = urlparse(request.url)
        if url.scheme in {"data", "blob"} or f"{url.scheme}://{url.netloc}" == origin:
            route.continue_()  # type: ignore[attr-defined]
        else:
            visitor.strays.append(request.url)
            route.abort()  # type: ignore[attr-defined]

    context.route("**/*", guard)
    return visitor


@pytest.fixture
def visitor(browser: Browser, served: "Served") -> Iterator[Visit]:
    """A visitor to the course. The test fails when any request went anywhere else."""
    someone = visit(browser, served.origin)
    yield someone
    someone.context.close()
    assert not someone.strays, f"requests left the course's origin: {someone.strays}"


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
    shutil.copytree(built, root, ignore=shutil.ignore_patterns("hand-ins", "submitted", "autograded", "feedback", "gradebook*", "work"))
    process, server = start_server(root, "--collect")
    yield server
    process.terminate()
    process.wait(20)
