"""The command as somebody runs it: what it prints, what it returns, and the table it writes."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from records import drop, record

from onsite.grading.export import as_csv
from onsite.paths import CoursePaths

SLUG = "locked-door"
BEST = [("corridor", "tell"), ("desk", "range"), ("paper", "It stuck.")]


def run(course: CoursePaths, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "onsite", "grade", *arguments]
    return subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)


def test_a_cohort_by_roster_with_a_due_date_and_a_table(course: CoursePaths, tmp_path: Path):
    drop(tmp_path / "sent" / "Ada Lovelace_12_assignsubmission_file_", "answers", record(SLUG, BEST))
    os.utime(drop(tmp_path / "sent" / "E2", "answers", record(SLUG, BEST[:1])), (4e9, 4e9))
    drop(tmp_path / "sent" / "nobody", "answers", record(SLUG, BEST))
    (course.root / "roster.csv").write_text("id;name;email\nE1;Ada Lovelace;=1+1@example.org\nE2;Grace;\n", "utf-8")
    (course.root / "due.csv").write_text(f"scenario,due\n{SLUG},2030-01-01\n", "utf-8")
    table = tmp_path / "grades.csv"
    done = run(course, str(tmp_path / "sent"), "--export", str(table))
    assert done.returncode == 1, "somebody is unknown"
    assert "e1  locked-door  16 of 20  (text waits to be read" in done.stdout
    assert "Late: e2  locked-door" in done.stdout
    assert "Late: e1" not in done.stdout
    assert "nobody" in done.stderr
    assert "%|" not in done.stderr, "no progress bar where nobody watches"
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows["e1"]["score"] == rows["e1"]["raw_score"] == "16.0"
    assert rows["e1"]["email"] == "'=1+1@example.org"
    assert rows["e1"]["last_name"] == "Ada Lovelace", "a whole name is not taken apart"
    assert rows["e2"]["max_score"] == "20.0"
    (course.inbox / "x.json").write_text("{}", "utf-8")
    (tmp_path / "sent" / "nobody" / "answers.json").unlink()
    assert run(course).returncode == 1


def test_the_line_for_a_program_holds_what_was_not_graded(course: CoursePaths):
    drop(course.inbox, "good", record(SLUG, BEST))
    drop(course.inbox, "bad", "{")
    done = run(course, "--alone", "--json")
    assert done.returncode == 0
    assert set(json.loads(done.stdout)["refused"]) == {"bad.json"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nowhere"], "nowhere is not there"), (["--roster", "none.csv"], "none.csv cannot be read")],
)
def test_what_cannot_be_done_is_said_in_a_line(course: CoursePaths, arguments, said):
    done = run(course, *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0"])
def test_no_cell_of_the_table_is_a_formula(cell):
    text = as_csv([("a", None, cell, f"x{cell}", 'say "hi", he said', -1.5, 0)])
    (row,) = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert row[2].startswith("'")
    assert row[3] == f"x{cell}", "what only holds such a letter is left as it is"
    assert row[5] == "-1.5", "a number stays a number"


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5"])
def test_a_number_of_processes_that_is_none_is_refused_in_a_line(course: CoursePaths, number):
    done = run(course, "--workers", number)
    assert done.returncode == 2
    assert "--workers" in done.stderr
    assert "Traceback" not in done.stderr
