"""Every kind of item in a real browser: keyboard, screen reader, phone, zoom, drafts, the clock and the map."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.axe import faults
from browser.play import answer, fill, hook, play, say_how_sure, wait_ready
from playwright.sync_api import Browser, Locator, Page, expect

from onsite.build.sphinx_player import player_html
from onsite.player import assets
from onsite.scenario.load import load_scenario
from onsite.scenario.story import Story, story_of

pytestmark = pytest.mark.browser

ADDRESS = "http://onsite.test/"
STORED = "JSON.parse(localStorage.getItem('onsite:all-kinds'))"
KINDS = {
    "select": "monday", "best_worst": "meeting", "choice": "kitchen", "rating": "desk", "clock": "phone",
    "sort": "thursday", "ranking": "friday", "text": "status",
}  # fmt: skip
PLAIN = "html => new DOMParser().parseFromString(html, 'text/html').body.textContent"
PAGE = """<!doctype html>
<html lang="en"{theme}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A scenario</title><style>body {{ margin: 0; font-family: sans-serif; background: {paper}; color: {ink} }}</style>
<style>{style}</style></head>
<body><main>{player}</main></body></html>"""

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def story() -> Story:
    """A story that asks in every form, with a clock and the question how sure one is."""
    return story_of("all-kinds", load_scenario(Path(__file__).parents[1] / "data" / "all_kinds.yml"))


@pytest.fixture
def open_story(browser: Browser, story: Story) -> Iterator[Open]:
    """open_story(dark=False, **context options): a page of its own with the story, ready to be answered."""
    contexts = []

    def open_page(dark: bool = False, fake_timers: bool = False, **options: Any) -> Page:
        page_html = PAGE.format(
            theme=' data-theme="dark"' if dark else "",
            paper="#121212" if dark else "#ffffff",
            ink="#eeeeee" if dark else "#222222",
            style=assets.stylesheet(),
            player=f"<h1>A scenario</h1>{player_html(story, '')}",
        )
        context = browser.new_context(**options)
        contexts.append(context)
        context.route("**/*", lambda route: route.fulfill(status=404, body=""))
        context.route(ADDRESS, lambda route: route.fulfill(body=page_html, content_type="text/html"))
        page = context.new_page()
        if fake_timers:
            page.clock.install()
        page.goto(ADDRESS)
        wait_ready(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def go_to(page: Page, kind: str) -> Locator:
    """Play on until the item of this kind asks; returns it."""
    play(page, {"kitchen": "desk"}, until=KINDS[kind])
    return hook(page, "item")


def stored_answer(page: Page) -> dict[str, Any]:
    """The newest answer event in the browser's storage."""
    event: dict[str, Any] = page.evaluate(f"{STORED}.events.at(-1)")
    return event


