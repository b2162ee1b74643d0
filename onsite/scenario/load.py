"""From `scenario.yml` to a typed, consistent scenario, or to findings an author can act on."""

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from onsite.scenario.conditions import Condition
from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.items import KIND_NAMES, Item
from onsite.scenario.items.text import Text
from onsite.scenario.parts import Effects, Outcome, PointId
from onsite.scenario.schema import Scenario, Scene
from onsite.scenario.yaml_source import Location, Source, read_yaml

FILE_NAME = "scenario.yml"


def load_scenario(path: Path) -> Scenario:
    """Read one scenario file.

    Raises ScenarioError with every fault found: wrong YAML, unknown or missing keys, values of the
    wrong kind, names that lead nowhere.
    """
    return parse_scenario(read_yaml(path))


def parse_scenario(source: Source) -> Scenario:
    """The scenario in an already parsed YAML source. Raises ScenarioError as `load_scenario` does."""
    if not isinstance(source.data, dict):
        what = "A scenario is a list of keys and values, beginning with 'format: 1'."
        raise ScenarioError([Finding(what, "Start from an existing scenario.", source.path, 1)])
    try:
        scenario = Scenario.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioError(_schema_findings(source, error)) from None
    findings = list(_reference_findings(source, scenario))
    if findings:
        raise ScenarioError(sorted(findings, key=lambda finding: finding.line or 0))
    return scenario


# --- what the schema found, in words for an author -------------------------------------------------


def _schema_findings(source: Source, error: ValidationError) -> list[Finding]:
    findings = []
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]:
            continue  # pydantic counts only the entries without a fault, and those have findings of their own
        location = _location(source.data, detail["loc"])
        if detail["type"] == "union_tag_invalid":
            location = (*location, "kind")
        what, do = _sentence(detail, location)
        findings.append(source.finding(location, what, do))
    return findings


def _location(data: Any, loc: Iterable[str | int]) -> Location:
    """The part of pydantic's location that exists in the file (it adds the names of union members).

    The last part is kept even when absent, since a missing key is named there.
    """
    location: list[str | int] = []
    parts = list(loc)
    for index, part in enumerate(parts):
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            is_union_member = isinstance(data, dict) and part == data.get("kind")
            if index == len(parts) - 1 and not is_union_member and part != "[key]":
                location.append(part)
            continue
        location.append(part)
    return tuple(location)


def _sentence(detail: Any, location: Location) -> tuple[str, str]:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail.get("input")
    name = f"'{location[-1]}'" if location and isinstance(location[-1], str) else "This entry"
    where = _describe(location[:-1])
    if kind == "extra_forbidden":
        return f"The key {name} is not known{where}.", "Check its spelling against the authoring guide, or remove it."
    if kind == "missing":
        return f"The key {name} is missing{where}.", "Add it."
    if kind == "union_tag_not_found":
        kinds = f"{', '.join(KIND_NAMES[:-1])} or {KIND_NAMES[-1]}"
        return f"The key 'kind' is missing{_describe(location)}.", f"Add it: {kinds}."
    if kind in ("union_tag_invalid", "literal_error"):
        told = context.get("tag", value)
        allowed = f"Use one of: {context.get('expected_tags') or context.get('expected')}."
        return f"{name}{where} has a value that is not known: {_short(told)}.", allowed
    if kind in ("tuple_type", "model_type", "dict_type"):
        shape = "a list" if kind == "tuple_type" else "made of keys and values"
        if name in ("'goto'", "'next'"):
            shape = "a name, or a list of entries with 'goto'"
        return f"{name}{where} should be {shape}, but is {_short(value)}.", "Correct the value."
    if kind in ("too_short", "too_long"):
        few, limit = ("few", context.get("min_length")) if kind == "too_short" else ("many", context.get("max_length"))
        at = "least" if kind == "too_short" else "most"
        return f"{name}{where} has too {few} entries: {context['actual_length']}.", f"Give at {at} {limit}."
    if kind == "value_error":
        return f"{name}{where}: {context['error']}", ""
    if kind in ("string_type", "string_pattern_mismatch") and "[key]" in detail["loc"]:
        return f"The name {name} may hold small letters, digits and - (state: _) only.", "Rename it."
    if kind == "string_type" and value is None:
        return f"{name}{where} is empty.", "Write its text, or remove the key."
    if kind == "string_type" and not isinstance(value, (dict, list)):
        return f"{name}{where} should be text, but YAML reads {_short(value)} as something else.", "Put it in quotes."
    if kind == "string_pattern_mismatch":
        return f"{name}{where} is not a valid name: {_short(value)}.", f"It must match {context['pattern']}."
    return f"{name}{where}: {_lower_first(detail['msg'])}, but is {_short(value)}.", "Correct the value."


