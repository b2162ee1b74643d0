"""Grading again, on request, what was graded before: first what would change and why, then exactly that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from onsite.build.nbgrader_settings import COURSE_ID
from onsite.grading.basis import read_basis, still_holds
from onsite.grading.book import Book, Given, Note
from onsite.grading.foresee import Foreseen, Graded, foresee, same_decisions
from onsite.grading.hands import Hands
from onsite.grading.inbox import HandIn
from onsite.grading.intake import Progress
from onsite.grading.nbgrader_api import nbgrader, other_decisions, register
from onsite.grading.policy import graded_as, write_policy
from onsite.grading.run import Report, Run, built_files
from onsite.grading.scenarios import CourseScenario, load_course_scenario
from onsite.grading.session import gradebook
from onsite.locks import alone
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError
from onsite.scenario.record import FILE_NAME
from onsite.scenario.scoring import reaches

_NOTHING = 1e-9


@dataclass(frozen=True)
class Total:
    """One person's points in the scenario before and after. What waits for a reader counts nothing in them."""

    learner: str
    old: float
    new: float

    @property
    def moves(self) -> Literal["rises", "falls", "stays"]:
        """Which way it goes."""
        if abs(self.new - self.old) <= _NOTHING:
            return "stays"
        return "rises" if self.new > self.old else "falls"

    def crosses(self, mark: float) -> bool:
        """Whether it passes the pass mark, one way or the other."""
        return reaches(self.old, mark) != reaches(self.new, mark)


@dataclass(frozen=True)
class Plan:
    """What a regrading would do. Nothing has been written.

    graded_as: what will be decided for older versions; decides: whether that is anything new; pending: whether anything
    was graded by other rules than those that hold now, even where no points change by it; rows: the decisions whose
    points change, and those that somebody has to read again; totals: of everybody who was graded; others: people whose
    laid-out answers are not those that were graded, and who are left as they are; why: for the history.
    """

    scenario: CourseScenario
    graded_as: Mapping[int, int]
    decides: bool
    pending: bool
    rows: tuple[Foreseen, ...]
    totals: tuple[Total, ...]
    others: tuple[str, ...]
    why: str
    hand_ins: tuple[HandIn, ...] = field(repr=False)

    @property
    def mark(self) -> float:
        """The pass mark, in points."""
        return self.scenario.scenario.pass_points


def plan(course: CoursePaths, slug: str, *, own: bool = False) -> Plan:
    """What would change if everything that was graded in one scenario were graded by today's key.

    own: by the key of the version that each was begun on instead, where that is kept. Raises OnsiteError when there is
    no such scenario, when it has to be built first, or when the gradebook cannot be read.
    """
    if slug not in course.slugs():
        raise OnsiteError(
            f"There is no scenario '{slug}' in this course. Its folders in solutions/ say which there are."
        )
    before = load_course_scenario(course.solutions / slug, graded_as(course, slug))
    built_files(course, before)
    if not course.gradebook.exists():
        raise OnsiteError("Nothing has been graded yet. Run `python3 course.py grade` first.")
    with gradebook(course, COURSE_ID) as book:
        return _plan(course, book, before, own=own)


def _plan(course: CoursePaths, book: Book, before: CourseScenario, *, own: bool) -> Plan:
    slug = before.slug
    given = book.given(slug)
    if not same_decisions(before, given):
        raise OnsiteError(other_decisions(slug))
    notes = {learner: note for (learner, of), note in sorted(book.notes().items()) if of == slug and learner in given}
    decided = {} if own else _by_todays(before, notes.values())
    after = replace(before, graded_as=decided)
    laid_out = course.submitted
    graded = [Graded(learner, laid_out / learner / slug / FILE_NAME, note) for learner, note in notes.items()]
    rows: list[Foreseen] = []
    others: list[str] = []
    new: dict[str, float] = {}
    for found in foresee(after, graded, given, before):
        if isinstance(found, Graded):
            others.append(found.learner)
            continue
        new[found.learner] = new.get(found.learner, 0.0) + (found.new or 0.0)
        if found.changes or found.again:
            rows.append(found)
    came = book.came(slug)
    paths: dict[str, Path] = {one.learner: one.path for one in graded}
    return Plan(
        after,
        decided,
        decided != dict(before.graded_as),
        any(not still_holds(notes[learner].basis, after) for learner in new),
        tuple(rows),
        tuple(Total(learner, _sum(given[learner]), points) for learner, points in new.items()),
        tuple(others),
        _why(after, [notes[row.learner].basis for row in rows], own=own),
        tuple(HandIn(paths[n], slug, "", notes[n].record, n, came[n]) for n in new if n in came),
    )


def _by_todays(scenario: CourseScenario, notes: Iterable[Note]) -> dict[int, int]:
    """That every older version is graded by today's: those that are kept, and those that somebody has answered on."""
    begun = set(scenario.kept)
    for note in notes:
        begun.update(one.begun for one in read_basis(note.basis)[0])
    return {version: scenario.version for version in sorted(begun) if version < scenario.version}


def _sum(given: Mapping[str, Given]) -> float:
    return sum(one.points or 0.0 for one in given.values())


def _why(after: CourseScenario, bases: Sequence[str], *, own: bool) -> str:
    """What the history says of it. bases: of those whose grades change."""
    found = [one for line in bases for one in read_basis(line)[0]]
    moved = [one for one in found if after.older.get(one.begun, after).version != one.own]
    changed = {one.own for one in found if one.own in after.rules and after.rules[one.own] != one.rules}
    if changed and not moved:
        versions = " and ".join(map(str, sorted(changed)))
        return f"regraded after the key of version {versions} was changed"
    return "regraded with the key of the version answered on" if own else f"regraded with key version {after.version}"


def carry_out(course: CoursePaths, agreed: Plan, progress: Progress, *, own: bool = False) -> Report:
    """Do what was planned, no more and no less, and note what was decided so that later runs agree.

    Raises OnsiteError, and changes nothing, when it would not be what was planned any more.
    """
    slug = agreed.scenario.slug
    with (
        alone(course, 0),
        nbgrader(course) as api,
        gradebook(course, api.coursedir.course_id) as book,
        Hands(None) as hands,
    ):
        before = load_course_scenario(course.solutions / slug, graded_as(course, slug))
        now = _plan(course, book, before, own=own)
        if (now.rows, now.graded_as, now.totals) != (agreed.rows, agreed.graded_as, agreed.totals):
            raise OnsiteError("Meanwhile something was graded or changed, so nothing was regraded. Run it again.")
        built_files(course, now.scenario)
        register(course, api, slug)
        write_policy(course, slug, now.graded_as)
        report = Report()
        run = Run(course, book, book.notes(), {slug: now.scenario}, {}, hands=hands, progress=progress)
        run.grade({slug: list(now.hand_ins)}, report)
    return report