def sideways(page: Page) -> int:
    """By how many pixels the page can be scrolled sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def walk(page: Page, look: Callable[[str], None], **choices: Any) -> None:
    """Play to the ending and look at every state on the way: asked, refused, answered, ended, unfolded."""
    while not hook(page, "ending").count():
        if hook(page, "continue").count():
            hook(page, "continue").click()
            continue
        scene = hook(page, "scene").get_attribute("data-scene") or ""
        look(f"{scene}, asked")
        if scene != KINDS["ranking"]:  # an order there always is
            hook(page, "decide").click()
            expect(hook(page, "error")).to_be_visible()
            look(f"{scene}, refused")
        answer(page, {"kitchen": "desk", **choices})
        look(f"{scene}, answered")
    for summary in page.locator(".onsite-stage summary").all():
        summary.click()
    look("ending, all unfolded")


# --- for everybody ---


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_in_any_kind(open_story: Open, dark: bool, width: int):
    page = open_story(dark=dark, viewport={"width": width, "height": 800})

    def look(state: str) -> None:
        assert not faults(page), state
        assert sideways(page) <= 0, f"{state}: scrolls sideways"

    walk(page, look)


def test_at_four_hundred_per_cent_nothing_scrolls_sideways_or_is_cut_off(open_story: Open):
    # 1280 x 1024 at 400 %.
    page = open_story(viewport={"width": 320, "height": 256})

    def look(state: str) -> None:
        assert sideways(page) <= 0, state
        cut = page.evaluate(
            "[...document.querySelectorAll('.onsite-stage :is(label, button, legend, p, li)')].filter((e) =>"
            " !e.matches('.onsite-unseen') && e.checkVisibility()"
            " && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1"
            " && getComputedStyle(e).display !== 'inline').map((e) => e.outerHTML.slice(0, 120))"
        )
        assert not cut, f"{state}: {cut}"

    walk(page, look)


@pytest.mark.parametrize("width", [1280, 320])
def test_every_target_is_large_enough_for_a_finger(open_story: Open, width: int):
    page = open_story(viewport={"width": width, "height": 800})

    def look(state: str) -> None:
        small = page.evaluate(
            """[...document.querySelectorAll('.onsite-stage :is(label, button, summary, textarea, input)')]
              .filter((e) => !e.matches('.onsite-label, .onsite-prompt'))
              .filter((e) => e.checkVisibility()).map((e) => [e, e.getBoundingClientRect()])
              .filter(([e, {width, height}]) => Math.min(width, height) < (e.matches('input') ? 24 : 43.5))
              .map(([e, {width, height}]) => `${width} x ${height}: ${e.outerHTML.slice(0, 100)}`)"""
        )
        assert not small, f"{state}: {small}"

    walk(page, look)


def test_who_wants_less_motion_sees_none_and_still_plays(open_story: Open):
    page = open_story(reduced_motion="reduce")

    def look(state: str) -> None:
        moving = page.evaluate(
            "[...document.querySelectorAll('.onsite-stage *')].filter((e) =>"
            " parseFloat(getComputedStyle(e).transitionDuration)"
            " || getComputedStyle(e).animationName !== 'none').length"
        )
        assert moving == 0, state

    walk(page, look)


# --- the keyboard alone ---


def tab_to(page: Page, what: str, most: int = 40) -> None:
    """Press Tab until the focus is on what the selector names."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement.matches(what)", what):
            visible = page.evaluate(
                "(() => { const f = document.activeElement, s = [f, f.closest('label')].filter(Boolean);"
                " return s.some((e) => getComputedStyle(e).outlineStyle === 'solid'); })()"
            )
            assert visible, f"the focus on {what} cannot be seen"
            return
    raise AssertionError(f"{most} times Tab did not lead to {what}")


def decide_by_keyboard(page: Page) -> None:
    """Go on from an answered item to the next scene. Space where Enter has been used, and the other way round."""
    if page.locator("input[name$='-sure']").count():
        tab_to(page, "input[name$='-sure']")
        page.keyboard.press("ArrowRight")
    tab_to(page, "[data-onsite=decide]")
    page.keyboard.press("Enter")
    expect(hook(page, "consequence")).to_be_focused()
    tab_to(page, "[data-onsite=continue]")
    page.keyboard.press("Space")


