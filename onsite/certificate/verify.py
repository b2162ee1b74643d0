"""Telling a genuine certificate, and whether what it says still holds."""

import base64
import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path

from onsite.certificate.content import (
    KEY_NAME,
    MARK,
    Certificate,
    code_of,
    parse_certificate,
    read_code,
    same_code,
    signing_key,
)
from onsite.certificate.earned import needed_scenarios, standings
from onsite.certificate.register import Entered, fallen, read_register, still_needed, withdrawn
from onsite.ledger.people import read_names
from onsite.ledger.state import fold
from onsite.ledger.store import names_file, read_stored
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError, told

_MAX_PDF = 10_000_000


@dataclass(frozen=True)
class Verdict:
    """certificate: what is certified, None when it is not genuine; words: what can be said of the paper or file.

    since: what has become of it since the day of issue; holds: whether it still holds, None when nobody can tell.
    """

    certificate: Certificate | None
    words: str
    since: str = ""
    holds: bool | None = None


def verify(course: CoursePaths, what: str) -> Verdict:
    """Whether a code, or a PDF file, is a certificate of this course, and still holds.

    Raises OnsiteError without the key.
    """
    key = signing_key(course.private / KEY_NAME)
    register = [(entered, code_of(entered.certificate, key)) for entered in read_register(course)]
    is_file = _is_file(what)
    if is_file:
        verdict, code = _of_file(Path(what), key, {entered.sha256 for entered, _ in register})
    else:
        code = read_code(what) or ""
        if not code:
            raise OnsiteError(f"'{what}' is neither a file here nor a code of 20 letters and digits.")
        verdict = Verdict(
            None,
            "No certificate with this code is known here: it is not genuine, or its owner was erased. Ask for the PDF.",
        )
    entered = next((entered for entered, known in register if same_code(known, code)), None)
    if entered and not is_file:
        verdict = Verdict(
            entered.certificate, f"Genuine. Compare the paper with what was issued ({entered.pdf}):"
        )  # fmt: skip
    if verdict.certificate is None:
        return verdict
    since, holds = _since(course, entered)
    return replace(verdict, since=since, holds=holds)


def _is_file(what: str) -> bool:
    try:
        return Path(what).is_file()
    except OSError:  # too long for a name, for one
        return False


def _since(course: CoursePaths, entered: Entered | None) -> tuple[str, bool | None]:
    """What has become of a genuine certificate since it was issued."""
    if entered is None:
        return (
            "Nothing else is known here of its owner, who may have been erased: nobody can say what holds today.", None,
        )  # fmt: skip
    stored = read_stored(course)
    said = withdrawn(fold(stored.chain.entries), entered.key(read_names(names_file(course))))
    doubt = " The history has been changed by something else than this course: run `audit`." if stored.breaks else ""
    try:
        scenarios = needed_scenarios(course, course.slugs())
        standing = next((one for one in standings(course, scenarios) if one.learner == entered.learner), None)
    except OnsiteError as error:
        return f"What holds today cannot be told: {error}{doubt}", False if said else None
    marks = {one.slug: one.points for one in scenarios}
    lost = fallen(still_needed(entered, marks, scenarios), standing)
    titles = {one.slug: one.title for one in scenarios}
    named = ", ".join(titles.get(slug, slug) for slug in lost or ())
    if lost:
        told_of = "It was withdrawn" if said else "It has not been withdrawn yet: `python3 course.py certificate` does"
        return (
            f"It does NOT hold any more: a grade changed, and this is not passed now: {named}. {told_of}.{doubt}",
            False,
        )
    if said:
        again = " It is passed again: `python3 course.py certificate` enters that." if lost is not None else ""
        return f"It was WITHDRAWN ({said}).{again}{doubt}", False
    if lost is None:
        return (
            "Whether it still holds cannot be told now: grades it rests on are not in the gradebook, or a text waits "
            f"to be read again.{doubt}", None,
        )  # fmt: skip
    if said is None:
        doubt = " The history does not know it: run `python3 course.py certificate`, and then `audit`."
    return f"It still holds: the grades it rests on pass today too.{doubt}", True


def _of_file(path: Path, key: bytes, issued: set[str]) -> tuple[Verdict, str]:
    with told("Reading the file", "Check your rights there."), path.open("rb") as file:
        data = file.read(_MAX_PDF + 1)
    if len(data) > _MAX_PDF:
        return Verdict(None, f"{path} is far larger than a certificate."), ""
    code, certificate = _content_of(data)
    if certificate is None:
        return Verdict(None, f"{path} is not a certificate of this course: it holds none of its content."), ""
    if not same_code(code_of(certificate, key), code):
        return Verdict(None, f"{path} is NOT genuine: its content does not go with its code."), ""
    if hashlib.sha256(data).hexdigest() in issued:
        return Verdict(certificate, "Genuine, and the file is as it was issued, to the byte:"), code
    words = (
        "This content is genuine. The file is not the one that was issued, and what it shows may have been changed: "
        "trust only what follows."
    )
    return Verdict(certificate, words), code


def _content_of(data: bytes) -> tuple[str, Certificate | None]:
    from pypdf import DocumentInformation, PdfReader

    try:
        keywords = (PdfReader(io.BytesIO(data)).metadata or DocumentInformation()).keywords or ""
        code, _, said = keywords.removeprefix(MARK).partition(":")
        text = base64.urlsafe_b64decode(said.encode()).decode() if keywords.startswith(MARK) else ""
    except Exception:  # whatever a strange PDF makes the library raise
        return "", None
    return code, parse_certificate(text)
