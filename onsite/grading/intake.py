"""Into the inbox: what lies in files, folders and zips elsewhere, in zips of the inbox, and what nbgrader collected."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from onsite.grading import inbox
from onsite.grading.sources import Found, Problem, kind_of, look_through, read_file, walk
from onsite.paths import KEPT_ASIDE, CoursePaths
from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import FILE_NAME

TIMESTAMP = "timestamp.txt"
TIMESTAMP_FORM = "%Y-%m-%d %H:%M:%S.%f UTC"


_ERASED = "It is from somebody who was erased here, and was not taken in. Delete it there too."

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and their number (0: not known)."""


def gather(
    course: CoursePaths, sources: Iterable[Path], progress: Progress, erased: Collection[str] = ()
) -> tuple[list[Problem], int]:
    """Copy every record out of `sources`, and out of the inbox's zips, into the inbox.

    erased: hashes of files that are not taken in. Nothing outside the inbox is moved or changed. Returns what could not
    be taken, and how many were. Raises OnsiteError when the inbox cannot be written.
    """
    return _take(course, ((found, "") for found in _everything(course, list(sources))), progress, erased)


def gather_collected(
    course: CoursePaths, known: Collection[tuple[str, str, str]], progress: Progress
) -> tuple[list[Problem], int]:
    """Copy what nbgrader collected into the inbox; what could not be taken, and how many were.

    known: what need not be taken, since the inbox has it or the grader laid it out itself, as (learner, scenario, hash
    of the record's file). Raises OnsiteError when the inbox cannot be written.
    """
    return _take(course, _collected(course.submitted, set(known), course.slugs()), progress)


def _take(
    course: CoursePaths,
    everything: Iterable[tuple[Found | Problem, str]],
    progress: Progress,
    erased: Collection[str] = (),
) -> tuple[list[Problem], int]:
    slugs = course.slugs()
    problems: list[Problem] = []
    taken = 0
    for found, student in everything:
        if isinstance(found, Problem):
            problems.append(found)
            continue
        if erased and inbox.digest_of(found.data) in erased:
            problems.append(Problem(found.label, _ERASED))
            continue
        try:
            inbox.take(course.inbox, found, slugs, student)
        except RecordError as error:
            problems.append(Problem(found.label, str(error)))
        except OSError as error:
            raise OnsiteError(
                f"{course.inbox} cannot be written ({error.strerror}). What was taken so far is kept; "
                "make room and run the same command again."
            ) from error
        else:
            taken += 1
            progress("Taking in", taken, 0)
    return problems, taken


def _everything(course: CoursePaths, sources: list[Path]) -> Iterator[Found | Problem]:
    for source in sources:
        if source.resolve().is_relative_to(course.inbox.resolve()):
            continue  # it lies in the inbox and is read from there
        yield from look_through(source)
    for folder, within, names in walk(course.inbox, {inbox.TAKEN, KEPT_ASIDE}.__contains__):
        for name in names or ():
            if kind_of(name) == ".zip":
                for found in look_through(folder / name):
                    yield replace(found, parts=(*within, *found.parts)) if isinstance(found, Found) else found


def _collected(
    submitted: Path, known: set[tuple[str, str, str]], slugs: Collection[str]
) -> Iterator[tuple[Found | Problem, str]]:
    """What `nbgrader collect` and `nbgrader zip_collect` laid out: submitted/<student>/<scenario>/."""
    for slug in slugs:
        for folder in sorted(submitted.glob(f"*/{slug}")):
            student = folder.parent.name
            if folder.is_symlink() or folder.parent.is_symlink():
                yield Problem(str(folder), "It is a link, not a folder; links are not followed."), ""
                continue
            path = _record_in(folder)
            if path is None:
                yield Problem(str(folder), "There is no answers.json in it, and nothing in a notebook is graded."), ""
                continue
            found = read_file(path, (student, slug, path.name))
            if isinstance(found, Found):
                if (student, slug, inbox.digest_of(found.data)) in known:
                    continue
                found = replace(found, at=_timestamp(folder) or found.at)
            yield found, student


def _record_in(folder: Path) -> Path | None:
    names = sorted(path.name for path in folder.glob("*answers*.json") if not path.name.startswith("."))
    return folder / (FILE_NAME if FILE_NAME in names else names[0]) if names else None


def _timestamp(folder: Path) -> datetime | None:
    found = read_file(folder / TIMESTAMP, ())
    if isinstance(found, Problem):
        return None
    # nbgrader takes three seconds to import, and is needed only where it has collected something.
    from nbgrader.utils import parse_utc

    try:
        at: datetime = parse_utc(found.data.decode("ascii", "replace").strip())
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None
    return at.replace(tzinfo=UTC)
