"""From what people handed in to gradebook and feedback."""

import hashlib
import json
import os
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from onsite.build.notebooks import grade_id, instructor_notebook
from onsite.grading import inbox
from onsite.grading.book import Book, Entered, Note, Shelf
from onsite.grading.desk import Assignment, Mark, Outcome, Task, work
from onsite.grading.export import write_csv
from onsite.grading.hands import Hands
from onsite.grading.intake import Progress, gather, gather_collected
from onsite.grading.nbgrader_api import nbgrader, register
from onsite.grading.roster import Person, Roster, by_roster
from onsite.grading.scenarios import load_course_scenario
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError
from onsite.scenario.record import FILE_NAME

_CHUNK = 50
_BATCH = 200
# From so many hand-ins on a second process is worth its start.
_MANY = 600
# Raised when what is laid out for a hand-in changes, so that all is laid out again.
_STYLE = "3"


def grade_silently(what: str, done: int, of: int) -> None:
    """A progress that shows nothing."""
    del what, done, of


@dataclass(frozen=True)
class Result:
    """One learner's grade in one scenario. `max_score` counts what still waits for a reader, `score` does not."""

    learner: str
    scenario: str
    score: float
    max_score: float
    needs_reading: bool
    feedback: Path
    hand_in: Path


@dataclass
class Report:
    """What grading did, and what a person has to look at.

    graded: how many were graded or answered anew; superseded: hand-ins that do not count beside another of the same
    person, because that one came last (`latest`) or first; refused: files that are no records; unknown: records of
    which it cannot be told whose they are; late: hand-ins that came after the due date and are graded all the same;
    shared: learners under whose names one and the same record was handed in, all graded.
    """

    results: list[Result] = field(default_factory=list)
    graded: int = 0
    superseded: list[tuple[Path, Path]] = field(default_factory=list)
    latest: bool = False
    refused: list[tuple[Path, str]] = field(default_factory=list)
    unknown: list[tuple[Path, str]] = field(default_factory=list)
    late: list[inbox.HandIn] = field(default_factory=list)
    shared: list[tuple[str, ...]] = field(default_factory=list)


def grade(
    course: CoursePaths,
    *,
    sources: Sequence[Path] = (),
    roster: Roster | None = None,
    due: Mapping[str, datetime] | None = None,
    nameless: str | None = None,
    latest: bool = False,
    workers: int | None = None,
    patience: float = 0,
    export: Path | None = None,
    progress: Progress = grade_silently,
) -> Report:
    """Grade every hand-in of the inbox; what is graded already and has not changed is left as it is.

    sources: files, zips and folders from which hand-ins are copied into the inbox first. roster: who takes part; with
    one the hand-in that came last counts, and nobody else's is graded. due: until when, by scenario.
    nameless: whose a record without a name is (None: such records are refused). latest: see `by_learner`.
    workers: processes that grade beside each other (None: as many as are worth it); the grades are the same.
    patience: seconds to wait for another run to end. export: where to write the whole gradebook as CSV.

    Raises OnsiteError when the course itself cannot be graded; whatever was graded until then is kept, and the next run
    goes on from there.
    """
    latest = latest or roster is not None
    with (
        _alone(course, patience),
        nbgrader(course) as api,
        _gradebook(course, api.coursedir.course_id) as book,
        Hands(workers) as hands,
    ):
        notes = book.notes()
        problems = gather(course, sources, progress)

        def read() -> inbox.Inbox:
            whose = by_roster(roster) if roster else None
            return inbox.read(
                course.inbox, course.slugs(), nameless=nameless, whose=whose, hands=hands, progress=progress
            )

        box = read()
        known = {(learner, slug, note.record) for (learner, slug), note in notes.items()}
        # What a run laid out that was killed before it could note it is in the inbox all the same.
        known |= {(hand_in.learner_id, hand_in.scenario, hand_in.digest) for hand_in in box.hand_ins}
        more, taken = gather_collected(course, known, progress)
        problems += more
        box = read() if taken else box
        report = Report(refused=[(Path(p.label), p.message) for p in problems] + box.refused, latest=latest)
        report.unknown, report.shared = box.unknown, _shared(box.hand_ins)
        by_scenario: dict[str, list[inbox.HandIn]] = {}
        for chosen, others in inbox.by_learner(box.hand_ins, latest=latest):
            by_scenario.setdefault(chosen.scenario, []).append(chosen)
            report.superseded += [(other.path, chosen.path) for other in others]
            if due and chosen.scenario in due and chosen.at > due[chosen.scenario]:
                report.late.append(chosen)
        for slug in sorted(by_scenario):
            register(course, api, slug)
        people = {person.learner: person for person in roster.people} if roster else {}
        _Run(course, book, notes, people, hands=hands, progress=progress).grade(by_scenario, report)
        if export:
            write_csv(export, book.table())
    return report


@contextmanager
def _alone(course: CoursePaths, patience: float) -> Iterator[None]:
    """Hold the course for this run: two graders at once would undo each other's work."""
    lock = FileLock(course.gradebook.with_name("gradebook.db.lock"), timeout=patience)
    try:
        lock.acquire()
    except Timeout as error:
        raise OnsiteError(
            "This course is being graded at this moment, by another window or by the course's own server. "
            "Wait until that has ended, then run the command again."
        ) from error
    except OSError as error:
        raise OnsiteError(f"{course.root} cannot be written ({error.strerror}).") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _gradebook(course: CoursePaths, course_id: str) -> Iterator[Book]:
    try:
        with Book(f"sqlite:///{course.gradebook}", course_id) as book:
            yield book
    except SQLAlchemyError as error:
        told = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise OnsiteError(
            f"{course.gradebook.name} could not be read or written ({told}). Nothing that was graded before is lost. "
            "If the disk is full, make room; if the file is damaged, move gradebook.db* away. Then grade again."
        ) from error


