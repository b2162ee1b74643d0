"""The `onsite` command: parses, calls, prints. Every rule lives in the packages it calls.

Those are imported by the command that needs them: starting the server must not wait for the grader.
"""

import argparse
import gc
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

from onsite.cli_records import add_commands as add_record_commands
from onsite.cli_records import enter_in_history
from onsite.cli_regrade import add_command as add_regrade
from onsite.paths import CoursePaths, find_course
from onsite.scenario.errors import OnsiteError

if TYPE_CHECKING:
    from tqdm import tqdm

    from onsite.grading.grade import Report
    from onsite.grading.hands import Hands

_SERVERS_PATIENCE = 60.0
"""Seconds for which the server's own run waits until somebody else's run has ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 something for a person to mend, 2 wrong usage."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(find_course(), arguments))
    except OnsiteError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    """argparse, in whose usage the program is called what a person typed."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message}\nSee `python3 course.py --help`.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="course.py",
        description="Without a command: build what has changed, serve the course and JupyterLab on this machine.",
    )
    parser.set_defaults(run=_serve)
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    parser.add_argument("--port", type=_port, help="the port to listen on (default: the first free one from 8888)")
    parser.add_argument("--host", default="localhost", help="the address to listen on (default: this machine only)")
    parser.add_argument("--collect", action="store_true", help="only gather hand-ins; grade them later with `grade`")
    parser.add_argument(
        "--reader",
        default="",
        metavar="NAME",
        help="under which name grades given in formgrader here are noted (default: your login)",
    )
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)

    build = commands.add_parser("build", help="scenarios to notebooks to the static site in _build/html")
    build.add_argument("--force", action="store_true", help="build even if nothing has changed")
    build.set_defaults(run=_build)

    check = commands.add_parser("check", help="check every scenario: errors, give-aways, figures")
    check.add_argument("--strict", action="store_true", help="let warnings fail the check too")
    check.add_argument("--json", action="store_true", help="print everything as JSON")
    check.set_defaults(run=_check)

    new = commands.add_parser("new", help="start a scenario: a small complete story to write over")
    new.add_argument("slug", help="its short name: small letters, digits and hyphens")
    new.set_defaults(run=_new)

    revise = commands.add_parser("revise", help="keep a scenario as people have played it, before you change its story")
    revise.add_argument("slug", help="the name of its folder in solutions/")
    revise.set_defaults(run=_revise)

    preview = commands.add_parser("preview", help="show a scenario as its player does, while you write it")
    preview.add_argument("slug", help="the name of its folder in solutions/")
    # Suppressed defaults, so that options given before the command are not lost to these.
    preview.add_argument("--port", type=_port, default=argparse.SUPPRESS, help="the port to listen on")
    preview.add_argument("--no-browser", action="store_true", default=argparse.SUPPRESS, help="do not open the browser")
    preview.set_defaults(run=_preview)

    grade = commands.add_parser("grade", help="grade the hand-ins in hand-ins/ and write feedback")
    grade.add_argument(
        "sources",
        nargs="*",
        type=Path,
        metavar="FILE_OR_FOLDER",
        help="what people sent: records, zips, folders, a learning platform's download; copied into hand-ins/ first",
    )
    grade.add_argument(
        "--roster", type=Path, metavar="CSV", help="who takes part (default: roster.csv, if it is there)"
    )
    grade.add_argument(
        "--alone",
        action="store_true",
        help="one person on their own machine: no name needed, the latest hand-in counts",
    )
    grade.add_argument("--workers", type=int, metavar="N", help="processes that grade beside each other")
    grade.add_argument("--export", type=Path, metavar="CSV", help="also write the gradebook as a table")
    grade.add_argument("--json", action="store_true", help="print the outcome as one line of JSON")
    grade.set_defaults(run=_grade)

    add_regrade(commands, _Bar, _print)

    report = commands.add_parser("report", help="the cohort report: one page, and a notebook to filter it by group")
    report.add_argument("--workers", type=int, metavar="N", help="processes that read beside each other")
    report.set_defaults(run=_report)

    add_record_commands(commands)

    # Listed for the help text: course.py runs the tests itself, before this command is reached.
    commands.add_parser("test", help="run the whole test suite")
    return parser


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return port


