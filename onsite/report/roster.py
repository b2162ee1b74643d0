"""The roster: who should play, and in which group they are. A CSV file with the columns id, name, email, group."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from onsite.grading.inbox import learner_id
from onsite.scenario.errors import OnsiteError, RecordError

NEEDED = ("id", "group")


@dataclass(frozen=True)
class Roster:
    """groups: by person (the id of their line); known_as: the person by every id that a hand-in may carry."""

    groups: Mapping[str, str]
    known_as: Mapping[str, str]

    def person(self, learner: str) -> str | None:
        """The person of the roster behind a hand-in's learner id, or None."""
        return self.known_as.get(learner)


def read_roster(path: Path) -> Roster | None:
    """The roster at `path`, or None when there is none.

    A hand-in belongs to a line by its id, else its email, else its name; a name that two lines share says nothing.
    Raises OnsiteError when the file cannot be read, lacks a column, or has two lines with one id.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise OnsiteError(f"{path} cannot be read as text: {error}. Save it as CSV, UTF-8.") from error
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    columns = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    if missing := [name for name in NEEDED if name not in columns]:
        raise OnsiteError(f"{path} has no column '{missing[0]}'. Its first line should read: id,name,email,group")
    reader.fieldnames = columns
    return roster_of([{key: (value or "").strip() for key, value in row.items() if key in columns} for row in reader])


def roster_of(rows: list[dict[str, str]]) -> Roster:
    """The roster of lines with `id`, `group` and perhaps `name` and `email`; lines without an id are left out."""
    groups: dict[str, str] = {}
    known: dict[str, list[tuple[str, str]]] = {"id": [], "email": [], "name": []}
    for row in rows:
        if not row.get("id"):
            continue
        person = _key(row["id"])
        if person is None or person in groups:
            raise OnsiteError(f"roster.csv has the id '{row['id']}' twice, or it has no letter or digit. Correct it.")
        groups[person] = row.get("group", "")
        for field, found in known.items():
            if key := _key(row.get(field, "")):
                found.append((key, person))
    known_as: dict[str, str] = {}
    for pairs in known.values():
        times = Counter(key for key, _ in pairs)
        known_as = {key: person for key, person in pairs if times[key] == 1} | known_as
    return Roster(groups, known_as)


def _key(text: str) -> str | None:
    try:
        return learner_id(text)
    except RecordError:
        return None
