"""The parts of a book page that are made from data: practice items, notes, the table of the course."""

import json
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from onsite.pages.contents import Module
from onsite.pages.try_it import TryIt
from onsite.scenario.items.base import OneOutcomeStory
from onsite.scenario.items.choice import StoryChoice, StoryOption
from onsite.scenario.items.sort import StorySort
from onsite.scenario.story_parts import StoryEntry, html


def try_it_html(key: str, tried: TryIt) -> str:
    """A practice item: what the page's script needs, and the same for paper. Holds no key and no credit."""
    item = tried.shown.model_dump(mode="json", exclude_none=True, exclude={"decision"})
    return (
        _environment()
        .get_template("try_it.html")
        .render(
            key=key, item=Markup(inline_json(item)), narrative=Markup(tried.narrative), printed=Markup(_printed(tried))
        )
    )


def note_html(key: str, prompt: str) -> str:
    """A note for the learner's own assignment; the prompt is Markdown."""
    return _environment().get_template("assignment_note.html").render(key=key, prompt=Markup(html(prompt)))


def overview_html(modules: Sequence[Module], root: str) -> str:
    """The table of the course, `root` being the relative way to the site's front."""
    return _environment().get_template("overview.html").render(modules=modules, root=root)


def keepsakes_html(modules: Sequence[Module], root: str) -> str:
    """A place for every note of the course."""
    kept = [module for module in modules if any(entry.notes for entry in module.entries)]
    return _environment().get_template("keepsakes.html").render(modules=kept, root=root)


def inline_json(value: object) -> str:
    """JSON fit to stand in a script element."""
    # "</script>" inside a string would end the element.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _printed(tried: TryIt) -> str:
    shown = tried.shown
    entries: Sequence[StoryOption | StoryEntry] = ()
    if isinstance(shown, StoryChoice):
        entries = shown.options
    elif isinstance(shown, OneOutcomeStory):
        entries = shown.entries()
    bins = [one.label for one in shown.bins] if isinstance(shown, StorySort) else []
    return _environment().get_template("printed_item.html").render(item=shown, entries=entries, bins=bins)


def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("onsite.build"), autoescape=True, undefined=StrictUndefined)
    environment.filters["html"] = Markup
    environment.filters["markdown"] = lambda text: Markup(html(text))
    return environment
