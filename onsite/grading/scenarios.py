"""A scenario as the grader knows it: story, key and points together."""

from dataclasses import dataclass
from pathlib import Path

from onsite.scenario.attempts import Attempt, counted_attempt
from onsite.scenario.key import DecisionKey, key_of
from onsite.scenario.load import FILE_NAME, load_scenario
from onsite.scenario.record import Record
from onsite.scenario.schema import Scenario
from onsite.scenario.story import Story, story_of


@dataclass(frozen=True)
class CourseScenario:
    """One scenario with everything derived from it that grading needs."""

    slug: str
    scenario: Scenario
    story: Story
    keys: dict[str, DecisionKey]

    def counted(self, record: Record) -> Attempt | None:
        """The attempt of `record` that is graded."""
        points = {name: float(decision.points) for name, decision in self.scenario.decisions.items()}
        return counted_attempt(self.story, record, self.keys, points)


def load_course_scenario(folder: Path) -> CourseScenario:
    """The scenario in `folder` of solutions/. Raises ScenarioError."""
    scenario = load_scenario(folder / FILE_NAME)
    return CourseScenario(folder.name, scenario, story_of(folder.name, scenario), key_of(scenario))
