"""The map of a scenario with one person's road on it: what is the same for everybody is drawn once.

It shows what the player shows after the end: the titles of places and which leads to which. The letters and numbers
of the facilitator's map are left out, since they would say which option leads where.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from markupsafe import Markup

from onsite.build.scenario_map import HEIGHT, WIDTH, Drawing, map_template, passages_of, places_of
from onsite.scenario.story import Story

_ROADS, _PLACES = "<!--roads-->", "<!--places-->"
_BADGE = 22.0
_DIGIT = 7.5


class RoadMap:
    """The map of one story, to be marked for many people.

    ways: every place with those that follow it, as items of a list; forks: whether there is more than one road.
    """

    def __init__(self, story: Story) -> None:
        """Lays the story out, which takes some time; marking takes next to none."""
        self._story = story
        places = {
            name: replace(place, title=self.title(name), decision=None) for name, place in places_of(story).items()
        }
        passages = [replace(passage, letters=[]) for passage in passages_of(story)]
        following: dict[str, list[str]] = {}
        for passage in passages:
            following.setdefault(passage.source, []).append(self.title(passage.target))
        self.ways = Markup("").join(_way(self.title(name), onward) for name, onward in following.items())
        self.forks = any(len(onward) > 1 for onward in following.values())
        drawing = Drawing(story.start, places, passages)
        self._paths: Mapping[tuple[str, str], str] = {
            (line.passage.source, line.passage.target): _line(line.path) for line in drawing.lines
        }
        self._corners: Mapping[str, tuple[float, float, bool]] = {
            box.place.name: (box.x, box.y, box.place.kind == "ending") for box in drawing.boxes
        }
        said = f"The scenes and endings of {story.title}, with your road marked. The same stands in the lists below."
        drawn = map_template("map_drawing.html").render(
            drawing=drawing, said=said, over_roads=Markup(_ROADS), over_places=Markup(_PLACES)
        )
        self._below, rest = drawn.split(_ROADS)
        self._between, self._above = rest.split(_PLACES)

    def title(self, name: str) -> str:
        """What the player calls a place: its title, else that of its decision, else that of the story."""
        if name in self._story.endings:
            return self._story.endings[name].title
        scene = self._story.scenes[name]
        decision = self._story.decisions.get(scene.item.decision or "") if scene.item else None
        return scene.title or (decision.title if decision else self._story.title)

    def marked(self, road: Sequence[str]) -> Markup:
        """The drawing with the places of `road` framed and numbered and its passages thick. road: names, in order."""
        roads = (self._paths.get(step, "") for step in dict.fromkeys(pairwise(road)))
        numbers: dict[str, list[str]] = {}
        for number, name in enumerate(road, 1):
            numbers.setdefault(name, []).append(str(number))
        places = (self._frame(name, ", ".join(found)) for name, found in numbers.items() if name in self._corners)
        return Markup(f"{self._below}{''.join(roads)}{self._between}{''.join(places)}{self._above}")

    def _frame(self, name: str, number: str) -> str:
        x, y, ending = self._corners[name]
        wide = _BADGE + _DIGIT * max(0, len(number) - 2)
        left = x - 7 if not ending else x
        return (
            f'<g class="onsite-map-went" data-went="{name}"><rect x="{x}" y="{y}" width="{WIDTH:g}" '
            f'height="{HEIGHT:g}" rx="{30 if ending else 8}"/><rect class="onsite-map-step" x="{left:g}" '
            f'y="{y - 9:g}" width="{wide:g}" height="{_BADGE:g}" rx="11"/><text x="{left + wide / 2:g}" '
            f'y="{y + 6.5:g}">{number}</text></g>\n'
        )


def _way(title: str, onward: Sequence[str]) -> Markup:
    following = Markup("").join(Markup("<li>to {}</li>").format(other) for other in onward)
    return Markup("<li>{}<ul>{}</ul></li>\n").format(title, following)


def _line(path: str) -> str:
    return f'<path class="onsite-map-taken" d="{path}" marker-end="url(#onsite-map-taken-tip)"/>\n'
