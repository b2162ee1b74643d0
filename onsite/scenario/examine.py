"""All that `check` says about one scenario: errors, warnings, figures."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from onsite.scenario.check import check_story
from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.fairness import fairness_warnings
from onsite.scenario.figures import Figures, figures_of
from onsite.scenario.graph import StoryGraph, explore
from onsite.scenario.odds import odds_warnings
from onsite.scenario.schema import Scenario

READING_NODES = 50_000
"""Situations up to which passages are told apart, so that the words read are exact."""


@dataclass(frozen=True)
class Examined:
    """One scenario with what was found in it; the figures are None while it has errors."""

    slug: str
    scenario: Scenario | None
    findings: list[Finding]
    figures: Figures | None


def examine(path: Path, known_points: Collection[str]) -> Examined:
    """Check one scenario file for errors, and one without errors for give-aways. Never raises for what is in it."""
    slug = path.parent.name
    exact_words = True

    def search(scenario: Scenario) -> StoryGraph:
        nonlocal exact_words
        graph = explore(scenario, narrative=True, limit=READING_NODES)
        exact_words = graph.complete
        return graph if graph.complete else explore(scenario)

    try:
        checked = check_story(path, known_points, search)
    except ScenarioError as error:
        return Examined(slug, None, error.findings, None)
    if checked.findings:
        return Examined(slug, checked.scenario, checked.findings, None)
    figures = figures_of(checked.scenario, checked.graph, exact_words=exact_words)
    warnings = [
        *fairness_warnings(checked.source, checked.scenario, checked.graph),
        *odds_warnings(checked.source, checked.scenario, figures),
    ]
    return Examined(slug, checked.scenario, sorted(warnings, key=lambda finding: finding.line or 0), figures)
