"""Nothing that anybody hands in can hurt another's grade, another's files or the machine."""

import errno
import io
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from filelock import FileLock
from mutations import elsewhere, trial
from records import drop, record, zip_of
from results import scores

from onsite.grading import desk
from onsite.grading.archives import Limits, entries
from onsite.grading.grade import grade
from onsite.grading.names import learner_id
from onsite.grading.roster import Person, Roster
from onsite.grading.sources import Found, Problem, look_through
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError, RecordError

SLUG = "locked-door"
TEXT = "The lock stuck; it is oiled now."
BEST = [("corridor", "tell"), ("desk", "range"), ("paper", TEXT)]
SOUND = json.dumps(record(SLUG, BEST, learner="sound")).encode()

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore:Duplicate name:UserWarning")
needs_links = pytest.mark.skipif(os.name == "nt", reason="links and pipes of Unix")


def link_in_zip(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info, target.encode()


def nested(levels: int, content: bytes, beside: int = 0) -> bytes:
    data = zip_of([("answers.json", content), *((f"{number}.txt", b"") for number in range(beside))])
    for _ in range(levels):
        data = zip_of([("inner.zip", data)])
    return data


def lying(size: int) -> bytes:
    """A zip that calls a file of `size` zeros a small one."""
    data = bytearray(zip_of([("answers.json", b"0" * size)]))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(mark) + at
        data[place : place + 4] = (100).to_bytes(4, "little")
    return bytes(data)


# --- what comes in zips -------------------------------------------------------------------------------

BAD_ZIPS = {
    "a-bomb-by-ratio": zip_of([("answers.json", b"0" * 250_000)]),
    "a-large-bomb": zip_of([("answers.json", b"0" * 60_000_000)]),
    "a-lie-about-its-size": lying(5_000_000),
    "too-deep": nested(4, SOUND),
    "a-link": zip_of([link_in_zip("answers.json", "/etc/passwd")]),
    "no-zip": b"PK\x03\x04 and then nothing",
    "cut-off": zip_of([("answers.json", SOUND)])[:-30],
    "empty": b"",
    "deep-json": zip_of([("answers.json", b"[" * 100_000)]),
    "not-a-number": zip_of([("answers.json", SOUND.replace(b'"format": 1', b'"format": NaN'))]),
}


def test_one_bad_zip_never_stops_or_changes_another(course: CoursePaths, tmp_path: Path):
    sent = tmp_path / "sent"
    sent.mkdir()
    for name, data in BAD_ZIPS.items():
        (sent / f"{name}.zip").write_bytes(data)
    (sent / "good.zip").write_bytes(zip_of([("x/answers.json", SOUND)]))
    before = elsewhere(course)
    report = grade(course, sources=[sent])
    assert scores(report) == {"sound": 16.0}
    told = {name for path, _ in report.refused for name in BAD_ZIPS if f"{name}.zip" in str(path)}
    assert told == set(BAD_ZIPS), "each of them is named"
    assert all(message and "Traceback" not in message for _, message in report.refused)
    assert elsewhere(course) == before


def test_names_in_a_zip_are_never_used_as_paths(course: CoursePaths, tmp_path: Path):
    names = [
        "../../outside.json",
        "/etc/outside.json",
        "C:\\outside.json",
        "..\\..\\outside.json",
        "a/../../outside.json",
    ]
    names += ["con.json", "x" * 240 + ".json", "\u202etxt.json", "a\nb\x1b[2J.json"]
    files: list[tuple[str | zipfile.ZipInfo, bytes]] = [
        (name, json.dumps(record(SLUG, BEST, learner=f"p{number}")).encode()) for number, name in enumerate(names)
    ]
    path = tmp_path / "in.zip"
    path.write_bytes(zip_of(files))
    before = elsewhere(course)
    report = grade(course, sources=[path])
    assert scores(report) == {f"p{number}": 16.0 for number in range(len(names))}
    assert elsewhere(course) == before
    assert not list(tmp_path.rglob("outside*"))


def test_a_locked_zip_and_the_same_name_twice_are_told_apart():
    twice = zip_of([("answers.json", b"{}"), ("answers.json", SOUND)])
    found = list(entries(io.BytesIO(twice), "x.zip", _now()))
    assert [entry.data for entry in found] == [b"{}", SOUND]
    locked = bytearray(zip_of([("answers.json", SOUND)]))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + at] |= 1
    (entry,) = entries(io.BytesIO(bytes(locked)), "x.zip", _now())
    assert "password" in entry.problem


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


