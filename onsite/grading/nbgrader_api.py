"""nbgrader itself: its settings for this course, and its own command that enters a scenario into the gradebook."""

import hashlib
import logging
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from onsite.build.nbgrader_settings import apply
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

_EXCEPTION = re.compile(r"\s*[\w.]+(Error|Exception): ")


@contextmanager
def nbgrader(course: CoursePaths) -> Iterator[NbGraderAPI]:
    """nbgrader's API on this course, quiet about what nobody who grades can act on."""
    config = Config()
    apply(config)
    config.CourseDirectory.root = str(course.root)
    # The first is nbgrader's default. Kernels warn about their own TCP, which nobody can act on here.
    config.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--log-level=40"]
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    with _tools_on_path(), warnings.catch_warnings():
        # nbgrader's sessions, not something a person who grades can act on.
        warnings.simplefilter("ignore", SAWarning)
        yield NbGraderAPI(CourseDirectory(config=config), config=config)


@contextmanager
def _tools_on_path() -> Iterator[None]:
    # nbgrader calls alembic by its name: it lies beside this Python, whether or not that is on the path.
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def register(course: CoursePaths, api: NbGraderAPI, slug: str) -> None:
    """Put the scenario's cells, hidden tests included, into the gradebook."""
    marker = course.gradebook.with_name(f"gradebook.db.{slug}.sha256")
    source = _hash(course.solutions / slug / f"{slug}.ipynb")
    if course.gradebook.exists() and marker.exists() and marker.read_text("utf-8") == source:
        return
    with tempfile.TemporaryDirectory(prefix="onsite-release-") as temporary:
        released = api.coursedir.release_directory
        api.coursedir.release_directory = temporary
        outcome = api.generate_assignment(slug, force=True)
        api.coursedir.release_directory = released
    if not outcome["success"]:
        if "Cannot add or remove cells" in outcome.get("log", ""):
            raise OnsiteError(other_decisions(slug))
        raise OnsiteError(f"nbgrader could not read solutions/{slug}/{slug}.ipynb:\n{_what_went_wrong(outcome)}")
    marker.write_text(source, "utf-8")


def other_decisions(slug: str) -> str:
    """What to say when the gradebook holds other decisions than the scenario has."""
    return (
        f"The decisions of '{slug}' changed after hand-ins were graded; nbgrader's gradebook cannot follow. "
        "Move gradebook.db* away (keep them: they hold the old grades) and grade again. "
        "The hand-ins are all still there."
    )


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise OnsiteError(f"{path} is missing. Run `python3 course.py build`.") from error


def _what_went_wrong(outcome: dict[str, str]) -> str:
    """What went wrong, out of nbgrader's log: the last lines of the exceptions in it, or of the log."""
    lines = (outcome.get("log") or outcome.get("error") or "").strip().splitlines()
    named = [line.strip() for line in lines if _EXCEPTION.match(line)]
    return "\n".join(named or lines[-3:])
