"""Every path of a scenario, one after the other, by replay alone: what the graph's figures are held against."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from onsite.scenario.key import key_of
from onsite.scenario.replay import Given, replay
from onsite.scenario.schema import Scenario
from onsite.scenario.scoring import decision_points
from onsite.scenario.story import Story


class PlayedOut(NamedTuple):
    """One path: its answers, its probability for somebody who guesses, its points without texts."""

    answers: tuple[tuple[str, str], ...]
    chance: Fraction
    points: float
    ending: str


def every_path(scenario: Scenario, story: Story) -> Iterator[PlayedOut]:
    """All paths of a story without loops."""
    keys = key_of(scenario)
    waiting: list[tuple[tuple[tuple[str, str], ...], Fraction]] = [((), Fraction(1))]
    while waiting:
        answers, chance = waiting.pop()
        here = replay(story, [Given(scene, answer) for scene, answer in answers])
        assert here.problem is None
        if here.ending is not None:
            points = sum(decision_points(here.path, key, scenario.decisions[name].points) for name, key in keys.items())
            yield PlayedOut(answers, chance, points, here.ending)
            continue
        item = story.scenes[here.scene].item
        given = [option.id for option in item.ways(here.state)] if item.kind == "choice" else ["A text."]
        waiting += [((*answers, (here.scene, answer)), chance / len(given)) for answer in given]