@pytest.mark.parametrize(
    ("limits", "data", "said"),
    [
        (Limits(entries=3), zip_of([(f"{n}.txt", b"") for n in range(4)]), "more than 3 files"),
        (Limits(entries=3), nested(3, SOUND), "more than 3 files|zip in a zip"),
        (Limits(total=1000), zip_of([(f"{n}.json", SOUND) for n in range(9)]), "unpacks to more than 1,000 bytes"),
        (Limits(within=3), nested(1, SOUND, beside=3), "more than 3 files"),
        (Limits(nested=50), nested(1, SOUND), "larger than 0 kB"),
        (Limits(ratio=2, small=1000), zip_of([("a.json", b"0" * 3000)]), "more than 2 times its size"),
        (Limits(depth=0), nested(1, SOUND), "zip in a zip"),
    ],
)
def test_the_limits_hold(limits, data, said):
    problems = [entry.problem for entry in entries(io.BytesIO(data), "x.zip", _now(), limits) if entry.problem]
    assert any(re.search(said, problem) for problem in problems), problems


def test_a_bomb_is_not_unpacked(tmp_path: Path):
    import tracemalloc

    path = tmp_path / "bomb.zip"
    inner = zip_of([("answers.json", b"0" * 60_000_000)])
    path.write_bytes(zip_of([(f"{n}.zip", inner) for n in range(20)] + [("big.json", b"0" * 60_000_000)]))
    tracemalloc.start()
    found = list(look_through(path))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 6, "five are told one by one, and then how many more"
    assert isinstance(found[-1], Problem)
    assert "16 more" in found[-1].message
    assert not any(isinstance(one, Found) for one in found)
    assert most < 5_000_000, "of a gigabyte and more, next to nothing came into memory"


