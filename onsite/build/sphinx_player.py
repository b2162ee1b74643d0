"""The Sphinx extension: puts the player into the page of a learner notebook, and its files into the site."""

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

from onsite.build.notebooks import PLAYER_TAG
from onsite.build.practice import inline_json
from onsite.build.transcript import transcript
from onsite.player import assets
from onsite.scenario.errors import OnsiteError
from onsite.scenario.story import Story, read_story

ASSETS = "_static/onsite"
_UNUSED = ("thebe", "THEBE", "togglebutton", "design-tabs")
SERVED_MARK = "<!-- onsite: served -->"
"""Stands at the end of every page; the course's own server puts its link to JupyterLab there."""


_INLINE = re.compile(r"<script>(?=DOCUMENTATION_OPTIONS\b|let toggle)")
_KERNEL = re.compile(r"<script>kernelName = '[^']*'</script>")


class PlayerTransform(SphinxTransform):
    """Replaces the code cell that shows the widget by the player itself, which needs no kernel."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        """Look through the cells of one page."""
        for cell in list(self.document.findall(nodes.container)):
            if PLAYER_TAG not in cell.get("cell_metadata", {}).get("tags", []):
                continue
            path = Path(self.env.doc2path(self.env.docname)).parent / "story.json"
            self.env.note_dependency(str(path))
            try:
                story = read_story(path)
            except OnsiteError as error:
                raise ExtensionError(str(error)) from error
            root = "../" * self.env.docname.count("/")
            cell.replace_self(nodes.raw("", player_html(story, root), format="html"))


def player_html(story: Story, root: str) -> str:
    """The player's place in a page, `root` being the relative way to the site's front: story, strings, transcript."""
    environment = Environment(loader=PackageLoader("onsite.build"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("player.html").render(
        story=Markup(inline_json(json.loads(story.to_json()))),
        strings=Markup(inline_json(assets.strings())),
        transcript=Markup(transcript(story)),
        script=Markup(assets.script()),
        hand_in=f"{root}hand-in",
    )


def _write_assets(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / ASSETS
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "player.css").write_text(assets.stylesheet(), "utf-8")


def _lighten(_: Sphinx, __: str, ___: str, context: dict[str, Any], ____: nodes.document | None) -> None:
    """Leave out what Jupyter Book adds to every page for features this book does not use."""
    for files in ("script_files", "css_files"):
        context[files] = [file for file in context.get(files, []) if not _is_unused(file)]
    context["body"] = context.get("body", "") + SERVED_MARK


def _is_unused(file: Any) -> bool:
    return any(name in str(getattr(file, "filename", file) or "") for name in _UNUSED) or any(
        name in str(getattr(file, "attributes", {}).get("body", "")) for name in _UNUSED
    )


def _defer_scripts(app: Sphinx, exception: Exception | None) -> None:
    """Let the page show before its scripts have loaded: Sphinx puts them, blocking, into the head.

    Inline scripts that need one of them become modules, which wait for deferred scripts. The search
    page is left alone: its scripts run while it loads.
    """
    if exception is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        if path.name == "search.html":
            continue
        text = path.read_text("utf-8")
        lighter = _KERNEL.sub("", text.replace("<script src=", "<script defer src="))
        lighter = _INLINE.sub('<script type="module">', lighter)
        if lighter != text:
            path.write_text(lighter, "utf-8")


def _use_theme(_: Sphinx, config: Any) -> None:
    config.templates_path.append(str(Path(__file__).parent / "theme"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_transform(PlayerTransform)
    app.connect("config-inited", _use_theme)
    app.connect("html-page-context", _lighten, priority=900)
    app.connect("build-finished", _write_assets)
    app.connect("build-finished", _defer_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
