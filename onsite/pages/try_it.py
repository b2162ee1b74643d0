"""An item in a page: the same kinds as in scenarios, for practice, so that it fills no decision and is not graded."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from onsite.pages.page import Block
from onsite.scenario.check import check_source
from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.graph import explore
from onsite.scenario.items import Item, StoryItem
from onsite.scenario.story import story_of
from onsite.scenario.story_parts import html
from onsite.scenario.yaml_source import Location, Source, parse_yaml

_SCENE, _DECISION, _END = "page", "answer", "end"
_AT = ("scenes", _SCENE, "item")
_WHERE = " in scenes > page > item"


@dataclass(frozen=True)
class TryIt:
    """One practice item: what stands above it, the item as its author wrote it and as the player gets it."""

    narrative: str
    item: Item
    shown: StoryItem
    cites: tuple[str, ...]


def read_try(block: Block, path: Path, known: Collection[str]) -> TryIt:
    """The item in a try-it block. `known`: the ids it may cite.

    Raises ScenarioError with every fault found, at its line in the page.
    """
    source = parse_yaml("\n" * (block.line - 1) + block.text, path)
    if not isinstance(source.data, dict):
        raise ScenarioError(
            [Finding("A try-it holds an item: keys and values, beginning with 'kind'.", "", path, block.line)]
        )
    faults = [*_own_faults(source, block), *_unknown(source, source.data, (), known)]
    if faults:
        raise ScenarioError(faults)
    wrapped = _as_scenario(source, known)
    try:
        checked = check_source(wrapped, known, explore)
    except ScenarioError as error:
        raise ScenarioError([_for_a_page(finding) for finding in error.findings]) from None
    if checked.findings:
        raise ScenarioError([_for_a_page(finding) for finding in checked.findings])
    item = checked.scenario.scenes[_SCENE].item
    shown = story_of("page", checked.scenario).scenes[_SCENE].item
    assert item is not None and shown is not None, "the scene was made around its item"
    narrative = source.data.get("narrative", "")
    return TryIt(html(narrative) if narrative else "", item, shown, cited(item))


def cited(item: Item) -> tuple[str, ...]:
    """Everything an item cites, each once, in the order it stands there."""
    ids = [one for _, outcome in item.outcomes() for one in outcome.cites]
    ids += [one for _, entry in item.entries() for one in entry.cites]
    return tuple(dict.fromkeys(ids))


def _own_faults(source: Source, block: Block) -> Iterator[Finding]:
    if "decision" in source.data:
        yield source.finding(("decision",), "A try-it is practice: it fills no decision.", "Remove the line.")
    if source.data.get("kind") == "text":
        yield source.finding(
            ("kind",), "A try-it is answered at once, and nobody marks a text here.", "Use another kind."
        )
    if source.data.get("kind") == "choice" and not _has_a_best(source.data.get("options")):
        yield source.finding(("options",), "No option has credit 1.", "Say which is the best one.")
    if not isinstance(source.data.get("narrative", ""), str):
        yield source.finding(("narrative",), "'narrative' should be text.", "Put it in quotes, or after `|`.")
    if block.argument and not block.argument.replace("-", "").isalnum():
        yield Finding(
            f"'{block.argument}' is not a name.", "Use letters, digits and hyphens.", source.path, block.line - 1
        )


def _has_a_best(options: Any) -> bool:
    entries = options if isinstance(options, list) else []
    return any(isinstance(option, dict) and option.get("credit") == 1 for option in entries)


def _unknown(source: Source, value: Any, at: Location, known: Collection[str]) -> Iterator[Finding]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        if at[-1:] == ("cites",) and isinstance(part, str) and part not in known:
            do = "See book/source-points.yml for the right id."
            yield source.finding((*at, name), f"'{part}' is not a source point of this course.", do)
        yield from _unknown(source, part, (*at, name), known)


def _as_scenario(source: Source, known: Collection[str]) -> Source:
    """The smallest scenario around the item, its lines still those of the page."""
    item = {key: value for key, value in source.data.items() if key != "narrative"}
    data = {
        "format": 1, "version": 1, "title": "-", "summary": "-", "minutes": 1, "level": "-", "role": "-",
        "setting": "-", "cast": [{"name": "-", "position": "-", "cares_about": "-"}], "objectives": ["-"],
        "trains": sorted(known), "debrief": "on_completion", "start": _SCENE,
        "decisions": {_DECISION: {"title": "-", "points": 60}},
        "scenes": {_SCENE: {"narrative": "-", "item": {**item, "decision": _DECISION}, "next": _END}},
        "endings": {_END: {"title": "-", "narrative": "-", "debrief": "-"}},
    }  # fmt: skip
    lines: dict[Location, int] = {(*_AT, *location): line for location, line in source.lines.items()}
    return Source(source.path, data, lines)


def _for_a_page(finding: Finding) -> Finding:
    return replace(finding, what=finding.what.replace(f"{_WHERE} > ", " in ").replace(_WHERE, ""))
