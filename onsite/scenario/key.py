"""The key of a scenario: what each option is worth. Lives in solutions/ and the grader, nowhere else."""

from onsite.scenario.schema import Choice, Scenario, Text

DecisionKey = dict[str, dict[str, float]]
"""For one decision: scene -> option id -> credit."""


def key_of(scenario: Scenario) -> dict[str, DecisionKey]:
    """The key of every decision that is graded by machine."""
    keys: dict[str, DecisionKey] = {}
    for name, scene in scenario.scenes.items():
        if isinstance(scene.item, Choice) and scene.item.decision is not None:
            credits = {option.id: float(option.credit) for option in scene.item.options}
            keys.setdefault(scene.item.decision, {})[name] = credits
    return keys


def text_decisions(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """The decisions graded by a person, each with the scenes whose text item fills it."""
    found: dict[str, tuple[str, ...]] = {}
    for name, scene in scenario.scenes.items():
        if isinstance(scene.item, Text) and scene.item.decision is not None:
            found[scene.item.decision] = (*found.get(scene.item.decision, ()), name)
    return found
