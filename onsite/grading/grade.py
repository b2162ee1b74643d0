"""From the inbox through nbgrader to gradebook and feedback."""

import hashlib
import logging
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from onsite.build.nbgrader_settings import apply
from onsite.grading import inbox
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError
from onsite.scenario.record import FILE_NAME

Progress = Callable[[int, int], None]

_EXCEPTION = re.compile(r"\s*[\w.]+(Error|Exception): ")
_MADE_FROM = "made-from.sha256"


def grade_silently(done: int, of: int) -> None:
    """A progress that shows nothing."""
    del done, of


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
    """What grading did: results, hand-ins that do not count beside another, and files that could not be graded."""

    results: list[Result] = field(default_factory=list)
    superseded: list[tuple[Path, Path]] = field(default_factory=list)
    refused: list[tuple[Path, str]] = field(default_factory=list)


def grade(
    course: CoursePaths,
    *,
    nameless: str | None = None,
    latest: bool = False,
    progress: Progress = grade_silently,
) -> Report:
    """Grade every hand-in of the inbox; what is already graded and unchanged only gets its feedback renewed.

    nameless: whose a record without a name is (None: such records are refused). latest: see `by_learner`.
    progress: called with hand-ins done and their number. Raises OnsiteError when the course itself
    cannot be graded.
    """
    box = inbox.read(course.inbox, course.slugs(), nameless=nameless)
    report = Report(refused=list(box.refused))
    counted = list(inbox.by_learner(box.hand_ins, latest=latest))
    with _nbgrader(course) as api:
        for slug in sorted({chosen.record.scenario for chosen, _ in counted}):
            _register(course, api, slug)
        for done, (chosen, others) in enumerate(counted):
            progress(done, len(counted))
            report.superseded += [(other.path, chosen.path) for other in others]
            try:
                report.results.append(_grade_one(course, api, chosen))
            except OnsiteError as error:
                report.refused.append((chosen.path, str(error)))
        progress(len(counted), len(counted))
    return report


@contextmanager
def _nbgrader(course: CoursePaths) -> Iterator[NbGraderAPI]:
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


def _register(course: CoursePaths, api: NbGraderAPI, slug: str) -> None:
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
            raise OnsiteError(
                f"The decisions of '{slug}' changed after hand-ins were graded; nbgrader's gradebook cannot follow. "
                "Move gradebook.db* away (keep them: they hold the old grades) and grade again. "
                "The hand-ins are all still there."
            )
        raise OnsiteError(f"nbgrader could not read solutions/{slug}/{slug}.ipynb:\n{_what_went_wrong(outcome)}")
    marker.write_text(source, "utf-8")


def _grade_one(course: CoursePaths, api: NbGraderAPI, hand_in: inbox.HandIn) -> Result:
    slug, learner = hand_in.record.scenario, hand_in.learner_id
    if _lay_out(course, hand_in) or not _is_autograded(course, learner, slug):
        outcome = api.autograde(slug, learner, force=True)
        if not outcome["success"]:
            raise OnsiteError(f"nbgrader could not grade it:\n{_what_went_wrong(outcome)}")
    outcome = api.generate_feedback(slug, learner, force=True)
    if not outcome["success"]:
        raise OnsiteError(f"nbgrader could not write the feedback:\n{_what_went_wrong(outcome)}")
    with api.gradebook as gradebook:
        submission = gradebook.find_submission(slug, learner)
        return Result(
            learner,
            slug,
            float(submission.score),
            float(submission.max_score),
            bool(submission.needs_manual_grade),
            course.feedback / learner / slug / f"{slug}.html",
            hand_in.path,
        )


def _lay_out(course: CoursePaths, hand_in: inbox.HandIn) -> bool:
    """Write submitted/<learner>/<slug>/: the released notebook and the record. False when it stood so already."""
    slug = hand_in.record.scenario
    folder = course.submitted / hand_in.learner_id / slug
    made_from = _hash(course.solutions / slug / f"{slug}.ipynb")
    wanted = {
        FILE_NAME: hand_in.record.to_json().encode(),
        f"{slug}.ipynb": (course.exercises / slug / f"{slug}.ipynb").read_bytes(),
        "timestamp.txt": hand_in.at.strftime("%Y-%m-%d %H:%M:%S.%f UTC").encode(),
        _MADE_FROM: made_from.encode(),
    }
    if folder.is_dir() and {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == wanted:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in wanted.items():
        (folder / name).write_bytes(data)
    return True


def _is_autograded(course: CoursePaths, learner: str, slug: str) -> bool:
    return (course.root / "autograded" / learner / slug / f"{slug}.ipynb").is_file()


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
