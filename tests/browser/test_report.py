"""The cohort report in a real browser: axe, light and dark, wide and narrow, everything unfolded; and on paper."""

import time

import pypdfium2 as pdfium
import pytest
from browser.axe import faults
from playwright.sync_api import Browser
from report.conftest import Made, made

from onsite.report.findings import Findings
from onsite.report.page import report_page

pytestmark = pytest.mark.browser

__all__ = ["made"]


@pytest.fixture(scope="module")
def page_text(made: Made) -> str:
    return report_page(Findings(made.cohort))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_in_the_report(browser: Browser, page_text, scheme, width):
    # The page's own policy lets no script run, axe's included.
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    strays: list[str] = []
    context.on("request", lambda request: strays.append(request.url))
    page = context.new_page()
    page.set_content(page_text)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert faults(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page scrolls sideways by {wide} px"
    assert strays == []
    context.close()


def test_the_numbers_are_printed_though_they_are_folded(browser: Browser, page_text):
    context = browser.new_context()
    page = context.new_page()
    page.set_content(page_text)
    table, folded = page.locator("figure details table").first, page.locator("details:not(.numbers)")
    assert not table.is_visible()
    page.emulate_media(media="print")
    assert table.is_visible()
    assert not folded.first.is_visible(), "who chose what would be a hundred pages"
    folded.first.evaluate("each => { each.open = true }")
    assert folded.first.locator("table").first.is_visible()
    assert not folded.nth(1).is_visible()
    context.close()


def test_on_paper_a_figure_stands_below_its_heading(browser: Browser, page_text):
    page = browser.new_page()
    page.set_content(page_text)
    titled = page.evaluate(
        "[...document.querySelectorAll('main > section')].filter(one => one.querySelector(':scope > figure')).map("
        "one => ['h2', 'figcaption'].map(part => one.querySelector(part).textContent))"
    )
    with pdfium.PdfDocument(page.pdf(format="A4")) as printed:
        sheets = [sheet.get_textpage() for sheet in printed]
        pages = [" ".join(sheet.get_text_bounded().split()) for sheet in sheets]
        left, bottom, right, top = zip(
            *[sheet.get_rect(at) for sheet in sheets for at in range(sheet.count_rects())], strict=True
        )
        wide, high = printed[0].get_size()
    page.emulate_media(media="print")
    letters = "parseFloat(getComputedStyle(document.querySelector('.first p')).fontSize) * 0.75"
    assert page.evaluate(letters) < 11.5, "points, so that below the first screen there is room for a figure"
    page.close()
    assert min(*left, *bottom, wide - max(right), high - max(top)) > 25, "points of margin that no printer cuts off"
    assert "Who has finished?" in pages[0], "below the first screen there is room for it"
    assert len(titled) >= 8
    parted = [heading for heading, told in titled if not any(heading in one and told[:40] in one for one in pages)]
    assert parted == []


def test_on_paper_no_head_of_a_table_stands_alone(browser: Browser, page_text):
    style = page_text.split("<style>")[1].split("</style>")[0]
    tables = "".join(
        f'<div style="break-before: page; height: {high}mm"></div><div class="wide"><table>'
        f"<caption>Table {high}</caption><thead><tr><th>Head</th></tr></thead>"
        f"<tbody><tr><th>First {high}</th></tr><tr><th>Second</th></tr></tbody>"
        "</table></div>"
        for high in range(220, 270, 3)
    )
    page = browser.new_page()
    page.set_content(f"<style>{style}</style>{tables}")
    with pdfium.PdfDocument(page.pdf(format="A4")) as printed:
        pages = [sheet.get_textpage().get_text_bounded() for sheet in printed]
    page.close()
    assert [f"First {high}" in next(one for one in pages if f"Table {high}" in one) for high in range(220, 270, 3)] == (
        [True] * 17
    )


def test_on_a_phone_a_figure_keeps_its_letters_and_is_moved_sideways(browser: Browser, page_text):
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.set_content(page_text)
    sizes = page.evaluate(
        "[...document.querySelectorAll('.drawing svg')].map(svg => parseFloat(getComputedStyle("
        "svg.querySelector('text')).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)"
    )
    assert min(sizes) > 7
    drawing = page.locator(".drawing").first
    drawing.focus()
    # A key that comes before the browser has drawn the page is lost, as it is for a person.
    deadline = time.monotonic() + 10
    while not drawing.evaluate("one => one.scrollLeft") and time.monotonic() < deadline:
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
    assert drawing.evaluate("one => one.scrollLeft") > 0
    context.close()


def test_dark_is_dark(browser: Browser, page_text):
    colours = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.set_content(page_text)
        colours[scheme] = page.evaluate(
            "['body', 'svg text'].map(one => getComputedStyle(document.querySelector(one)))"
            ".map((style, index) => index ? style.fill : style.backgroundColor)"
        )
        context.close()
    assert colours["light"][0] != colours["dark"][0]
    assert colours["light"][1] != colours["dark"][1]
