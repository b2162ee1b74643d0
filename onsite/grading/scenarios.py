"""A scenario as the grader knows it: story, key and points together, in every version that is graded by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from onsite.scenario.attempts import Attempt, Edition, Editions, attempts_of, counted_among
from onsite.scenario.kept import load_kept
from onsite.scenario.key import DecisionKey, key_of
from onsite.scenario.load import FILE_NAME, load_scenario
from onsite.scenario.record import Record
from onsite.scenario.rules import rules_digest
from onsite.scenario.schema import Scenario
from onsite.scenario.story import Story, story_of


@dataclass(frozen=True)
class CourseScenario:
    """One scenario with everything derived from it that grading needs.

    kept: older versions, by version. graded_as: where it was decided so, by the version that answers were begun on the
    version that they are graded by; without such a decision each is graded by its own, or by today's if that is not
    kept.
    """

    slug: str
    scenario: Scenario
    story: Story
    keys: dict[str, DecisionKey]
    kept: Mapping[int, "CourseScenario"] = field(default_factory=dict)
    graded_as: Mapping[int, int] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        # Without what has been worked out since: equal scenarios are equal when they are sent to another process.
        return CourseScenario, (self.slug, self.scenario, self.story, self.keys, self.kept, self.graded_as)

    @property
    def version(self) -> int:
        """The version of its content."""
        return self.scenario.version

    @cached_property
    def older(self) -> dict[int, "CourseScenario"]:
        """What answers are replayed on that were not begun on today's version, by the version they were begun on.

        What was begun on any other version is replayed on today's.
        """
        begun = sorted({*self.kept, *self.graded_as} - {self.version})
        return {n: self.kept[by] for n in begun if (by := self.graded_as.get(n, n)) in self.kept}

    @cached_property
    def editions(self) -> Editions:
        """The same for the rule that says which attempt counts."""
        points = {name: float(decision.points) for name, decision in self.scenario.decisions.items()}
        older = {version: Edition(one.story, one.keys) for version, one in self.older.items()}
        return Editions(Edition(self.story, self.keys), older, points)

    @cached_property
    def rules(self) -> dict[int, str]:
        """By version the digest of what decides points in it."""
        counts = self.scenario.counts
        return {one.version: rules_digest(one.scenario, counts) for one in (self, *self.kept.values())}

    def counted(self, record: Record) -> Attempt | None:
        """The attempt of `record` that is graded."""
        return counted_among(self.editions, attempts_of(self.editions, record))

    def edition(self, attempt: Attempt | None) -> "CourseScenario":
        """The version by which an attempt is graded; today's for none."""
        return self.kept.get(attempt.edition, self) if attempt else self

    def stories_for(self, record: Record) -> dict[int, "CourseScenario"]:
        """What has to lie beside a record so that its attempts can be replayed, but for today's, as in `older`."""
        if not self.older:
            return {}
        begun = {version for version, _ in record.attempts()}
        return {version: one for version, one in self.older.items() if version in begun}


def load_course_scenario(folder: Path, graded_as: Mapping[int, int] | None = None) -> CourseScenario:
    """The scenario in `folder` of solutions/, with its kept versions. Raises ScenarioError."""
    scenario = load_scenario(folder / FILE_NAME)
    kept = {version: _course_scenario(folder.name, one) for version, one in load_kept(folder, scenario).items()}
    return _course_scenario(folder.name, scenario, kept, graded_as or {})


def _course_scenario(
    slug: str,
    scenario: Scenario,
    kept: Mapping[int, CourseScenario] | None = None,
    graded_as: Mapping[int, int] | None = None,
) -> CourseScenario:
    return CourseScenario(slug, scenario, story_of(slug, scenario), key_of(scenario), kept or {}, graded_as or {})
