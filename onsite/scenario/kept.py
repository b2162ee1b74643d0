"""Versions of a scenario that were kept when it changed: solutions/<slug>/versions/<version>.yml."""

import re
from collections.abc import Iterator
from pathlib import Path

from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.key import text_decisions
from onsite.scenario.load import FILE_NAME, parse_scenario
from onsite.scenario.schema import Scenario
from onsite.scenario.yaml_source import Location, Source, read_yaml

FOLDER = "versions"

_NAME = re.compile(r"([1-9][0-9]{0,5})\.yml")
_NEW_FOLDER = (
    "Grades are kept by decision, so all versions have the same ones. A story that needs others becomes a scenario of "
    "its own, in a new folder."
)


def kept_file(folder: Path, version: int) -> Path:
    """Where version `version` of the scenario in `folder` is kept, if it is."""
    return folder / FOLDER / f"{version}.yml"


def load_kept(folder: Path, today: Scenario) -> dict[int, Scenario]:
    """The kept versions of the scenario in `folder`, by version. Raises ScenarioError as `examine_kept` finds."""
    kept, findings = examine_kept(folder, today)
    if findings:
        raise ScenarioError(findings)
    return kept


def examine_kept(folder: Path, today: Scenario) -> tuple[dict[int, Scenario], list[Finding]]:
    """The kept versions that can be graded by, by version, and what is wrong with the others.

    Each loads, is what its name says, came before `today`, and has the decisions of `today`: their names, their points,
    and whether a person grades them.
    """
    kept: dict[int, Scenario] = {}
    findings: list[Finding] = []
    for path in _entries(folder / FOLDER):
        named = _NAME.fullmatch(path.name)
        if named is None or not path.is_file():
            what = f"'{path.name}' is not the name of a kept version."
            findings.append(Finding(what, "Call it after its version, such as 2.yml, or take it away.", path))
            continue
        try:
            source = read_yaml(path)
            scenario = parse_scenario(source)
        except ScenarioError as error:
            findings += error.findings
            continue
        found = [
            *_version_findings(source, scenario, int(named[1]), today),
            *_decision_findings(source, scenario, folder / FILE_NAME, today),
        ]
        findings += found
        if not found:
            kept[scenario.version] = scenario
    return dict(sorted(kept.items())), findings


def _entries(folder: Path) -> list[Path]:
    # Editors and Python leave hidden files and caches behind.
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if not path.name.startswith((".", "__")))


def _version_findings(source: Source, scenario: Scenario, named: int, today: Scenario) -> Iterator[Finding]:
    at: Location = ("version",)
    if scenario.version != named:
        what = f"The file is called {named}.yml and says that it is version {scenario.version}."
        yield source.finding(at, what, "Make the two agree: a kept version stays as it was.")
    elif named >= today.version:
        what = f"Version {named} is kept, but {FILE_NAME} is version {today.version}."
        yield source.finding(at, what, f"Raise 'version' in {FILE_NAME}, or take this file away.")


def _decision_findings(source: Source, kept: Scenario, now: Path, today: Scenario) -> Iterator[Finding]:
    for name in kept.decisions.keys() - today.decisions.keys():
        what = f"Version {kept.version} has the decision '{name}', and {now.name} has not."
        yield source.finding(("decisions", name), what, _NEW_FOLDER)
    by_person, by_person_today = text_decisions(kept), text_decisions(today)
    for name, decision in today.decisions.items():
        at: Location = ("decisions", name)
        if name not in kept.decisions:
            what = f"{now.name} has the decision '{name}', and version {kept.version} has not."
            yield source.finding(("decisions",), what, _NEW_FOLDER)
        elif decision.points != kept.decisions[name].points:
            worth = kept.decisions[name].points
            what = f"The decision '{name}' is worth {worth} points here and {decision.points} in {now.name}."
            yield source.finding(at, what, _NEW_FOLDER)
        elif (name in by_person) != (name in by_person_today):
            who = ("the machine", "a person")
            what = f"The decision '{name}' is graded by {who[name in by_person]} here, and by "
            what += f"{who[name in by_person_today]} in {now.name}."
            yield source.finding(at, what, _NEW_FOLDER)
