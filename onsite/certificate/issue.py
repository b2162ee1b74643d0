"""Issuing certificates, and telling a genuine one."""

import base64
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from onsite.certificate.content import (
    Certificate,
    clean,
    code_of,
    parse_certificate,
    read_code,
    same_code,
    signing_key,
)
from onsite.certificate.earned import Standing, needed_scenarios, standings
from onsite.certificate.fonts import MissingLettersError, find_fonts
from onsite.certificate.page import MARK, certificate_pdf
from onsite.certificate.rule import read_rule
from onsite.grading.inbox import learner_id
from onsite.ledger.person import find_person, read_roster_anyhow
from onsite.ledger.safe_files import told, write_whole
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import FILE_NAME, MAX_BYTES

KEY_NAME = "certificate.key"
_MAX_PDF = 10_000_000


@dataclass
class Issued:
    """New certificates and those there already, by learner; who has not passed; who could not be served, and why."""

    made: dict[str, Path] = field(default_factory=dict)
    kept: dict[str, Path] = field(default_factory=dict)
    missing: list[Standing] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """certificate: what is certified, None when it is not genuine; words: what can be said."""

    certificate: Certificate | None
    words: str


def issue(course: CoursePaths, people: Iterable[str] = ()) -> Issued:
    """Make a certificate for everybody who has passed, or for `people`. What was issued before stays as it is.

    Raises OnsiteError when the rule cannot be used, nothing is graded, or somebody is not known.
    """
    known = course.slugs()
    rule = read_rule(course.rule, known)
    needed = needed_scenarios(course, rule.slugs(known))
    titles = {one.slug: one.title for one in needed}
    wanted = {find_person(course, word).learner for word in people}
    unknown = set(wanted)
    issued = Issued()
    names = _roster_names(course)
    fonts = find_fonts(course.root / "fonts")
    key = signing_key(course.private / KEY_NAME, make=True)
    today = datetime.now().astimezone().date().isoformat()
    for standing in standings(course, needed):
        learner = standing.learner
        if wanted and learner not in wanted:
            continue
        unknown.discard(learner)
        if standing.missing:
            issued.missing.append(standing)
            continue
        name = clean(names.get(learner) or _typed_name(course, learner))
        if not name:
            issued.failed.append(f"{learner}: no name is known. Enter it in {course.roster.name}, with this id.")
            continue
        scenarios = tuple((titles[slug], day.isoformat()) for slug, day in standing.passed.items())
        certificate = Certificate(
            name, rule.course, rule.about, scenarios, today, rule.issued_by, rule.signed_by
        )  # fmt: skip
        before = [(path, old) for path, old, _ in _register(course, learner) if old.same_but_for_the_day(certificate)]
        if before and before[0][0].with_suffix(".pdf").exists():
            issued.kept[learner] = before[0][0].with_suffix(".pdf")
            continue
        certificate = before[0][1] if before else certificate
        code = code_of(certificate, key)
        try:
            pdf = certificate_pdf(certificate, code, fonts)
        except MissingLettersError as error:
            issued.failed.append(f"{learner}: {error}.")
            continue
        issued.made[learner] = _save(course, learner, certificate, code, pdf)
    issued.failed += [f"{learner}: nothing of theirs is in the gradebook." for learner in sorted(unknown)]
    return issued


def _save(course: CoursePaths, learner: str, certificate: Certificate, code: str, pdf: bytes) -> Path:
    path = course.certificates / learner / f"certificate-{code}.pdf"
    said = {"code": code, "sha256": hashlib.sha256(pdf).hexdigest(), "certificate": json.loads(certificate.to_json())}
    with told("Writing the certificate", "Make room or mend your rights there, and run the same command again."):
        write_whole(path, pdf)
        write_whole(path.with_suffix(".json"), json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n")
    return path


def _register(course: CoursePaths, learner: str = "*") -> Iterator[tuple[Path, Certificate, str]]:
    """What was issued: the file that says so, the certificate, the hash of its PDF."""
    for path in sorted(course.certificates.glob(f"{learner}/certificate-*.json")):
        try:
            said = json.loads(path.read_bytes())
            certificate = parse_certificate(json.dumps(said["certificate"]))
            sha256 = str(said["sha256"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
        if certificate is not None:
            yield path, certificate, sha256


def _roster_names(course: CoursePaths) -> dict[str, str]:
    names = {}
    for row in read_roster_anyhow(course).rows:
        try:
            names[learner_id(row.cells.get("id", ""))] = row.cells.get("name", "")
        except RecordError:
            continue
    return names


def _typed_name(course: CoursePaths, learner: str) -> str:
    for path in sorted(course.submitted.glob(f"{learner}/*/{FILE_NAME}")):
        try:
            if path.stat().st_size <= MAX_BYTES and (name := str(json.loads(path.read_bytes()).get("learner", ""))):
                return name
        except (OSError, ValueError, AttributeError, RecursionError):
            continue
    return ""


def verify(course: CoursePaths, what: str) -> Verdict:
    """Whether a code, or a PDF file, is a certificate of this course. Raises OnsiteError without the key."""
    key = signing_key(course.private / KEY_NAME)
    if Path(what).is_file():
        return _verify_file(course, Path(what), key)
    code = read_code(what)
    if code is None:
        raise OnsiteError(f"'{what}' is neither a file here nor a code of 20 letters and digits.")
    for path, certificate, _ in _register(course):
        if same_code(code_of(certificate, key), code):
            return Verdict(
                certificate, f"Genuine. Compare the paper with what was issued ({path.with_suffix('.pdf')}):"
            )
    return Verdict(
        None,
        "No certificate with this code is known here: it is not genuine, or its owner was erased. Ask for the PDF.",
    )


def _verify_file(course: CoursePaths, path: Path, key: bytes) -> Verdict:
    with told("Reading the file", "Check your rights there."), path.open("rb") as file:
        data = file.read(_MAX_PDF + 1)
    if len(data) > _MAX_PDF:
        return Verdict(None, f"{path} is far larger than a certificate.")
    code, certificate = _content_of(data)
    if certificate is None:
        return Verdict(None, f"{path} is not a certificate of this course: it holds none of its content.")
    if not same_code(code_of(certificate, key), code):
        return Verdict(None, f"{path} is NOT genuine: its content does not go with its code.")
    sha256 = hashlib.sha256(data).hexdigest()
    if any(sha256 == known for _, _, known in _register(course)):
        return Verdict(certificate, "Genuine, and the file is as it was issued, to the byte:")
    return Verdict(
        certificate,
        "This content is genuine. The file is not the one that was issued, and what it shows may have been changed: "
        "trust only what follows.",
    )


def _content_of(data: bytes) -> tuple[str, Certificate | None]:
    from pypdf import DocumentInformation, PdfReader

    try:
        keywords = (PdfReader(io.BytesIO(data)).metadata or DocumentInformation()).keywords or ""
        code, _, said = keywords.removeprefix(MARK).partition(":")
        text = base64.urlsafe_b64decode(said.encode()).decode() if keywords.startswith(MARK) else ""
    except Exception:  # whatever a strange PDF makes the library raise
        return "", None
    return code, parse_certificate(text)
