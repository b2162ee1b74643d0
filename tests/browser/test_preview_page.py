"""An author edits a file on disk; the browser follows."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.axe import faults
from browser.conftest import visit
from browser.play import READY, hook
from playwright.sync_api import Page, expect
from serving import free_port

from onsite.paths import CoursePaths

pytestmark = pytest.mark.browser


@dataclass
class Authoring:
    """A preview that runs, its page, and the file it follows."""

    page: Page
    path: Path
    text: str

    def save(self, text: str) -> None:
        """Write the file as an editor does: a new one takes the place of the old."""
        beside = self.path.with_suffix(".new")
        beside.write_text(text, "utf-8")
        beside.replace(self.path)

    def line(self, mark: str) -> int:
        """The line on which `mark` first stands."""
        return next(n for n, row in enumerate(self.path.read_text("utf-8").splitlines(), 1) if mark in row)

    def decide(self, option: str) -> None:
        """Choose and decide."""
        self.page.locator(f'input[type=radio][value="{option}"]').check()
        hook(self.page, "decide").click()


@pytest.fixture
def course(make_course, tmp_path) -> CoursePaths:
    return make_course(tmp_path / "course")


@pytest.fixture
def authoring(browser, course) -> Iterator[Authoring]:
    port = free_port()
    command = [sys.executable, "-m", "onsite", "preview", "locked-door", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(command, cwd=course.root, stdout=subprocess.DEVNULL)
    origin = f"http://localhost:{port}"
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(origin, timeout=5).close()
            break
        except OSError:
            time.sleep(0.05)
    visitor = visit(browser, origin)
    page = visitor.page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(origin)
    page.locator(READY).wait_for()
    path = course.solutions / "locked-door" / "scenario.yml"
    yield Authoring(page, path, path.read_text("utf-8"))
    visitor.context.close()
    process.terminate()
    process.wait(20)
    assert not visitor.strays
    assert not problems


def test_a_saved_change_shows_and_the_place_is_kept(authoring: Authoring):
    page = authoring.page
    authoring.decide("tell")
    hook(page, "continue").click()
    hook(page, "continue").click()
    expect(hook(page, "scene")).to_have_attribute("data-scene", "desk")
    authoring.save(authoring.text.replace("At her desk she asks how long.", "At her desk she asks how long, again."))
    expect(hook(page, "scene")).to_contain_text("how long, again.")
    expect(hook(page, "scene")).to_have_attribute("data-scene", "desk")
    expect(page.locator("#news")).to_contain_text("reloaded")
    expect(page.get_by_text("Nothing found.")).to_be_visible()

    page.reload()
    page.locator(READY).wait_for()
    expect(hook(page, "scene")).to_have_attribute("data-scene", "desk")
    expect(hook(page, "item")).to_be_visible()


def test_answers_are_kept_as_far_as_they_fit(authoring: Authoring):
    page = authoring.page
    authoring.decide("tell")
    hook(page, "continue").click()
    hook(page, "continue").click()
    authoring.decide("range")
    expect(hook(page, "consequence")).to_be_visible()
    authoring.save(authoring.text.replace("id: range", "id: span"))
    expect(page.locator("#news")).to_contain_text("1 answer no longer fits")
    expect(hook(page, "scene")).to_have_attribute("data-scene", "desk")
    expect(hook(page, "item")).to_be_visible()
    authoring.decide("span")
    expect(hook(page, "consequence")).to_be_visible()


def test_a_broken_file_leaves_the_story_and_shows_file_and_line(authoring: Authoring):
    page = authoring.page
    authoring.decide("tell")
    authoring.save(authoring.text.replace("goto: open", "goto: opne"))
    alarm = page.get_by_role("alert").filter(has_text="cannot be played")
    expect(alarm).to_contain_text(f"solutions/locked-door/scenario.yml:{authoring.line('goto: opne')}")
    expect(alarm).to_contain_text("Did you mean 'open'?")
    expect(page.locator("#findings")).to_contain_text("opne")
    expect(hook(page, "consequence")).to_be_visible()
    authoring.save("scenes: [")
    expect(alarm).to_contain_text("not valid YAML")
    hook(page, "continue").click()
    expect(page.get_by_text("The hall is dark.")).to_be_visible()
    authoring.save(authoring.text)
    expect(alarm).to_be_hidden()
    expect(page.locator("#findings li")).to_have_count(0)
    expect(page.get_by_text("The hall is dark.")).to_be_visible()


def test_findings_of_the_check_stand_beside_a_story_that_can_be_played(authoring: Authoring):
    page = authoring.page
    authoring.save(authoring.text.replace("          goto: shut\n", "          goto: paper\n"))
    expect(page.locator("#check-sum")).to_have_text("1 error")
    expect(page.locator("#findings")).to_contain_text(f"scenario.yml:{authoring.line('  shut:')}")
    expect(page.locator("#broken")).to_be_hidden()
    expect(page.locator('[data-jump="shut"]')).to_contain_text("no way found")


def test_a_broken_file_to_begin_with_is_shown_and_mended(authoring: Authoring):
    page = authoring.page
    authoring.save("format: 1\n")
    page.reload()
    expect(page.locator("#broken")).to_contain_text("scenario.yml")
    authoring.save(authoring.text)
    expect(page.locator("#broken")).to_be_hidden()
    expect(hook(page, "scene")).to_contain_text("Liis waits.")


@pytest.mark.parametrize("place", ["corridor", "hall", "stairs", "desk", "paper"])
def test_an_author_jumps_to_a_scene(authoring: Authoring, place):
    page = authoring.page
    page.locator(f'[data-jump="{place}"]').click()
    expect(hook(page, "scene")).to_have_attribute("data-scene", place)
    expect(page.locator(f'[data-jump="{place}"]')).to_have_attribute("aria-current", "true")
    expect(hook(page, "consequence")).to_have_count(0)


def test_an_author_jumps_to_an_ending_and_from_the_map(authoring: Authoring):
    page = authoring.page
    page.locator('[data-jump="home"]').click()
    expect(hook(page, "ending")).to_have_attribute("data-ending", "home")
    page.get_by_text("Map of the story").click()
    page.locator('g[data-place="stairs"]').click()
    expect(hook(page, "scene")).to_have_attribute("data-scene", "stairs")


def test_every_place_of_a_story_with_every_kind_of_item_can_be_jumped_to(authoring: Authoring, repository):
    page = authoring.page
    authoring.save((repository / "tests" / "data" / "all_kinds.yml").read_text("utf-8"))
    expect(page.locator("h1")).to_have_text("Five days in the harbour office")
    expect(hook(page, "item")).to_be_visible()
    places = page.locator("[data-jump]").evaluate_all("nodes => nodes.map((node) => node.dataset.jump)")
    assert {"monday", "kitchen", "friday", "status", "expected"} <= set(places)
    for place in places:
        page.locator(f'[data-jump="{place}"]').click()
        expect(page.locator(f'article[data-scene="{place}"], article[data-ending="{place}"]')).to_be_visible()
        expect(hook(page, "consequence")).to_have_count(0)
    expect(page.locator("#failed")).to_be_hidden()


def test_jumps_are_no_answers_of_the_course(authoring: Authoring):
    page = authoring.page
    page.locator('[data-jump="paper"]').click()
    expect(hook(page, "scene")).to_have_attribute("data-scene", "paper")
    assert page.evaluate("Object.keys(localStorage)") == ["onsite-preview:locked-door"]


def test_words_not_yet_sent_survive_an_edit(authoring: Authoring):
    page = authoring.page
    page.locator('[data-jump="paper"]').click()
    hook(page, "text").fill("Half a sentence")
    authoring.save(authoring.text.replace("You leave a note.", "You leave a small note."))
    expect(hook(page, "scene")).to_contain_text("a small note")
    expect(hook(page, "text")).to_have_value("Half a sentence")


def test_light_dark_and_phone_width(authoring: Authoring):
    page = authoring.page
    page.get_by_role("button", name="Dark").click()
    dark = page.locator(".onsite-stage").evaluate("node => getComputedStyle(node).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    light = page.locator(".onsite-stage").evaluate("node => getComputedStyle(node).backgroundColor")
    assert dark != light
    page.get_by_role("button", name="Phone width").click()
    assert page.locator(".onsite-stage").bounding_box()["width"] <= 375
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_in_the_preview(authoring: Authoring, width):
    page = authoring.page
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(reduced_motion="reduce")  # or axe meets colours half-way from light to dark
    page.get_by_text("Map of the story").click()
    page.get_by_text("The map as a list").click()
    page.get_by_text("Figures", exact=True).click()
    for _ in "light", "dark":
        page.get_by_role("button", name="Dark").click()
        assert not faults(page)
    authoring.save(authoring.text.replace("goto: open", "goto: opne"))
    expect(page.locator("#broken")).to_be_visible()
    for _ in "light", "dark":
        page.get_by_role("button", name="Dark").click()
        assert not faults(page)
