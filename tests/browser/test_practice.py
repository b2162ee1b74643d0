"""The pages of the book as a reader uses them: an item to try, a note to keep, the course's table on the front page."""

import json
import re
from pathlib import Path

import pytest
from browser.conftest import Visit
from browser.play import answer, fill, hook, play, say_how_sure, wait_ready
from playwright.sync_api import Browser, Page, expect
from serving import Served

from onsite.pages.contents import Entry, contents
from onsite.paths import CoursePaths

pytestmark = pytest.mark.browser


@pytest.fixture
def entry(served: Served) -> Entry:
    """A practice page with one item and one note."""
    pages = [entry for module in contents(CoursePaths(served.root)) for entry in module.entries]
    return next(page for page in pages if len(page.keys) == len(page.notes) == 1)


def address(served: Served, doc: str) -> str:
    return f"{served.origin}/course/{doc}.html"


def live(page: Page) -> None:
    """Until everything on the page can be used."""
    parts = ".onsite-try, .onsite-note, .onsite-overview, .onsite-keepsakes"
    expect(page.locator(f":is({parts}):not([data-onsite-ready])")).to_have_count(0)


def try_it(page: Page) -> None:
    form = page.locator(".onsite-try form")
    fill(form)
    say_how_sure(form)
    hook(form, "decide").click()


def test_an_answer_is_told_what_follows_and_why_and_is_still_there_later(visitor: Visit, served: Served, entry: Entry):
    page = visitor.page()
    page.goto(address(served, entry.doc))
    live(page)
    try_it(page)
    box = page.locator(".onsite-try")
    expect(box.locator(".onsite-outcome")).to_be_visible()
    expect(box.locator(".onsite-coaching, .onsite-told")).not_to_have_count(0)
    expect(hook(box, "saved")).to_contain_text("Saved")
    page.reload()
    live(page)
    expect(box.locator(".onsite-outcome")).to_be_visible()
    hook(box, "try-again").click()
    expect(box.locator("form")).to_be_visible()
    assert box.locator(":focus").count() == 1, "the focus goes along"


def test_the_page_says_what_is_missing_in_an_answer(visitor: Visit, served: Served, entry: Entry):
    page = visitor.page()
    page.goto(address(served, entry.doc))
    live(page)
    form = page.locator(".onsite-try form")
    hook(form, "decide").click()
    if page.locator(".onsite-try .onsite-outcome").count() == 0:  # an order can be sent as it stands
        expect(hook(form, "error")).to_be_visible()


def test_a_note_is_kept_and_stands_among_all_notes(visitor: Visit, served: Served, entry: Entry):
    page = visitor.page()
    page.goto(address(served, entry.doc))
    live(page)
    hook(page, "note").fill("Ask Mrs Okafor, in the workshop.")
    expect(page.locator(".onsite-note [data-onsite=saved]")).to_contain_text("Saved")
    page.reload()
    live(page)
    expect(hook(page, "note")).to_have_value("Ask Mrs Okafor, in the workshop.")
    page.goto(address(served, "book/notes"))
    live(page)
    expect(page.locator(f'[data-note="{entry.notes[0][0]}"]')).to_have_text("Ask Mrs Okafor, in the workshop.")


def test_a_note_typed_and_left_at_once_is_kept(visitor: Visit, served: Served, entry: Entry):
    page = visitor.page()
    page.goto(address(served, entry.doc))
    live(page)
    hook(page, "note").press_sequentially("Gone at once")
    page.goto(address(served, "book/index"))
    page.goto(address(served, entry.doc))
    live(page)
    expect(hook(page, "note")).to_have_value("Gone at once")


def test_two_tabs_do_not_overwrite_each_other_s_note(visitor: Visit, served: Served, entry: Entry):
    one, two = visitor.page(), visitor.page()
    for page in (one, two):
        page.goto(address(served, entry.doc))
        live(page)
    hook(one, "note").fill("From the first tab")
    expect(hook(two, "note")).to_have_value("From the first tab")
    two.bring_to_front()
    hook(two, "note").press_sequentially("x")
    one.evaluate(
        "key => { const at = `onsite:${key}`; const record = JSON.parse(localStorage.getItem(at));"
        " record.drafts.note = 'Written meanwhile'; localStorage.setItem(at, JSON.stringify(record)); }",
        entry.notes[0][0],
    )
    expect(two.locator(".onsite-note")).to_contain_text("Written meanwhile")
    held = hook(two, "note").input_value()
    assert held in ("From the first tabx", "xFrom the first tab", "Written meanwhile")


