"""Grading: this way against stock nbgrader, a whole cohort, growth with the number of hand-ins, one process and two.

    .venv/bin/python benchmarks/grading.py                              every part
    .venv/bin/python benchmarks/grading.py stock --learners 6           only one part, and its size
    .venv/bin/python benchmarks/grading.py cohort --learners 1000
    .venv/bin/python benchmarks/grading.py growth --sizes 100 1000 10000
    .venv/bin/python benchmarks/grading.py workers --learners 1000
    .venv/bin/python benchmarks/grading.py mutations --number 10000

Every run is the whole command, as somebody would start it, on the course's own scenarios, with seeded players who
wander through the stories, some of them twice. (Stock nbgrader is called without what it takes to start.) Memory is the
largest resident size of the run and its workers together. Files lie in TMPDIR: with it on a disk, much of what is
measured is the disk.
"""

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

from courses import make_course
from mutations import trial
from revisions import REVISED, change
from wander import play

from onsite.build.derived import derive
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
    parser.add_argument("--rounds", type=int, default=3, help="runs of each for workers")
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
    shutil.copytree(REPOSITORY / "book" / "practices", folder / "book" / "practices")
    shutil.copyfile(REPOSITORY / "book" / "source-points.yml", folder / "book" / "source-points.yml")
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


def run_stock(root: Path, slugs: list[str]) -> int:
    """Grade what is laid out in submitted/ with nbgrader's own converter, a kernel for each."""
    course = CoursePaths(root)
    with nbgrader(course) as api:
        for slug in slugs:
            outcome = api.autograde(slug, "*", force=True)
            if not outcome["success"]:
                raise SystemExit(outcome.get("log", ""))
    return len(slugs)


def measured(course: CoursePaths, processes: int | None = None) -> tuple[float, float]:
    """Seconds and the largest resident megabytes of `course.py grade`, with everything it imports and starts."""
    command = [sys.executable, "-m", "onsite", "grade", "--json", *(["--workers", str(processes)] if processes else [])]
    largest = 0
    begin = time.monotonic()
    with tempfile.TemporaryFile("w+") as told:
        run = subprocess.Popen(command, cwd=course.root, stdout=told, stderr=subprocess.STDOUT)
        while run.poll() is None:
            largest = max(largest, _resident(run.pid))
            time.sleep(0.05)
        seconds = time.monotonic() - begin
        told.seek(0)
        said = told.read().splitlines()[-1:]
    if said != ['{"refused": {}}']:
        raise SystemExit(f"not everything was graded: {said}")
    return seconds, largest / 1e6


def _resident(pid: int) -> int:
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def stock(folder: Path, arguments: argparse.Namespace) -> None:
    """The same submissions by stock nbgrader and this way."""
    course = course_in(folder / "course")
    many = hand_in(course, arguments.learners or 6)
    ours, _ = measured(course, 1)
    scores = gradebook(course)
    begin = time.monotonic()
    run_stock(course.root, course.slugs())
    theirs = time.monotonic() - begin
    same = sum(one == other for one, other in zip(scores, gradebook(course), strict=True))
    print(f"Stock nbgrader, a kernel each: {many} hand-ins in {theirs:.1f} s, {theirs / many:.3f} s each")
    print(f"This way, the whole command:   {many} hand-ins in {ours:.1f} s, {ours / many:.4f} s each")
    print(f"Ratio {theirs / ours:.0f}; {same} of {len(scores)} grades the same")


def cohort(folder: Path, arguments: argparse.Namespace) -> None:
    """Every scenario, a thousand learners."""
    course = course_in(folder / "course")
    many = hand_in(course, arguments.learners or 1000)
    seconds, memory = measured(course)
    again, _ = measured(course)
    print(f"{many // len(course.slugs())} learners x {len(course.slugs())} scenarios, {os.cpu_count()} cores:", end=" ")
    print(f"{many} hand-ins in {seconds:.1f} s, {memory:.0f} MB; run again with nothing changed: {again:.1f} s")


def growth(folder: Path, arguments: argparse.Namespace) -> None:
    """One scenario, more and more learners, one process."""
    print(f"{'hand-ins':>9}{'seconds':>10}{'ms each':>10}{'MB':>7}")
    for size in arguments.sizes:
        course = course_in(folder / str(size), ["outage"])
        hand_in(course, size)
        seconds, memory = measured(course, 1)
        print(f"{size:9}{seconds:10.1f}{1000 * seconds / size:10.2f}{memory:7.0f}", flush=True)
        shutil.rmtree(course.root)


def workers(folder: Path, arguments: argparse.Namespace) -> None:
    """The same hand-ins by one process and by two, in turns; of each the fastest run counts."""
    course = course_in(folder / "course")
    many = hand_in(course, arguments.learners or 1000)
    fastest: dict[int, float] = {}
    grades: dict[int, list[tuple[Any, ...]]] = {}
    for _ in range(arguments.rounds):
        for processes in (1, 2):
            run = CoursePaths(folder / "run")
            shutil.copytree(course.root, run.root)
            seconds, _ = measured(run, processes)
            fastest[processes] = min(seconds, fastest.get(processes, seconds))
            grades[processes] = gradebook(run)
            shutil.rmtree(run.root)
            # ext4 avoids the places of what was deleted in the last five seconds, at a high price.
            time.sleep(6)
    print(f"{many} hand-ins: one process {fastest[1]:.1f} s, two {fastest[2]:.1f} s,", end=" ")
    print(f"ratio {fastest[1] / fastest[2]:.2f}; scores identical: {grades[1] == grades[2]}")
    gain = 2 * fastest[1] / side_by_side(folder, course)
    print(f"Two runs beside each other that share nothing gain {gain:.2f} on this computer at this moment.")


def side_by_side(folder: Path, course: CoursePaths) -> float:
    """Seconds until two runs of one process each have graded a copy of the course each: what two cores can give."""
    copies = [CoursePaths(folder / name) for name in ("one", "other")]
    for copy in copies:
        shutil.copytree(course.root, copy.root)
    begin = time.monotonic()
    with ThreadPoolExecutor(len(copies)) as runs:
        list(runs.map(lambda copy: measured(copy, 1), copies))
    return time.monotonic() - begin


def mutations(folder: Path, arguments: argparse.Namespace) -> None:
    """Hand-ins changed at random, graded among sound ones, against an oracle that shares no code with the grader."""
    course = make_course(folder / "around" / "course", ["locked-door", "all-kinds"])
    path = course.solutions / "locked-door" / "scenario.yml"
    (path.parent / "versions").mkdir()
    shutil.copyfile(path, path.parent / "versions" / "1.yml")
    change(path, ("version: 1\n", "version: 2\n"), *REVISED)
    derive(course)
    begin = time.monotonic()
    found = trial(course, arguments.number, SEED)
    print(f"{arguments.number} mutated hand-ins in {time.monotonic() - begin:.0f} s: {found}")


if __name__ == "__main__":
    main()
