"""One hand-in on the grader's desk: read, marked, laid out for nbgrader, answered with a feedback page.

Nothing here knows the gradebook, so that several desks can work beside each other in processes of their own.
"""

import errno
import functools
import os
import pickle
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from onsite.grading.inbox import digest_of
from onsite.grading.intake import TIMESTAMP, TIMESTAMP_FORM
from onsite.grading.marking import Marked, mark
from onsite.grading.notebook_form import NotebookForm, SourceCell
from onsite.grading.page import NO_RESPONSE, FeedbackPages, Grade
from onsite.grading.points import points_given, still_waits
from onsite.grading.scenarios import CourseScenario
from onsite.grading.sources import open_plain
from onsite.pages.where_to_read import Reading
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import FILE_NAME, MAX_BYTES, parse_record
from onsite.scenario.story import older_file

_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}
_NO_ROOM = "The disk is full. What was graded so far is kept and no hand-in is lost: make room, run the command again."
_READ_ONLY = 0o444  # as nbgrader leaves what it has autograded


class DiskFullError(OnsiteError):
    """There is no room to write. Grading more would only fail more."""


@dataclass(frozen=True)
class Mark:
    """What a person noted in the gradebook for one decision, as far as they did."""

    manual: float | None = None
    extra: float | None = None
    comment: str | None = None
    needs_reading: bool = False


@dataclass(frozen=True)
class Assignment:
    """A scenario as the desk needs it, so that it can be hashed and sent to another process.

    scenario: a CourseScenario, pickled: loading one anew takes as long as grading a hundred hand-ins; cells: from the
    gradebook, as (grade id, cell); decisions: as (grade id, decision); readings: what the feedback page names of the
    book, by point.
    """

    root: Path
    slug: str
    fingerprint: str
    scenario: bytes
    cells: tuple[tuple[str, SourceCell], ...]
    decisions: tuple[tuple[str, str], ...]
    readings: tuple[tuple[str, Reading], ...]


@dataclass(frozen=True)
class Task:
    """One hand-in to grade, or (`feedback_only`) only to answer again, as when a person has marked something.

    name: the learner's in the gradebook, '' where it has none.
    """

    path: Path
    digest: str
    learner: str
    at: datetime
    marks: Mapping[str, Mark]
    texts_digest: str
    name: str = ""
    feedback_only: bool = False
    replaces_ours: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a task: points by decision and in which of them something was written, or why it was not graded."""

    task: Task
    points: Mapping[str, float | None] = field(default_factory=dict)
    written: frozenset[str] = frozenset()
    texts_digest: str = ""
    basis: str = ""
    remark: str = ""
    problem: str = ""


def has_to_be_read(mark: Mark | None, points: float | None, *, written: bool, same_texts: bool) -> bool:
    """Whether a person has to look at a decision, by nbgrader's rule: at a text, and again at what they marked.

    A mark for a text that is still the same stands as it is. points: the machine's, None for a text.
    """
    again = mark is not None and mark.manual is not None
    if mark is not None and again and written and same_texts:
        return mark.needs_reading
    return again or points is None


def work(job: tuple[Assignment, Sequence[Task]]) -> list[Outcome]:
    """Do the tasks, all of one scenario. What is wrong with one changes nothing for another.

    Raises DiskFullError, and OnsiteError when a file of the course cannot be read.
    """
    assignment, tasks = job
    try:
        desk = _desk(assignment)
    except OSError as error:
        if error.errno not in _FULL:
            raise OnsiteError(f"{error.filename} cannot be read or written ({error.strerror}).") from error
        raise DiskFullError(_NO_ROOM) from error
    return [_one(desk, task) for task in tasks]


@dataclass(frozen=True)
class _Desk:
    course: CoursePaths
    scenario: CourseScenario
    form: NotebookForm
    released: bytes
    story: "_Shared"
    older: Mapping[int, "_Shared"]
    pages: FeedbackPages


@functools.lru_cache(maxsize=32)
def _desk(assignment: Assignment) -> _Desk:
    course, slug = CoursePaths(assignment.root), assignment.slug
    scenario: CourseScenario = pickle.loads(assignment.scenario)
    released = (course.exercises / slug / f"{slug}.ipynb").read_bytes()
    form = NotebookForm(released.decode(), dict(assignment.cells), dict(assignment.decisions), scenario.keys)
    story = _shared(course, (course.solutions / slug / "story.json").read_bytes())
    older = {version: _shared(course, one.story.to_json().encode()) for version, one in scenario.older.items()}
    pages = FeedbackPages(scenario, dict(assignment.readings))
    return _Desk(course, scenario, form, released, story, older, pages)


@dataclass(frozen=True)
class _Shared:
    """A read-only file of which every submission gets a link: a cohort's copies would be a gigabyte."""

    path: Path
    data: bytes


