"""Reading a page of the book: what its front matter says, its headings, its items, its words."""

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.yaml_source import Source, parse_yaml

TRY_IT = "try-it"
NOTE = "assignment-note"

_DIRECTIVE = re.compile(r"\{(?P<name>[a-z-]+)\}\s*(?P<argument>.*)")
_FENCE_LINE = re.compile(r"[:`]{3,}")
_WORD = re.compile(r"[^\W\d_](?:[\w'\u2019-]*\w)?")


@dataclass(frozen=True)
class Heading:
    """A heading as it stands on the page; line is 1-based."""

    level: int
    text: str
    line: int


@dataclass(frozen=True)
class Block:
    """What stands in a directive of ours: its argument, its text, and the line its text begins on."""

    argument: str
    text: str
    line: int


@dataclass(frozen=True)
class Page:
    """One page. `front` is its front matter; `words` counts what is read, without front matter and try-it items."""

    path: Path
    front: Source
    headings: tuple[Heading, ...]
    tries: tuple[Block, ...]
    notes: tuple[Block, ...]
    text: str
    words: int

    @property
    def title(self) -> str:
        """The first heading, without marks of emphasis."""
        return self.headings[0].text.replace("*", "") if self.headings else self.path.stem

    def ids(self, key: str) -> tuple[str, ...]:
        """The point or tension ids that the front matter lists under `key`."""
        listed = self.front.data.get(key)
        return tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()

    @property
    def minutes(self) -> int | None:
        """Minutes as the front matter says them."""
        minutes = self.front.data.get("minutes")
        return minutes if isinstance(minutes, int) and not isinstance(minutes, bool) else None


def read_page(path: Path) -> Page:
    """Read one Markdown page. Raises ScenarioError when it cannot be read or its front matter is not a mapping."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError([Finding("The page cannot be read.", "Save it as UTF-8 text.", path)]) from error
    return parse_page(text, path)


def parse_page(text: str, path: Path) -> Page:
    """As `read_page`, from text; `path` is used in messages."""
    tokens = MarkdownIt("commonmark").use(front_matter_plugin).parse(text)
    front = Source(path, {}, {})
    headings: list[Heading] = []
    blocks: dict[str, list[Block]] = {TRY_IT: [], NOTE: []}
    left_out: set[int] = set()
    for index, token in enumerate(tokens):
        if token.map is None:
            continue
        first, end = token.map
        if token.type == "front_matter":
            front = _front(token.content, path)
            left_out |= set(range(first, end))
        elif token.type == "heading_open":
            headings.append(Heading(int(token.tag[1:]), tokens[index + 1].content, first + 1))
        elif token.type == "fence" and (found := _DIRECTIVE.match(token.info.strip())) and found["name"] in blocks:
            blocks[found["name"]].append(Block(found["argument"].strip(), token.content, first + 2))
            if found["name"] == TRY_IT:
                left_out |= set(range(first, end))
    lines = text.splitlines()
    read = "\n".join(
        line for number, line in enumerate(lines) if number not in left_out and not _FENCE_LINE.match(line.strip())
    )
    return Page(
        path, front, tuple(headings), tuple(blocks[TRY_IT]), tuple(blocks[NOTE]), read, len(_WORD.findall(read))
    )


def _front(text: str, path: Path) -> Source:
    # The fence above it is the first line of the page.
    source = parse_yaml("\n" + text, path)
    if not isinstance(source.data, dict):
        raise ScenarioError(
            [Finding("The front matter is not made of keys and values.", "Write `minutes: 7` and the like.", path, 1)]
        )
    return source
