"""What a record is worth, decision by decision: the same function of record and key that the hidden tests call."""

import hashlib
import json
from dataclasses import dataclass

from onsite.grading.basis import basis_of
from onsite.grading.scenarios import CourseScenario
from onsite.grading.written import written_cells
from onsite.scenario.attempts import Attempt, attempts_of, counted_among
from onsite.scenario.record import Record
from onsite.scenario.scoring import decision_points


@dataclass(frozen=True)
class Marked:
    """points: by decision, None where a person has to read first; texts: Markdown of the cells written in.

    basis: by what they were measured, see `basis_of`; remark: what a person should know of the record, or ''.
    """

    points: dict[str, float | None]
    texts: dict[str, str]
    basis: str = ""
    remark: str = ""

    @property
    def texts_digest(self) -> str:
        """Changes when there is something else to read."""
        return hashlib.sha256(json.dumps(self.texts, sort_keys=True).encode()).hexdigest()


def mark(scenario: CourseScenario, record: Record) -> Marked:
    """Mark one record, by the key of the version that its counted attempt was replayed on.

    A decision that the counted attempt did not come to is worth 0.0, written ones too.
    """
    attempts = attempts_of(scenario.editions, record)
    attempt = counted_among(scenario.editions, attempts)
    edition = scenario.edition(attempt)
    path = attempt.replayed.path if attempt else []
    texts = written_cells(edition, path)
    points: dict[str, float | None] = {}
    for name, declared in scenario.scenario.decisions.items():
        if name in edition.keys:
            points[name] = decision_points(path, edition.keys[name], float(declared.points))
        else:
            points[name] = None if name in texts else 0.0
    return Marked(points, texts, basis_of(scenario, attempts, attempt), _remark(record, attempt))


def _remark(record: Record, attempt: Attempt | None) -> str:
    if attempt is None or attempt.replayed.problem is None:
        return ""
    _, answers = record.attempts()[attempt.number - 1]
    return f"only {attempt.replayed.problem} of {len(answers)} answers fit the story"
