"""The Sphinx extension for the pages of the book: practice items, notes, minutes, the table of the course."""

import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from onsite.build.practice import keepsakes_html, note_html, overview_html, try_it_html
from onsite.pages.contents import contents, note_key, practice_key
from onsite.pages.page import Block
from onsite.pages.try_it import read_try
from onsite.paths import CoursePaths
from onsite.player import assets
from onsite.points import read_citable
from onsite.scenario.errors import OnsiteError

FOLDER = "_static/onsite"
_TASK = re.compile(r'<input class="task-list-item-checkbox"[^>]*>')
_LIVE = ("onsite-try", "onsite-note", "onsite-overview", "onsite-keepsakes")
_STYLES = ("player.css", "practice.css", "book.css")


class _CourseDirective(SphinxDirective):
    """What the directives share."""

    optional_arguments = 1
    has_content: ClassVar[bool] = True

    def course(self) -> CoursePaths:
        """The course this book belongs to."""
        return CoursePaths(Path(self.env.srcdir))

    def own_name(self) -> str:
        """The directive's own name on the page, for pages that hold several."""
        return self.arguments[0].strip() if self.arguments else ""

    def root(self) -> str:
        """The relative way to the site's front."""
        return "../" * self.env.docname.count("/")


class TryItDirective(_CourseDirective):
    """An item for practice, in YAML as in a scenario."""

    def run(self) -> list[nodes.Node]:
        """The item, live and for paper."""
        course = self.course()
        block = Block(self.own_name(), "\n".join(self.content), self.lineno + 1)
        try:
            tried = read_try(block, Path(self.env.doc2path(self.env.docname)), read_citable(course.points))
        except OnsiteError as error:
            raise self.error(f"try-it: {error}") from error
        return [nodes.raw("", try_it_html(practice_key(self.env.docname, block.argument), tried), format="html")]


class NoteDirective(_CourseDirective):
    """A question the learner answers for their own assignment."""

    def run(self) -> list[nodes.Node]:
        """The question with a place to write."""
        key = note_key(self.env.docname, self.own_name())
        return [nodes.raw("", note_html(key, "\n".join(self.content)), format="html")]


class OverviewDirective(_CourseDirective):
    """The table of the course with minutes and the reader's own progress. Its content names parts to leave out."""

    def run(self) -> list[nodes.Node]:
        """Every part of the contents that is not left out."""
        left_out = {line.strip() for line in self.content}
        modules = [module for module in contents(self.course()) if module.title not in left_out]
        return [nodes.raw("", overview_html(modules, self.root()), format="html")]


class KeepsakesDirective(_CourseDirective):
    """Every note of the course in one place."""

    def run(self) -> list[nodes.Node]:
        """The notes, by module."""
        return [nodes.raw("", keepsakes_html(contents(self.course()), self.root()), format="html")]


def _frame(app: Sphinx, document: nodes.document) -> None:
    """Minutes below the title, and at the end what the page trains."""
    meta = app.env.metadata[app.env.docname]
    title = next(iter(document.findall(nodes.title)), None)
    if "minutes" not in meta or title is None:
        return
    minutes = nodes.paragraph("", f"About {meta['minutes']} minutes", classes=["onsite-strip"])
    title.parent.insert(title.parent.index(title) + 1, minutes)
    titles = read_citable(CoursePaths(Path(app.srcdir)).points)
    trained = [one for one in _listed(meta.get("points")) if one in titles]
    if trained:
        entries = [nodes.list_item("", nodes.paragraph("", f"{one}: {titles[one]}")) for one in trained]
        box = nodes.container("", nodes.paragraph("", "This page trains"), nodes.bullet_list("", *entries))
        box["classes"].append("onsite-trained")
        title.parent += box


def _listed(value: Any) -> list[str]:
    # Sphinx keeps lists of the front matter as JSON-like text in some versions, as lists in others.
    if isinstance(value, str):
        return [part.strip(" '\"") for part in value.strip("[]").split(",") if part.strip(" '\"")]
    return [str(one) for one in value or []]


def _head(_: Sphinx, __: str, ___: str, context: dict[str, Any], ____: nodes.document | None) -> None:
    root = context.get("content_root", "")
    body = context.get("body", "")
    # A scenario waits for its stylesheet before it shows: it gets no other.
    styles = _STYLES[:1] if 'class="onsite-player"' in body else _STYLES
    links = "".join(f'\n<link rel="stylesheet" href="{root}{FOLDER}/{name}">' for name in styles)
    if any(f'class="{name}"' in body for name in _LIVE):
        links += f'\n<script defer src="{root}{FOLDER}/practice.js"></script>'
    context["metatags"] = context.get("metatags", "") + links
    # A list to tick off on paper: a disabled form field would be one that nobody can use or name.
    context["body"] = _TASK.sub('<span class="onsite-box"></span>', context.get("body", ""))


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "practice.js").write_text(assets.practice_script(), "utf-8")
    (folder / "practice.css").write_text(assets.stylesheet("practice.css"), "utf-8")
    theme = Path(__file__).parent / "theme"
    (folder / "book.css").write_text((theme / "book.css").read_text("utf-8"), "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("try-it", TryItDirective)
    app.add_directive("assignment-note", NoteDirective)
    app.add_directive("course-overview", OverviewDirective)
    app.add_directive("my-notes", KeepsakesDirective)
    app.connect("doctree-read", _frame)
    app.connect("html-page-context", _head, priority=890)
    app.connect("build-finished", _write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
