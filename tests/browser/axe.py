"""axe, the checker of accessibility, in a page."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Only what is wrong is worked out and sent: what is right, axe would list element by element.
RUN = """([where, standard]) => axe.run(where ?? document, {runOnly: standard, resultTypes: ["violations"]})
    .then(found => found.violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 160))}`))"""


def faults(page: Page, where: str | None = None) -> list[str]:
    """What axe finds wrong in the page, or in what a selector names: rule, and the elements at fault."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(RUN, [where, STANDARD])
    return found
