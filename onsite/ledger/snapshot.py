"""What lies on the disk now: grades out of nbgrader's gradebook, hashes of answers and hand-ins."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from onsite.grading.points import points_given, still_waits
from onsite.grading.sources import kind_of, open_plain, walk
from onsite.ledger.state import Decision, Score, Snapshot
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError
from onsite.scenario.record import FILE_NAME, MAX_BYTES

LATE = "late-penalty"
_WAIT_SECONDS = 60
_CELL = "decision-"
_KEPT = {".json", ".from"}
"""Of the inbox: the records, and the notes on where one came from, which decide whose it is."""

# A manual score stands before the automatic one, and extra credit is added: nbgrader.api.Grade.score.
_GRADES = """
SELECT play.student_id, assignment.name, cell.name, grade.auto_score, grade.manual_score, grade.extra_credit,
       grade.needs_manual_grade
FROM grade
JOIN submitted_notebook AS book ON grade.notebook_id = book.id
JOIN submitted_assignment AS play ON book.assignment_id = play.id
JOIN assignment ON play.assignment_id = assignment.id
JOIN base_cell AS cell ON grade.cell_id = cell.id
"""
_PENALTIES = """
SELECT play.student_id, assignment.name, book.late_submission_penalty
FROM submitted_notebook AS book
JOIN submitted_assignment AS play ON book.assignment_id = play.id
JOIN assignment ON play.assignment_id = assignment.id
WHERE book.late_submission_penalty IS NOT NULL AND book.late_submission_penalty != 0
"""
_COMMENTS = """
SELECT play.student_id, assignment.name, cell.name, comment.manual_comment
FROM comment
JOIN submitted_notebook AS book ON comment.notebook_id = book.id
JOIN submitted_assignment AS play ON book.assignment_id = play.id
JOIN assignment ON play.assignment_id = assignment.id
JOIN base_cell AS cell ON comment.cell_id = cell.id
"""


def take_snapshot(course: CoursePaths) -> Snapshot:
    """Everything the history has to agree with. Raises OnsiteError when the gradebook cannot be read."""
    unread: list[Path] = []
    answers, hand_ins = dict(_answers(course, unread)), dict(_hand_ins(course.inbox, unread))
    return Snapshot(read_grades(course), read_comments(course), answers, hand_ins, tuple(unread))


@contextmanager
def gradebook(path: Path) -> Iterator[sqlite3.Connection]:
    """The gradebook for reading only. Raises OnsiteError when it is none, and when what is asked of it cannot be read.

    What a query finds is to be fetched before the end of the block, for a damaged page shows only there.
    """
    try:
        # Not mode=ro: after a crash SQLite has to roll back what was half written before anybody can read.
        with closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_WAIT_SECONDS)
        ) as connection:
            connection.execute("PRAGMA query_only = 1")
            connection.execute("SELECT count(*) FROM submitted_assignment")
            yield connection
    except sqlite3.Error as error:
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        raise OnsiteError(
            f"{path} cannot be read as nbgrader's gradebook ({error}). "
            + (
                "Try again when nobody is grading."
                if busy
                else "Bring it back from a backup with `python3 course.py restore FILE.zip`."
            )
        ) from error


def read_grades(course: CoursePaths) -> dict[Decision, Score]:
    """The grade of every learner, scenario and decision in the gradebook; none when there is no gradebook."""
    grades = dict(_grades(course))
    if grades:
        with gradebook(course.gradebook) as connection:
            penalties = connection.execute(_PENALTIES).fetchall()
        for learner, scenario, penalty in penalties:
            grades[learner, scenario, LATE] = Score(-float(penalty))
    return grades


def read_grade(course: CoursePaths, grade: str) -> tuple[Decision, Score] | None:
    """One grade by the id it has in the gradebook."""
    return next(iter(_grades(course, " WHERE grade.id = ?", (grade,))), None)


def grades_of(course: CoursePaths, learner: str, scenario: str) -> dict[Decision, Score]:
    """The grades of one learner in one scenario."""
    return dict(_grades(course, " WHERE play.student_id = ? AND assignment.name = ?", (learner, scenario)))


def _grades(course: CoursePaths, where: str = "", values: tuple[str, ...] = ()) -> list[tuple[Decision, Score]]:
    if not course.gradebook.exists():
        return []
    with gradebook(course.gradebook) as connection:
        rows = connection.execute(_GRADES + where, values).fetchall()
    return [
        (
            (learner, scenario, str(cell).removeprefix(_CELL)),
            Score(
                points_given(auto, manual, extra, waits=bool(waits)), manual is not None, auto is not None,
                still_waits(auto, manual, marked_for_reading=bool(waits)),
            ),
        )
        for learner, scenario, cell, auto, manual, extra, waits in rows
    ]  # fmt: skip


def students(course: CoursePaths) -> dict[str, tuple[str, str]]:
    """The name and the address that the gradebook has of each learner, '' where it has none."""
    if not course.gradebook.exists():
        return {}
    with gradebook(course.gradebook) as connection:
        rows = connection.execute("SELECT id, first_name, last_name, email FROM student").fetchall()
    return {str(learner): (" ".join(filter(None, (first, last))), email or "") for learner, first, last, email in rows}


def read_comments(course: CoursePaths, learner: str | None = None) -> dict[Decision, str]:
    """What readers wrote, about one learner's answers or everybody's."""
    where = " WHERE comment.manual_comment IS NOT NULL AND comment.manual_comment != ''"
    found = _comments(course, where + (" AND play.student_id = ?" if learner else ""), (learner,) if learner else ())
    return {place: comment or "" for place, comment in found}


def place_of_comment(course: CoursePaths, comment: str) -> Decision | None:
    """What the comment with this id in the gradebook is about."""
    return next((place for place, _ in _comments(course, " WHERE comment.id = ?", (comment,))), None)


def _comments(course: CoursePaths, where: str, values: tuple[str, ...]) -> list[tuple[Decision, str | None]]:
    if not course.gradebook.exists():
        return []
    with gradebook(course.gradebook) as connection:
        rows = connection.execute(_COMMENTS + where, values).fetchall()
    return [((learner, scenario, str(cell).removeprefix(_CELL)), text) for learner, scenario, cell, text in rows]


def _answers(course: CoursePaths, unread: list[Path]) -> Iterator[tuple[tuple[str, str], str]]:
    for path in sorted(course.submitted.glob(f"*/*/{FILE_NAME}")):
        *_, learner, scenario, _ = path.parts
        found = known_by(path) if is_text(learner) else None
        if found is None:
            unread.append(path)
        else:
            yield (learner, scenario), found


def _hand_ins(inbox: Path, unread: list[Path]) -> Iterator[tuple[str, str]]:
    for folder, within, names in walk(inbox, lambda _: False) if inbox.is_dir() else ():
        if names is None:
            unread.append(folder)
            continue
        for name in names:
            path = folder / name
            if kind_of(name) not in _KEPT or name.startswith(".") or path.is_symlink():
                continue
            if found := known_by(path):
                yield found, "/".join((*within, name))
            else:
                unread.append(path)


def known_by(path: Path) -> str | None:
    """The hash by which a file that somebody handed in is known again, 64 hex digits; None when it cannot be read.

    Of its content; of a file larger than a record can be, of its size and its beginning: anybody may send gigabytes.
    """
    try:
        with open_plain(path) as file:
            data = file.read(MAX_BYTES + 1)
            size = os.fstat(file.fileno()).st_size
    except (OSError, ValueError):
        return None
    return hashlib.sha256(data if size <= MAX_BYTES else b"%d\0" % size + data).hexdigest()


def is_text(name: str) -> bool:
    """Whether the name of a file can be written down: on some systems it may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def register_files(course: CoursePaths) -> list[tuple[str, Path]]:
    """What was put down about each certificate that was issued: the learner, and the file."""
    return [(path.parent.name, path) for path in sorted(course.certificates.glob("*/certificate-*.json"))]


def file_hash(path: Path) -> str:
    """The SHA-256 of a file as 64 hex digits. Raises OnsiteError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise OnsiteError(f"{path} cannot be read ({error.strerror}). Check your rights there.") from error
