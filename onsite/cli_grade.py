"""`course.py grade`: takes in what people sent, grades it, and says what came of it. Parses, calls, prints."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onsite.cli_records import run_in_history
from onsite.cli_terminal import FULL, Bar, show, show_some, workers
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

if TYPE_CHECKING:
    from onsite.grading.grade import Report, Result
    from onsite.grading.hands import Hands

_SERVERS_PATIENCE = 60.0
"""Seconds for which the server's own run waits until somebody else's run has ended."""

_REST = "; `grade --all` lists them."


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser of `course.py`."""
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
    grade.add_argument("--workers", type=workers, metavar="N", help="processes that grade beside each other")
    grade.add_argument("--export", type=Path, metavar="CSV", help="also write the gradebook as a table")
    grade.add_argument("--all", action="store_true", help="print every result on its line, and long lists in full")
    grade.add_argument("--json", action="store_true", help="print the outcome as one line of JSON")
    grade.set_defaults(run=_grade)


def _grade(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.grading import inbox
    from onsite.grading.hands import Hands, spare_the_collector

    spare_the_collector()
    with Hands(arguments.workers) as hands:
        # They start while this process looks into the history and imports nbgrader.
        hands.get_ready("onsite.grading.desk", worth=sum(1 for _ in inbox.files(course.inbox)) >= inbox.MANY)
        report, history = run_in_history(
            course, "graded", lambda: _graded(course, arguments, hands), lambda report: report.graded or report.taken
        )
    if arguments.json:
        outcome: dict[str, object] = {"refused": {p.name: message for p, message in report.refused + report.unknown}}
        if report.held:
            outcome["held"] = [held.scenario for held in report.held]
        show(json.dumps(outcome))
        return 0
    _tell(report, course, arguments)
    if history:
        show(history)
    if arguments.export:
        show(f"The gradebook is in {arguments.export}")
    return 1 if report.refused or report.unknown or report.held or history is None else 0


def _graded(course: CoursePaths, arguments: argparse.Namespace, hands: "Hands") -> "Report":
    from onsite.grading.grade import grade
    from onsite.grading.roster import find_roster, read_due, read_roster, remarks
    from onsite.ledger.history import erased_hand_ins

    path = arguments.roster or find_roster(course.roster)
    if arguments.alone and path:
        raise OnsiteError(
            f"There is a roster, {path}, so this is not one person's course. What was handed in is safe: "
            "`python3 course.py grade` grades everybody."
        )
    roster = read_roster(path) if path else None
    if roster and path and not arguments.json:
        show(*remarks(roster, path, course.roster))
    due = (path or course.roster).with_name(course.due.name)
    with Bar(quiet=arguments.json) as progress:
        return grade(
            course,
            sources=arguments.sources,
            roster=roster,
            due=read_due(due, course.slugs()) if due.is_file() and not arguments.alone else None,
            one_person=arguments.alone,
            hands=hands,
            patience=_SERVERS_PATIENCE if arguments.json else 0,
            export=arguments.export,
            erased=erased_hand_ins(course),
            progress=progress,
        )


def _tell(report: "Report", course: CoursePaths, arguments: argparse.Namespace) -> None:
    def tell(lines: Sequence[str], *, is_fault: bool = False) -> None:
        file = sys.stderr if is_fault else sys.stdout
        if arguments.all:
            show(*lines, file=file)
        else:
            show_some(lines, _REST, file)

    if not (report.results or report.refused or report.unknown or report.held):
        show(f"There is nothing to grade in {course.inbox}. Put the files people sent you there.")
    in_short = len(report.results) > FULL and not arguments.all
    results = sorted(report.results, key=lambda result: (result.scenario, result.learner))
    show(*(_by_scenario(results) if in_short else map(_line, results)))
    tell(_superseded(report))
    tell(
        sorted(
            f"Late: {hand_in.learner_id}  {hand_in.scenario}  came "
            f"{hand_in.at.astimezone().strftime('%Y-%m-%d %H:%M')}. It is graded all the same."
            for hand_in in report.late
        )
    )
    tell(
        [
            f"One and the same record was handed in by {' and '.join(learners)}. Each was graded; ask them."
            for learners in report.shared
        ]
    )
    tell(
        [
            f"{result.learner}  {result.scenario}: {result.remark}, and no more could be graded. Ask for another file, "
            "unless the story has become another since."
            for result in results
            if result.remark and in_short
        ]
    )
    for held in report.held:
        show(
            f"Nothing of '{held.scenario}' was graded. Grades of {_people(held.people)} would change that were given "
            f"already: {'; '.join(held.reasons)}.",
            f"`{held.command}` shows whose and why, and grades it when you agree.",
            file=sys.stderr,
        )
    tell(sorted(f"Not graded, {path}: {message}" for path, message in report.unknown), is_fault=True)
    if report.unknown:
        from onsite.grading.roster import TO_SAY_WHOSE

        show(TO_SAY_WHOSE, file=sys.stderr)
    tell(sorted(f"{path}: {message}" for path, message in report.refused), is_fault=True)
    if report.results:
        show(f"Feedback is in {course.feedback}")
    if in_short and not arguments.export:
        show("Everybody's points: `grade --export FILE.csv` writes them as a table, `grade --all` prints them.")


def _line(result: "Result") -> str:
    reading = "  (text waits to be read: formgrader in JupyterLab)" if result.needs_reading else ""
    told = "".join(f"  ({what})" for what in (result.of_older, result.remark) if what)
    return f"{result.learner}  {result.scenario}  {result.score:g} of {result.max_score:g}{reading}{told}"


def _superseded(report: "Report") -> list[str]:
    """Which hand-ins do not count, and whose: by the names they came with, for in the inbox they have others."""
    return sorted(
        f"{one.instead.learner_id}  {one.hand_in.scenario}  {one.hand_in.label} does not count: "
        f"{one.instead.label} {one.why}."
        for one in report.superseded
    )


def _by_scenario(results: Sequence["Result"]) -> Iterator[str]:
    """A line for each scenario; before them what is to be done next. results: in order of the scenarios."""
    if waiting := sum(result.needs_reading for result in results):
        them = "1 hand-in has a text that waits" if waiting == 1 else f"{waiting} hand-ins have a text that waits"
        yield f"{them} to be read: formgrader in JupyterLab. Then run `grade` again."
    for slug, group in groupby(results, key=lambda result: result.scenario):
        some = list(group)
        waiting = sum(result.needs_reading for result in some)
        mean = sum(result.score for result in some) / len(some)
        older = Counter(result.of_older for result in some if result.of_older)
        yield ", ".join(
            [
                f"{slug}  {_people(len(some))}",
                f"{sum(result.is_new for result in some) or 'none'} graded now",
                f"mean {mean:.1f} of {max(result.max_score for result in some):g}{' so far' if waiting else ''}",
                *([f"{waiting} to be read"] if waiting else ()),
                *(f"{number} {on}" for on, number in sorted(older.items())),
            ]
        )


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"
