"""Warnings about what people earn who do not read the story, told from a scenario's figures."""

from collections.abc import Iterator

from onsite.scenario.errors import Finding
from onsite.scenario.figures import Figures
from onsite.scenario.schema import Scenario
from onsite.scenario.yaml_source import Source

MOST_BY_CHANCE = 45
"""Percent of the points of choices and of best-and-worst that blind guessing may earn; from here on it is too much."""

ENOUGH = 5
"""Scored items below which nothing is said: in a sketch every share is a large one."""

ROBOT_OFF = 10
"""Percentage points that a robot may lie above or below the guesser."""

PASS_ABOVE = 20
"""Percentage points that the pass mark lies above the guesser, at least."""


def odds_warnings(source: Source, scenario: Scenario, figures: Figures) -> Iterator[Finding]:
    """A guesser that earns too much, robots that found a give-away, a pass mark within a guesser's reach."""
    if sum(1 for scene in scenario.scenes.values() if scene.item and scene.item.decision) < ENOUGH:
        return
    guessed = _percent(figures.choice_guesser, figures.choice_points)
    if guessed >= MOST_BY_CHANCE:
        yield source.warning(
            ("decisions",),
            f"Guessing earns {guessed:.1f} % of the points of the choices; less than {MOST_BY_CHANCE} % is fair.",
            "Lower the credit of middling options, or add a scene for those who come through by luck.",
        )
    blind = _percent(figures.guesser, figures.machine_points)
    for name, walked in figures.robots.items():
        share = _percent(walked.points, figures.machine_points)
        if abs(share - blind) > ROBOT_OFF:
            yield source.warning(
                ("scenes",),
                f"Whoever takes the {name} option each time earns {share:.1f} %, a guesser {blind:.1f} %; "
                f"more than {ROBOT_OFF} points apart is a give-away.",
                f"Make the {name} options as good or bad as others.",
            )
    if scenario.pass_mark < blind + PASS_ABOVE:
        yield source.warning(
            ("pass_mark",) if "pass_mark" in scenario.model_fields_set else (),
            f"The pass mark is {scenario.pass_mark} %, and a guesser earns {blind:.1f} % of what the machine marks.",
            f"Keep it at least {PASS_ABOVE} points above.",
        )


def _percent(points: float, of: float) -> float:
    return 100 * points / of if of else 0.0
