"""YAML read into plain Python data, together with the line each value stands on.

YAML 1.2's core rules are used for plain scalars, so that `no`, `on` or `12:30` stay the text an
author typed. Anchors and aliases are refused: a scenario needs none, and they can blow up.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from onsite.scenario.errors import Finding, ScenarioError

Location = tuple[str | int, ...]

MAX_BYTES = 2_000_000
MAX_DEPTH = 30

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Source:
    """A YAML file's data, and the 1-based line of every value by its location (a path of keys and indexes)."""

    path: Path
    data: Any
    lines: dict[Location, int]

    def line(self, location: Location) -> int:
        """The line of the value at `location`, or of its nearest ancestor that stands in the file."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def finding(self, location: Location, what: str, do: str) -> Finding:
        """A finding about the value at `location`."""
        return Finding(what, do, self.path, self.line(location))

    def warning(self, location: Location, what: str, do: str) -> Finding:
        """A warning about the value at `location`."""
        return Finding(what, do, self.path, self.line(location), "warning")


def read_yaml(path: Path) -> Source:
    """Read one YAML file.

    Raises ScenarioError when the file cannot be read, is larger than 2 MB, is not YAML, uses anchors
    or tags, repeats a key, or is nested more than 30 deep.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ScenarioError(
            [Finding(f"The file cannot be read ({error.strerror}).", "Check that it exists.", path)]
        ) from error
    if len(raw) > MAX_BYTES:
        raise ScenarioError([Finding("The file is larger than 2 MB.", "Split it into several scenarios.", path)])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ScenarioError([Finding("The text is not UTF-8.", "Save the file as UTF-8.", path, line)]) from error
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path) -> Source:
    """Parse YAML text; `path` is only used in messages. Raises ScenarioError as `read_yaml` does."""
    lines: dict[Location, int] = {}
    try:
        _refuse_references(text, path)
        node = yaml.compose(text, Loader=_LOADER)
        data = None if node is None else _value(node, (), lines, path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        what = f"This is not valid YAML: {error.problem or error.context}."
        do = "Check the indentation and the quotes on this line and the one above."
        raise ScenarioError([Finding(what, do, path, line)]) from error
    except (yaml.YAMLError, RecursionError) as error:
        what = "This is not text that YAML allows (an unprintable character, or nesting too deep)."
        raise ScenarioError([Finding(what, "Remove it.", path)]) from error
    return Source(path, data, lines)


def _refuse_references(text: str, path: Path) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        assert event.start_mark is not None, "the parser marks every event"
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            what = "Anchors (&name) and aliases (*name) are not used in scenarios."
            do = "Write the text out, or put it in quotes if it begins with & or *."
            raise ScenarioError([Finding(what, do, path, line)])
        if getattr(event, "tag", None):
            what = "Tags (!name) are not used in scenarios."
            raise ScenarioError([Finding(what, "Put the text in quotes if it begins with !.", path, line)])
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ScenarioError([Finding("Nesting is too deep.", "Flatten it.", path, line)])


def _value(node: yaml.Node, location: Location, lines: dict[Location, int], path: Path) -> Any:
    lines.setdefault(location, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, location, lines, path)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*location, index), lines, path) for index, child in enumerate(node.value)]
    quoted = getattr(node, "style", None) in ("'", '"', "|", ">")
    return node.value if quoted else _plain(node.value)


def _mapping(node: yaml.MappingNode, location: Location, lines: dict[Location, int], path: Path) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ScenarioError([Finding("A key must be a single word.", "Check the colons and brackets.", path, line)])
        key = key_node.value
        if key in result:
            raise ScenarioError(
                [Finding(f"The key '{key}' stands here a second time.", "Remove or rename one.", path, line)]
            )
        lines[(*location, key)] = line
        result[key] = _value(value_node, (*location, key), lines, path)
    return result


def _plain(text: str) -> Any:
    if text.lower() in _WORDS and text in (text.lower(), text.capitalize(), text.upper()):
        return _WORDS[text.lower()]
    if len(text) < 20 and _INTEGER.fullmatch(text):
        return int(text)
    if len(text) < 40 and _FLOAT.fullmatch(text):
        return float(text)
    return text