def _describe(location: Location) -> str:
    if not location:
        return ""
    words = [f"[{part + 1}]" if isinstance(part, int) else part for part in location]
    return " in " + " > ".join(words)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


# --- names that must lead somewhere ----------------------------------------------------------------


def _reference_findings(source: Source, scenario: Scenario) -> Iterator[Finding]:
    yield from _state_findings(source, scenario)
    places = [*scenario.scenes, *scenario.endings]
    for name in sorted(set(scenario.scenes) & set(scenario.endings)):
        yield source.finding(("endings", name), f"'{name}' is a scene and an ending.", "Rename one of them.")
    if scenario.start not in scenario.scenes:
        yield source.finding(
            ("start",),
            f"The start scene '{scenario.start}' does not exist.",
            _did_you_mean(scenario.start, scenario.scenes),
        )
    for name, scene in scenario.scenes.items():
        at: Location = ("scenes", name)
        for index, passage in enumerate(scene.narrative):
            yield from _condition_findings(source, scenario, (*at, "narrative", index), passage.when)
        yield from _route_findings(source, scenario, (*at, "next"), scene.next, places)
        yield from _clock_findings(source, scenario, at, scene)
        if scene.item is None:
            if not scene.next:
                yield source.finding(
                    at, f"The scene '{name}' has no item and no 'next'.", "Say where the story goes on."
                )
            continue
        yield from _item_findings(source, scenario, (*at, "item"), scene.item, places, has_next=bool(scene.next))
    yield from _decision_findings(source, scenario)


def _state_findings(source: Source, scenario: Scenario) -> Iterator[Finding]:
    for name, variable in scenario.state.items():
        if not variable.min <= variable.start <= variable.max:
            what = f"The state '{name}' starts at {variable.start}, outside {variable.min} to {variable.max}."
            yield source.finding(("state", name), what, "Correct start, min or max.")


def _clock_findings(source: Source, scenario: Scenario, at: Location, scene: Scene) -> Iterator[Finding]:
    if scene.clock is None:
        return
    yield from _effect_findings(source, scenario, (*at, "clock"), scene.clock.effects)
    if scene.item is None:
        what = "This scene has a clock, but asks nothing."
        yield source.finding((*at, "clock"), what, "Move the clock to a scene with an item, or remove it.")


def _item_findings(
    source: Source, scenario: Scenario, at: Location, item: Item, places: list[str], *, has_next: bool
) -> Iterator[Finding]:
    if item.decision is not None and item.decision not in scenario.decisions:
        what = f"The decision '{item.decision}' is not declared."
        yield source.finding((*at, "decision"), what, _did_you_mean(item.decision, scenario.decisions))
    if item.confidence and item.decision is None:
        what = "This item asks how sure the learner is, but it is not scored, so nothing can be told from it."
        yield source.finding((*at, "confidence"), what, "Give the item a decision, or remove 'confidence'.")
    for name, parts in item.lists():
        seen: set[str] = set()
        for index, part in enumerate(parts):
            if part.id in seen:
                what = f"The id '{part.id}' is used twice in this item's {name}."
                yield source.finding((*at, name, index, "id"), what, "Give each its own id.")
            seen.add(part.id)
    for place, outcome in item.outcomes():
        here = (*at, *place)
        yield from _condition_findings(source, scenario, (*here, "when"), getattr(outcome, "when", ()))
        yield from _outcome_findings(source, scenario, here, outcome, places, has_next=has_next)
    for place, entry in item.entries():
        yield from _cite_findings(source, scenario, (*at, *place), entry.cites)
    for fault in item.faults():
        yield source.finding((*at, *fault.at), fault.what, fault.do)
    if isinstance(item, Text):
        yield from _rubric_findings(source, scenario, at, item)


