"""From a hand-in to a whole history: what `course.py grade` leaves behind."""

from pathlib import Path

import pytest
from courses import make_course
from records import drop, record

from onsite.build.derived import derive
from onsite.cli import main
from onsite.paths import CoursePaths

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
