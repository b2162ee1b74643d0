"""The grammar of a practice page: every one has the same parts in the same order, and is short."""

import re
from collections.abc import Collection, Iterator

from onsite.pages.page import Heading, Page
from onsite.scenario.errors import Finding

PARTS = (
    "In one sentence",
    "Why it works",
    "The don't and the do",
    "Where it gets hard",
    "Try it",
    "For your assignment",
    "Key points",
)
"""The headings after that of the situation, whose words are the page's own."""

FEWEST, MOST = 500, 900
"""Words of a page."""

_CARD = re.compile(r"\{grid-item-card\}[ ]*(?P<title>[^\n]*)")


def grammar_findings(page: Page, raw: str, points: Collection[str], tensions: Collection[str]) -> Iterator[Finding]:
    """Where a practice page departs from its grammar. raw: its text with everything that stands in it."""
    yield from _front(page, points, tensions)
    yield from _headings(page)
    if not FEWEST <= page.words <= MOST:
        yield Finding(f"The page has {page.words} words.", f"Keep it between {FEWEST} and {MOST}.", page.path)
    for blocks, name in ((page.tries, "try-it"), (page.notes, "assignment-note")):
        if len(blocks) != 1:
            yield Finding(f"The page has {len(blocks)} '{name}' blocks.", "A practice page has one.", page.path)
    cards = [found["title"].strip() for found in _CARD.finditer(raw)]
    if cards != ["The don't", "The do"]:
        what = "The don't and the do do not stand side by side."
        yield Finding(what, "Put them into two cards of a grid, with the titles 'The don't' and 'The do'.", page.path)


def _front(page: Page, points: Collection[str], tensions: Collection[str]) -> Iterator[Finding]:
    front = page.front
    if page.minutes is None or not 1 <= page.minutes <= 60:
        yield front.finding(
            ("minutes",), "The front matter lacks 'minutes'.", "Add a whole number, such as `minutes: 7`."
        )
    if not page.ids("points"):
        yield front.finding(("points",), "The front matter lacks 'points'.", "List the ids of what the page teaches.")
    for key, known in (("points", points), ("tensions", tensions)):
        for index, one in enumerate(page.ids(key)):
            if one not in known:
                yield front.finding((key, index), f"'{one}' is not known under {key}.", "See book/source-points.yml.")


def _headings(page: Page) -> Iterator[Finding]:
    if [heading.level for heading in page.headings[:2]] != [1, 2]:
        yield Finding(
            "The page does not begin with its title and a situation.", "Write `# ...`, then `## ...`.", page.path
        )
        return
    found = [heading for heading in page.headings[2:] if heading.level == 2]
    for wanted, heading in zip(PARTS, found, strict=False):
        if heading.text != wanted:
            what = f"Here stands the heading '{heading.text}', where '{wanted}' belongs."
            yield Finding(what, f"The parts of a page are: a situation, {', '.join(PARTS)}.", page.path, heading.line)
            return
    yield from _count(page, found)


def _count(page: Page, found: list[Heading]) -> Iterator[Finding]:
    if len(found) < len(PARTS):
        yield Finding(f"The part '{PARTS[len(found)]}' is missing.", "Add it.", page.path)
    elif len(found) > len(PARTS):
        extra = found[len(PARTS)]
        yield Finding(
            f"After the key points nothing follows, but here stands '{extra.text}'.", "Move it.", page.path, extra.line
        )
