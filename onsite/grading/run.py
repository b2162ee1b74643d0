"""One run over hand-ins of which it is known whose they are and that they count: what has changed is graded."""

import hashlib
import json
import os
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from onsite.build.notebooks import grade_id, instructor_notebook
from onsite.grading import inbox
from onsite.grading.basis import answered_on
from onsite.grading.book import Book, Entered, Note, Shelf
from onsite.grading.desk import Assignment, Mark, Outcome, Task, work
from onsite.grading.hands import Hands, portion
from onsite.grading.intake import Progress
from onsite.grading.practices import course_readings
from onsite.grading.roster import Person
from onsite.grading.scenarios import CourseScenario
from onsite.pages.where_to_read import Reading
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError
from onsite.scenario.kept import kept_file
from onsite.scenario.record import FILE_NAME

# In one job: at least, so that the progress moves; at most, for what comes of it is held until it is entered.
_CHUNK = 50
_MOST = 1000
_BATCH = 200
# From so many hand-ins on a second process is worth its start.
_MANY = 600
# Raised when what is laid out for a hand-in changes, so that all is laid out again.
_STYLE = "4"


@dataclass(frozen=True)
class Result:
    """One learner's grade in one scenario. `max_score` counts what still waits for a reader, `score` does not.

    of_older: what to say where the answers were not begun on today's version; remark: what a person should know of the
    record; is_new: whether this run graded it, or answered it anew.
    """

    learner: str
    scenario: str
    score: float
    max_score: float
    needs_reading: bool
    feedback: Path
    hand_in: Path
    of_older: str = ""
    remark: str = ""
    is_new: bool = True


@dataclass(frozen=True)
class Held:
    """A scenario that was left alone, since grades that were given would change without anybody having answered anew.

    people: whose; reasons: why, as parts of a sentence; command: what shows whose grades change, and applies it.
    """

    scenario: str
    people: int
    reasons: tuple[str, ...]
    command: str


@dataclass
class Report:
    """What grading did, and what a person has to look at.

    taken: how many files were copied into the inbox, or had been before; graded: how many were graded or answered anew;
    superseded: hand-ins that do not count beside another of the same person, or that hold the same answers as one of
    somebody who is known; refused: files that are no records; unknown: records of which it cannot be told whose they
    are; late: hand-ins that came after the due date and are graded all the same; shared: learners under whose names one
    and the same record was handed in, all graded; held: scenarios that were left alone.
    """

    results: list[Result] = field(default_factory=list)
    taken: int = 0
    graded: int = 0
    superseded: list[inbox.Passed] = field(default_factory=list)
    refused: list[tuple[Path, str]] = field(default_factory=list)
    unknown: list[tuple[Path, str]] = field(default_factory=list)
    late: list[inbox.HandIn] = field(default_factory=list)
    shared: list[tuple[str, ...]] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)


class Run:
    """One run over the hand-ins that count."""

    def __init__(
        self,
        course: CoursePaths,
        book: Book,
        notes: Mapping[tuple[str, str], Note],
        scenarios: Mapping[str, CourseScenario],
        people: Mapping[str, Person],
        *,
        hands: Hands,
        progress: Progress,
    ) -> None:
        """notes: on what was graded before; scenarios: those that are graded now, by slug."""
        self._course, self._book, self._notes, self._people = course, book, notes, people
        self._names = {**book.names(), **{learner: one.name for learner, one in people.items() if one.name}}
        self._scenarios = scenarios
        self._hands, self._progress = hands, progress

    def grade(self, by_scenario: Mapping[str, list[inbox.HandIn]], report: Report) -> None:
        """Grade what has changed, and fill the report."""
        shelves: dict[str, Shelf] = {}
        todo: list[tuple[Assignment, list[Task]]] = []
        for slug, hand_ins in sorted(by_scenario.items()):
            assignment, shelves[slug] = self._assignment(slug)
            tasks = [task for hand_in in hand_ins if (task := self._task(hand_in, assignment, shelves[slug]))]
            todo.append((assignment, tasks))
        of = sum(len(tasks) for _, tasks in todo)
        jobs = list(_jobs(todo, self._hands.number(worth=of >= _MANY)))
        done, report.graded = 0, 0
        self._progress("Grading", done, of)
        waiting: list[Entered] = []
        made: dict[tuple[str, str], Note] = {}
        refused: set[tuple[str, str]] = set()
        last: Assignment | None = None
        try:
            for (assignment, _), outcomes in self._hands.do(
                work, jobs, worth=of >= _MANY, kept="What was graded so far is kept."
            ):
                if last is not None and (assignment is not last or len(waiting) >= _BATCH):
                    self._book.enter(shelves[last.slug], waiting, self._people)
                    waiting = []
                last = assignment
                for outcome in outcomes:
                    if outcome.problem:
                        report.refused.append((outcome.task.path, outcome.problem))
                        refused.add((outcome.task.learner, assignment.slug))
                    else:
                        note = made[outcome.task.learner, assignment.slug] = _note(assignment, outcome)
                        waiting.append(Entered(outcome, note))
                        report.graded += 1
                done += len(outcomes)
                self._progress("Grading", done, of)
        finally:
            if last is not None and waiting:
                self._book.enter(shelves[last.slug], waiting, self._people)
        for slug, hand_ins in sorted(by_scenario.items()):
            scores = self._book.scores(shelves[slug])
            for hand_in in hand_ins:
                key = (hand_in.learner_id, slug)
                if key in refused or hand_in.learner_id not in scores:
                    continue
                found = scores[hand_in.learner_id]
                noted = made.get(key) or self._notes[key]
                page = self._course.feedback / hand_in.learner_id / slug / f"{slug}.html"
                report.results.append(
                    Result(
                        hand_in.learner_id,
                        slug,
                        found.score,
                        found.max_score,
                        found.needs_reading,
                        page,
                        hand_in.path,
                        answered_on(noted.basis, self._scenarios[slug]),
                        noted.remark,
                        is_new=key in made,
                    )
                )

    def _assignment(self, slug: str) -> tuple[Assignment, Shelf]:
        course = self._course
        scenario = self._scenarios[slug]
        files = built_files(course, scenario)
        shelf = Shelf(self._book, slug, scenario.scenario.decisions)
        older = [f"{begun} as {one.version}".encode() for begun, one in scenario.older.items()]
        fingerprint = _hash(_STYLE.encode(), *files, *older)
        decisions = tuple((grade_id(name), name) for name in scenario.scenario.decisions)
        readings = _readings(scenario, course_readings(course))
        known = pickle.dumps(scenario)
        return Assignment(course.root, slug, fingerprint, known, shelf.cells, decisions, readings), shelf

    def _task(self, hand_in: inbox.HandIn, assignment: Assignment, shelf: Shelf) -> Task | None:
        """What there is to do for one hand-in, or None."""
        learner, slug = hand_in.learner_id, hand_in.scenario
        marks, name = shelf.marks.get(learner, {}), self._names.get(learner, "")
        note = self._notes.get((learner, slug))
        stands = (
            note is not None
            and learner in shelf.submissions
            and note.made_from == _made_from(assignment, hand_in.digest)
            and _is_there(self._course.autograded / learner / slug / f"{slug}.ipynb")
            and _is_there(self._course.submitted / learner / slug / FILE_NAME)
        )
        if (
            stands
            and note
            and note.answered_from == _answered_from(assignment, note.made_from, marks, name)
            and _is_there(self._course.feedback / learner / slug / f"{slug}.html")
        ):
            return None
        return Task(
            hand_in.path,
            hand_in.digest,
            learner,
            hand_in.at,
            marks,
            note.texts if note else "",
            name,
            feedback_only=stands,
            replaces_ours=note is not None,
        )