def _shared(course: CoursePaths, data: bytes) -> _Shared:
    path = course.autograded / ".shared" / f"{digest_of(data)}.json"
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        temporary.write_bytes(data)
        temporary.chmod(_READ_ONLY)
        temporary.replace(path)
    return _Shared(path, data)


def _one(desk: _Desk, task: Task) -> Outcome:
    course, scenario, released = desk.course, desk.scenario, desk.released
    slug = scenario.slug
    try:
        _refuse_links(course, task.learner, slug)
        with open_plain(task.path) as file:
            data = file.read(MAX_BYTES + 1)
        record = parse_record(data, slug)
        marked = mark(scenario, record)
        if not task.feedback_only:
            stamp = task.at.astimezone(UTC).strftime(TIMESTAMP_FORM).encode()
            notebook = f"{slug}.ipynb"
            if not task.replaces_ours:
                _keep_aside(course, task.learner, slug, released)
            _write(
                course.submitted / task.learner / slug, {FILE_NAME: data, notebook: released, TIMESTAMP: stamp}, 0o644
            )
            graded = desk.form.filled(marked.points, marked.texts).encode()
            older = {older_file(version): desk.older[version] for version in scenario.stories_for(record)}
            _write(
                course.autograded / task.learner / slug,
                {FILE_NAME: data, notebook: graded, TIMESTAMP: stamp, "story.json": desk.story, **older},
                _READ_ONLY,
            )
        same = marked.texts_digest == task.texts_digest
        page = desk.pages.page(record, grades(scenario, marked, task.marks, same_texts=same), task.learner, task.name)
        _write(course.feedback / task.learner / slug, {f"{slug}.html": page.encode()}, 0o644)
    except RecordError as error:
        return Outcome(task, problem=str(error))
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(_NO_ROOM) from error
        return Outcome(task, problem=f"It could not be laid out for grading ({error.strerror or error}).")
    except Exception as error:  # a fault of ours in one hand-in must not cost a thousand others their grade
        return Outcome(
            task, problem=f"The course could not grade it ({type(error).__name__}: {error}). Please report it."
        )
    return Outcome(task, marked.points, frozenset(marked.texts), marked.texts_digest, marked.basis, marked.remark)


def grades(
    scenario: CourseScenario, marked: Marked, marks: Mapping[str, Mark], *, same_texts: bool = True
) -> dict[str, Grade]:
    """What the gradebook will hold for each decision, from the machine's points and a person's marks.

    same_texts: whether the texts are those that the marks were given for.
    """
    found = {}
    for name, declared in scenario.scenario.decisions.items():
        points, by_person = marked.points[name], marks.get(name, Mark())
        unanswered = name not in scenario.keys and name not in marked.texts
        comment = by_person.comment or (NO_RESPONSE if unanswered else "")
        needs = has_to_be_read(by_person, points, written=name in marked.texts, same_texts=same_texts)
        waits = still_waits(points, by_person.manual, marked_for_reading=needs)
        total = None if waits else points_given(points, by_person.manual, by_person.extra, waits=needs)
        found[name] = Grade(total, float(declared.points), comment, by_person.extra or 0.0)
    return found


def _refuse_links(course: CoursePaths, learner: str, slug: str) -> None:
    for top in (course.submitted, course.autograded, course.feedback):
        for place in (top / learner, top / learner / slug):
            if place.is_symlink():
                raise OSError(0, f"{place.relative_to(course.root)} is a link, and links are not followed")


def _keep_aside(course: CoursePaths, learner: str, slug: str, released: bytes) -> None:
    """Move what nbgrader had collected out of the way, whole, unless it is no more than what is laid out anyway."""
    folder = course.submitted / learner / slug
    if not folder.is_dir() or folder.is_symlink():
        return
    names = {path.name for path in folder.iterdir()}
    notebook = folder / f"{slug}.ipynb"
    if names <= {FILE_NAME, notebook.name, TIMESTAMP, "made-from.sha256"} and (
        # Its beginning alone is what a run that was killed had come to.
        not notebook.is_file()
        or (notebook.stat().st_size <= len(released) and released.startswith(notebook.read_bytes()))
    ):
        return
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    target = course.kept_aside / learner / slug / stamp
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)


def _write(folder: Path, files: Mapping[str, bytes | _Shared], mode: int) -> None:
    """Make `folder` hold exactly these files. Raises OSError."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        shutil.rmtree(folder)
        folder.mkdir()
    for name, data in files.items():
        if isinstance(data, _Shared):
            try:
                os.link(data.path, folder / name)
            except OSError:  # not every file system has links, and some only so many to one file
                _create(folder / name, data.data, mode)
        else:
            _create(folder / name, data, mode)


def _create(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
