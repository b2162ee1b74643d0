"""Grading: this way against stock nbgrader, a whole cohort, growth with the number of hand-ins, one process and two.

    .venv/bin/python benchmarks/grading.py                              every part
    .venv/bin/python benchmarks/grading.py stock --learners 6           only one part, and its size
    .venv/bin/python benchmarks/grading.py cohort --learners 1000
    .venv/bin/python benchmarks/grading.py growth --sizes 100 1000 10000
    .venv/bin/python benchmarks/grading.py workers --learners 1000
    .venv/bin/python benchmarks/grading.py mutations --number 10000

Every run is in a process of its own, as somebody would start it, on the course's own scenarios, with seeded players who
wander through the stories, some of them twice. Memory is the largest resident size of the run and its workers together.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import psutil

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

from cohort import play
from mutations import trial

from onsite.build.derived import derive
from onsite.grading.grade import grade
from onsite.grading.nbgrader_api import nbgrader, register
from onsite.grading.scenarios import load_course_scenario
from onsite.paths import CoursePaths

SEED = 20261122
WANDERERS = 300
"""So many different ways through each scenario; further learners repeat them."""

GRADES = """
    select s.student_id, a.name, c.name, g.auto_score, g.needs_manual_grade from grade g
    join base_cell c on g.cell_id = c.id join submitted_notebook n on g.notebook_id = n.id
    join submitted_assignment s on n.assignment_id = s.id join assignment a on s.assignment_id = a.id
    order by 1, 2, 3
"""


def main() -> None:
    """Run the parts asked for and print what each found."""
    parser = argparse.ArgumentParser(description="Measure grading.")
    parts = {"stock": stock, "cohort": cohort, "growth": growth, "workers": workers, "mutations": mutations}
    parser.add_argument("part", nargs="?", choices=[*parts, "all"], default="all")
    parser.add_argument("--learners", type=int, help="how many learners (stock: 6, cohort and workers: 1000)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000], help="learners for growth")
    parser.add_argument("--number", type=int, default=10_000, help="mutated hand-ins")
    arguments = parser.parse_args()
    for name, part in parts.items():
        if arguments.part in (name, "all"):
            with tempfile.TemporaryDirectory(prefix="onsite-bench-") as folder:
                part(Path(folder), arguments)
            print(flush=True)


def course_in(folder: Path, slugs: list[str] | None = None) -> CoursePaths:
    """A copy of this course's scenarios, all or some, with an empty gradebook that knows them."""
    course = CoursePaths(folder)
    for name in slugs or CoursePaths(REPOSITORY).slugs():
        for part in ("solutions", "exercises"):
            shutil.copytree(REPOSITORY / part / name, folder / part / name)
    shutil.copyfile(REPOSITORY / "nbgrader_config.py", folder / "nbgrader_config.py")
    with nbgrader(course) as api:
        for slug in course.slugs():
            register(course, api, slug)
    return course


def hand_in(course: CoursePaths, learners: int) -> int:
    """Have so many learners hand in every scenario; returns the number of hand-ins."""
    course.inbox.mkdir()
    for slug in course.slugs():
        scenario = load_course_scenario(course.solutions / slug)
        chance = random.Random(f"{SEED}-{slug}")
        played = [play(scenario, chance, "") for _ in range(min(learners, WANDERERS))]
        for number in range(learners):
            record = played[number % WANDERERS] | {"learner": f"Learner {number:05}", "id": f"{slug}-{number:05}"}
            (course.inbox / f"{slug}-{number:05}.json").write_text(json.dumps(record), "utf-8")
    return learners * len(course.slugs())


def gradebook(course: CoursePaths) -> list[tuple[Any, ...]]:
    """Every grade in the gradebook."""
    database = sqlite3.connect(course.gradebook)
    try:
        return database.execute(GRADES).fetchall()
    finally:
        database.close()


def run_ours(root: Path, processes: int | None) -> int:
    """Grade the course the way `course.py grade` does; returns the number of results."""
    report = grade(CoursePaths(root), workers=processes)
    if report.refused:
        raise SystemExit(f"refused: {report.refused[:3]}")
    return len(report.results)