def built_files(course: CoursePaths, scenario: CourseScenario) -> list[bytes]:
    """What is in the files that a scenario is graded from.

    Raises OnsiteError when one is missing, or was not made from scenario.yml and the kept versions as they are.
    """
    slug = scenario.slug
    folder = course.solutions / slug
    paths = [
        folder / f"{slug}.ipynb",
        folder / "story.json",
        folder / "scenario.yml",
        course.exercises / slug / f"{slug}.ipynb",
        *(kept_file(folder, version) for version in scenario.kept),
    ]
    try:
        files = [path.read_bytes() for path in paths]
    except OSError as error:
        raise OnsiteError(f"{error.filename} is missing. Run `python3 course.py build`.") from error
    kept = {version: one.scenario for version, one in scenario.kept.items()}
    made = [instructor_notebook(scenario.scenario, kept), scenario.story.to_json()]
    if files[:2] != [text.encode() for text in made]:
        # Stock nbgrader goes by the notebook, and would give other grades.
        raise OnsiteError(
            f"solutions/{slug}/{slug}.ipynb is not what scenario.yml beside it makes. Run `python3 course.py build`."
        )
    return files


def _readings(scenario: CourseScenario, readings: Mapping[str, Reading]) -> tuple[tuple[str, Reading], ...]:
    """Of the book what the feedback pages of a scenario name."""
    cited = {point for one in (scenario, *scenario.kept.values()) for point in one.scenario.trains}
    return tuple(sorted((point, readings[point]) for point in cited & readings.keys()))


def _jobs(todo: Sequence[tuple[Assignment, list[Task]]], workers: int) -> Iterator[tuple[Assignment, list[Task]]]:
    """What there is to do, cut into pieces for so many processes. Each piece is of one scenario."""
    left = sum(len(tasks) for _, tasks in todo)
    for assignment, tasks in todo:
        at = 0
        while at < len(tasks):
            piece = tasks[at : at + portion(left, workers, least=_CHUNK, most=_MOST)]
            yield assignment, piece
            at += len(piece)
            left -= len(piece)


def _note(assignment: Assignment, outcome: Outcome) -> Note:
    made_from = _made_from(assignment, outcome.task.digest)
    return Note(
        made_from,
        _answered_from(assignment, made_from, outcome.task.marks, outcome.task.name),
        outcome.task.digest,
        outcome.texts_digest,
        outcome.basis,
        outcome.remark,
    )


def _made_from(assignment: Assignment, digest: str) -> str:
    return _hash(assignment.fingerprint.encode(), digest.encode())


def _answered_from(assignment: Assignment, made_from: str, marks: Mapping[str, Mark], name: str) -> str:
    read = [(point, vars(reading)) for point, reading in assignment.readings]
    noted = {name: vars(mark) for name, mark in marks.items()}
    return _hash(made_from.encode(), json.dumps([read, noted, name], sort_keys=True).encode())


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _is_there(path: Path) -> bool:
    try:
        return os.stat(path).st_size > 0  # noqa: PTH116 (a cohort asks this some ten thousand times)
    except OSError:
        return False