def test_by_keyboard_alone_from_the_first_tab_to_the_ending(open_story: Open):
    page = open_story()
    keys = page.keyboard
    tab_to(page, "input[type=checkbox]", most=6)
    keys.press("Space")
    keys.press("Tab")
    keys.press("Space")
    decide_by_keyboard(page)
    assert page.evaluate(f"{STORED}.events[1]")["answer"] == ["people", "laptop"]

    tab_to(page, "input[type=radio]", most=6)
    keys.press("ArrowDown")  # the most effective: the second
    keys.press("Tab")
    keys.press("ArrowUp")  # the least effective: round to the last
    decide_by_keyboard(page)
    assert stored_answer(page)["answer"] == {"best": "ruth", "worst": "depends"}

    tab_to(page, "input[type=radio]", most=6)
    keys.press("Space")
    decide_by_keyboard(page)

    for number in range(4):
        tab_to(page, "input[type=radio]", most=6)
        keys.press("Space")
        for _ in range(number):
            keys.press("ArrowRight")
    decide_by_keyboard(page)
    assert stored_answer(page)["answer"] == {"ignore": 1, "say": 2, "forward": 3, "zofia": 4}

    tab_to(page, "[data-onsite=clock-switch]", most=6)
    keys.press("Enter")
    expect(hook(page, "clock")).to_contain_text("stands still")
    tab_to(page, "input[type=radio]", most=6)
    keys.press("Space")
    decide_by_keyboard(page)

    for _ in range(5):
        tab_to(page, "input[type=radio]", most=6)
        keys.press("Space")
    decide_by_keyboard(page)

    tab_to(page, "[data-entry=wait] [aria-label^='Move up']")
    keys.press("Enter")
    keys.press("Space")
    keys.press("Enter")
    decide_by_keyboard(page)
    assert stored_answer(page)["answer"] == ["wait", "nine", "span", "six", "both"]

    tab_to(page, "textarea", most=6)
    keys.type("The plan is wrong because nobody types in what the wall says.")
    tab_to(page, "[data-onsite=decide]")
    keys.press("Enter")
    tab_to(page, "[data-onsite=continue]")
    keys.press("Enter")
    expect(hook(page, "ending")).to_be_visible()
    expect(page.get_by_role("heading", level=2)).to_be_focused()
    tab_to(page, "[data-onsite=again]")


# --- what a screen reader is told ---


def test_the_names_and_states_of_every_kind(open_story: Open):
    page = open_story()
    item = go_to(page, "select")
    boxes = item.get_by_role("group", name="What do you do before nine? Choose two.").get_by_role("checkbox")
    expect(boxes).to_have_count(5)
    expect(item.get_by_role("group", description="Choose 2. You have chosen 0.")).to_have_count(1)
    sure = item.get_by_role("radiogroup", name="How sure are you?", description="It changes nothing in your score.")
    assert [radio.evaluate("r => r.parentNode.textContent") for radio in sure.get_by_role("radio").all()] == [
        "Not sure", "Fairly sure", "Very sure",
    ]  # fmt: skip

    item = go_to(page, "best_worst")
    for side in ("Most effective", "Least effective"):
        radios = item.get_by_role("radiogroup", name=side).get_by_role("radio")
        expect(radios).to_have_count(4)
        expect(radios.nth(3)).to_have_accessible_name(f"“That depends on a great many things.” {side}")

    item = go_to(page, "rating")
    group = item.get_by_role("radiogroup", name="You work with the other sheets and say nothing.")
    expect(group).to_match_aria_snapshot(
        """
        - radiogroup "You work with the other sheets and say nothing.":
          - text: You work with the other sheets and say nothing.
          - radio "harmful"
          - text: harmful
          - radio "rather poor"
          - text: rather poor
          - radio "neither"
          - text: neither
          - radio "rather good"
          - text: rather good
          - radio "very good"
          - text: very good
        """
    )
    group.get_by_text("rather good").click()
    expect(group.get_by_role("radio", name="rather good")).to_be_checked()

    item = go_to(page, "sort")
    expect(item.get_by_role("radiogroup")).to_have_count(5)
    expect(item.get_by_role("radiogroup", name="You are a day behind").get_by_role("radio")).to_have_count(3)

    item = go_to(page, "ranking")
    rows = item.get_by_role("list").get_by_role("listitem")
    expect(rows).to_have_count(5)
    first = rows.first.get_by_role("button", name="Move up: Tell her nine weeks")
    expect(first).to_have_attribute("aria-disabled", "true")
    down = item.get_by_role("button", name="Move down: Tell her nine weeks")
    down.click()
    expect(down).to_be_focused()
    expect(hook(page, "live")).to_have_text("Now in place 2 of 5")
    expect(rows.nth(1)).to_contain_text("Tell her nine weeks")