def test_the_front_page_shows_what_was_done(visitor: Visit, served: Served, entry: Entry, best):
    page = visitor.page()
    page.goto(served.start)
    table = page.locator(".onsite-overview")
    expect(table.locator(".onsite-overview-line")).to_be_hidden()
    modules = table.locator("[data-module]")
    expect(modules).not_to_have_count(0)
    assert "minutes" in (modules.first.text_content() or "")

    page.goto(address(served, entry.doc))
    live(page)
    try_it(page)
    expect(page.locator(".onsite-try [data-onsite=saved]")).to_contain_text("Saved")
    page.goto(served.scenario)
    wait_ready(page)
    answer(page, best)
    page.goto(served.start)
    done = table.locator(f'[data-keys="{entry.keys[0]}"]')
    expect(done).to_have_attribute("data-state", "done")
    expect(table.locator('[data-keys="outage"]')).to_have_attribute("data-state", "begun")
    expect(table.locator(".onsite-overview-line")).to_contain_text("You have done 1 of")
    expect(table.locator(".onsite-overview-line a")).to_contain_text("The outage and the executive")

    page.goto(served.scenario)
    wait_ready(page)
    play(page, best)
    page.goto(served.start)
    expect(table.locator('[data-keys="outage"]')).to_have_attribute("data-state", "done")


def test_everything_can_be_taken_away_and_brought_back(
    browser: Browser, visitor: Visit, served: Served, entry: Entry, best, tmp_path: Path
):
    page = visitor.page()
    page.goto(address(served, entry.doc))
    live(page)
    hook(page, "note").fill("To take along")
    expect(page.locator(".onsite-note [data-onsite=saved]")).to_contain_text("Saved")
    page.goto(served.scenario)
    wait_ready(page)
    answer(page, best)
    expect(hook(page, "saved")).to_contain_text("Saved")
    page.goto(address(served, "book/notes"))
    live(page)
    with page.expect_download() as download:
        hook(page, "take").click()
    kept = tmp_path / "kept.json"
    download.value.save_as(kept)
    assert {record["scenario"] for record in json.loads(kept.read_text("utf-8"))["records"]} == {
        "outage", entry.notes[0][0],
    }  # fmt: skip

    elsewhere = browser.new_context()
    try:
        other = elsewhere.new_page()
        other.goto(address(served, "book/notes"))
        live(other)
        other.locator("input[type=file]").set_input_files(kept)
        expect(hook(other, "said")).to_have_text("Brought back: 2.")
        expect(other.locator(f'[data-note="{entry.notes[0][0]}"]')).to_have_text("To take along")
        other.goto(served.scenario)
        wait_ready(other)
        expect(hook(other, "consequence")).to_be_visible()
        (alone,) = (
            record for record in json.loads(kept.read_text("utf-8"))["records"] if record["scenario"] == "outage"
        )
        kept.with_name("outage-answers.json").write_text(json.dumps(alone), "utf-8")
        other.goto(address(served, "book/notes"))
        live(other)
        other.locator("input[type=file]").set_input_files(kept.with_name("outage-answers.json"))
        expect(hook(other, "said")).to_have_text("Brought back: 1.")
        # What stands there by now is newer, and is left alone.
        other.goto(address(served, entry.doc))
        live(other)
        hook(other, "note").fill("Changed here")
        expect(other.locator(".onsite-note [data-onsite=saved]")).to_contain_text("Saved")
        other.goto(address(served, "book/notes"))
        live(other)
        other.locator("input[type=file]").set_input_files(kept)
        expect(hook(other, "said")).to_contain_text("Left alone")
        expect(other.locator(f'[data-note="{entry.notes[0][0]}"]')).to_have_text("Changed here")
    finally:
        elsewhere.close()


@pytest.mark.parametrize("text", ["not json", "[]", '{"records": [{"format": 1}]}', '{"records": 5}'])
def test_a_file_of_another_kind_is_refused_in_words(visitor: Visit, served: Served, tmp_path: Path, text: str):
    page = visitor.page()
    page.goto(address(served, "book/notes"))
    live(page)
    path = tmp_path / "other.json"
    path.write_text(text, "utf-8")
    page.locator("input[type=file]").set_input_files(path)
    expect(hook(page, "said")).to_contain_text("This is not a file that was saved here.")
    assert page.evaluate("localStorage.length") <= 2, "the theme keeps its mode there, and nothing else was added"


def test_without_javascript_the_item_can_be_read(browser: Browser, served: Served, entry: Entry):
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(address(served, entry.doc))
        printed = page.locator(".onsite-try .onsite-printed")
        expect(printed).to_be_visible()
        expect(printed.locator("li").first).to_be_visible()
        expect(page.locator(".onsite-note-prompt")).to_be_visible()
    finally:
        context.close()


def test_the_pocket_card_prints_on_two_pages(visitor: Visit, served: Served):
    page = visitor.page()
    page.goto(address(served, "book/cards/pocket-card"))
    page.wait_for_load_state("networkidle")
    for paper in ("A4", "Letter"):
        printed = page.pdf(format=paper, margin=dict.fromkeys(("top", "bottom", "left", "right"), "12mm"))
        assert len(re.findall(rb"/Type /Page\b(?!s)", printed)) <= 2
