"""Issuing certificates to whoever has passed, and withdrawing those of whoever has not after all."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from onsite.certificate.content import KEY_NAME, Certificate, clean, code_of, same_code, signing_key
from onsite.certificate.earned import Needed, Standing, needed_scenarios, standings
from onsite.certificate.fonts import Fonts, MissingLettersError, find_fonts
from onsite.certificate.page import certificate_pdf
from onsite.certificate.register import Entered, fallen, put_down, read_register, still_needed, withdrawn
from onsite.certificate.rule import Rule, read_rule
from onsite.grading.intake import Progress
from onsite.grading.names import id_of
from onsite.ledger.entries import Body
from onsite.ledger.history import bring_up_to_date, enter, state_of
from onsite.ledger.owners import read_roster_anyhow
from onsite.ledger.people import Names, read_names
from onsite.ledger.person import find_person
from onsite.ledger.state import CERTIFIED, WITHDRAWN, Issued, State
from onsite.ledger.store import names_file
from onsite.paths import CoursePaths
from onsite.safe_files import write_whole
from onsite.scenario.errors import told
from onsite.scenario.record import FILE_NAME, MAX_BYTES


@dataclass
class Outcome:
    """New certificates and those there already, by learner; who has not passed; who could not be served, and why.

    withdrawn: certificates whose holders do not pass any more, with the scenarios; again: withdrawn ones that hold
    again.
    """

    made: dict[str, Path] = field(default_factory=dict)
    kept: dict[str, Path] = field(default_factory=dict)
    missing: list[Standing] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    withdrawn: dict[Path, list[str]] = field(default_factory=dict)
    again: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class _Desk:
    """What is needed to write certificates, read once."""

    course: CoursePaths
    rule: Rule
    needed: list[Needed]
    key: bytes
    fonts: Fonts
    names: Names
    state: State
    on_paper: Mapping[str, str]
    today: str


def issue(course: CoursePaths, people: Iterable[str] = (), progress: Progress | None = None) -> Outcome:
    """Make a certificate for everybody who has passed, or for `people`. What was issued before stays as it is.

    What was issued to somebody who does not pass any more is withdrawn. Every certificate, and every withdrawal, is
    entered in the history. Raises OnsiteError when the rule cannot be used, nothing is graded, somebody is not known,
    or the history is broken.
    """
    known = course.slugs()
    rule = read_rule(course.rule, known)
    needed = needed_scenarios(course, rule.slugs(known))
    wanted = {find_person(course, word).learner for word in people}
    everybody = standings(course, needed)
    bring_up_to_date(course)
    desk = _Desk(
        course, rule, needed,
        key=signing_key(course.private / KEY_NAME, make=True),
        fonts=find_fonts(course.root / "fonts", rule.chinese_characters),
        names=read_names(names_file(course)),
        state=state_of(course),
        on_paper=_roster_names(course),
        today=datetime.now().astimezone().date().isoformat(),
    )  # fmt: skip
    outcome = Outcome()
    outcome.failed += [
        f"{learner}: nothing of theirs is in the gradebook."
        for learner in sorted(wanted - {standing.learner for standing in everybody})
    ]
    bodies: list[Body] = []
    try:
        for done, standing in enumerate(everybody, 1):
            if not wanted or standing.learner in wanted:
                bodies += _look_again(desk, standing, outcome)
                bodies += _serve(desk, standing, outcome)
            if progress:
                progress("Certificates", done, len(everybody))
    finally:
        # What was written is entered, even when the disk is full by now.
        if bodies:
            enter(course, *bodies)
    return outcome


def _look_again(desk: _Desk, standing: Standing, outcome: Outcome) -> list[Body]:
    """Whether what was issued to somebody holds."""
    bodies: list[Body] = []
    marks = {one.slug: one.points for one in desk.needed}
    for entered in read_register(desk.course, standing.learner):
        key = entered.key(desk.names)
        said = withdrawn(desk.state, key)
        if key is None or not same_code(code_of(entered.certificate, desk.key), entered.code):
            continue
        lost = fallen(still_needed(entered, marks, desk.needed), standing)
        if said is None:
            bodies.append(_entry(CERTIFIED, key, "issued before"))
        if lost:
            outcome.withdrawn[entered.pdf] = lost
            if not said:
                bodies.append(_entry(WITHDRAWN, key, f"not passed any more: {', '.join(lost)}"))
        elif said and lost is not None:
            outcome.again.append(entered.pdf)
            bodies.append(_entry(CERTIFIED, key, "passed again"))
    return bodies


def _entry(what: str, key: Issued, why: str) -> Body:
    return {"what": what, "person": key[0], "seal": key[1], "why": why}


def _serve(desk: _Desk, standing: Standing, outcome: Outcome) -> list[Body]:
    """The certificate of one person, when they have passed."""
    learner = standing.learner
    if standing.missing:
        outcome.missing.append(standing)
        return []
    name = clean(desk.on_paper.get(learner) or _typed_name(desk.course, learner))
    if not name:
        outcome.failed.append(f"{learner}: no name is known. Enter it in {desk.course.roster.name}, with this id.")
        return []
    rule = desk.rule
    titles = {one.slug: one.title for one in desk.needed}
    scenarios = tuple((titles[slug], day.isoformat()) for slug, day in standing.passed.items())
    certificate = Certificate(name, rule.course, rule.about, scenarios, desk.today, rule.issued_by, rule.signed_by)
    before = next(
        (one for one in read_register(desk.course, learner) if one.certificate.same_but_for_the_day(certificate)), None
    )
    if before and before.pdf.exists():
        outcome.kept[learner] = before.pdf
        return []
    certificate = before.certificate if before else certificate
    code = code_of(certificate, desk.key)
    try:
        pdf = certificate_pdf(certificate, code, desk.fonts)
    except MissingLettersError as error:
        outcome.failed.append(f"{learner}: {error}.")
        return []
    path = desk.course.certificates / learner / f"certificate-{code}.pdf"
    sha256 = hashlib.sha256(pdf).hexdigest()
    with told("Writing the certificate", "Make room or mend your rights there, and run the same command again."):
        write_whole(path, pdf)
    outcome.made[learner] = path
    if before and before.sha256 == sha256:
        return []
    marks = {one.slug: one.points for one in desk.needed}
    entered = Entered(learner, path.with_suffix(".json"), certificate, sha256, marks)
    put_down(entered)
    key = entered.key(desk.names)
    return [_entry(CERTIFIED, key, "made again" if before else "passed")] if key else []


def _roster_names(course: CoursePaths) -> dict[str, str]:
    rows = [row.cells for row in read_roster_anyhow(course).rows]
    return {found: cells.get("name", "") for cells in rows if (found := id_of(cells.get("id", "")))}


def _typed_name(course: CoursePaths, learner: str) -> str:
    for path in sorted(course.submitted.glob(f"{learner}/*/{FILE_NAME}")):
        try:
            if path.stat().st_size <= MAX_BYTES and (name := str(json.loads(path.read_bytes()).get("learner", ""))):
                return name
        except (OSError, ValueError, AttributeError, RecursionError):
            continue
    return ""