def _rubric_findings(source: Source, scenario: Scenario, at: Location, item: Text) -> Iterator[Finding]:
    decision = scenario.decisions.get(item.decision or "")
    total = sum(criterion.points for criterion in item.rubric)
    if decision is not None and total != decision.points:
        what = f"The rubric adds up to {total} points, but its decision is worth {decision.points}."
        yield source.finding((*at, "rubric"), what, "Make the two agree.")


def _outcome_findings(
    source: Source, scenario: Scenario, at: Location, outcome: Outcome, places: list[str], *, has_next: bool
) -> Iterator[Finding]:
    yield from _effect_findings(source, scenario, at, outcome.effects)
    yield from _cite_findings(source, scenario, at, outcome.cites)
    yield from _route_findings(source, scenario, (*at, "goto"), outcome.goto, places)
    if not outcome.goto and not has_next:
        what = "Nothing says where the story goes after this answer."
        yield source.finding(at, what, "Add 'goto' here, or 'next' to the scene.")


def _effect_findings(source: Source, scenario: Scenario, at: Location, effects: Effects) -> Iterator[Finding]:
    for name in effects:
        if name not in scenario.state:
            what = f"The effect changes '{name}', which is not a state of this scenario."
            yield source.finding((*at, "effects", name), what, _did_you_mean(name, scenario.state))


def _cite_findings(source: Source, scenario: Scenario, at: Location, cites: tuple[PointId, ...]) -> Iterator[Finding]:
    for index, point in enumerate(cites):
        if point not in scenario.trains:
            what = f"'{point}' is cited here but not listed under 'trains'."
            yield source.finding((*at, "cites", index), what, "Add it to 'trains', or remove it here.")


def _route_findings(
    source: Source, scenario: Scenario, at: Location, route: tuple[Any, ...], places: list[str]
) -> Iterator[Finding]:
    for index, branch in enumerate(route):
        here = (*at, index) if (*at, index) in source.lines else at
        if branch.goto not in places:
            what = f"There is no scene or ending called '{branch.goto}'."
            yield source.finding((*here, "goto"), what, _did_you_mean(branch.goto, places))
        yield from _condition_findings(source, scenario, (*here, "when"), branch.when)
        is_last = index == len(route) - 1
        if is_last and branch.when:
            what = "The last branch has a condition, so the story may have nowhere to go."
            yield source.finding((*here, "when"), what, "Add a last branch with only 'goto'.")
        if not is_last and not branch.when:
            what = "This branch has no condition, so the ones after it can never be taken."
            yield source.finding(here, what, "Put it last, or give it a 'when'.")


def _condition_findings(source: Source, scenario: Scenario, at: Location, when: Condition) -> Iterator[Finding]:
    for comparison in when:
        if comparison.name not in scenario.state:
            what = f"The condition asks for '{comparison.name}', which is not a state of this scenario."
            yield source.finding(at, what, _did_you_mean(comparison.name, scenario.state))


def _decision_findings(source: Source, scenario: Scenario) -> Iterator[Finding]:
    kinds: dict[str, set[str]] = {name: set() for name in scenario.decisions}
    for scene in scenario.scenes.values():
        if scene.item is not None and scene.item.decision in kinds:
            kinds[scene.item.decision].add(scene.item.kind)
    for name, found in kinds.items():
        if not found:
            what = f"No item fills the decision '{name}'."
            yield source.finding(("decisions", name), what, "Name it in an item's 'decision', or remove it.")
        if "text" in found and len(found) > 1:
            what = f"The decision '{name}' is filled by a text item and by another kind."
            do = "A person grades the one and the machine the other: use two decisions."
            yield source.finding(("decisions", name), what, do)


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(names[:12])}." if names else "None are declared."
