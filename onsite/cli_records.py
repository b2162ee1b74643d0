"""The commands about records: history, audit, backup, one person's data, certificates. Parses, calls, prints."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from onsite.cli_terminal import Bar, asked, not_installed, show, show_some, show_text
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

if TYPE_CHECKING:
    from onsite.ledger.erase import Left

_Run = TypeVar("_Run")


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands to the parser of `course.py`."""
    person = "the id in the roster, or the name as `grade` prints it"

    history = commands.add_parser(
        "history",
        help="enter what readers graded, and show the history of grades",
        description="Enters what was graded in formgrader since the last command, and shows who changed which grade, "
        "when and why.",
    )
    history.add_argument("person", nargs="?", metavar="ID", help="only this person's, as `grade` prints the name")
    history.add_argument(
        "--last", type=int, default=20, metavar="N", help="show the last N entries (default: 20; 0: all)"
    )
    history.set_defaults(run=_history)

    audit = commands.add_parser(
        "audit",
        help="check that nobody has tampered with grades, hand-ins or history",
        description="Checks that the history is whole, and that gradebook, comments, graded answers, hand-ins and "
        "certificates are as it says. Changes nothing. Exit status 1 when something does not agree; it says what "
        "to do.",
    )
    audit.add_argument("--head", default="", metavar="HASH", help="a hash of the history that you noted down earlier")
    audit.add_argument("--accept", metavar="REASON", help="state in the history why what is wrong is accepted")
    audit.set_defaults(run=_audit)

    backup = commands.add_parser(
        "backup",
        help="put all records into one archive",
        description="Puts hand-ins, gradebook, feedback, history, roster and certificates with their key into one zip. "
        "It may run while people hand in.",
    )
    backup.add_argument("file", nargs="?", type=_path, metavar="FILE.zip", help="where to (default: backups/)")
    backup.set_defaults(run=_backup)

    restore = commands.add_parser(
        "restore",
        help="bring all records back from a backup",
        description="Checks every byte of a backup, then puts it in place. What came since is kept: hand-ins, the "
        "history where it goes on from the one in the backup, and who was erased stays erased. Stop the course's "
        "server first.",
    )
    restore.add_argument("file", type=_path, metavar="FILE.zip", help="the backup")
    restore.add_argument("--force", action="store_true", help="replace what is here; it goes into a backup first")
    restore.set_defaults(run=_restore)

    export = commands.add_parser(
        "export-person",
        help="everything about one person in one zip",
        description="Puts everything that the course holds about one person into one zip, for that person.",
    )
    export.add_argument("person", metavar="ID", help=person)
    export.add_argument("--to", type=_path, metavar="FILE.zip", help="where to (default: here in the course)")
    export.set_defaults(run=_export)

    erase = commands.add_parser(
        "erase-person",
        help="erase everything about one person",
        description="Erases everything about one person for good, then looks for what is left and names it (exit "
        "status 1). Backups are not reached; it lists them.",
    )
    erase.add_argument("person", metavar="ID", help=person)
    erase.add_argument("--yes", action="store_true", help="do not ask")
    erase.set_defaults(run=_erase)

    certificate = commands.add_parser(
        "certificate",
        help="a PDF for everybody who has passed (course-rule.yml)",
        description="Writes a PDF for everybody who has passed what course-rule.yml asks for, into certificates/. "
        "Withdraws those whose grades have dropped below the mark since (exit status 1).",
    )
    certificate.add_argument("people", nargs="*", metavar="ID", help=f"only for these: {person}")
    certificate.set_defaults(run=_certificate)

    verify = commands.add_parser(
        "verify",
        help="tell whether a certificate is genuine, and still holds",
        description="Tells whether a certificate is genuine, what it says, and whether it still holds. Exit status 1 "
        "when it is not genuine, or was withdrawn.",
    )
    verify.add_argument("what", metavar="CODE_OR_FILE", help="the code on it, or the PDF file")
    verify.set_defaults(run=_verify)


def enter_in_history(course: CoursePaths, why: str | None = None) -> str | None:
    """Bring the history up to date: after a grading run with why="graded", else with None.

    Returns the line that people should note down, empty while there is no history. A history that cannot be written
    stops no grading: it is said on stderr, and None is returned.
    """
    from onsite.ledger.audit import head_line
    from onsite.ledger.history import bring_up_to_date

    try:
        entered = bring_up_to_date(course, why)
    except OnsiteError as error:
        show_text(str(error), sys.stderr)
        return None
    if entered.set_aside:
        show(
            f"A command was interrupted while it wrote the history. {entered.set_aside} unfinished bytes were set "
            f"aside in {course.history}; what they were about has been entered again.",
            file=sys.stderr,
        )
    if entered.unknown:
        show(
            f"{entered.unknown} grades in {course.gradebook.name} were changed by no grading run and by no reader that "
            "is known. They are entered in the history as 'not known': `python3 course.py history` shows whose. Ask "
            "about them; if nobody can say, bring back a backup, with `python3 course.py restore FILE.zip --force`, "
            "and run `python3 course.py audit`.",
            file=sys.stderr,
        )
    return f"{head_line(entered.mark)} (note it down; `audit --head` checks it)" if entered.mark.entries else ""


