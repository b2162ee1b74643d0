"""The scenario in the book page: play, reload, hand in, be graded, read the result."""

import json
import re

import pytest
from browser.conftest import Visit
from browser.play import answer, hook, play, wait_ready
from playwright.sync_api import expect
from serving import Served

from onsite.paths import CoursePaths

pytestmark = pytest.mark.browser


def test_a_person_plays_reloads_hands_in_and_reads_the_result(visitor: Visit, served: Served, best):
    page = visitor.page()
    page.goto(served.scenario)
    wait_ready(page)
    first = answer(page, best)
    hook(page, "continue").click()
    second = answer(page, best)

    page.reload()
    wait_ready(page)
    expect(hook(page, "consequence")).to_be_visible()
    stored = json.loads(page.evaluate("localStorage.getItem('onsite:outage')"))
    assert [e["scene"] for e in stored["events"] if e["type"] == "answer"] == [first, second]

    play(page, best)
    hook(page, "hand-in").click()
    link = hook(page, "result-link")
    link.wait_for(timeout=60_000)
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The outage and the executive")
    body = page.locator("body")
    expect(body).to_contain_text("80 of 80 points")
    expect(body).to_contain_text("Up to 20 more")


def test_the_page_keeps_no_credit(visitor: Visit, served: Served):
    page = visitor.page()
    page.goto(served.scenario)
    assert '"credit"' not in page.content()
    assert "hidden tests" not in page.content().lower()


def test_a_text_typed_but_not_sent_survives_a_reload(visitor: Visit, served: Served, best, text_scene):
    page = visitor.page()
    page.goto(served.scenario)
    wait_ready(page)
    play(page, best, until=text_scene)
    hook(page, "text").fill("Half a sentence that nobody")
    page.reload()
    wait_ready(page)
    if hook(page, "continue").count():
        hook(page, "continue").click()
    expect(hook(page, "text")).to_have_value("Half a sentence that nobody")


def test_without_javascript_the_whole_story_can_be_read(browser, served: Served):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served.scenario)
    transcript = page.locator(".onsite-transcript")
    expect(transcript).to_be_visible()
    for text in ("09:41, third floor", "Turn to 1.", "Looking back"):
        expect(transcript).to_contain_text(text)
    context.close()


def test_in_print_the_story_stands_and_the_controls_do_not(visitor: Visit, served: Served):
    page = visitor.page()
    page.goto(served.scenario)
    wait_ready(page)
    expect(page.locator(".onsite-transcript")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".onsite-transcript")).to_be_visible()
    expect(hook(page, "decide")).to_be_hidden()


def test_opened_from_a_folder_it_plays_and_gives_the_answers_as_a_file(browser, built, best):
    context = browser.new_context()
    page = context.new_page()
    page.goto((built / "_build/html/exercises/outage/outage.html").as_uri())
    wait_ready(page)
    play(page, best)
    hook(page, "learner").fill("Noor Haddad")
    with page.expect_download() as download:
        hook(page, "hand-in").click()
    assert download.value.suggested_filename == "outage-answers.json"
    record = json.loads(download.value.path().read_text())
    assert record["learner"] == "Noor Haddad"
    assert record["scenario"] == "outage"
    context.close()


