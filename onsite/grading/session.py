"""The gradebook, as every run over a course's hand-ins needs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from onsite.grading.book import Book
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError


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
