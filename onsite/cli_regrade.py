"""`course.py regrade`: lists whose grades would change and why, asks, and then grades. Parses, calls, prints."""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onsite.cli_records import run_in_history
from onsite.cli_terminal import Bar, asked, show
from onsite.paths import CoursePaths

if TYPE_CHECKING:
    from onsite.grading.regrade import Plan

_COLUMNS = ("scenario", "student_id", "decision", "old_points", "new_points", "why")


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser of `course.py`."""
    regrade = commands.add_parser(
        "regrade",
        help="grade again with today's key what was graded before: first whose grade changes and why, then it asks",
    )
    regrade.add_argument("slug", metavar="SCENARIO", help="the name of its folder in solutions/")
    regrade.add_argument(
        "--own", action="store_true", help="grade each by the key of the version it was answered on, as `grade` does"
    )
    regrade.add_argument("--yes", action="store_true", help="do not ask")
    regrade.add_argument("--csv", type=Path, metavar="FILE", help="also write the list as a table")
    regrade.set_defaults(run=_regrade)


def _regrade(course: CoursePaths, arguments: argparse.Namespace) -> int:
    from onsite.grading.export import write_csv
    from onsite.grading.regrade import carry_out, plan

    agreed = plan(course, arguments.slug, own=arguments.own)
    _list(agreed, own=arguments.own)
    if arguments.csv:
        rows = [(arguments.slug, row.learner, row.decision, row.old, row.new, row.why) for row in agreed.rows]
        write_csv(arguments.csv, rows, _COLUMNS)
        show(f"The list is in {arguments.csv}")
    if not (agreed.rows or agreed.decides or agreed.pending):
        show("There is nothing to regrade.")
        return 0
    if not arguments.yes:
        if not sys.stdin.isatty():
            show("Nothing was written. Add --yes to grade it so.")
            return 1
        if asked("Type yes to grade it so: ").lower() != "yes":
            show("Nothing was written.")
            return 1
    with Bar() as progress:
        report, history = run_in_history(
            course, agreed.why, lambda: carry_out(course, agreed, progress, own=arguments.own), lambda _: True
        )
    for path, message in report.refused:
        show(f"{path}: {message}", file=sys.stderr)
    show(f"Regraded: {len(report.results)}. The new feedback pages are in {course.feedback}")
    if history:
        show(history)
    return 1 if report.refused or history is None else 0


def _list(agreed: "Plan", *, own: bool) -> None:
    scenario = agreed.scenario
    for row in agreed.rows:
        show(f"{row.learner}  {row.decision}  {_points(row.old)} -> {_points(row.new)}  {row.why}")
    moves = Counter(total.moves for total in agreed.totals)
    crossing = [total for total in agreed.totals if total.crosses(agreed.mark)]
    key = "the key of the version each was answered on" if own else f"the key of version {scenario.version}"
    show(
        f"{scenario.slug}, all by {key}: the points of {moves['rises']} rise, of {moves['falls']} fall, "
        f"of {moves['stays']} stay."
    )
    for total in crossing:
        way = "reaches" if total.new > total.old else "falls below"
        show(f"{total.learner} {way} the pass mark of {agreed.mark:g}: {total.old:g} -> {total.new:g}")
    if not crossing:
        show("Nobody crosses the pass mark.")
    for learner in agreed.others:
        show(f"{learner} is left out: the answers in submitted/ are not those that were graded. Run `grade` for them.")


def _points(points: float | None) -> str:
    return "to be read" if points is None else f"{points:g}"
