"""The gradebook as a table for a spreadsheet: nbgrader's columns, and nothing in them that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from onsite.safe_files import write_whole
from onsite.scenario.errors import OnsiteError

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip
"""Those of `nbgrader export`, in its order."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(rows: Iterable[Sequence[object]], columns: Sequence[str] = COLUMNS) -> str:
    """The rows under a header, by default nbgrader's, as CSV.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, by which it knows that it is none.
    Source: OWASP, CSV Injection.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # so that both are quoted within a cell
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: object) -> object:
    if not isinstance(cell, str):
        return "" if cell is None else cell
    cell = cell.replace("\0", "")
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell


def write_csv(path: Path, rows: Iterable[Sequence[object]], columns: Sequence[str] = COLUMNS) -> None:
    """Write the rows to `path`, in place of what is there. Raises OnsiteError when that cannot be done."""
    try:
        # With the mark by which spreadsheets know UTF-8.
        write_whole(path, as_csv(rows, columns).encode("utf-8-sig"))
    except OSError as error:
        raise OnsiteError(f"{path} cannot be written ({error.strerror}).") from error
