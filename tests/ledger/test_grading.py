"""From a hand-in to a whole history: what `course.py grade` leaves behind."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from courses import make_course
from records import drop, record

from onsite.build.derived import derive
from onsite.cli import main
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

SLUG = "locked-door"
BEST = [("corridor", "tell"), ("desk", "range"), ("paper", "The lock stuck; it is oiled now.")]

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own sessions


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CoursePaths:
    """A course nobody has been graded in, as the working directory."""
    course = make_course(tmp_path / "course")
    derive(course)
    monkeypatch.chdir(course.root)
    return course


def files_with(course: CoursePaths, word: bytes) -> set[str]:
    """Files with these very bytes in them or in their path: in whatever table, free page or cache."""
    return {
        inside
        for path in course.root.rglob("*")
        if ((inside := path.relative_to(course.root).as_posix()) and word in inside.encode())
        or (path.is_file() and word in path.read_bytes())
    }  # fmt: skip


def test_who_was_erased_does_not_come_back_from_the_folder_they_were_graded_from(fresh, tmp_path, capfd):
    sent = tmp_path / "download"
    drop(sent, "ana", record(SLUG, BEST, learner="Ana Sousa"))
    drop(sent, "bo", record(SLUG, BEST, learner="Bo Li"))
    assert main(["grade", str(sent)]) == 0
    assert main(["erase-person", "Ana Sousa", "--yes"]) == 0
    capfd.readouterr()
    assert main(["grade", str(sent)]) == 1
    told = capfd.readouterr()
    assert "ana.json: It is from somebody who was erased here" in told.err
    assert "bo-li" in told.out
    assert files_with(fresh, b"ana-sousa") | files_with(fresh, b"Ana Sousa") == set()
    drop(sent, "ana", record(SLUG, BEST, learner="Ana Sousa"))
    assert main(["grade", str(sent)]) == 0, "what they hand in anew is theirs to give"
    assert "ana-sousa" in capfd.readouterr().out


def test_graded_audited_certified_and_erased(fresh, capfd):
    drop(fresh.inbox, "ana", record(SLUG, BEST, learner="Ana Sousa"))
    drop(fresh.inbox, "bo", record(SLUG, [("corridor", "leave")], learner="Bo Li"))
    assert main(["grade"]) == 0
    last = capfd.readouterr().out.splitlines()[-1]
    assert last.startswith("History: 10 entries, hash ")
    noted = last.split("hash ")[1].split()[0]
    assert main(["audit", "--head", noted]) == 0
    assert main(["grade", "--json"]) == 0
    assert capfd.readouterr().out.splitlines()[-1] == '{"refused": {}}', "the server reads this line"
    assert main(["certificate"]) == 0
    assert [path.parent.name for path in fresh.certificates.glob("*/*.pdf")] == ["ana-sousa"]
    assert files_with(fresh, b"ana-sousa") > {"gradebook.db", "history/names.json"}
    assert main(["erase-person", "Ana Sousa", "--yes"]) == 0
    assert files_with(fresh, b"ana-sousa") | files_with(fresh, b"Ana Sousa") == set()
    assert main(["grade"]) == 0
    assert main(["audit", "--head", noted]) == 0
    (path,) = fresh.inbox.glob("*.json")
    path.write_text(path.read_text("utf-8").replace("leave", "tell"), "utf-8")
    assert main(["audit"]) == 1
    assert "not as it was handed in" in capfd.readouterr().err


def test_a_tampered_history_stops_no_grading_and_is_said(fresh, capfd):
    drop(fresh.inbox, "bo", record(SLUG, [("corridor", "leave")], learner="Bo Li"))
    main(["grade"])
    path = fresh.history / "grades.jsonl"
    path.write_bytes(path.read_bytes()[:-200])
    drop(fresh.inbox, "ana", record(SLUG, BEST, learner="Ana Sousa"))
    assert main(["grade"]) == 1
    said = capfd.readouterr()
    assert "ana-sousa  locked-door  16 of 20" in said.out
    assert "course.py audit" in said.err


def killed_before_it_entered(course: CoursePaths) -> int:
    """`grade` in a process of its own, which is killed when all is in the gradebook; its exit status."""
    program = (
        "import os, signal, sys, onsite.grading.grade as grading; from onsite.cli import main\n"
        "grading.write_csv = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.exit(main(['grade', '--workers', '1', '--export', 'x.csv']))"
    )
    return subprocess.run([sys.executable, "-c", program], cwd=course.root, capture_output=True, check=False).returncode


def changes(capfd) -> list[str]:
    main(["history", "--last", "0"])
    return [line for line in capfd.readouterr().out.splitlines() if " -> " in line]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("first", ["grade", "history", "audit"])
def test_a_run_that_is_killed_before_it_entered_its_grades_is_known_as_their_hand(fresh, capfd, monkeypatch, first):
    monkeypatch.setenv("LOGNAME", "hr")
    drop(fresh.inbox, "bo", record(SLUG, [("corridor", "leave")], learner="Bo Li"))
    assert main(["grade"]) == 0
    drop(fresh.inbox, "ana", record(SLUG, BEST, learner="Ana Sousa"))
    assert killed_before_it_entered(fresh) < 0
    monkeypatch.setenv("LOGNAME", "somebody")
    capfd.readouterr()
    assert main([first]) == 0
    assert "not known" not in capfd.readouterr().err
    found = changes(capfd)
    assert len([line for line in found if "ana-sousa" in line]) == 2
    assert {line.split("  ")[-1] for line in found} == {"by grading run of hr: graded"}
    assert main(["audit"]) == 0
    with closing(sqlite3.connect(fresh.gradebook)) as base:
        base.execute("UPDATE grade SET auto_score = auto_score + 3 WHERE auto_score IS NOT NULL")
        base.commit()
    assert main(["audit"]) == 1, "the note of the killed run hides nothing that comes after it"


def test_a_hand_in_the_database_is_said_by_the_next_run_and_entered_as_not_known(fresh, capfd):
    drop(fresh.inbox, "bo", record(SLUG, [("corridor", "leave")], learner="Bo Li"))
    assert main(["grade"]) == 0
    assert "not known" not in capfd.readouterr().err
    with closing(sqlite3.connect(fresh.gradebook)) as base:
        number = base.execute("UPDATE grade SET manual_score = 10 WHERE auto_score IS NOT NULL").rowcount
        base.commit()
    assert number > 0
    drop(fresh.inbox, "ana", record(SLUG, BEST, learner="Ana Sousa"))
    assert main(["grade"]) == 0
    assert f"{number} grades in gradebook.db were changed by no grading run" in capfd.readouterr().err
    found = changes(capfd)
    assert sum("by not known" in line for line in found) == number
    assert not [line for line in found if "in formgrader:" in line]
    assert main(["grade"]) == 0
    assert "were changed by" not in capfd.readouterr().err, "once"


def test_a_run_that_fails_midway_enters_what_it_had_graded(fresh, capfd, monkeypatch):
    drop(fresh.inbox, "bo", record(SLUG, [("corridor", "leave")], learner="Bo Li"))

    def fails(*_: object) -> None:
        raise OnsiteError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr("onsite.grading.grade.write_csv", fails)
        assert main(["grade", "--export", "x.csv"]) == 1
    assert {"graded" in line and "grading run" in line for line in changes(capfd)} == {True}
    assert main(["audit"]) == 0
    assert not (fresh.root / ".grading-run.json").exists()