def test_what_cannot_be_is_said_beside_the_control_it_is_about(open_story: Open):
    page = open_story()
    item = go_to(page, "select")
    hook(page, "decide").click()
    expect(hook(page, "error")).to_have_text("Choose 2: 2 still to go.")
    for value in ("people", "plan"):
        item.locator(f"input[value={value}]").check()
    expect(hook(page, "error")).to_be_hidden()
    item.locator("input[value=rules]").click()
    expect(item.locator("input[value=rules]")).not_to_be_checked()
    expect(hook(page, "error")).to_contain_text("No more than 2.")
    expect(hook(page, "live")).to_contain_text("No more than 2.")
    hook(page, "decide").click()
    sure = item.get_by_role("radiogroup", name="How sure are you?")
    expect(sure).to_contain_text("Say how sure you are, then decide.")
    expect(sure).to_have_attribute("aria-invalid", "true")
    expect(sure.get_by_role("radio").first).to_be_focused()
    say_how_sure(item, "low")
    hook(page, "decide").click()
    assert stored_answer(page)["confidence"] == "low"

    item = go_to(page, "best_worst")
    item.locator("input[name$=-best][value=friday]").check()
    item.locator("input[name$=-worst][value=friday]").check()
    said = "One answer cannot be both the most and the least effective. Change one of the two."
    expect(hook(page, "error")).to_have_text(said)
    expect(hook(page, "live")).to_have_text(said)
    hook(page, "decide").click()
    expect(hook(page, "error")).to_have_text(said)
    expect(hook(page, "consequence")).to_have_count(0)
    item.locator("input[name$=-worst][value=month]").check()
    expect(hook(page, "error")).to_be_hidden()

    item = go_to(page, "rating")
    item.locator("input[name$=-ignore]").first.check()
    item.locator("input[name$=-forward]").first.check()
    hook(page, "decide").click()
    group = item.locator("fieldset", has=page.locator("input[name$=-say]")).last
    expect(group).to_contain_text("2 are still open.")
    expect(group).to_have_accessible_description("2 are still open. Give each an answer, then decide.")
    expect(group.get_by_role("radio").first).to_be_focused()


# --- drafts ---


def state_of(item: Locator) -> Any:
    """What is ticked, in which order, and what is written."""
    return item.evaluate(
        """form => [
          [...form.querySelectorAll(':checked')].map((i) => [i.name.replace(/^.*?-[0-9a-f-]{36}/, ''), i.value]),
          [...form.querySelectorAll('[data-entry]')].map((r) => r.dataset.entry),
          form.querySelector('textarea')?.value]"""
    )


def half_filled(item: Locator, kind: str) -> None:
    """Begin to answer, and stop half way."""
    if kind == "select":
        item.locator("input[value=plan]").check()
        say_how_sure(item, "low")
    elif kind == "best_worst":
        item.locator("input[name$=-worst][value=month]").check()
    elif kind == "ranking":
        item.get_by_role("button", name="Move down").nth(1).click()
    elif kind == "text":
        fill(item, "Half a sentence that {nobody}")
    else:
        item.get_by_role("radio").nth(1).check()


@pytest.mark.parametrize("kind", KINDS)
def test_a_half_filled_form_survives_a_reload(open_story: Open, kind: str):
    page = open_story()
    item = go_to(page, kind)
    empty = state_of(item)
    half_filled(item, kind)
    half = state_of(item)
    assert half != empty
    page.reload()
    wait_ready(page)
    if hook(page, "continue").count():
        hook(page, "continue").click()
    assert state_of(hook(page, "item")) == half
    draft = page.evaluate(f"{STORED}.drafts")[KINDS[kind]]
    assert kind == "text" or "answer" in json.loads(draft)
    answer(page, {"kitchen": "desk"})
    page.wait_for_function(f"!{STORED}.drafts['{KINDS[kind]}']")


