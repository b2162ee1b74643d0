"""A scenario file while it is being written: the last story that could be played, and what is wrong right now."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from onsite.authoring.reach import Way, ways
from onsite.build.scenario_map import scenario_map
from onsite.checking import scenario_lines
from onsite.paths import CoursePaths
from onsite.points import read_citable
from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.examine import Examined, examine
from onsite.scenario.items.base import Answer
from onsite.scenario.load import FILE_NAME
from onsite.scenario.story import Story, story_of

Stamp = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True)
class Look:
    """What one look at the file found.

    number: 1 for the first look, one more with every change; broken: the file as it is now cannot be played, so
    `story` is that of an earlier look, or None when there was none yet.
    """

    number: int
    broken: bool
    findings: tuple[Finding, ...]
    story: Story | None = None
    ways: dict[str, Way] = field(default_factory=dict)
    map: str = ""
    figures: str = ""

    def to_json(self, root: Path) -> dict[str, Any]:
        """The look for the page. Paths are shown from `root`, the course's folder."""
        return {
            "number": self.number,
            "broken": self.broken,
            "findings": [
                {"what": f.what, "do": f.do, "where": _where(f, root), "level": f.level} for f in self.findings
            ],
            "story": self.story and self.story.model_dump(mode="json", exclude_none=True),
            "places": _places(self.story, self.ways) if self.story else [],
            "map": self.map,
            "figures": self.figures,
        }


class Draft:
    """Watches one scenario file. `look` is cheap while nothing changes; `seen` is the stamp of the last one."""

    def __init__(self, course: CoursePaths, slug: str) -> None:
        self._course, self._slug = course, slug
        self._path = course.solutions / slug / FILE_NAME
        self.seen: Stamp | None = None
        self._look = Look(0, broken=True, findings=())

    def stamp(self) -> Stamp:
        """Changes whenever the file, or the list of source points, is saved."""
        return tuple(_stamp(path) for path in (self._path, self._course.points))

    def look(self) -> Look:
        """The present look, made anew if the stamp has changed."""
        stamp = self.stamp()
        if stamp != self.seen:
            self._look, self.seen = self._read(), stamp
        return self._look

    def _read(self) -> Look:
        number, before = self._look.number + 1, self._look
        try:
            examined = self._examine()
            findings, scenario = examined.findings, examined.scenario
            if scenario is not None:
                story = story_of(self._slug, scenario)
                figures = "\n".join(scenario_lines(examined)[1:]) if examined.figures else ""
                return Look(number, False, tuple(findings), story, ways(story, scenario), scenario_map(story), figures)
        except Exception as error:
            what = f"The preview itself failed on this file ({type(error).__name__}: {error})."
            findings = [Finding(what, "Undo the last change, and tell the maintainers.", self._path)]
        return Look(number, True, tuple(findings), before.story, before.ways, before.map, before.figures)

    def _examine(self) -> Examined:
        try:
            known = read_citable(self._course.points)
        except ScenarioError as error:
            return Examined(self._slug, None, error.findings, None)
        return examine(self._path, known)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _where(finding: Finding, root: Path) -> str:
    if finding.file is None:
        return ""
    path = finding.file.relative_to(root) if finding.file.is_relative_to(root) else finding.file
    return f"{path.as_posix()}:{finding.line}" if finding.line else path.as_posix()


def _places(story: Story, reached: dict[str, Way]) -> list[dict[str, Any]]:
    """Every scene and ending in the author's order, with the way there; null when no way was found."""
    scenes = [
        (name, scene.title or name, scene.item.kind if scene.item else "told") for name, scene in story.scenes.items()
    ]
    endings = [(name, ending.title, "ending") for name, ending in story.endings.items()]
    return [
        {
            "id": name,
            "title": title,
            "kind": kind,
            "way": [_event(*step) for step in reached[name]] if name in reached else None,
        }
        for name, title, kind in [*scenes, *endings]
    ]


def _event(scene: str, answer: Answer, ticks: int) -> dict[str, Any]:
    return {"scene": scene, "answer": answer} | ({"ticks": ticks} if ticks else {})
