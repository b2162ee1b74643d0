"""What of a scenario decides points, as a digest: it changes with keys, points and ways, and not with a wording."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from onsite.scenario.schema import Scenario

# What is read, by learners, graders or the report. A key of the format that is not named here decides points.
_ONLY_READ = {
    "format", "version", "title", "summary", "minutes", "level", "role", "setting", "cast", "objectives", "trains",
    "out_of_scope", "debrief", "pass_mark", "counts", "test", "label", "unit", "better", "shown", "narrative", "text",
    "prompt", "consequence", "coaching", "cites", "says", "every", "confidence", "words", "rubric", "model",
}  # fmt: skip


def rules_digest(scenario: Scenario, counts: str) -> str:
    """16 hex digits that stay the same as long as equal records earn equal points.

    counts: which attempt is graded, as today's version of the scenario says. The order of options does not matter,
    and a rubric does not either: what a person gives for a text, that person decides.
    """
    told = json.dumps([counts, _deciding(scenario)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _deciding(value: Any) -> Any:
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in type(value).model_fields if name not in _ONLY_READ}
        return {name: _deciding(inner) for name, inner in fields.items()}
    if isinstance(value, Mapping):
        return {name: _deciding(inner) for name, inner in value.items()}
    if isinstance(value, (tuple, list)):
        if value and all(hasattr(one, "id") for one in value):
            return {one.id: _deciding(one) for one in value}
        return [_deciding(one) for one in value]
    return value
