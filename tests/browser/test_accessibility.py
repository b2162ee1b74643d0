"""axe, in a real browser, on the player as it stands in the book, on a result, and on the pages around it."""

import pytest
from browser.axe import faults
from browser.conftest import visit
from browser.play import answer, hook, play, wait_ready
from playwright.sync_api import Browser
from serving import Served

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_in_the_player(browser: Browser, served: Served, best, text_scene, scheme, width):
    visitor = visit(browser, served.origin, color_scheme=scheme, viewport={"width": width, "height": 800})
    page = visitor.page()
    page.goto(served.scenario)
    wait_ready(page)

    def check(state: str) -> None:
        assert not faults(page, ".onsite-stage"), f"{state}, {scheme}, {width} px"

    check("first scene")
    hook(page, "decide").click()
    check("nothing chosen")
    answer(page, best)
    check("consequence")
    play(page, best, until=text_scene)
    check("text")
    play(page, best)
    check("ending")
    for summary in page.locator(".onsite-stage summary").all():
        if summary.is_visible():
            summary.click()
    check("ending, all unfolded")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page scrolls sideways by {wide} px"
    visitor.context.close()


OWN_PAGES = (
    "book/index", "book/notes", "book/tensions", "book/practices/keep-them-informed", "book/practices/work-hours",
    "book/practices/client-or-customer", "book/templates/weekly-status", "book/cards/pocket-card",
    "book/cards/before-you-fly", "book/cards/first-30-days", "book/facilitators/nods", "book/hr/privacy",
    "book/facilitators/observation-rubric", "exercises/outage/outage", "exercises/pre-test/pre-test",
)  # fmt: skip
"""One page of each sort, and those with tables, several items or task lists."""

IN_THE_DARK = ("book/index", "book/practices/work-hours", "book/templates/weekly-status", "exercises/pre-test/pre-test")
"""Those that between them use every colour of our own."""


@pytest.mark.parametrize(
    ("scheme", "path"), [*(("light", path) for path in OWN_PAGES), *(("dark", path) for path in IN_THE_DARK)]
)
def test_axe_finds_nothing_in_what_the_course_writes_itself(browser: Browser, served: Served, scheme, path):
    visitor = visit(browser, served.origin, color_scheme=scheme, viewport={"width": 320, "height": 800})
    page = visitor.page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{served.origin}/course/{path}.html")
    page.wait_for_load_state("networkidle")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page scrolls sideways by {wide} px"
    page.set_viewport_size({"width": 1280, "height": 800})
    for summary in page.locator("article.bd-article details:not([open]) > summary").all():
        if summary.is_visible():
            summary.click()
    assert not faults(page, "article.bd-article")
    assert errors == [], "a script of the page failed"
    visitor.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_result(browser: Browser, served: Served, best, scheme):
    visitor = visit(browser, served.origin, color_scheme=scheme)
    page = visitor.page()
    page.goto(served.scenario)
    wait_ready(page)
    play(page, best)
    hook(page, "hand-in").click()
    hook(page, "result-link").wait_for(timeout=60_000)
    with page.expect_navigation():
        hook(page, "result-link").click()
    html = page.content()
    visitor.context.close()
    # The result's own policy lets no script run, axe's included.
    plain = browser.new_context(color_scheme=scheme, bypass_csp=True).new_page()
    plain.set_content(html)
    assert plain.locator(".onsite-map-went").count() > 5, "the best road is marked on the map"
    plain.locator("summary").click()
    assert not faults(plain)
    plain.set_viewport_size({"width": 320, "height": 800})
    assert not faults(plain)
    wide = plain.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page scrolls sideways by {wide} px"
    window = plain.locator(".onsite-map-window")
    drawn = window.evaluate("box => box.querySelector('svg').getBoundingClientRect().width / box.clientWidth")
    assert drawn > 1.5, "the map keeps its size and scrolls in its box"
    window.focus()
    plain.keyboard.press("ArrowRight")
    plain.wait_for_function("document.querySelector('.onsite-map-window').scrollLeft > 0")
    plain.context.close()