@pytest.mark.parametrize("draft", ["{", "null", "[1]", '{"answer": {"best": "gone", "nobody": []}, "confidence": 7}'])
def test_a_draft_that_does_not_fit_is_left_aside(open_story: Open, draft: str):
    page = open_story()
    go_to(page, "best_worst")
    page.evaluate(
        f"""d => {{ const record = {STORED}; record.drafts.meeting = d;
            localStorage.setItem('onsite:all-kinds', JSON.stringify(record)); }}""",
        draft,
    )
    page.reload()
    wait_ready(page)
    hook(page, "continue").click()
    expect(hook(page, "item").locator(":checked")).to_have_count(0)
    answer(page, {})


# --- the story's clock ---


def meter(page: Page) -> Locator:
    """How often the phone has rung."""
    return hook(page, "meters").get_by_role("listitem").filter(has_text="Times the phone has rung")


def test_the_clock_ticks_moves_the_meter_and_is_in_the_answer(open_story: Open):
    page = open_story(fake_timers=True)
    item = go_to(page, "clock")
    expect(hook(page, "clock")).to_contain_text("time passes")
    page.clock.run_for(20_500)
    expect(hook(page, "clock")).to_have_text("It rings again.")
    expect(meter(page)).to_contain_text("1")
    expect(hook(page, "live")).to_have_text("It rings again. Times the phone has rung: up from 0 to 1")
    expect(item.locator("input[value=answer]")).to_be_visible()
    item.locator("input[value=answer]").check()
    item.locator("input[value=answer]").focus()
    page.clock.run_for(60_000)
    # Too late for that, and in its place there is another option; the focus does not fall out of the form.
    expect(item.locator("input[value=answer]")).to_be_hidden()
    expect(item.locator("input[value=back]")).to_be_visible()
    expect(item.locator(":checked")).to_have_count(0)
    expect(item.locator("input[value=turn]")).to_be_focused()
    item.locator("input[value=back]").check()
    hook(page, "decide").click()
    assert stored_answer(page)["ticks"] == 4
    expect(page.locator(".onsite-deed")).to_contain_text("Times the phone has rung: up from 0 to 4")
    page.clock.run_for(60_000)
    expect(meter(page)).to_contain_text("4")
    page.reload()
    wait_ready(page)
    expect(meter(page)).to_contain_text("4")


def test_the_clock_stops_at_its_most_and_locks_nothing(open_story: Open):
    page = open_story(fake_timers=True)
    go_to(page, "clock")
    page.clock.run_for(600_000)
    expect(meter(page)).to_contain_text("6")
    answer(page, {"phone": "write"})
    assert stored_answer(page)["ticks"] == 6


def test_the_clock_can_be_stopped_and_the_browser_remembers(open_story: Open):
    page = open_story(fake_timers=True)
    go_to(page, "clock")
    page.clock.run_for(21_000)
    hook(page, "clock-switch").click()
    expect(hook(page, "clock-switch")).to_be_focused()
    expect(hook(page, "clock")).to_have_text(assets.strings()["clock.off"])
    page.clock.run_for(200_000)
    expect(meter(page)).to_contain_text("1")
    page.reload()
    wait_ready(page)
    hook(page, "continue").click()
    expect(meter(page)).to_contain_text("1")
    page.clock.run_for(200_000)
    expect(meter(page)).to_contain_text("1")
    expect(hook(page, "clock-switch")).to_have_text(assets.strings()["clock.start"])
    hook(page, "clock-switch").click()
    page.clock.run_for(21_000)
    expect(meter(page)).to_contain_text("2")


