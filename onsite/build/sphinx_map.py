"""The Sphinx extension that draws a scenario's map where a page asks for it: ``{scenario-map} SLUG``."""

from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from onsite.build.scenario_map import map_stylesheet, scenario_map
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError
from onsite.scenario.story import read_story


class ScenarioMap(SphinxDirective):
    """One argument: the scenario's folder name. The map is made from the released story, which holds no key."""

    required_arguments = 1
    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        """The map, with its stylesheet."""
        slug = self.arguments[0].strip()
        path = CoursePaths(Path(self.env.srcdir)).exercises / slug / "story.json"
        self.env.note_dependency(str(path))
        try:
            story = read_story(path)
        except OnsiteError as error:
            raise self.error(f"scenario-map: {error}") from error
        html = f"<style>\n{map_stylesheet()}</style>\n{scenario_map(story)}"
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("scenario-map", ScenarioMap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
