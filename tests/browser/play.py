"""Playing a scenario the way a person does: read, answer, decide, go on."""

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, Page, expect

READY = '[data-onsite-ready="true"]'
TEXT = "The connector was down from 08:51; it is back. The cause is found. Next: the full account by Thursday."


def hook(where: Page | Locator, name: str) -> Locator:
    """The element that the player marks with data-onsite=`name`."""
    return where.locator(f'[data-onsite="{name}"]')


def wait_ready(page: Page) -> None:
    """Until the first item can be answered."""
    page.locator(READY).wait_for()


def fill(item: Locator, given: Any = None, text: str = TEXT) -> None:
    """Fill in the form of any kind of item: with the answer `given` or else with the first that will do."""
    if hook(item, "text").count():
        hook(item, "text").fill(given or text)
    elif hook(item, "count").count():  # choose so many
        boxes = item.locator("input[type=checkbox]")
        wanted = given or [boxes.nth(n).get_attribute("value") for n in range(number_to_choose(item))]
        for box in item.locator("input[type=checkbox]:checked").all():
            box.uncheck()
        for value in wanted:
            item.locator(f'input[type=checkbox][value="{value}"]').check()
    elif isinstance(given, list):  # an order: bring each to its place, the last place first
        for place in range(len(given), 0, -1):
            row = item.locator(f'[data-entry="{given[place - 1]}"]')
            while row.evaluate("row => [...row.parentNode.children].indexOf(row)") < place - 1:
                row.get_by_role("button", name="Move down").click()
    elif isinstance(given, dict):
        for name, value in given.items():
            item.locator(f'input[type=radio][name$="-{name}"][value="{value}"]').check()
    elif isinstance(given, str):
        item.locator(f'input[type=radio][value="{given}"]').check()
    else:
        # One in each group; another one in each, where the same one will not do twice.
        for number, group in enumerate(item.get_by_role("radiogroup").all()):
            radios = group.get_by_role("radio")
            radios.nth(number % radios.count()).check()


def number_to_choose(item: Locator) -> int:
    """What a "Choose 2. You have chosen 0." asks for."""
    return int((hook(item, "count").text_content() or "").split(".")[0].split()[-1])


def say_how_sure(item: Locator, level: str = "middle") -> None:
    """Answer the question how sure one is, where the item asks it."""
    sure = item.locator(f'input[name$="-sure"][value="{level}"]')
    if sure.count():
        sure.check()


def answer(page: Page, choices: Mapping[str, Any], text: str = TEXT) -> str:
    """Answer the item shown, as `choices` says for its scene or else anyhow; returns the scene."""
    scene = hook(page, "scene").get_attribute("data-scene") or ""
    item = hook(page, "item")
    fill(item, choices.get(scene), text)
    say_how_sure(item)
    hook(item, "decide").click()
    expect(hook(page, "consequence")).to_be_visible()
    return scene


def play(page: Page, choices: Mapping[str, Any], text: str = TEXT, most: int = 60, until: str = "") -> list[str]:
    """Play on until an ending (or until the scene `until` asks for its answer). Returns the scenes answered."""
    answered: list[str] = []
    for _ in range(most):
        if hook(page, "ending").count():
            return answered
        if hook(page, "continue").count():
            hook(page, "continue").click()
            continue
        if until and hook(page, "scene").get_attribute("data-scene") == until:
            return answered
        answered.append(answer(page, choices, text))
    raise AssertionError(f"no ending after {most} steps; answered {answered}")