def run_in_history(
    course: CoursePaths, why: str, run: Callable[[], _Run], did: Callable[[_Run], object]
) -> tuple[_Run, str | None]:
    """Do a grading run with the history brought up to date before and after it; also after one that fails.

    That a run goes on is noted, so that the grades of one that is killed are known as its own. did: whether there is
    anything to enter. Returns what the run returned, and the line of `enter_in_history`.
    """
    from onsite.ledger.history import run_of_operator
    from onsite.ledger.intent import noted_run

    before = enter_in_history(course)
    if before is None:
        return run(), None
    with noted_run(course, why, run_of_operator()) as is_entered:
        try:
            done = run()
        except BaseException:
            if enter_in_history(course, why) is not None:
                is_entered()
            raise
        history = enter_in_history(course, why) if did(done) else before
        if history is not None:
            is_entered()
    return done, history


def _history(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.ledger.audit import head_line
    from onsite.ledger.history import entries_of, in_words
    from onsite.ledger.people import read_names
    from onsite.ledger.store import names_file, read_stored

    sound = enter_in_history(course) is not None
    names = read_names(names_file(course))
    stored = read_stored(course)
    entries = list(stored.chain.entries)
    if arguments.person:
        entries = entries_of(stored, names.person(arguments.person))
    lines = list(in_words(entries, names.learners()))
    if arguments.person and not lines:
        raise OnsiteError(f"The history has nothing about '{arguments.person}'. Give the name as `grade` prints it.")
    shown = lines[-arguments.last :] if arguments.last > 0 else lines
    if len(shown) < len(lines):
        show(f"({len(lines) - len(shown)} earlier lines; `--last 0` shows all)")
    show(*shown or ["Nothing has been graded yet."])
    if stored.mark.entries:
        show(head_line(stored.mark))
    return 0 if sound else 1


def _audit(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.ledger.audit import accept, audit, head_line

    if arguments.accept is not None:
        if not arguments.accept.strip():
            raise OnsiteError('Give a reason that others will understand: --accept "REASON".')
        accept(course, arguments.accept.strip())
    found = audit(course, arguments.head)
    for note in found.notes:
        show(note)
    show_some([str(fault) for fault in found.faults], " of the kind.", sys.stderr)
    if found.mark.entries:
        show(head_line(found.mark))
    if found.faults:
        show(f"{len(found.faults)} things do not agree.", file=sys.stderr)
        return 1
    show("Everything agrees: the history is whole, and gradebook and hand-ins say what it says.")
    return 0


def _backup(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.ledger.backup import make_backup

    made = make_backup(course, arguments.file)
    for path, why in made.left_out:
        show(f"{path} {why} and is not in the backup.", file=sys.stderr)
    show(f"{made.files} files are in {made.path}")
    show("It holds names, answers and the key of the certificates: keep it where only you can read it.")
    if made.damaged:
        show(
            f"{course.gradebook.name} is damaged ({made.damaged}), and so it is in this backup; everything else in it "
            "is whole. Keep the backups from before: do not let this one take the place of an older one. Bring back "
            "the last that was made without these words, with `python3 course.py restore FILE.zip --force`: hand-ins "
            "and history that came since stay. If there is none, move the gradebook away and grade again; what readers "
            "gave stands in `python3 course.py history --last 0`, and has to be given again.",
            file=sys.stderr,
        )
        return 1
    return 0


def _restore(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.ledger.restore import restore

    done = restore(course, arguments.file, force=arguments.force)
    if done.resumed:
        show("A restore had been interrupted and is finished now. To restore another backup, run the command again.")
    show(f"{done.files} files are back as they were at {done.made_at}.")
    if done.before:
        show(f"How things were before is in {done.before}")
    if done.kept_history:
        show(
            "The history goes on: what was entered since the backup is still in it. Hand-ins that came since are kept."
        )
    if done.erased_since:
        show(f"People who were erased since the backup are erased again: {len(done.erased_since)}.")
    if done.damaged:
        show(
            f"The gradebook was damaged when this backup was made ({done.damaged}), and is so again. Restore an older "
            "backup with --force: hand-ins and history stay.",
            file=sys.stderr,
        )
    show("Now run `python3 course.py grade`, and then `python3 course.py audit`.")
    return 1 if done.damaged else 0


def _export(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.ledger.export import export_person

    made = export_person(course, arguments.person, arguments.to)
    show(f"{made.files} files are in {made.path}. Give it to that person only, and delete it here.")
    return 0


def _erase(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.ledger.erase import erase_person
    from onsite.ledger.person import find_person

    word = arguments.person
    if not arguments.yes:
        person = find_person(course, word)
        show(f"This erases all answers, grades and pages of {person.name} ({person.learner}) for good.")
        if asked("Type the id in brackets to go on: ") != person.learner:
            show("Nothing was erased.")
            return 1
        word = person.learner
    erased = erase_person(course, word)
    show(f"{erased.files} files are gone, and with them the rows in the gradebook and the lines in tables and logs.")
    for path in erased.backups:
        show(f"Not reached: {path} may still hold them. Delete it, or note the day on which it runs out.")
    if erased.backups_made:
        show(f"{erased.backups_made} backups have been made in all: think of those that lie elsewhere.")
    show(
        "Not reached either: mails, exports and copies that you made yourself, and the folder or zip that you graded "
        "from. Delete theirs there too. The very same files are not taken in again; others of theirs would be."
    )
    if erased.in_history:
        show(
            "Their name stays in the history: they graded, or ran a command, or somebody named them in a reason. "
            "Of their own grades nobody can say any more whose they were."
        )
    for doubt in erased.doubts:
        show(f"{doubt} It was read as well as it could be: look whether anything of theirs is left.", file=sys.stderr)
    show_some([_told(one, course) for one in erased.left], " of the kind.", sys.stderr)
    return 1 if erased.left else 0


def _told(left: "Left", course: CoursePaths) -> str:
    from onsite.ledger.erase import PERHAPS

    if left.where == PERHAPS:
        return f"{left.path} may be theirs: nobody can say. Look at it, and delete it if it is."
    return f"A name or an id of theirs still stands in {left.path}{_where(left, course)}"


def _where(left: "Left", course: CoursePaths) -> str:
    where = f", {left.where}" if left.where else ""
    if left.path.is_relative_to(course.report):
        return f"{where}. Make the report anew: `python3 course.py report`."
    if left.path == course.gradebook:
        return f"{where}. Somebody wrote it about another person: change it there, in formgrader."
    return f"{where}. Look at it, and delete the file or the line."


def _certificate(course: CoursePaths, arguments: argparse.Namespace) -> int:
    try:
        from onsite.certificate.issue import issue
    except ModuleNotFoundError as error:
        raise not_installed("Certificates need", error) from error

    with Bar() as progress:
        done = issue(course, arguments.people, progress)
    show_some([f"Written: {path}" for path in done.made.values()], f" in {course.certificates}")
    show_some([f"Issued before: {path}" for path in done.kept.values()], f" in {course.certificates}")
    for path in done.again:
        show(f"Was withdrawn and holds again: {path}")
    for path, slugs in done.withdrawn.items():
        show(f"Withdrawn, for {', '.join(slugs)} is not passed any more: {path}", file=sys.stderr)
    for standing in done.missing if arguments.people else []:
        show(f"{standing.learner} has not passed everything yet:")
        for slug, why in standing.missing.items():
            show(f"  {slug}: {why}")
    if done.missing and not arguments.people:
        show(f"Not passed everything yet: {len(done.missing)}. `certificate ID` says what is missing.")
    if done.withdrawn:
        show("Tell whoever holds a withdrawn one: the paper looks as before, and `verify` says that it was withdrawn.")
    if done.made or done.kept:
        show("Give each person the PDF. Whoever is shown one can have it checked: `python3 course.py verify CODE`.")
    for failure in done.failed:
        show(failure, file=sys.stderr)
    return 1 if done.failed or done.withdrawn or (arguments.people and done.missing) else 0


def _verify(course: CoursePaths, arguments: argparse.Namespace) -> int:
    try:
        from onsite.certificate.verify import verify

        verdict = verify(course, arguments.what)
    except ModuleNotFoundError as error:  # of what reads a PDF, only where one is read
        raise not_installed("Certificates need", error) from error

    if verdict.certificate is None:
        show(verdict.words, file=sys.stderr)
        return 1
    certificate = verdict.certificate
    show(verdict.words)
    show(f"  {certificate.name}")
    by = f" by {certificate.issued_by}" if certificate.issued_by else ""
    show(f"  {certificate.course}, issued on {certificate.issued}{by}")
    for title, day in certificate.scenarios:
        show(f"  {day}  {title}")
    show(verdict.since, file=sys.stderr if verdict.holds is False else sys.stdout)
    return 1 if verdict.holds is False else 0


def _path(text: str) -> Path:
    return Path(text).expanduser()