def test_the_clock_stands_still_while_nobody_looks(open_story: Open):
    page = open_story(fake_timers=True)
    go_to(page, "clock")
    look_away = (
        "hidden => { Object.defineProperty(document, 'hidden', {configurable: true, value: hidden});"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    page.evaluate(look_away, True)
    page.clock.run_for(200_000)
    expect(meter(page)).to_contain_text("0")
    page.evaluate(look_away, False)
    page.clock.run_for(21_000)
    expect(meter(page)).to_contain_text("1")


# --- looking back ---


def test_the_debrief_tells_every_answer_with_its_coaching(open_story: Open, story: Story):
    page = open_story()
    choices = {
        "monday": ["people", "plan"], "meeting": {"best": "friday", "worst": "depends"}, "kitchen": "desk",
        "desk": {"ignore": 1, "say": 5, "forward": 2, "zofia": 3}, "phone": "write",
        "thursday": {"typed": "client", "behind": "team", "next": "nobody", "leave": "nobody", "help": "team"},
        "friday": ["span", "both", "nine", "wait", "six"], "status": "Nobody types in what the wall says.",
    }  # fmt: skip
    play(page, choices)
    events = [e for e in page.evaluate(f"{STORED}.events") if e["type"] == "answer"]
    assert {e["scene"]: e["answer"] for e in events} == choices
    told = dict(zip(choices, page.locator(".onsite-decision .onsite-deed").all(), strict=True))
    for scene, parts in {
        "monday": ["Look up who else is invited", "s berth plan", "How sure you were: Fairly sure"],
        "meeting": ["Most effective", "By Friday noon", "Least effective", "a great many things"],
        "desk": ["harmful", "say nothing", "very good", "You tell Ikenna", "neither", "You tell Zofia"],
        "thursday": ["To Zofia", "Changes after Sunday", "To nobody", "Tidewell would like"],
        "friday": ["1", "Tell her six to nine, what", "2", "Tell her six to nine weeks", "5", "Tell her six."],
        "status": ["Nobody types in what the wall says."],
    }.items():
        text = told[scene].inner_text()
        places = [text.find(part) for part in parts]
        assert -1 not in places, f"{scene}: {parts} in {text}"
        assert places == sorted(places), f"{scene}: {parts} in this order in {text}"
    item = story.scenes["desk"].item
    assert item is not None
    for response in item.responses:  # type: ignore[union-attr]
        expect(told["desk"].get_by_text(page.evaluate(PLAIN, response.coaching))).to_be_visible()


def test_the_map_shows_the_way_taken_and_folded_the_others_by_title_alone(open_story: Open, story: Story):
    page = open_story()
    play(page, {"kitchen": "desk"})
    way = hook(page, "map").get_by_role("listitem")
    reached = hook(page, "ending").get_attribute("data-ending") or ""
    titles = [story.scenes[scene].title for scene in KINDS.values()]
    assert way.all_inner_texts() == [*titles, f"Ending: {story.endings[reached].title}"]
    page.get_by_text("Ways you did not take").click()
    others = hook(page, "map-other")
    missed = next(ending for name, ending in story.endings.items() if name != reached)
    expect(others.get_by_role("listitem").filter(has_text=f"Ending: {missed.title}").last).to_be_visible()
    assert page.evaluate(PLAIN, missed.narrative)[:40] not in page.locator(".onsite-stage").inner_text()


def test_another_path_keeps_the_first_attempt(open_story: Open):
    page = open_story()
    play(page, {"kitchen": "desk"})
    first = page.evaluate(f"{STORED}.events")
    hook(page, "again").click()
    expect(hook(page, "attempt")).to_contain_text("Attempt 2")
    expect(hook(page, "item").locator(":checked")).to_have_count(0)
    answer(page, {"monday": ["laptop", "phone"]})
    events = page.evaluate(f"{STORED}.events")
    assert events[: len(first)] == first
    assert [event["type"] for event in events[len(first) :]] == ["start", "answer"]
