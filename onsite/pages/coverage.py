"""Whether the course teaches and grades all it set out to: every point, every tension."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from onsite.pages.page import Page
from onsite.pages.try_it import cited
from onsite.scenario.schema import Scenario

ITEMS_A_POINT = 2
"""Graded items that each point has, at least."""


@dataclass(frozen=True)
class Coverage:
    """Where each id is met: pages by title, and graded items as (scenario, scene)."""

    pages: Mapping[str, tuple[str, ...]]
    items: Mapping[str, tuple[tuple[str, str], ...]]

    def gaps(self, points: Iterable[str], tensions: Iterable[str], chapter: Collection[str]) -> Iterator[str]:
        """What is missing, a sentence each. chapter: the ids of the tensions that their chapter treats."""
        for point in points:
            if not self.pages.get(point):
                yield f"{point} is on no page."
            if len(self.items.get(point, ())) < ITEMS_A_POINT:
                yield f"{point} is cited in {len(self.items.get(point, ()))} graded items; {ITEMS_A_POINT} are wanted."
        for tension in tensions:
            if tension not in chapter:
                yield f"{tension} is not in the chapter on tensions."
            if not self.items.get(tension):
                yield f"{tension} is in no decision."


def coverage(pages: Iterable[Page], scenarios: Mapping[str, Scenario]) -> Coverage:
    """Gather from the front matter of pages and the graded items of scenarios (those that fill a decision)."""
    on_pages: dict[str, list[str]] = {}
    in_items: dict[str, list[tuple[str, str]]] = {}
    for page in pages:
        for one in (*page.ids("points"), *page.ids("tensions")):
            on_pages.setdefault(one, []).append(page.title)
    for slug, scenario in scenarios.items():
        for name, scene in scenario.scenes.items():
            if scene.item is not None and scene.item.decision is not None:
                for one in cited(scene.item):
                    in_items.setdefault(one, []).append((slug, name))
    return Coverage({k: tuple(v) for k, v in on_pages.items()}, {k: tuple(v) for k, v in in_items.items()})
