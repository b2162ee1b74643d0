"""How long `course.py report` takes, and what memory: 1,000 and 10,000 learners who played 12 scenarios each.

Run with the tests' environment (`python3 course.py test` sets it up):

    .venv/bin/python benchmarks/report.py [learners ...]

The learners are made here (see tests/cohorts.py): people of known ability play the course's own scenarios, which takes
longer than the report and is not timed. Timed is the whole command in a process of its own, start-up and the reading of
every hand-in included. Afterwards the report's figures are held against what the learners were made of.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

REPOSITORY = Path(__file__).parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from cohorts import Player, people, write_cohort, write_roster

from onsite.grading.scenarios import load_course_scenario
from onsite.paths import CoursePaths
from onsite.report.group_tables import MEANS, read_group_tables
from onsite.report.privacy import EVERYBODY

SIZES = (1_000, 10_000)
SCENARIOS = 12
SHIFTS = {"Lisbon": 0.6, "Pune": 0.2, "Krakow": -0.2, "Oslo": -0.6}
TESTS = ("pre-test", "post-test")

RUN = """
import json, os, resource, sys, time
start = time.perf_counter()
from onsite.cli import main
status = main(["report"])
used = resource.getrusage(resource.RUSAGE_SELF)
children = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
# Of its processes the system keeps the largest; the others are taken to be as large.
workers = min(os.cpu_count() or 1, 8)
print(json.dumps({"status": status, "seconds": time.perf_counter() - start,
    "processor": used.ru_utime + used.ru_stime + children.ru_utime + children.ru_stime,
    "megabytes": (used.ru_maxrss + workers * children.ru_maxrss) * unit / 1e6}))
"""


def make_course(root: Path, learners: int) -> tuple[CoursePaths, dict[tuple[str, str], float], int]:
    """A course of 12 scenarios with hand-ins of so many learners; by scenario and decision the true facility."""
    course = CoursePaths(root)
    everything = CoursePaths(REPOSITORY).slugs()
    slugs = [*TESTS, *(slug for slug in everything if slug not in TESTS)][:SCENARIOS]
    for slug in slugs:
        shutil.copytree(REPOSITORY / "solutions" / slug, course.solutions / slug)
    course.points.parent.mkdir(parents=True)
    shutil.copyfile(REPOSITORY / "book" / "source-points.yml", course.points)
    shutil.copyfile(REPOSITORY / "nbgrader_config.py", root / "nbgrader_config.py")
    players = [Player(load_course_scenario(course.solutions / slug), 1) for slug in slugs]
    cohort = people(Random(1), learners, SHIFTS)
    truth = write_cohort(course.inbox, players, cohort, 2, lifts={"post-test": 0.8}, missing=0.0)
    write_roster(course.roster, cohort)
    return course, {key: truth.facility(*key) for key in truth.expected}, len(slugs)


def timed(course: CoursePaths) -> dict[str, float]:
    """One run of the command."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", RUN], cwd=course.root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def worst_miss(course: CoursePaths, truth: dict[tuple[str, str], float]) -> float:
    """The largest distance of a facility in the report, which is rounded to a whole percent, from the truth, 0 to 1."""
    tables = read_group_tables(course.report / "by-group.json").tables
    shares = {one.scenario: one.shares[EVERYBODY] for one in tables if one.scenario and one.kind == MEANS}
    worst = 0.0
    for (slug, decision), true in truth.items():
        scenario = load_course_scenario(course.solutions / slug).scenario
        found = shares[scenario.title].get(scenario.decisions[decision].title)
        worst = max(worst, abs(found - true)) if found is not None else worst
    return worst


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="Time `course.py report` on generated cohorts.")
    parser.add_argument("learners", nargs="*", type=int, default=list(SIZES))
    print(f"{'learners':>9}{'scenarios':>10}{'seconds':>9}{'processor':>10}{'MB':>7}{'page, kB':>10}{'worst miss':>12}")
    for learners in parser.parse_args().learners:
        with tempfile.TemporaryDirectory(prefix="onsite-bench-") as folder:
            start = time.perf_counter()
            course, truth, scenarios = make_course(Path(folder), learners)
            print(f"made in {time.perf_counter() - start:.0f} s", file=sys.stderr)
            found = timed(course)
            size = (course.report / "index.html").stat().st_size / 1000
            print(
                f"{learners:9}{scenarios:10}{found['seconds']:9.1f}{found['processor']:10.1f}{found['megabytes']:7.0f}"
                f"{size:10.0f}{100 * worst_miss(course, truth):11.1f}%",
                flush=True,
            )


if __name__ == "__main__":
    main()
