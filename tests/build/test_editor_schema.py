"""The schema that editors get: takes what the course takes, underlines the usual slips, explains every key."""

import json
from pathlib import Path

import jsonschema
import pytest

from onsite.build.editor_schema import editor_schema, item_kinds
from onsite.points import read_citable
from onsite.scenario.schema import Scenario
from onsite.scenario.yaml_source import read_yaml

REPOSITORY = Path(__file__).parents[2]
POINTS = read_citable(REPOSITORY / "book" / "source-points.yml")
SCHEMA = json.loads(editor_schema(POINTS))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SCENARIOS = [*sorted((REPOSITORY / "tests" / "data").glob("*.yml")), *(REPOSITORY / "solutions").glob("*/scenario.yml")]


def faults(path):
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(read_yaml(path).data)]


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_the_course_takes_is_not_underlined(path):
    assert faults(path) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("effects: {trust: -30}", "efects: {trust: -30}", "options[1]"),
        ("credit: 0.5\n          cites: [R02]", "credit: 5\n          cites: [R02]", "options[1].credit"),
        ("credit: 0.25", "credit: a quarter", "credit"),
        ("cites: [P01]", "cites: [P99]", "options[2].cites[0]"),
        ("cites: [P01]", "cites: P01", "options[2].cites"),
        ("when: trust < 50", "when: trust under 50", "corridor.narrative"),
        ("kind: text", "kind: essay", "item.kind"),
        ("      model: The lock stuck; it is oiled. The caretaker comes on Friday.\n", "", "paper.item"),
        ("start: corridor\n", "", "$"),
        ("better: lower", "better: less", "minutes.better"),
        ("  told: {label", "  To-ld: {label", "state"),
        ("id: push", "id: Push it", "options[1].id"),
        ("goto: open\n", "goto: []\n", "paper.item.goto"),
        ("debrief: on_completion", "debrief: later", "debrief"),
        ("format: 1", "format: 2", "format"),
        ("points: 10}", "points: 0}", "door.points"),
        ("words: {min: 5, max: 50}", "words: 50", "words"),
    ],
)
def test_a_slip_is_underlined_where_it_stands(edited, old, new, where):
    found = faults(edited((old, new)))
    assert found
    assert where in found[0].split(": ", 1)[0], found


@pytest.fixture
def edited(tiny, tmp_path):
    def make(edit):
        text = tiny.read_text("utf-8")
        assert text.count(edit[0]) == 1, edit[0]
        path = tmp_path / "scenario.yml"
        path.write_text(text.replace(*edit), "utf-8")
        return path

    return make


def test_short_and_long_forms_are_both_taken(edited):
    assert (
        faults(edited(("narrative: You leave a note.", "narrative: [You leave a note., {text: It is raining.}]"))) == []
    )
    assert (
        faults(edited(("    next: paper", "    next: [{when: trust < 5 and told == 1, goto: home}, {goto: paper}]")))
        == []
    )


def models(schema):
    return [("Scenario", SCHEMA), *schema["$defs"].items()]


@pytest.mark.parametrize(("name", "model"), models(SCHEMA), ids=lambda value: value if isinstance(value, str) else "")
def test_every_key_has_help(name, model):
    silent = [key for key, field in model.get("properties", {}).items() if not field.get("description")]
    assert not silent, f"give these fields of {name} a description in onsite/scenario: {silent}"


def test_every_kind_and_every_point_of_the_course_can_be_completed():
    kind = SCHEMA["$defs"]["Scene"]["properties"]["item"]["properties"]["kind"]
    assert kind["enum"] == list(item_kinds())
    assert set(kind["enum"]) >= {"choice", "text"}
    assert SCHEMA["$defs"]["Point"]["enum"] == list(POINTS)
    assert "Keep them informed" in SCHEMA["$defs"]["Point"]["enumDescriptions"]


def test_no_key_of_the_format_is_missing():
    assert SCHEMA["properties"].keys() == Scenario.model_fields.keys()
    for model in item_kinds().values():
        assert SCHEMA["$defs"][model.__name__]["properties"].keys() == model.model_fields.keys()