def _serve(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.build.site import build
    from onsite.build.workspace import prepare_work
    from onsite.ledger.people import operator
    from onsite.server.launch import Address, is_loopback, serve
    from onsite.server.ports import choose_port

    collect = arguments.collect
    if not is_loopback(arguments.host) and not collect:
        print("Other people can reach this address, so hand-ins are only gathered, as with --collect.")
        collect = True
    elif course.roster.is_file() and not collect:
        print("There is a roster.csv, so hand-ins are only gathered; `python3 course.py grade` grades everybody.")
        collect = True
    port = choose_port(arguments.host, arguments.port)
    build(course, _say)
    prepare_work(course)
    address = Address(arguments.host, port, collect, arguments.reader or operator())
    if arguments.reader or course.roster.is_file():
        print(f"Grades given in formgrader here are noted as those of '{address.reader}' (another: --reader NAME).")
    serve(course, address, _say, open_browser=not arguments.no_browser)
    return 0


def _build(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.build.site import build

    if not build(course, _say, force=arguments.force):
        print("Nothing has changed since the last build.")
    print(f"The site is in {course.site}")
    return 0


def _check(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.checking import check_course, course_as_json, finding_lines, scenario_lines
    from onsite.scenario.examine import Examined

    def tell(examined: Examined) -> None:
        if not arguments.json:
            _say("\n".join(scenario_lines(examined)))

    # The graphs hold no cycles of references, and looking for some takes as long as all the rest.
    gc.disable()
    try:
        outcome = check_course(course, tell)
    finally:
        gc.enable()
    if arguments.json:
        print(json.dumps(course_as_json(outcome), indent=1, ensure_ascii=False))
    else:
        for finding in outcome.findings:
            print("\n".join(finding_lines(finding)), file=sys.stderr)
        print(outcome.verdict())
    return 1 if outcome.errors or (arguments.strict and outcome.findings) else 0


def _new(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.authoring.skeleton import new_scenario

    path = new_scenario(course, arguments.slug)
    print(f"Written: {path.relative_to(course.root)}. It is a small story that can be played; write over it.")
    print(f"1. See it while you write:      python3 course.py preview {arguments.slug}")
    print("2. When you are content, check: python3 course.py check")
    return 0


def _revise(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.authoring.revise import revise

    done = revise(course, arguments.slug)
    kept, scenario = (path.relative_to(course.root).as_posix() for path in (done.kept, done.scenario))
    print(f"Kept: {kept}, the scenario as people have played it until now. Never change that file.")
    print(f"{scenario} is version {done.version} now. Write your changes there.")
    print(f"1. See them while you write:       python3 course.py preview {arguments.slug}")
    print("2. When you are content, check:    python3 course.py check")
    print("3. Build, and commit both files:   python3 course.py build")
    print(f"Whoever began on version {done.version - 1} is graded with that version's key.")
    return 0


def _preview(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.authoring.preview import preview

    preview(course, arguments.slug, arguments.port, _say, open_browser=not arguments.no_browser)
    return 0


def _grade(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.grading import inbox
    from onsite.grading.hands import Hands, spare_the_collector

    spare_the_collector()
    with Hands(arguments.workers) as hands:
        # They start while this process looks into the history and imports nbgrader.
        hands.get_ready("onsite.grading.desk", worth=sum(1 for _ in inbox.files(course.inbox)) >= inbox.MANY)
        before = enter_in_history(course, None)
        report = _graded(course, arguments, hands)
    history = before
    if before is not None and (report.graded or report.taken):
        history = enter_in_history(course, "graded")
    if arguments.json:
        outcome: dict[str, object] = {"refused": {p.name: message for p, message in report.refused + report.unknown}}
        if report.held:
            outcome["held"] = [held.scenario for held in report.held]
        print(json.dumps(outcome))
        return 0
    _tell(report, course)
    if history:
        print(history)
    if arguments.export:
        _print(f"The gradebook is in {arguments.export}")
    return 1 if report.refused or report.unknown or report.held or history is None else 0


def _graded(course: CoursePaths, arguments: argparse.Namespace, hands: "Hands") -> "Report":
    from onsite.grading.grade import grade
    from onsite.grading.roster import read_due, read_roster

    path = arguments.roster or course.roster
    listed = arguments.roster is not None or path.is_file()
    if arguments.alone and listed:
        raise OnsiteError(
            f"There is a roster, {path}, so this is not one person's course. What was handed in is safe: "
            "`python3 course.py grade` grades everybody."
        )
    roster = read_roster(path) if listed else None
    due = path.with_name(course.due.name)
    with _Bar(quiet=arguments.json) as progress:
        return grade(
            course,
            sources=arguments.sources,
            roster=roster,
            due=read_due(due, course.slugs()) if due.is_file() and not arguments.alone else None,
            one_person=arguments.alone,
            hands=hands,
            patience=_SERVERS_PATIENCE if arguments.json else 0,
            export=arguments.export,
            progress=progress,
        )


def _tell(report: "Report", course: CoursePaths) -> None:
    if not (report.results or report.refused or report.unknown or report.held):
        print(f"There is nothing to grade in {course.inbox}. Put the files people sent you there.")
    for result in report.results:
        reading = "  (text waits to be read: formgrader in JupyterLab)" if result.needs_reading else ""
        older = f"  ({result.of_older})" if result.of_older else ""
        _print(f"{result.learner}  {result.scenario}  {result.score:g} of {result.max_score:g}{reading}{older}")
    why = "came later" if report.latest else "came first in the same name"
    for path, instead in report.superseded:
        _print(f"{path.name} does not count: {instead.name} {why}.")
    for hand_in in report.late:
        came = hand_in.at.astimezone().strftime("%Y-%m-%d %H:%M")
        _print(f"Late: {hand_in.learner_id}  {hand_in.scenario}  came {came}. It is graded all the same.")
    for learners in report.shared:
        _print(f"One and the same record was handed in by {' and '.join(learners)}. Each was graded; ask them.")
    for held in report.held:
        people = "1 person" if held.people == 1 else f"{held.people} people"
        _print(
            f"Nothing of '{held.scenario}' was graded. Grades of {people} would change that were given already: "
            f"{'; '.join(held.reasons)}.\n`{held.command}` shows whose and why, and grades it when you agree.",
            sys.stderr,
        )
    for path, message in report.unknown:
        _print(f"Not graded, {path}: {message}", sys.stderr)
    for path, message in report.refused:
        _print(f"{path}: {message}", sys.stderr)
    if report.results:
        print(f"Feedback is in {course.feedback}")


def _print(line: str, file: TextIO | None = None) -> None:
    """Print what holds names that anybody may have chosen: nothing in them may steer the terminal."""
    file = file or sys.stdout
    shown = "".join(
        letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in line
    )
    encoding = file.encoding or "utf-8"
    print(shown.encode(encoding, "replace").decode(encoding), file=file)


def _report(course: CoursePaths, arguments: argparse.Namespace) -> int:
    try:
        from onsite.report.make import make_report
    except ModuleNotFoundError as error:
        raise OnsiteError(
            f"The report needs the package {error.name}, which is not installed. Run `python3 course.py report`, which "
            "installs it, instead of the `onsite` command."
        ) from error

    with _Bar(quiet=False) as progress:
        made = make_report(course, progress, workers=arguments.workers)
    for path, message in made.refused:
        print(f"{path}: {message}", file=sys.stderr)
    print(f"The report on {made.people} people is in {made.page}")
    print(f"To look at one group, open {made.notebook} in JupyterLab.")
    return 1 if made.refused else 0


def _say(message: str) -> None:
    print(message, flush=True)


class _Bar:
    """A bar on the terminal with the time that is left; nothing into a pipe."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: tqdm[NoReturn] | None = None
        self._shown = ("", 0)
        self._done = 0

    def __enter__(self) -> Callable[[str, int, int], None]:
        return self._show

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _show(self, what: str, done: int, of: int) -> None:
        from tqdm import tqdm

        # A bar that is switched off knows neither its name nor how far it has got.
        if self._bar is None or self._shown != (what, of):
            if self._bar is not None:
                self._bar.close()
            # None: only where somebody is watching.
            self._bar = tqdm(total=of or None, desc=what, disable=True if self._quiet else None, leave=False)
            self._shown, self._done = (what, of), 0
        self._bar.update(done - self._done)
        self._done = done
