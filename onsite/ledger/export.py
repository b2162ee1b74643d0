"""Everything about one person in one zip, for that person to read."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from onsite.grading.export import as_csv
from onsite.ledger.differences import without_name
from onsite.ledger.history import entries_of
from onsite.ledger.owners import read_roster_anyhow
from onsite.ledger.people import read_names
from onsite.ledger.person import Person, find_person, hand_ins_of, line_of
from onsite.ledger.snapshot import read_comments, read_grades
from onsite.ledger.state import CERTIFIED, COMMENT, GRADE, WITHDRAWN
from onsite.ledger.store import names_file, read_stored
from onsite.paths import CoursePaths
from onsite.safe_files import write_whole
from onsite.scenario.errors import OnsiteError, told

ABOUT = """What this course holds about {name}
{line}

hand-ins/      the records as they were handed in: answers, times, texts
submitted/     the same records as they were graded
autograded/    the notebooks that were made from them for grading
feedback/      the pages with the results
certificates/  certificates
grades.csv     points and comments out of the gradebook, by scenario and decision
history.csv    every change of a grade, comment or certificate: when, from what to what, by what, why
roster.csv     the line in the list of participants

A folder or file that is not here: there is nothing of the kind. Backups hold older states of the same.
"""


@dataclass(frozen=True)
class Exported:
    """The archive, and how many files are in it."""

    path: Path
    files: int


def export_person(course: CoursePaths, word: str, target: Path | None = None) -> Exported:
    """Write everything about one person to `target` (default: <learner>.zip here in the course), which must be new.

    Raises OnsiteError when nobody is meant, or more than one, or it cannot be written.
    """
    person = find_person(course, word)
    target = target or course.root / f"everything-about-{person.learner}.zip"
    if target.exists():
        raise OnsiteError(f"{target} exists already. Move it away, or give another name with --to.")
    made = io.BytesIO()
    with told("Exporting", "Choose another place with --to, or make room, and try again."):
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in _files(course, person):
                archive.write(path, path.relative_to(course.root).as_posix())
            for name, text in _tables(course, person).items():
                archive.writestr(name, text)
            archive.writestr("about.txt", ABOUT.format(name=person.name, line="=" * (28 + len(person.name))))
            count = len(archive.namelist())
        write_whole(target, made.getvalue(), private=True)
    return Exported(target, count)


def _files(course: CoursePaths, person: Person) -> list[Path]:
    found = hand_ins_of(person)
    for folder in course.by_learner:
        found += [
            path for path in sorted((folder / person.learner).rglob("*")) if path.is_file() and not path.is_symlink()
        ]
    return found


def _tables(course: CoursePaths, person: Person) -> dict[str, str]:
    comments = read_comments(course, person.learner)
    grades = [
        (
            scenario,
            decision,
            score.points,
            "a person" if score.read else "the key",
            comments.get((learner, scenario, decision), ""),
        )
        for (learner, scenario, decision), score in read_grades(course).items()
        if learner == person.learner
    ]
    history = [
        [
            entry.body.get("when") or entry.at, entry.what,
            *(entry.body.get(name) for name in ("scenario", "decision", "old", "new")),
            without_name(str(entry.body.get("by") or "")), entry.body.get("why"),
        ]
        for entry in entries_of(read_stored(course), read_names(names_file(course)).person(person.learner))
        if entry.what in (GRADE, COMMENT, CERTIFIED, WITHDRAWN)
    ]  # fmt: skip
    roster = read_roster_anyhow(course)
    rows = [row.cells for row in roster.rows if line_of(person, row.cells.keys(), row.cells.values())]
    tables = {
        "grades.csv": _csv(grades, ("scenario", "decision", "points", "given by", "comment")),
        "history.csv": _csv(history, ("when (UTC)", "what", "scenario", "decision", "old", "new", "by", "why")),
    }
    if rows:
        tables["roster.csv"] = _csv([list(row.values()) for row in rows], tuple(rows[0]))
    return tables


def _csv(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> str:
    # With the mark by which spreadsheets know UTF-8.
    return "\ufeff" + as_csv(rows, columns)
