"""What the history, the audit and a backup cost with the number of learners: 100, 300 and 1,000 with 12 scenarios each.

Run with the tests' environment (`python3 course.py test` sets it up):

    .venv/bin/python benchmarks/records.py

The gradebook is nbgrader's own, filled with 7 grades for each learner and scenario; each hand-in is a file of 3 kB, in
the inbox and as it was graded. Each size runs in a process of its own, so that its memory can be told.
"""

import multiprocessing
import resource
import sqlite3
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from nbgrader.api import Gradebook

from onsite.ledger.audit import audit
from onsite.ledger.backup import make_backup
from onsite.ledger.history import bring_up_to_date
from onsite.paths import CoursePaths

SIZES = (100, 300, 1000)
SCENARIOS, DECISIONS = 12, 7


def fill(course: CoursePaths, learners: int) -> None:
    """A gradebook and hand-ins for so many learners."""
    warnings.simplefilter("ignore")
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        for slug in (f"s{number}" for number in range(SCENARIOS)):
            gradebook.add_assignment(slug)
            gradebook.add_notebook(slug, slug)
            for number in range(DECISIONS):
                gradebook.add_grade_cell(f"decision-d{number}", slug, slug, max_score=5, cell_type="code")
    with closing(sqlite3.connect(course.gradebook)) as base:
        books = base.execute("SELECT id, name, assignment_id FROM notebook").fetchall()
        cells = base.execute("SELECT id, notebook_id FROM base_cell").fetchall()
        for person in (f"p{number}" for number in range(learners)):
            base.execute("INSERT INTO student (id) VALUES (?)", (person,))
            for book, slug, assignment in books:
                play = f"{person}-{slug}"
                base.execute(
                    "INSERT INTO submitted_assignment (id, assignment_id, student_id) VALUES (?, ?, ?)",
                    (play, assignment, person),
                )
                base.execute(
                    "INSERT INTO submitted_notebook (id, assignment_id, notebook_id) VALUES (?, ?, ?)",
                    (play, play, book),
                )
                base.executemany(
                    "INSERT INTO grade (id, notebook_id, cell_id, auto_score, needs_manual_grade) "
                    "VALUES (?, ?, ?, 3, 0)",
                    [(f"{play}-{cell}", play, cell) for cell, of in cells if of == book],
                )
                for path in (course.inbox / f"{play}.json", course.submitted / person / slug / "answers.json"):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(f'{{"id": "{play}", "padding": "{"x" * 3000}"}}', "utf-8")
        base.commit()


def measure(learners: int) -> None:
    """One line: seconds for each step, peak memory, size of the history."""
    with tempfile.TemporaryDirectory(prefix="onsite-records-") as folder:
        course = CoursePaths(Path(folder))
        fill(course, learners)
        times = [
            timed(lambda: bring_up_to_date(course, "graded")),
            timed(lambda: bring_up_to_date(course, "graded")),
            timed(lambda: audit(course)),
            timed(lambda: make_backup(course)),
        ]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = (course.history / "grades.jsonl").stat().st_size / 1e6
        grades = learners * SCENARIOS * DECISIONS
        print(
            f"{learners:8}  {grades:7}" + "".join(f"{took:11.1f}" for took in times) + f"  {memory:7.0f}  {size:7.1f}"
        )


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    print("Seconds; memory at its highest and the history in MB.\n")
    print("learners   grades  first time    no news      audit     backup   memory  history", flush=True)
    for size in SIZES:
        process = multiprocessing.get_context("spawn").Process(target=measure, args=(size,))
        process.start()
        process.join()