def _shared(hand_ins: Sequence[inbox.HandIn]) -> list[tuple[str, ...]]:
    """The learners, in groups, who handed in one and the same record of one scenario."""
    learners: dict[tuple[str, str], set[str]] = {}
    for hand_in in hand_ins:
        learners.setdefault((hand_in.scenario, hand_in.record_id), set()).add(hand_in.learner_id)
    return sorted({tuple(sorted(some)) for some in learners.values() if len(some) > 1})


class _Run:
    """One run over the hand-ins that count."""

    def __init__(
        self,
        course: CoursePaths,
        book: Book,
        notes: Mapping[tuple[str, str], Note],
        people: Mapping[str, Person],
        *,
        hands: Hands,
        progress: Progress,
    ) -> None:
        self._course, self._book, self._notes, self._people = course, book, notes, people
        self._hands, self._progress = hands, progress

    def grade(self, by_scenario: Mapping[str, list[inbox.HandIn]], report: Report) -> None:
        """Grade what has changed, and fill the report."""
        shelves: dict[str, Shelf] = {}
        jobs: list[tuple[Assignment, list[Task]]] = []
        for slug, hand_ins in sorted(by_scenario.items()):
            assignment, shelves[slug] = self._assignment(slug)
            tasks = [task for hand_in in hand_ins if (task := self._task(hand_in, assignment, shelves[slug]))]
            jobs += [(assignment, tasks[at : at + _CHUNK]) for at in range(0, len(tasks), _CHUNK)]
        of = sum(len(tasks) for _, tasks in jobs)
        done = 0
        self._progress("Grading", done, of)
        waiting: list[Entered] = []
        last: Assignment | None = None
        try:
            for (assignment, _), outcomes in self._hands.do(work, jobs, worth=of >= _MANY):
                if last is not None and (assignment is not last or len(waiting) >= _BATCH):
                    self._book.enter(shelves[last.slug], waiting, self._people)
                    waiting = []
                last = assignment
                for outcome in outcomes:
                    if outcome.problem:
                        report.refused.append((outcome.task.path, outcome.problem))
                    else:
                        waiting.append(Entered(outcome, _note(assignment, outcome)))
                done += len(outcomes)
                self._progress("Grading", done, of)
        finally:
            if last is not None and waiting:
                self._book.enter(shelves[last.slug], waiting, self._people)
        report.graded = of
        refused = {path for path, _ in report.refused}
        for slug, hand_ins in sorted(by_scenario.items()):
            scores = self._book.scores(shelves[slug])
            for hand_in in hand_ins:
                if hand_in.path in refused or hand_in.learner_id not in scores:
                    continue
                found = scores[hand_in.learner_id]
                page = self._course.feedback / hand_in.learner_id / slug / f"{slug}.html"
                report.results.append(
                    Result(
                        hand_in.learner_id, slug, found.score, found.max_score, found.needs_reading, page, hand_in.path
                    )
                )

    def _assignment(self, slug: str) -> tuple[Assignment, Shelf]:
        course = self._course
        scenario = load_course_scenario(course.solutions / slug)
        files = [
            course.solutions / slug / f"{slug}.ipynb",
            course.solutions / slug / "story.json",
            course.solutions / slug / "scenario.yml",
            course.exercises / slug / f"{slug}.ipynb",
        ]
        try:
            notebook, story, source, released = (path.read_bytes() for path in files)
        except OSError as error:
            raise OnsiteError(f"{error.filename} is missing. Run `python3 course.py build`.") from error
        kept = {version: one.scenario for version, one in scenario.kept.items()}
        made = instructor_notebook(scenario.scenario, kept).encode()
        if notebook != made or story != scenario.story.to_json().encode():
            # Stock nbgrader goes by the notebook, and would give other grades.
            raise OnsiteError(
                f"solutions/{slug}/{slug}.ipynb is not what scenario.yml beside it makes. "
                "Run `python3 course.py build`."
            )
        shelf = Shelf(self._book, slug, scenario.scenario.decisions)
        fingerprint = _hash(_STYLE.encode(), notebook, story, source, released)
        decisions = tuple((grade_id(name), name) for name in scenario.scenario.decisions)
        return Assignment(course.root, slug, fingerprint, pickle.dumps(scenario), shelf.cells, decisions), shelf

    def _task(self, hand_in: inbox.HandIn, assignment: Assignment, shelf: Shelf) -> Task | None:
        """What there is to do for one hand-in, or None."""
        learner, slug = hand_in.learner_id, hand_in.scenario
        marks = shelf.marks.get(learner, {})
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
            and note.answered_from == _answered_from(note.made_from, marks)
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
            feedback_only=stands,
            replaces_ours=note is not None,
        )


def _note(assignment: Assignment, outcome: Outcome) -> Note:
    made_from = _made_from(assignment, outcome.task.digest)
    return Note(made_from, _answered_from(made_from, outcome.task.marks), outcome.task.digest, outcome.texts_digest)


def _made_from(assignment: Assignment, digest: str) -> str:
    return _hash(assignment.fingerprint.encode(), digest.encode())


def _answered_from(made_from: str, marks: Mapping[str, Mark]) -> str:
    return _hash(made_from.encode(), json.dumps({k: vars(m) for k, m in marks.items()}, sort_keys=True).encode())


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _is_there(path: Path) -> bool:
    try:
        return os.stat(path).st_size > 0  # noqa: PTH116 (a cohort asks this some ten thousand times)
    except OSError:
        return False
