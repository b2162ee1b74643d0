"""The `onsite` command: parses, calls, prints. Every rule lives in the packages it calls.

Those are imported by the command that needs them: starting the server must not wait for the grader.
"""

import argparse
import gc
import json
import sys
from collections.abc import Sequence
from typing import NoReturn

from onsite.cli_grade import add_command as add_grade
from onsite.cli_records import add_commands as add_record_commands
from onsite.cli_regrade import add_command as add_regrade
from onsite.cli_terminal import Bar, not_installed, show, show_some, show_text, workers
from onsite.paths import CoursePaths, find_course
from onsite.scenario.errors import OnsiteError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 something for a person to mend, 2 wrong usage."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(find_course(), arguments))
    except OnsiteError as error:
        show_text(str(error), sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    """argparse, in whose usage the program is called what a person typed."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message}\nSee `python3 course.py --help`.\n")


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
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

    add_grade(commands)

    add_regrade(commands)

    report = commands.add_parser("report", help="the cohort report: one page, and a notebook to filter it by group")
    report.add_argument("--workers", type=workers, metavar="N", help="processes that read beside each other")
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
        show("Other people can reach this address, so hand-ins are only gathered, as with --collect.")
        collect = True
    elif course.roster.is_file() and not collect:
        show("There is a roster.csv, so hand-ins are only gathered; `python3 course.py grade` grades everybody.")
        collect = True
    port = choose_port(arguments.host, arguments.port)
    build(course, show_text)
    prepare_work(course)
    address = Address(arguments.host, port, collect, arguments.reader or operator())
    if arguments.reader or course.roster.is_file():
        show(f"Grades given in formgrader here are noted as those of '{address.reader}' (another: --reader NAME).")
    serve(course, address, show_text, open_browser=not arguments.no_browser)
    return 0


def _build(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.build.site import build

    if not build(course, show_text, force=arguments.force):
        show("Nothing has changed since the last build.")
    show(f"The site is in {course.site}")
    return 0


def _check(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.checking import check_course, course_as_json, finding_lines, scenario_lines
    from onsite.scenario.examine import Examined

    def tell(examined: Examined) -> None:
        if not arguments.json:
            show(*scenario_lines(examined))

    # The graphs hold no cycles of references, and looking for some takes as long as all the rest.
    gc.disable()
    try:
        outcome = check_course(course, tell)
    finally:
        gc.enable()
    if arguments.json:
        show_text(json.dumps(course_as_json(outcome), indent=1))
    else:
        for finding in outcome.findings:
            show(*finding_lines(finding), file=sys.stderr)
        show(outcome.verdict())
    return 1 if outcome.errors or (arguments.strict and outcome.findings) else 0


def _new(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.authoring.skeleton import new_scenario

    path = new_scenario(course, arguments.slug)
    show(f"Written: {path.relative_to(course.root)}. It is a small story that can be played; write over it.")
    show(f"1. See it while you write:      python3 course.py preview {arguments.slug}")
    show("2. When you are content, check: python3 course.py check")
    return 0


def _revise(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.authoring.revise import revise

    done = revise(course, arguments.slug)
    kept, scenario = (path.relative_to(course.root).as_posix() for path in (done.kept, done.scenario))
    show(f"Kept: {kept}, the scenario as people have played it until now. Never change that file.")
    show(f"{scenario} is version {done.version} now. Write your changes there.")
    show(f"1. See them while you write:       python3 course.py preview {arguments.slug}")
    show("2. When you are content, check:    python3 course.py check")
    show("3. Build, and commit both files:   python3 course.py build")
    show(f"Whoever began on version {done.version - 1} is graded with that version's key.")
    return 0


def _preview(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.authoring.preview import preview

    preview(course, arguments.slug, arguments.port, show_text, open_browser=not arguments.no_browser)
    return 0


def _report(course: CoursePaths, arguments: argparse.Namespace) -> int:
    try:
        from onsite.report.make import make_report
    except ModuleNotFoundError as error:
        raise not_installed("The report needs", error) from error

    with Bar() as progress:
        made = make_report(course, progress, workers=arguments.workers)
    show_some([f"{path}: {message}" for path, message in made.refused], file=sys.stderr)
    show(f"The report on {made.people} people is in {made.page}")
    show(f"To look at one group, open {made.notebook} in JupyterLab.")
    return 1 if made.refused else 0
