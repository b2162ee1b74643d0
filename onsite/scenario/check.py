"""What the whole of a scenario must keep: every place reachable, a way out everywhere, scores that add up."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.graph import StoryGraph, best_path, explore, loops
from onsite.scenario.kept import examine_kept
from onsite.scenario.load import FILE_NAME, parse_scenario
from onsite.scenario.parts import SLUG_PATTERN
from onsite.scenario.schema import Scenario
from onsite.scenario.yaml_source import Source, read_yaml


@dataclass(frozen=True)
class Checked:
    """A scenario file that loads, with its situations and the errors in it, in order of line.

    Those in versions of it that were kept come last.
    """

    source: Source
    scenario: Scenario
    graph: StoryGraph
    findings: list[Finding]


def check_file(path: Path, known_points: Collection[str]) -> tuple[Scenario | None, list[Finding]]:
    """Load and check one scenario file; findings instead of exceptions. `known_points` are the course's point ids."""
    try:
        checked = check_story(path, known_points, explore)
    except ScenarioError as error:
        return None, error.findings
    return checked.scenario, checked.findings


def check_story(path: Path, known_points: Collection[str], search: Callable[[Scenario], StoryGraph]) -> Checked:
    """As `check_file`, with all that it learned on the way. Raises ScenarioError when the file does not load."""
    checked = check_source(read_yaml(path), known_points, search)
    slug = path.parent.name
    if not re.fullmatch(SLUG_PATTERN, slug):
        what = f"The folder name '{slug}' may hold small letters, digits and - only."
        checked.findings.insert(0, Finding(what, "Rename the folder.", path))
    checked.findings.extend(examine_kept(path.parent, checked.scenario)[1])
    return checked


def check_source(source: Source, known_points: Collection[str], search: Callable[[Scenario], StoryGraph]) -> Checked:
    """As `check_story`, for YAML that has been read."""
    scenario = parse_scenario(source)
    graph = search(scenario)
    findings = sorted(_findings(source, scenario, graph, known_points), key=lambda finding: finding.line or 0)
    return Checked(source, scenario, graph, findings)


def _findings(
    source: Source, scenario: Scenario, graph: StoryGraph, known_points: Collection[str]
) -> Iterator[Finding]:
    for index, point in enumerate(scenario.trains):
        if point not in known_points:
            what = f"'{point}' is not a source point of this course."
            yield source.finding(("trains", index), what, "See the list of points for the right id.")
    for name, scene in scenario.scenes.items():
        for giveaway in scene.item.giveaways() if scene.item else ():
            yield source.finding(("scenes", name, "item", *giveaway.at), giveaway.what, giveaway.do)
    if not graph.complete:
        what = "The story has more situations than can be checked."
        yield source.finding(("scenes",), what, "Use fewer states in conditions, or split the scenario.")
        return
    for name in sorted(set(scenario.scenes) - graph.scenes()):
        yield source.finding(
            ("scenes", name), f"No path reaches the scene '{name}'.", "Lead a choice to it, or remove it."
        )
    for name in sorted(set(scenario.endings) - graph.endings):
        yield source.finding(
            ("endings", name), f"No path reaches the ending '{name}'.", "Lead a choice to it, or remove it."
        )
    for name in sorted({node[0] for node in graph.stuck}):
        what = f"In the scene '{name}' a learner can get stuck: no option is offered, or no route holds."
        yield source.finding(("scenes", name), what, "Add an option without 'when', or a last branch without 'when'.")
    for name in sorted(loops(graph) - {node[0] for node in graph.stuck}):
        yield source.finding(
            ("scenes", name), f"From the scene '{name}' no ending can be reached.", "Add a way out of the loop."
        )
    for name, decision in sorted(graph.refilled):
        what = f"A path reaches the scene '{name}' with its decision '{decision}' already filled."
        yield source.finding(("scenes", name, "item"), what, "Give the scene a decision of its own, or none.")
    best, _ = best_path(graph)
    if abs(best - scenario.points) > 1e-6:
        what = f"The best path earns {best:g} of the declared {scenario.points} points."
        yield source.finding(("decisions",), what, "Give one path an option with credit 1 in every decision.")


def scenario_files(solutions: Path) -> list[Path]:
    """Every scenario file below `solutions`, in order of slug."""
    return sorted(solutions.glob(f"*/{FILE_NAME}"))
