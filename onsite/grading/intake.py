"""Into the inbox: what lies in files, folders and zips elsewhere, in zips of the inbox, and what nbgrader collected."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from onsite.grading import inbox
from onsite.grading.sources import Found, Problem, look_through, read_file
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import FILE_NAME

TIMESTAMP = "timestamp.txt"
TIMESTAMP_FORM = "%Y-%m-%d %H:%M:%S.%f UTC"


def gather(
    course: CoursePaths,
    sources: Iterable[Path],
    ours: Collection[tuple[str, str, str]] = (),
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Problem]:
    """Copy every record out of `sources` into the inbox, and those in its zips and in nbgrader's submitted folder.

    ours: what the grader itself laid out there, as (learner, scenario, hash of the record's file). Nothing outside the
    inbox is moved or changed. Returns what could not be taken. Raises OnsiteError when the inbox cannot be written.
    """
    slugs = course.slugs()
    problems: list[Problem] = []
    for count, (found, student) in enumerate(_everything(course, list(sources), set(ours), slugs), start=1):
        if progress:
            progress("Taking in", count, 0)
        if isinstance(found, Problem):
            problems.append(found)
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
    return problems


def _everything(
    course: CoursePaths, sources: list[Path], ours: set[tuple[str, str, str]], slugs: Collection[str]
) -> Iterator[tuple[Found | Problem, str]]:
    for source in sources:
        if source.resolve().is_relative_to(course.inbox.resolve()):
            continue  # it lies in the inbox and is read from there
        yield from ((found, "") for found in look_through(source))
    for folder, folders, names in os.walk(course.inbox, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in (inbox.TAKEN, inbox.KEPT_ASIDE))
        within = Path(folder).relative_to(course.inbox).parts
        for name in sorted(names):
            if name.lower().endswith(".zip"):
                for found in look_through(Path(folder, name)):
                    yield replace(found, parts=(*within, *found.parts)) if isinstance(found, Found) else found, ""
    yield from _collected(course.submitted, ours, slugs)


def _collected(
    submitted: Path, ours: set[tuple[str, str, str]], slugs: Collection[str]
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
                if (student, slug, inbox.digest_of(found.data)) in ours:
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
    text = found.data.decode("ascii", "replace").strip()
    for form in (TIMESTAMP_FORM, "%Y-%m-%d %H:%M:%S UTC"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
