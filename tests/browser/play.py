"""Playing a scenario the way a person does: read, choose, decide, go on."""

from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

READY = '[data-onsite-ready="true"]'
TEXT = "The connector was down from 08:51; it is back. The cause is found. Next: the full account by Thursday."


def hook(where: Page | Locator, name: str) -> Locator:
    """The element that the player marks with data-onsite=`name`."""
    return where.locator(f'[data-onsite="{name}"]')


def wait_ready(page: Page) -> None:
    """Until the first item can be answered."""
    page.locator(READY).wait_for()


def answer(page: Page, choices: Mapping[str, str], text: str = TEXT) -> str:
    """Answer the item shown, by the option `choices` names for its scene or else the first; returns the scene."""
    scene = hook(page, "scene").get_attribute("data-scene") or ""
    item = hook(page, "item")
    if hook(item, "text").count():
        hook(item, "text").fill(text)
    elif scene in choices:
        item.locator(f'input[type=radio][value="{choices[scene]}"]').check()
    else:
        item.locator("input[type=radio]").first.check()
    hook(item, "decide").click()
    expect(hook(page, "consequence")).to_be_visible()
    return scene


def play(page: Page, choices: Mapping[str, str], text: str = TEXT, most: int = 60, until: str = "") -> list[str]:
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
