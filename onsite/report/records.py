"""From hand-ins to the cohort table: the records that count, with the marks that people gave."""

import functools
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from onsite.grading import counting, inbox
from onsite.grading.hands import Hands
from onsite.grading.roster import Roster, by_roster
from onsite.grading.scenarios import CourseScenario
from onsite.report.cohort import Cohort, CohortBuilder
from onsite.report.facts import Reply, ScenarioFacts, facts_of, facts_of_version, of_version
from onsite.report.plays import Play, keep, look

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and their number."""

ByPerson = Mapping[tuple[str, str, str], float]
"""Points given by a person, by (learner id, scenario, decision)."""


@dataclass
class Reading:
    """The cohort that was read; with the reason, files that could not be, and those that the roster gives nobody."""

    cohort: Cohort
    refused: list[tuple[Path, str]]
    unknown: list[tuple[Path, str]]


def read_cohort(
    folder: Path,
    scenarios: Mapping[str, CourseScenario],
    practices: Mapping[str, str],
    *,
    roster: Roster | None = None,
    by_person: ByPerson | None = None,
    hands: Hands | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read every hand-in below `folder` into a cohort.

    Which counts when one person handed in one scenario several times is decided as in grading
    (`counting.by_learner`). With a roster everybody on it is in the cohort, whether or not they handed in, and
    nobody else. Those that are graded by
    an older version of a scenario stand under that version, as a scenario of its own. The cohort does not depend on how
    many processes `hands` has.
    """
    plays, box = _read(folder, scenarios, roster, hands, progress)
    chosen = [hand_in for hand_in, _ in counting.by_learner(box.hand_ins, latest=roster is not None)]
    versions = {(hand_in.scenario, play.version) for hand_in in chosen for play in plays[hand_in.path]}
    builder = CohortBuilder(list(_facts(scenarios, versions)), practices)
    for person in roster.people if roster else ():
        builder.learner(person.learner, person.group)
    for hand_in in chosen:
        if not roster:
            builder.learner(hand_in.learner_id, "")
        _enter(builder, hand_in, plays[hand_in.path], scenarios[hand_in.scenario], by_person or {})
    return Reading(builder.build(), box.refused, box.unknown)


def _read(
    folder: Path,
    scenarios: Mapping[str, CourseScenario],
    roster: Roster | None,
    hands: Hands | None,
    progress: Progress | None,
) -> tuple[dict[Path, tuple[Play, ...]], inbox.Inbox]:
    """The plays of each file, and the inbox; every file is read once."""
    plays: dict[Path, tuple[Play, ...]] = {}
    # Every batch of files brings replies of its own; of equal ones one is kept.
    shared: dict[Reply, Reply] = {}

    def glances(store: Path) -> Iterator[tuple[Path, inbox.Glance]]:
        looking = functools.partial(look, store)
        for path, looked in inbox.looked_at(folder, looking, hands=hands, progress=progress):
            plays[path] = tuple(
                play._replace(replies=tuple([shared.setdefault(reply, reply) for reply in play.replies]))
                for play in looked.plays
            )
            yield path, looked.glance

    with tempfile.TemporaryDirectory(prefix="onsite-report-") as place:
        store = Path(place, "scenarios")
        keep(scenarios, store)
        whose = by_roster(roster) if roster else None
        return plays, inbox.sorted_out(folder, glances(store), scenarios, whose=whose)


def _facts(scenarios: Mapping[str, CourseScenario], versions: Collection[tuple[str, int]]) -> Iterator[ScenarioFacts]:
    """The facts of each scenario, followed by those of its older versions that somebody has answered."""
    for slug, course in scenarios.items():
        yield facts_of(slug, course.scenario)
        for version, one in sorted(course.kept.items(), reverse=True):
            if (slug, version) in versions:
                yield facts_of_version(slug, one.scenario)


def _enter(
    builder: CohortBuilder,
    hand_in: inbox.HandIn,
    plays: tuple[Play, ...],
    course: CourseScenario,
    by_person: ByPerson,
) -> None:
    for play in plays:
        replies = play.replies
        if play.graded and by_person:
            replies = tuple(_marked(course, hand_in.learner_id, reply, by_person) for reply in replies)
        builder.add(
            hand_in.learner_id,
            course.slug if play.version == course.version else of_version(course.slug, play.version),
            replies,
            attempt=play.number,
            counted=play.graded,
            ending=play.ending,
            seconds=play.seconds,
        )


def _marked(course: CourseScenario, learner: str, reply: Reply, by_person: ByPerson) -> Reply:
    given = by_person.get((learner, course.slug, reply.decision)) if reply.decision else None
    if given is None or reply.decision is None:
        return reply
    return reply._replace(credit=min(1.0, max(0.0, given / course.scenario.decisions[reply.decision].points)))
