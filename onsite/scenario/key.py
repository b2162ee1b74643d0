"""The key of a scenario: what answers are measured by. Lives in solutions/ and the grader, nowhere else."""

from onsite.scenario.items.text import Text
from onsite.scenario.schema import Scenario
from onsite.scenario.scoring import SceneKey

DecisionKey = dict[str, SceneKey]
"""For one decision: scene -> the key of its item."""


def key_of(scenario: Scenario) -> dict[str, DecisionKey]:
    """The key of every decision that is graded by machine."""
    keys: dict[str, DecisionKey] = {}
    for name, scene in scenario.scenes.items():
        if scene.item is None or scene.item.decision is None:
            continue
        key = scene.item.key()
        if key is not None:
            keys.setdefault(scene.item.decision, {})[name] = key
    return keys


def text_decisions(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """The decisions graded by a person, each with the scenes whose text item fills it."""
    found: dict[str, tuple[str, ...]] = {}
    for name, scene in scenario.scenes.items():
        if isinstance(scene.item, Text) and scene.item.decision is not None:
            found[scene.item.decision] = (*found.get(scene.item.decision, ()), name)
    return found
