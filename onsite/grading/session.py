"""What every run over a course's hand-ins needs: the course to itself, and its gradebook."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from onsite.grading.book import Book
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError


@contextmanager
def alone(course: CoursePaths, patience: float) -> Iterator[None]:
    """Hold the course for this run: two graders at once would undo each other's work.

    patience: seconds to wait for another run to end. Raises OnsiteError when it does not.
    """
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
def gradebook(course: CoursePaths, course_id: str) -> Iterator[Book]:
    """The gradebook, open. Raises OnsiteError when it cannot be read or written."""
    try:
        with Book(f"sqlite:///{course.gradebook}", course_id) as book:
            yield book
    except SQLAlchemyError as error:
        told = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise OnsiteError(
            f"{course.gradebook.name} could not be read or written ({told}). Nothing that was graded before is lost. "
            "If the disk is full, make room; if the file is damaged, move gradebook.db* away. Then grade again."
        ) from error
