"""All that people read in the course, as plain text: pages of the book, scenarios, the player's strings."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from onsite.pages.page import read_page
from onsite.scenario.story import read_story

_TAG = re.compile(r"<[^>]+>")
_FENCE = re.compile(r"^(?P<marks>`{3,}|~{3,}).*?^(?P=marks)\s*$", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"^:{3,}.*$|^:[a-z-]+:.*$|^\([a-z-]+\)=$", re.MULTILINE)
_ROLE = re.compile(r"\{[a-z-]+\}(`[^`]*`)")


@dataclass(frozen=True)
class Prose:
    """One page or scenario: where it stands, and its paragraphs, without markup, code or front matter."""

    path: Path
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


def plain(markdown: str) -> list[str]:
    """The paragraphs of Markdown as they are read; code is left out."""
    text = _ROLE.sub(r"\1", _DIRECTIVE.sub("", _FENCE.sub("", markdown)))
    rendered = MarkdownIt("commonmark").enable("table").render(re.sub(r"`[^`]*`", "", text))
    blocks = re.split(r"</(?:p|li|h[1-6]|td|th|dt|dd)>", rendered)
    return [told for block in blocks if (told := " ".join(html.unescape(_TAG.sub(" ", block)).split()))]


def pages(root: Path) -> Iterator[Prose]:
    """The pages of the book."""
    for path in sorted((root / "book").rglob("*.md")):
        yield Prose(path, tuple(plain(read_page(path).text)))


def stories(root: Path) -> Iterator[Prose]:
    """The scenarios as learners get them."""
    for path in sorted((root / "solutions").glob("*/story.json")):
        found = json.loads(read_story(path).to_json())
        yield Prose(path, tuple(told for text in _strings(found) for told in plain(_TAG.sub(" ", html.unescape(text)))))


_READ = {
    "html", "prompt", "consequence", "coaching", "narrative", "debrief", "title", "label", "role", "setting", "summary",
    "says", "model", "position", "cares_about", "level", "unit", "objectives", "rubric",
}  # fmt: skip


def _strings(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, str) and key in _READ:
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _strings(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part, key)