def test_collecting_asks_for_a_name_and_gives_a_receipt(browser, collecting: Served, best):
    inbox = CoursePaths(collecting.root).inbox
    before = set(inbox.glob("*.json"))
    context = browser.new_context()
    page = context.new_page()
    page.goto(collecting.scenario)
    wait_ready(page)
    play(page, best)
    hook(page, "hand-in").click()
    expect(page.get_by_text("Enter your name or staff number")).to_be_visible()
    hook(page, "learner").fill("Noor Haddad")
    hook(page, "hand-in").click()
    expect(page.get_by_text(re.compile("Receipt: [0-9a-f]{32}"))).to_be_visible()
    files = set(inbox.glob("*.json")) - before
    assert [json.loads(f.read_text())["learner"] for f in files] == ["Noor Haddad"]
    context.close()


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ('{"format":1,', "damaged"),
        ("[" * 5000, "damaged"),
        ('{"format":1,"scenario":"other","id":"12345678","learner":"","events":[],"drafts":{}}', "another scenario"),
        ('{"format":9,"scenario":"outage","id":"12345678","learner":"","events":[],"drafts":{}}', "another version"),
        ("x" * 300_000, "too large"),
    ],
)
def test_a_record_that_cannot_be_used_is_kept_aside_and_said(visitor: Visit, served: Served, stored, said):
    page = visitor.page()
    page.goto(f"{served.origin}/course/book/glossary.html")
    page.evaluate("text => localStorage.setItem('onsite:outage', text)", stored)
    page.goto(served.scenario)
    wait_ready(page)
    expect(hook(page, "notice")).to_contain_text(said)
    answer(page, {})
    kept = page.evaluate(
        "Object.entries(localStorage).filter(([k]) => k.startsWith('onsite:outage:aside')).map(([, v]) => v)"
    )
    assert kept == [stored]


def test_a_second_tab_never_overwrites_the_first(visitor: Visit, served: Served):
    one, two = visitor.page(), visitor.page()
    for page in (one, two):
        page.goto(served.scenario)
        wait_ready(page)
    answer(one, {})
    hook(one, "continue").click()
    answer(one, {})
    expect(hook(two, "notice")).to_contain_text("another tab")
    events = json.loads(two.evaluate("localStorage.getItem('onsite:outage')"))["events"]
    assert len(events) == 3, "one start and two answers of the first tab"


@pytest.mark.parametrize("error", ["QuotaExceededError", "SecurityError"])
def test_refused_storage_is_said_at_once_and_play_goes_on(browser, served: Served, error, best):
    context = browser.new_context()
    context.add_init_script(f"Storage.prototype.setItem = () => {{ throw new DOMException('no', '{error}'); }};")
    page = context.new_page()
    page.goto(served.scenario)
    wait_ready(page)
    answer(page, best)
    expect(page.get_by_role("alert")).to_contain_text("not saved")
    with page.expect_download() as download:
        page.get_by_role("alert").get_by_role("button").click()
    assert len(json.loads(download.value.path().read_text())["events"]) == 2
    play(page, best)
    context.close()


def test_an_older_version_of_the_story_is_still_read(visitor: Visit, served: Served):
    page = visitor.page()
    page.goto(f"{served.origin}/course/book/glossary.html")
    record = {
        "format": 1, "scenario": "outage", "id": "12345678-old", "learner": "", "drafts": {},
        "events": [
            {"type": "start", "version": 1, "at": ""}, {"type": "answer", "scene": "gone", "answer": "x", "at": ""},
        ],
    }  # fmt: skip
    page.evaluate("text => localStorage.setItem('onsite:outage', text)", json.dumps(record))
    page.goto(served.scenario)
    wait_ready(page)
    expect(page.get_by_text("This scenario has changed")).to_be_visible()
    hook(page, "again").click()
    answer(page, {})
    stored = json.loads(page.evaluate("localStorage.getItem('onsite:outage')"))
    assert stored["events"][:2] == record["events"], "the earlier answers are kept"


def test_no_network_after_loading_costs_nothing(visitor: Visit, served: Served, best):
    page = visitor.page()
    page.goto(served.scenario)
    wait_ready(page)
    visitor.context.set_offline(True)
    play(page, best)
    hook(page, "learner").fill("Noor")
    with page.expect_download():
        hook(page, "hand-in").click()
    visitor.context.set_offline(False)


def test_answers_that_a_crash_took_from_the_storage_come_back(visitor: Visit, served: Served):
    page = visitor.page()
    page.goto(served.scenario)
    wait_ready(page)
    answer(page, {})
    expect(hook(page, "saved")).to_contain_text("Saved on this device")
    # What a killed browser leaves: localStorage without its last seconds, the durable copy whole.
    page.evaluate("localStorage.clear()")
    page.goto(served.scenario)
    expect(hook(page, "notice")).to_contain_text("brought back")
    expect(hook(page, "consequence")).to_be_visible()
    assert len(json.loads(page.evaluate("localStorage.getItem('onsite:outage')"))["events"]) == 2