@pytest.mark.parametrize("how", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_what_reserves_memory_before_it_is_read_is_not_unpacked(how: int):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", how) as archive:
        archive.writestr("a/answers.json", SOUND)
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/answers.json", SOUND)
    first, second = entries(data, "x.zip", _now())
    assert "packed in a way" in first.problem
    assert second.data == SOUND


def test_a_zip_of_many_lists_ends_the_reading_of_its_own_only():
    many = zip_of([("inner.zip", zip_of([(f"{n}.txt", b"") for n in range(9)])) for _ in range(9)])
    found = list(entries(io.BytesIO(many), "x.zip", _now(), Limits(entries=30)))
    assert len(found) < 40
    assert "the rest was left" in found[-1].problem


def test_a_gradebook_that_changes_what_is_written_is_not_written(course: CoursePaths):
    drop(course.inbox, "ana", record(SLUG, BEST, learner="ana"))
    grade(course)
    with sqlite3.connect(course.gradebook) as database:
        database.execute(
            "CREATE TRIGGER more AFTER UPDATE ON grade BEGIN UPDATE grade SET extra_credit = 10 WHERE id = new.id; END"
        )
    database.close()
    with pytest.raises(OnsiteError, match=r"never makes \(more\)"):
        grade(course)


# --- what lies in folders -----------------------------------------------------------------------------


def test_folders_too_deep_for_anybody_are_named_and_the_rest_is_graded(course: CoursePaths, tmp_path: Path):
    drop(course.inbox, "ana", record(SLUG, BEST, learner="ana"))
    for top in (course.inbox, tmp_path / "sent"):
        top.mkdir(exist_ok=True)
        handle = os.open(top, os.O_RDONLY)
        for _ in range(1500):
            os.mkdir("d", dir_fd=handle)
            inner = os.open("d", os.O_RDONLY, dir_fd=handle)
            os.close(handle)
            handle = inner
        os.close(handle)
    try:
        report = grade(course, sources=[tmp_path / "sent"])
    finally:
        for top in (course.inbox, tmp_path / "sent"):
            subprocess.run(["rm", "-rf", str(top / "d")], check=True)  # too deep for pytest's own tidying up
    assert scores(report) == {"ana": 16.0}
    assert len(report.refused) == 2


@needs_links
def test_a_link_in_place_of_a_folder_that_the_course_makes_stops_it(course: CoursePaths, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    course.inbox.mkdir()
    link = course.inbox / "taken"
    link.symlink_to(outside)
    sent = tmp_path / "ana.json"
    sent.write_bytes(SOUND)
    with pytest.raises(OnsiteError, match="taken is a link"):
        grade(course, sources=[sent])
    assert list(outside.iterdir()) == []
    link.unlink()
    assert scores(grade(course, sources=[sent])) == {"sound": 16.0}


@needs_links
def test_of_two_with_the_same_file_one_refused_takes_no_result_from_the_other(course: CoursePaths, tmp_path: Path):
    for name in ("ana", "bo"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "answers.json").write_bytes(SOUND.replace(b'"sound"', b'""'))
    course.feedback.mkdir()
    (course.feedback / "bo").symlink_to(tmp_path)
    report = grade(course, sources=[tmp_path / "in"], roster=Roster([Person("ana", "ana"), Person("bo", "bo")]))
    assert scores(report) == {"ana": 16.0}
    assert len(report.refused) == 1


@needs_links
def test_links_and_pipes_are_neither_followed_nor_waited_for(course: CoursePaths, tmp_path: Path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "answers.json").write_bytes(SOUND.replace(b"sound", b"secret"))
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / "good.json").write_bytes(SOUND)
    (sent / "link.json").symlink_to(secret / "answers.json")
    (sent / "folder").symlink_to(secret)
    (sent / "circle").symlink_to(sent)
    (sent / "broken.json").symlink_to(tmp_path / "nowhere")
    (sent / "zip.zip").symlink_to("/dev/zero")
    os.mkfifo(sent / "pipe.json")
    course.inbox.mkdir()
    (course.inbox / "link.json").symlink_to(secret / "answers.json")
    report = grade(course, sources=[sent])
    assert scores(report) == {"sound": 16.0}
    assert {path.name for path, _ in report.refused} == {"link.json", "broken.json", "zip.zip", "pipe.json"}


@needs_links
def test_a_link_where_grades_are_laid_out_leads_nowhere(course: CoursePaths, tmp_path: Path):
    outside = tmp_path / "outside"
    (outside / SLUG).mkdir(parents=True)
    (outside / SLUG / "precious").write_text("kept")
    drop(course.inbox, "eve", record(SLUG, BEST, learner="eve"))
    drop(course.inbox, "ana", record(SLUG, BEST, learner="ana"))
    for folder in (course.submitted, course.autograded, course.feedback):
        folder.mkdir(exist_ok=True)
        (folder / "eve").symlink_to(outside)
        report = grade(course)
        assert scores(report) == {"ana": 16.0}
        assert any("link" in message for _, message in report.refused)
        (folder / "eve").unlink()
    assert [path.name for path in outside.rglob("*")] == [SLUG, "precious"]
    assert scores(grade(course)) == {"ana": 16.0, "eve": 16.0}


@needs_links
def test_a_run_in_which_nothing_can_be_graded_ends_well(course: CoursePaths, tmp_path: Path):
    drop(course.inbox, "eve", record(SLUG, BEST, learner="eve"))
    course.feedback.mkdir()
    (course.feedback / "eve").symlink_to(tmp_path)
    report = grade(course)
    assert (report.results, len(report.refused)) == ([], 1)


@pytest.mark.parametrize("collected", ["code", "duplicated", "deleted", "broken", "huge"])
def test_a_submitted_notebook_is_neither_run_nor_read_by_either_way(course: CoursePaths, tmp_path: Path, collected):
    trap = tmp_path / "executed"
    folder = course.submitted / "eve" / SLUG
    folder.mkdir(parents=True)
    notebook = nbformat.read(course.exercises / SLUG / f"{SLUG}.ipynb", as_version=4)
    if collected == "duplicated":
        notebook.cells += [nbformat.from_dict(dict(cell)) for cell in notebook.cells]
    elif collected == "deleted":
        notebook.cells = notebook.cells[:1]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = f"open({str(trap)!r}, 'w').close()\n20.0" + " " * (5_000_000 if collected == "huge" else 0)
    text = "{" if collected == "broken" else json.dumps(notebook)
    (folder / f"{SLUG}.ipynb").write_text(text)
    (folder / "answers.json").write_bytes(SOUND)
    for module in ("json.py", "onsite.py", "sitecustomize.py", "nbgrader_config.py"):
        (folder / module).write_text(f"open({str(trap)!r}, 'w').close()\nraise SystemExit\n")
    assert scores(grade(course)) == {"eve": 16.0}
    if collected in ("code", "duplicated"):
        command = [sys.executable, "-m", "nbgrader", "autograde", SLUG, "--student", "eve", "--force"]
        done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert not trap.exists()
    assert grade(course).results[0].score == 16.0


def test_a_notebook_larger_than_any_memory_is_put_aside_unread(course: CoursePaths):
    folder = course.submitted / "eve" / SLUG
    folder.mkdir(parents=True)
    (folder / "answers.json").write_bytes(SOUND)
    (folder / f"{SLUG}.ipynb").touch()
    os.truncate(folder / f"{SLUG}.ipynb", 1 << 40)  # next to nothing on the disk
    assert scores(grade(course)) == {"eve": 16.0}
    [kept] = course.kept_aside.rglob("*.ipynb")
    assert kept.stat().st_size == 1 << 40


# --- what stands in records ---------------------------------------------------------------------------

NAMES = [
    "José García", "किरण देवी", "करण देवी", "Анна Петрова", "王小明", "محمد علي", "ﷺ", "ά\u0345\u0301", "a" * 200,
    "a" * 199 + "b", "\U00020000" * 200, "Z\u0351\u036b\u0343\u036a\u0302\u036f" * 20, "x\u202egnp.exe", "x\u200by",
    "../../etc/passwd", "..\\..\\x", "/", "CON", "con.txt", "NUL", "a\nb", "a\x1b[2Jb", "$(touch x)", "`id`", "%00",
    "*", "[a-z]", "{student_id}", "<b>Bo</b>", "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-12", "\t=13",
    "O'Brien; drop table student", "submitted", ".",
]  # fmt: skip


def test_a_name_in_any_script_is_a_learner_of_their_own_or_refused(course: CoursePaths):
    for number, name in enumerate(NAMES):
        drop(course.inbox, f"n{number:02}", record(SLUG, BEST, learner=name))
    before = elsewhere(course)
    report = grade(course)
    refused = {path.stem for path, _ in report.refused}
    assert refused == {f"n{NAMES.index(name):02}" for name in ("/", "*", ".")}
    assert set(scores(report).values()) == {16.0}
    assert len(report.results) == len(NAMES) - len(refused)
    assert elsewhere(course) == before
    for result in report.results:
        assert result.feedback.parent.parent.parent == course.feedback
        assert len(result.learner.encode()) <= 200


def test_random_names_never_become_one_that_leaves_its_folder():
    chance = random.Random(20261122)
    letters = [*map(chr, range(1, 0x250)), *'../\\:*?"<>|', *map(chr, range(0x900, 0x980)), "\U0001f600", "\U00020000"]
    for _ in range(3000):
        name = "".join(chance.choices(letters, k=chance.randrange(1, 200)))
        try:
            found = learner_id(name)
        except RecordError:
            continue
        assert Path(found).name == found
        assert found not in ("", ".", "..")
        assert len(found.encode()) <= 200
        assert not set(found) & set('/\\:*?"<>|\0\n\r\t')
        assert learner_id(found) == found or len(found) > 70


def test_markup_of_a_learner_is_text_in_the_page_and_in_the_terminal(course: CoursePaths):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{% raw %}"
    name = "\x1b[31m<b onclick=x>" + evil
    drop(course.inbox, "eve", record(SLUG, [*BEST[:2], ("paper", evil)], learner=name))
    drop(course.inbox, "no\x1b[2Jbody", record(SLUG, BEST))
    done = subprocess.run(
        [sys.executable, "-m", "onsite", "grade"], cwd=course.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr
    (page,) = course.feedback.rglob("*.html")
    text = page.read_text("utf-8")
    assert "<script" not in text
    assert "<img" not in text
    assert "<b onclick" not in text
    assert "{{7*7}}" in text
    (notebook,) = course.autograded.rglob("*.ipynb")
    assert "<img" not in notebook.read_text("utf-8")


def test_edited_times_change_no_grade(course: CoursePaths):
    for number, at in enumerate(["", "9999-12-31T00:00:00Z", "yesterday", "-1", "2026-13-45"]):
        content = record(SLUG, BEST, learner=f"t{number}")
        for event in content["events"]:
            event["at"] = at
        drop(course.inbox, f"t{number}", content)
    assert set(scores(grade(course)).values()) == {16.0}


def test_paths_that_the_choices_could_not_reach_earn_only_what_led_there(course: CoursePaths):
    drop(course.inbox, "jump", record(SLUG, [("desk", "range"), ("paper", TEXT)], learner="jump"))
    drop(course.inbox, "other", record(SLUG, [("corridor", "tell"), ("stairs", "own")], learner="other"))
    drop(course.inbox, "unknown", record(SLUG, [("corridor", "tell"), ("desk", "nothing")], learner="unknown"))
    drop(course.inbox, "again", record(SLUG, [("corridor", "push"), ("corridor", "tell")], learner="again"))
    assert scores(grade(course)) == {"jump": 0.0, "other": 10.0, "unknown": 10.0, "again": 5.0}


def test_hundreds_of_mutated_hand_ins_hurt_nothing(revised: CoursePaths):
    """To a scenario of which an older version is kept."""
    found = trial(revised, 300, 7)
    assert (found.aborts, found.wrong, found.outside) == ([], [], [])
    assert found.graded > 80
    assert found.refused > 80


def test_the_trial_sees_a_wrong_grade(course: CoursePaths, monkeypatch):
    monkeypatch.setattr("onsite.grading.marking.decision_points", lambda *_: 1.0)
    assert trial(course, 20, 7).wrong


# --- what goes wrong outside --------------------------------------------------------------------------


def many(course: CoursePaths, number: int) -> dict[str, float]:
    paths = [BEST, [("corridor", "push"), ("stairs", "own"), ("paper", TEXT)], [("corridor", "leave")]]
    for count in range(number):
        drop(course.inbox, f"m{count:03}", record(SLUG, paths[count % 3], learner=f"m{count:03}"))
    return {f"m{count:03}": [16.0, 8.0, 0.0][count % 3] for count in range(number)}


def test_a_full_disk_stops_the_run_with_a_word_and_the_next_run_completes_it(course: CoursePaths, monkeypatch):
    expected = many(course, 130)
    write, left = desk._write, [200]

    def full(*arguments: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(*arguments)

    monkeypatch.setattr(desk, "_write", full)
    with pytest.raises(OnsiteError, match="disk is full"):
        grade(course)
    monkeypatch.setattr(desk, "_write", write)
    report = grade(course)
    assert scores(report) == expected
    assert 0 < report.graded < 130, "what was entered before the disk was full is not done again"


@pytest.mark.skipif(os.name == "nt", reason="limits of Unix")
def test_a_gradebook_that_cannot_grow_says_so_and_loses_nothing(course: CoursePaths):
    import resource

    expected = many(course, 700)
    size = course.gradebook.stat().st_size + 40_000
    done = subprocess.run(
        [sys.executable, "-m", "onsite", "grade", "--workers", "1"],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    assert done.returncode == 1
    assert "gradebook.db could not be" in done.stderr
    assert "Traceback" not in done.stderr
    assert scores(grade(course)) == expected


def test_an_inbox_that_cannot_be_written_says_so(course: CoursePaths, tmp_path: Path, monkeypatch):
    path = tmp_path / "one.json"
    path.write_bytes(SOUND)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("onsite.grading.inbox.write_whole", full)
    with pytest.raises(OnsiteError, match="cannot be written"):
        grade(course, sources=[path])


def test_a_second_grader_is_told_to_wait(course: CoursePaths):
    drop(course.inbox, "a", record(SLUG, BEST, learner="a"))
    with FileLock(course.gradebook.with_name("gradebook.db.lock")):
        done = subprocess.run(
            [sys.executable, "-m", "onsite", "grade"], cwd=course.root, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert "being graded at this moment" in done.stderr
    assert "Traceback" not in done.stderr
    assert scores(grade(course)) == {"a": 16.0}


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_in_the_middle_the_next_run_completes_and_nothing_is_lost(course: CoursePaths, tmp_path, workers):
    expected = many(course, 600)
    sound = CoursePaths(tmp_path / "sound")
    shutil.copytree(course.root, sound.root)
    inbox = {path: path.read_bytes() for path in course.inbox.rglob("*.json")}
    for portion in (1, 250, 450):
        command = [sys.executable, "-m", "onsite", "grade", "--workers", workers]
        run = subprocess.Popen(command, cwd=course.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while pages_in(course.feedback) < portion and run.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        run.send_signal(signal.SIGKILL)
        run.wait()
    time.sleep(0.5)  # its workers notice
    assert scores(grade(course)) == expected
    assert {path: path.read_bytes() for path in course.inbox.rglob("*.json")} == inbox
    assert grade(course).graded == 0
    assert scores(grade(sound)) == expected
    assert laid_out(course) == laid_out(sound)


def pages_in(folder: Path) -> int:
    """How many pages lie there now; unlike glob, os.walk takes it well when a folder is replaced meanwhile."""
    return sum(len(names) for _, _, names in os.walk(folder))


def laid_out(course: CoursePaths) -> dict[str, bytes]:
    return {
        str(path.relative_to(course.root)): path.read_bytes()
        for folder in (course.submitted, course.autograded, course.feedback)
        for path in folder.rglob("*")
        if path.is_file() and path.name != "timestamp.txt"
    }
