"""What several parts of the report need, worked out once."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from onsite.report import advice, analysis, credit
from onsite.report.analysis import Analysis, Gain, Unread, Ways
from onsite.report.choices import ItemChoices, choices
from onsite.report.cohort import Cohort
from onsite.report.credit import ByGroup
from onsite.report.practices import Practices, practices_by_group
from onsite.report.privacy import protect


@dataclass(frozen=True)
class Look:
    """One thing that a scenario's authors should look at again."""

    scenario: str
    what: str
    option: str
    why: str


class Findings:
    """The figures of a cohort by question, on the scenarios that somebody has begun; untouched: the titles of the
    others. Small groups are pooled here, once for all."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = protect(cohort).begun()
        begun = {facts.story for facts in self.cohort.scenarios.values()}
        self.untouched = tuple(facts.title for facts in cohort.scenarios.values() if facts.story not in begun)

    @cached_property
    def completion(self) -> pd.DataFrame:
        """How many began and finished each scenario."""
        return analysis.completion(self.cohort)

    @cached_property
    def ways(self) -> dict[str, Ways]:
        """The ways through each scenario that has more than one."""
        scenarios = self.cohort.scenarios.items()
        return {slug: analysis.ways(self.cohort, slug) for slug, facts in scenarios if not facts.straight}

    @cached_property
    def people(self) -> int:
        """How many handed something in."""
        return int(self.cohort.plays["learner"].nunique())

    @cached_property
    def practices(self) -> Practices:
        """Mean credit by practice and group, weakest practice first."""
        return practices_by_group(self.cohort)

    @cached_property
    def decisions(self) -> dict[str, ByGroup]:
        """Mean credit by decision and group, of those who came to it, by scenario."""
        return {slug: credit.decisions_by_group(self.cohort, slug) for slug in self.cohort.scenarios}

    @cached_property
    def items(self) -> dict[str, Analysis]:
        """The item analysis of each scenario."""
        return {slug: analysis.item_analysis(self.cohort, slug) for slug in self.cohort.scenarios}

    @cached_property
    def choices(self) -> dict[str, list[ItemChoices]]:
        """Who chose what, by scenario."""
        return {slug: choices(self.cohort, slug) for slug in self.cohort.scenarios}

    @cached_property
    def splits(self) -> pd.DataFrame:
        """The decisions by how much the room differs, most first."""
        return analysis.splits(self.cohort)

    @cached_property
    def unread(self) -> Unread:
        """How much waits for a reader."""
        return analysis.unread(self.cohort)

    @cached_property
    def gain(self) -> Gain | None:
        """From the test before the course to the one after it; None without the two, or with too few people."""
        tests = self.cohort.tests()
        return analysis.gain(self.cohort, *tests) if tests else None

    @cached_property
    def looks(self) -> list[Look]:
        """Decisions and options whose figures ask for a second look, scenario by scenario."""
        found = []
        for slug, facts in self.cohort.scenarios.items():
            for item in self.items[slug].items:
                about = advice.about_item(item)
                if about.mark == "look":
                    found.append(Look(slug, item.decision, "", about.text))
            for one in self.choices[slug]:
                for chosen in one.chosen:
                    about = advice.about_option(chosen, one.asked)
                    if about.mark == "look":
                        decision = facts.items[one.scene].decision or one.scene
                        found.append(Look(slug, decision, chosen.said, about.text))
        return found