def run_stock(root: Path, slugs: list[str]) -> int:
    """Grade what is laid out in submitted/ with nbgrader's own converter, a kernel for each."""
    course = CoursePaths(root)
    with nbgrader(course) as api:
        for slug in slugs:
            outcome = api.autograde(slug, "*", force=True)
            if not outcome["success"]:
                raise SystemExit(outcome.get("log", ""))
    return len(slugs)


def measured(function: Callable[..., int], *arguments: object) -> tuple[float, float]:
    """Seconds and the largest resident megabytes of a call in a process of its own, without the start of Python."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        pool.submit(os.getpid).result()
        largest = 0
        begin = time.monotonic()
        future = pool.submit(function, *arguments)
        while not future.done():
            largest = max(largest, _resident())
            time.sleep(0.05)
        future.result()
        return time.monotonic() - begin, largest / 1e6


def _resident() -> int:
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def stock(folder: Path, arguments: argparse.Namespace) -> None:
    """The same submissions by stock nbgrader and this way."""
    course = course_in(folder / "course")
    many = hand_in(course, arguments.learners or 6)
    ours, _ = measured(run_ours, course.root, 1)
    scores = gradebook(course)
    theirs, _ = measured(run_stock, course.root, course.slugs())
    same = sum(one == other for one, other in zip(scores, gradebook(course), strict=True))
    print(f"Stock nbgrader, a kernel each: {many} hand-ins in {theirs:.1f} s, {theirs / many:.3f} s each")
    print(f"This way, one process:         {many} hand-ins in {ours:.1f} s, {ours / many:.4f} s each (imports too)")
    print(f"Ratio {theirs / ours:.0f}; {same} of {len(scores)} grades the same")


def cohort(folder: Path, arguments: argparse.Namespace) -> None:
    """Every scenario, a thousand learners."""
    course = course_in(folder / "course")
    many = hand_in(course, arguments.learners or 1000)
    seconds, memory = measured(run_ours, course.root, None)
    again, _ = measured(run_ours, course.root, None)
    print(f"{many // len(course.slugs())} learners x {len(course.slugs())} scenarios, {os.cpu_count()} cores:", end=" ")
    print(f"{many} hand-ins in {seconds:.1f} s, {memory:.0f} MB; run again with nothing changed: {again:.1f} s")


def growth(folder: Path, arguments: argparse.Namespace) -> None:
    """One scenario, more and more learners, one process."""
    print(f"{'hand-ins':>9}{'seconds':>10}{'ms each':>10}{'MB':>7}")
    for size in arguments.sizes:
        course = course_in(folder / str(size), ["outage"])
        hand_in(course, size)
        seconds, memory = measured(run_ours, course.root, 1)
        print(f"{size:9}{seconds:10.1f}{1000 * seconds / size:10.2f}{memory:7.0f}", flush=True)
        shutil.rmtree(course.root)


def workers(folder: Path, arguments: argparse.Namespace) -> None:
    """The same hand-ins by one process and by two."""
    first = course_in(folder / "one")
    many = hand_in(first, arguments.learners or 1000)
    second = CoursePaths(folder / "two")
    shutil.copytree(first.root, second.root)
    one, _ = measured(run_ours, first.root, 1)
    two, _ = measured(run_ours, second.root, 2)
    same = gradebook(first) == gradebook(second)
    print(f"{many} hand-ins: one process {one:.1f} s, two {two:.1f} s, ratio {one / two:.2f}; scores identical: {same}")


def mutations(folder: Path, arguments: argparse.Namespace) -> None:
    """Hand-ins changed at random, graded among sound ones, against an oracle that shares no code with the grader."""
    course = CoursePaths(folder / "around" / "course")
    for slug, name in (("locked-door", "tiny.yml"), ("all-kinds", "all_kinds.yml")):
        (course.solutions / slug).mkdir(parents=True)
        shutil.copyfile(REPOSITORY / "tests" / "data" / name, course.solutions / slug / "scenario.yml")
    course.points.parent.mkdir()
    shutil.copyfile(REPOSITORY / "book" / "source-points.yml", course.points)
    shutil.copyfile(REPOSITORY / "nbgrader_config.py", course.root / "nbgrader_config.py")
    derive(course)
    begin = time.monotonic()
    found = trial(course, arguments.number, SEED)
    print(f"{arguments.number} mutated hand-ins in {time.monotonic() - begin:.0f} s: {found}")


if __name__ == "__main__":
    main()
