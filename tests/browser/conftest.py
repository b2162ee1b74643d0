"""A real browser, that lets no request off the course's origin through."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from serving import Served

# Without these Chromium itself looks for its maker's servers at every start.
QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

EXPECT_MS = 15_000
"""How long a page may take to become what a test expects: longer than Playwright's own, for a machine that is busy."""


# The first is the same browser without windows, of which every test opens one: that takes a third of the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, or a skip that says what to install; ONSITE_REQUIRE_TOOLS=1 makes its absence a failure."""
    path = _chromium()
    if path is None:
        message = "No Chromium found. Install it (Debian: apt-get install chromium) or name it in CHROMIUM."
        if os.environ.get("ONSITE_REQUIRE_TOOLS"):
            pytest.fail(message)
        pytest.skip(message)
    sandbox = [] if hasattr(os, "geteuid") and os.geteuid() != 0 else ["--no-sandbox"]
    expect.set_options(timeout=EXPECT_MS)
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
def visitor(browser: Browser, served: Served) -> Iterator[Visit]:
    """A visitor to the course. The test fails when any request went anywhere else."""
    someone = visit(browser, served.origin)
    yield someone
    someone.context.close()
    assert not someone.strays, f"requests left the course's origin: {someone.strays}"
