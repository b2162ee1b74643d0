"""The JSON Schema of `scenario.yml`, by which an editor completes, explains and underlines while an author types.

Made from the pydantic models, so that a new item kind appears by itself. It knows what a single place in the file may
hold; whether names lead somewhere and points add up is for `check`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from onsite.scenario.parts import SLUG_PATTERN
from onsite.scenario.schema import Scenario, Scene

SCHEMA_LINE = "# yaml-language-server: $schema=../../onsite/scenario/scenario.schema.json"
"""The first line of a scenario file: where editors with YAML support look for the schema."""

Schema = dict[str, Any]


def item_kinds() -> dict[str, type[BaseModel]]:
    """Every item kind that the format knows, with its model."""
    union = next(part for part in get_args(Scene.model_fields["item"].annotation) if part is not type(None))
    if hasattr(union, "__metadata__"):
        union = union.__origin__
    kinds: dict[str, type[BaseModel]] = {}
    for model in get_args(union) or (union,):
        for kind in get_args(model.model_fields["kind"].annotation):
            kinds[kind] = model
    return kinds


def editor_schema(points: Mapping[str, str]) -> str:
    """The schema as text, ending in a newline. `points`: the titles of the course's source points by id."""
    schema = Scenario.model_json_schema()
    definitions: dict[str, Schema] = schema["$defs"]
    for part in _parts(schema):
        _tidy(part)
        part.pop("title", None)
        _close(part)
        _route(part)
        if part.get("pattern") == _POINT_PATTERN:
            _point(part)
        elif part.get("pattern") == SLUG_PATTERN:
            part["patternErrorMessage"] = _SAYS_NAME
    definitions["Point"] = {
        "description": "The id of a source point of this course.",
        "enum": list(points),
        "enumDescriptions": list(points.values()),
        "type": "string",
    }
    item = definitions["Scene"]["properties"]["item"]
    definitions["Scene"]["properties"]["item"] = {"description": item["description"], **_by_kind(definitions)}
    schema["properties"]["format"]["const"] = 1
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of Onsite",
        "$comment": "Made by `python3 course.py build` from onsite/scenario/schema.py; do not edit.",
        **schema,
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


_POINT_PATTERN = "^[A-Z][0-9]{2}$"
_COMPARISON = r"[a-z][a-z0-9_]*\s*(<=|>=|==|!=|<|>)\s*-?[0-9]{1,9}"
_CONDITION = rf"^\s*{_COMPARISON}(\s+and\s+{_COMPARISON})*\s*$"
# VS Code says these in place of the pattern; other editors pass them over.
_SAYS_CONDITION = "A condition is a comparison, such as confidence >= 50; join several with 'and'."
_SAYS_NAME = "A name starts with a letter and holds small letters, digits and hyphens, at most 50."


def _parts(value: Any) -> Iterator[Schema]:
    """Every schema within `value`, itself included; maps of properties are no schemas."""
    if isinstance(value, list):
        for part in value:
            yield from _parts(part)
    elif isinstance(value, dict):
        yield value
        for key, part in value.items():
            if key in ("properties", "$defs", "patternProperties"):
                for child in part.values():
                    yield from _parts(child)
            elif key not in ("default", "enum", "const", "examples", "discriminator", "required"):
                yield from _parts(part)


def _tidy(part: Schema) -> None:
    for name, field in part.get("properties", {}).items():
        if name == "when" and field.get("type") == "string":
            field |= {"pattern": _CONDITION, "patternErrorMessage": _SAYS_CONDITION}
        # A default of () or {} is the absence of the key, which nobody types.
        if field.get("default") in ([], {}, None) or field.get("default") == "":
            field.pop("default", None)
        # `null` means the same, and offering it would only confuse.
        choices = [choice for choice in field.get("anyOf", []) if choice != {"type": "null"}]
        if len(choices) == 1:
            del field["anyOf"]
            part["properties"][name] = {**choices[0], **field}


def _close(part: Schema) -> None:
    # In a map with named values, a name of another form is a fault, which JSON Schema by itself lets pass.
    if "patternProperties" in part:
        part.setdefault("additionalProperties", False)


def _route(part: Schema) -> None:
    """A short form that is a name: of the form of names; a list of branches has at least one."""
    choices = part.get("anyOf", [])
    if {"items": {"$ref": "#/$defs/Branch"}, "type": "array"} in choices:
        for choice in choices:
            choice.update({"pattern": SLUG_PATTERN} if choice.get("type") == "string" else {"minItems": 1})


def _point(part: Schema) -> None:
    part.clear()
    part["$ref"] = "#/$defs/Point"


def _by_kind(definitions: Mapping[str, Schema]) -> Schema:
    """One condition a kind, instead of `oneOf`: a fault is then said of the kind that was meant."""
    kinds = item_kinds()
    about = [definitions[model.__name__].get("description", "") for model in kinds.values()]
    for kind, model in kinds.items():
        properties = definitions[model.__name__]["properties"]
        properties["kind"] = {"const": kind, "description": definitions[model.__name__].get("description", "")}
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {
                "description": "What sort of question this is.",
                "enum": list(kinds),
                "enumDescriptions": about,
                "type": "string",
            }
        },
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {"$ref": f"#/$defs/{model.__name__}"},
            }
            for kind, model in kinds.items()
        ],
    }
