"""Every item kind of the format stands in the authoring guide, with a snippet that works."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from onsite.build.editor_schema import item_kinds
from onsite.points import read_citable
from onsite.scenario.check import check_file
from onsite.scenario.schema import Scene

REPOSITORY = Path(__file__).parents[1]
GUIDE = (REPOSITORY / "book" / "authoring" / "scenarios.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
ITEMS = [yaml.safe_load(text) for text in SNIPPETS if text.startswith("# an item\n")]
SCENES = [yaml.safe_load(text) for text in SNIPPETS if text.startswith("# a scene\n")]
KNOWN = item_kinds()
POINTS = read_citable(REPOSITORY / "book" / "source-points.yml")


def walk(value: Any):
    yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(part)


def found(value: Any, key: str) -> list[Any]:
    return [part[key] for part in walk(value) if isinstance(part, dict) and key in part]


def story_around(scene: dict[str, Any]) -> dict[str, Any]:
    """The smallest scenario in which `scene` makes sense: its decision, its states, and an ending for every road."""
    item = scene["item"]
    points = sum(line["points"] for line in item.get("rubric", ())) or 10
    places = {place for key in ("goto", "next") for place in found(scene, key) if isinstance(place, str)}
    states = {name for effects in found(scene, "effects") for name in effects}
    cites = {point for points in found(scene, "cites") for point in points}
    return {
        "format": 1, "version": 1, "title": "Around a snippet", "summary": "For a test.", "minutes": 1,
        "level": "test", "role": "You.", "setting": "Here.",
        "cast": [{"name": "A", "position": "b", "cares_about": "c"}], "objectives": ["None."],
        "trains": sorted(cites), "debrief": "on_completion",
        "state": {name: {"label": name, "start": 0, "max": 100} for name in sorted(states)},
        "decisions": {item["decision"]: {"title": "It", "points": points}},
        "start": "here", "scenes": {"here": scene},
        "endings": {name: {"title": "End", "narrative": "n", "debrief": "d"} for name in sorted(places)},
    }  # fmt: skip


def findings(scene: dict[str, Any], folder: Path) -> list[str]:
    path = folder / "snippet" / "scenario.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(story_around(scene), sort_keys=False, allow_unicode=True), "utf-8")
    return [str(finding) for finding in check_file(path, POINTS)[1]]


@pytest.mark.parametrize("kind", KNOWN)
def test_every_kind_has_a_snippet_without_findings(kind, tmp_path):
    items = [item for item in ITEMS if item["kind"] == kind]
    assert items, f"the guide shows no item of the kind {kind}: add one, with '# an item' as its first line"
    for item in items:
        assert findings({"narrative": "n", "item": item}, tmp_path) == []


def test_snippets_show_no_kind_that_does_not_exist():
    assert {item["kind"] for item in ITEMS} <= KNOWN.keys()


@pytest.mark.parametrize("field", ["confidence", "clock"])
def test_what_goes_beside_an_item_has_a_snippet(field):
    known = field in Scene.model_fields or any(field in model.model_fields for model in KNOWN.values())
    assert known == any(found(snippet, field) for snippet in [*ITEMS, *SCENES])


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene["title"])
def test_scenes_have_no_findings(scene, tmp_path):
    assert findings(scene, tmp_path) == []


@pytest.mark.parametrize("kind", [kind for kind in KNOWN if kind not in ("choice", "text")])
def test_the_section_of_a_kind_lists_its_own_keys(kind):
    section = GUIDE.split(f"\n### An item of the kind `{kind}`\n", 1)[1].split("\n#", 2)
    cells = re.findall(r"^\| (`.*?) \|", "".join(section[:2]), re.MULTILINE)
    listed = {key for cell in cells for key in re.findall(r"`([a-z_]+)`", cell)}
    shared = {"kind", "prompt", "decision", "confidence", "consequence", "coaching", "cites", "effects", "goto"}
    assert listed == KNOWN[kind].model_fields.keys() - shared
