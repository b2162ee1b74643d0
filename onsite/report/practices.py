"""What the answers say of the course's practices, and on how many decisions that rests."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pandas as pd

from onsite.report.cohort import Cohort
from onsite.report.credit import ByGroup, by_group
from onsite.report.drawing import short

ENOUGH = 3
"""On fewer decisions nothing is said or advised of a practice: one of them may be hard for a reason of its own."""


@dataclass(frozen=True)
class Practice:
    """A line of the table: a practice, or several that exactly the same answers speak for.

    titles: by id; decisions: how many speak for it, in so many scenarios. A scenario in two versions is one.
    """

    titles: Mapping[str, str]
    decisions: int
    scenarios: int

    @property
    def name(self) -> str:
        """All of it, for a table."""
        told = listed([f"{title} ({name})" for name, title in self.titles.items()])
        if len(self.titles) == 1:
            return told
        return f"{told}: measured by the same decision{'s' if self.decisions > 1 else ''}"

    @property
    def label(self) -> str:
        """One line of a figure."""
        (first, title), *others = self.titles.items()
        return f"{short(title, 20)} ({first}) and {len(others)} more" if others else f"{title} ({first})"

    @property
    def quoted(self) -> str:
        """The titles, within a sentence."""
        return listed([f"\u2018{title}\u2019" for title in self.titles.values()])


def listed(names: list[str]) -> str:
    """'A', 'A and B', 'A, B and C'."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


@dataclass(frozen=True)
class Practices(ByGroup):
    """Mean credit by practice, weakest first. lines: what each line of the three tables speaks of; only_before: whether
    it rests on the test before the course, since hardly anybody has answered anything else."""

    lines: Mapping[str, Practice] = field(default_factory=dict)
    only_before: bool = False

    @property
    def firm(self) -> list[str]:
        """The lines that ENOUGH decisions speak for, weakest first."""
        return [line for line in self.overall.index if self.lines[line].decisions >= ENOUGH]


def practices_by_group(cohort: Cohort) -> Practices:
    """Mean credit by practice: first each person's mean over their answers, then the mean over people.

    An answer speaks for the practices that the item's best answer rests on. What people answered before the course
    tells what they could do then, and counts only while there is nothing else.
    """
    before = {slug for slug, facts in cohort.scenarios.items() if facts.test == "before"}
    now = _of(cohort, cohort.scenarios.keys() - before)
    if len(now.overall) or not before:
        return now
    return _of(cohort, before, only_before=True)


def _of(cohort: Cohort, slugs: Collection[str], *, only_before: bool = False) -> Practices:
    answers = cohort.counted_answers()
    answers = answers[answers["credit"].notna() & answers["fills"]]
    answered = set(answers.groupby(["scenario", "scene"], observed=True).size().index)
    items: dict[str, set[tuple[str, str]]] = {}
    for slug, facts in cohort.scenarios.items():
        for scene, item in facts.items.items():
            for practice in item.practices if slug in slugs and (slug, scene) in answered else ():
                items.setdefault(practice, set()).add((slug, scene))
    # In the order of the course's list of practices.
    alike: dict[frozenset[tuple[str, str]], list[str]] = {}
    for practice in cohort.practices:
        if practice in items:
            alike.setdefault(frozenset(items[practice]), []).append(practice)
    lines = {}
    for same, names in alike.items():
        decisions = {
            (cohort.scenarios[slug].story, cohort.scenarios[slug].items[scene].decision) for slug, scene in same
        }
        lines[names[0]] = Practice(
            {name: cohort.practices[name] for name in names}, len(decisions), len({story for story, _ in decisions})
        )
    links = [(f"{slug}/{scene}", names[0]) for same, names in alike.items() for slug, scene in sorted(same)]
    found = by_group(cohort, pd.DataFrame(links, columns=["item", "line"]))
    return Practices(found.overall, found.people, found.groups, lines, only_before)
