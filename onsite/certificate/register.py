"""What was put down when a certificate was issued, and what has become of it since."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from onsite.certificate.content import Certificate, parse_certificate
from onsite.certificate.earned import Needed, Standing
from onsite.ledger.people import Names
from onsite.ledger.state import Issued, State
from onsite.paths import CoursePaths
from onsite.safe_files import write_whole
from onsite.scenario.errors import told
from onsite.scenario.scoring import reaches


@dataclass(frozen=True)
class Entered:
    """One certificate in the register: whose, the file that says so, the hash of its PDF.

    needed: from how many points each scenario was passed when it was issued; None in what was issued before that
    was put down.
    """

    learner: str
    path: Path
    certificate: Certificate
    sha256: str
    needed: Mapping[str, float] | None

    @property
    def code(self) -> str:
        """The code in its name; whether it goes with its content is for who holds the key."""
        return self.path.stem.removeprefix("certificate-")

    @property
    def pdf(self) -> Path:
        """The certificate itself."""
        return self.path.with_suffix(".pdf")

    def key(self, names: Names) -> Issued | None:
        """By what the history knows it; None for somebody whom the history does not know."""
        person = names.person(self.learner)
        return (person, names.seal(self.learner, self.path.read_bytes())) if person else None


def put_down(entered: Entered) -> None:
    """Write what was issued into the register. Raises OnsiteError when it cannot be written."""
    said = {
        "code": entered.code, "sha256": entered.sha256, "certificate": json.loads(entered.certificate.to_json()),
        "needed": dict(entered.needed or {}),
    }  # fmt: skip
    with told("Writing the certificate", "Make room or mend your rights there, and run the same command again."):
        write_whole(entered.path, json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n")


def read_register(course: CoursePaths, learner: str = "*") -> Iterator[Entered]:
    """What was issued, to one learner or to all. What cannot be read is left out: the audit names it."""
    for path in sorted(course.certificates.glob(f"{learner}/certificate-*.json")):
        try:
            said = json.loads(path.read_bytes())
            certificate = parse_certificate(json.dumps(said["certificate"]))
            sha256 = str(said["sha256"])
            needed = said.get("needed")
            needed = None if needed is None else {str(slug): float(points) for slug, points in needed.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        if certificate is not None:
            yield Entered(path.parent.name, path, certificate, sha256, needed)


def still_needed(entered: Entered, marks: Mapping[str, float], scenarios: Iterable[Needed]) -> dict[str, float]:
    """From how many points each scenario on a certificate is passed: a mark that was raised since does not count."""
    then = entered.needed
    if then is None:
        titles = {title for title, _ in entered.certificate.scenarios}
        then = {one.slug: one.points for one in scenarios if one.title in titles}
    return {slug: min(points, marks.get(slug, points)) for slug, points in then.items()}


def fallen(needed: Mapping[str, float], standing: Standing | None) -> list[str] | None:
    """The scenarios of a certificate that are not passed any more; None when that cannot be told now.

    A grade that is gone decides nothing, nor does a text that waits to be read and could still bring enough.
    """
    points = standing.points if standing else {}
    waiting = standing.waiting if standing else {}
    short = [slug for slug, least in needed.items() if slug in points and not reaches(points[slug], least)]
    found = [slug for slug in short if not reaches(points[slug] + waiting.get(slug, 0.0), needed[slug])]
    undecided = len(short) > len(found) or any(slug not in points for slug in needed)
    return found if found or not undecided else None


def withdrawn(state: State, key: Issued | None) -> str | None:
    """Why the history says it was withdrawn; '' when it holds; None when the history does not know it."""
    return state.certificates.get(key) if key else None
