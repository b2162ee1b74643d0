"""`course.py grade` as somebody at a terminal, or the course's own server, runs it: what is printed and written."""

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


@pytest.mark.parametrize("options", [(), ("--json",), ("--alone",)], ids=lambda options: " ".join(options) or "plain")
def test_several_hand_ins_are_graded_and_told_without_a_traceback(course: CoursePaths, options: tuple[str, ...]):
    """Into a pipe, where no bar is drawn."""
    for name in ("bo", "cy"):
        drop(course.inbox, name, record(SLUG, [("corridor", "push"), ("stairs", "shrug")], learner=name))
    done = run(course, *options)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
    if "--json" in options:
        assert json.loads(done.stdout.splitlines()[-1]) == {"refused": {}}
    else:
        assert f"bo  {SLUG}  5 of 20" in done.stdout


def test_it_fails_where_not_everything_could_be_graded(course: CoursePaths):
    drop(course.inbox, "good", record(SLUG, BEST, learner="good"))
    assert run(course).returncode == 0
    drop(course.inbox, "bad", "{")
    done = run(course)
    assert done.returncode == 1
    assert "bad.json" in done.stderr
    assert "good  locked-door  16 of 20" in done.stdout


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


def test_what_a_roster_leaves_open_is_told_with_the_way_out(course: CoursePaths, tmp_path: Path):
    sent = tmp_path / "sent"
    drop(sent / "2", "answers", record(SLUG, BEST, learner="Carla New"))
    drop(sent / "x", "answers", record(SLUG, BEST[:1], learner="2", record_id="aaaaaaaa-1"))
    os.utime(drop(sent / "y", "answers", record(SLUG, BEST, learner="2")), (4e9, 4e9))
    listed = tmp_path / "joiners.csv"
    listed.write_text("Personalnummer;Name;Start\n2;Ben Okafor;Monday\n", "utf-8")
    done = run(course, str(sent), "--roster", str(listed))
    assert done.returncode == 1
    assert "2  locked-door  16 of 20" in done.stdout
    assert "2  locked-door  x/answers.json does not count: y/answers.json came later." in done.stdout
    assert "Of joiners.csv these columns are not used: 'start'." in done.stdout
    assert f"{listed} is the roster of this run only." in done.stdout
    assert "Not graded, 2/answers.json: Nobody in the roster is 'Carla New'. Its code: r" in done.stderr
    assert "write whose.csv beside the roster" in done.stderr
    code = done.stderr.partition("Its code: ")[2].split()[0]
    (tmp_path / "whose.csv").write_text(f"record,id\n{code},\n", "utf-8")
    done = run(course, "--roster", str(listed))
    assert (done.returncode, done.stderr) == (0, "")


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


def test_of_a_large_cohort_each_scenario_is_a_line_and_long_lists_are_cut(revised: CoursePaths):
    push = [("corridor", "push"), ("stairs", "shrug")]
    for number in range(28):
        drop(revised.inbox, f"old-{30 - number}", record(SLUG, push, learner=f"Old {number:02}"))
    for number in range(2):
        drop(revised.inbox, f"new-{number}", record(SLUG, BEST, learner=f"New {number}", version=2))
    done = run(revised)
    assert "old-00  locked-door  5 of 20  (answered on version 1" in done.stdout, "thirty still have a line each"
    assert "people" not in done.stdout
    lines = [line for line in done.stdout.splitlines() if " of 20  (" in line]
    assert lines == sorted(lines), "in order of people, whatever their files are called"
    drop(revised.inbox, "one-more", record(SLUG, BEST, learner="New 2", version=2))
    for number in range(33):
        drop(revised.inbox, f"again-{number:02}", record(SLUG, push, learner="Old 00"))
        drop(revised.inbox, f"broken-{number:02}", "{")
    done = run(revised)
    assert done.stdout.splitlines()[:2] == [
        "3 hand-ins have a text that waits to be read: formgrader in JupyterLab. Then run `grade` again.",
        "locked-door  31 people, 1 graded now, mean 6.1 of 20 so far, 3 to be read, 28 answered on version 1, graded "
        "by the key of version 1",
    ]
    assert "old-01" not in done.stdout
    assert len([line for line in done.stdout.splitlines() if "does not count" in line]) == 10
    assert "old-00  locked-door  again-00.json does not count: old-30.json came first" in done.stdout
    assert "... and 23 more; `grade --all` lists them." in done.stdout
    assert len(done.stderr.splitlines()) == 11
    assert done.stderr.splitlines()[-1] == "... and 23 more; `grade --all` lists them."
    assert "`grade --export FILE.csv`" in done.stdout
    done = run(revised, "--all")
    assert "new-2  locked-door  16 of 20  (text waits" in done.stdout
    assert len([line for line in done.stdout.splitlines() if " of 20  (" in line]) == 31
    assert len([line for line in done.stdout.splitlines() if "does not count" in line]) == 33
    assert len(done.stderr.splitlines()) == 33
    assert "more" not in done.stdout + done.stderr


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5"])
def test_a_number_of_processes_that_is_none_is_refused_in_a_line(course: CoursePaths, number):
    done = run(course, "--workers", number)
    assert done.returncode == 2
    assert "--workers" in done.stderr
    assert "Traceback" not in done.stderr
