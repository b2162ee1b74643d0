"""There and back again: what was backed up comes back, nothing else does, and nothing is lost on the way."""

import hashlib
import json
import os
import shutil
import sqlite3
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from onsite.ledger.audit import audit
from onsite.ledger.backup import MANIFEST, make_backup
from onsite.ledger.clicks import READ, Click, note
from onsite.ledger.history import bring_up_to_date
from onsite.ledger.restore import restore
from onsite.ledger.snapshot import read_grades
from onsite.ledger.state import Score
from onsite.ledger.store import history_file
from onsite.locks import alone
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

SLUG = "locked-door"
FOLDERS = ("hand-ins", "submitted", "autograded", "feedback", "history", "private")


def contents(course: CoursePaths) -> dict[str, tuple[str, int]]:
    """Every file of people, by name: its hash and its time."""
    files = [path for name in FOLDERS for path in (course.root / name).rglob("*") if path.is_file()]
    files += [path for path in (course.roster, course.root / "whose.csv") if path.exists()]
    return {
        path.relative_to(course.root).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns // 1000,
        )
        for path in files
    }  # fmt: skip


def rows(course: CoursePaths) -> list[str]:
    with closing(sqlite3.connect(course.gradebook)) as connection:
        return sorted(connection.iterdump())


@pytest.fixture
def empty(tmp_path: Path, course: CoursePaths) -> CoursePaths:
    """The same course on another machine: nobody has handed in."""
    other = CoursePaths(tmp_path / "other")
    shutil.copytree(course.solutions, other.solutions)
    shutil.copyfile(course.root / "nbgrader_config.py", other.root / "nbgrader_config.py")
    for name in (".restore.lock", "gradebook.db.lock"):
        (other.root / name).touch()  # is left by every restore, and holds nothing
    return other


@pytest.fixture
def archive(course: CoursePaths) -> Path:
    course.roster.write_text("id,name,email\n17,Ana Sousa,ana@example.org\n", "utf-8")
    (course.root / "whose.csv").write_text("record,id\nr0123456789ab,17\n", "utf-8")
    return make_backup(course, course.root.parent / "backup.zip", note=False).path


def outside(folder: Path) -> set[Path]:
    return {path for path in folder.parent.rglob("*") if not path.is_relative_to(folder)}


def test_everything_comes_back_on_an_empty_machine_to_the_byte(course, empty, archive):
    was, had = contents(course), rows(course)
    done = restore(empty, archive)
    now = contents(empty)
    changed = {name for name in was if now.get(name) != was[name]}
    assert changed == {"history/grades.jsonl", "private/history-head.json"}, "only that it was restored is entered"
    assert set(now) == set(was)
    assert rows(empty) == had
    assert done.files == len(was) + 1
    assert audit(empty).faults == []
    assert (empty.private / "history-head.json").stat().st_mode & 0o077 == 0


def test_the_commands_say_what_they_did(empty, command, capsys, monkeypatch):
    assert command("backup", "../b.zip") == 0
    assert command("backup", "../b.zip") == 1
    assert "exists already" in capsys.readouterr().err
    assert command("restore", "../b.zip") == 1
    assert "--force" in capsys.readouterr().err
    monkeypatch.chdir(empty.root)
    assert command("restore", "../b.zip") == 0
    assert command("audit") == 0


def test_without_a_name_backups_pile_up_and_are_not_in_each_other(course, command):
    assert command("backup") == 0
    assert command("backup") == 0
    first, second = sorted(course.backups.glob("*.zip"))
    names = zipfile.ZipFile(second).namelist()
    assert not [name for name in names if name.startswith("backups/")]
    assert first.stat().st_size > 0


def test_the_gradebook_is_consistent_while_somebody_writes_in_it(graded, tmp_path):
    begun, stop = threading.Event(), threading.Event()

    def regrade() -> None:
        with closing(sqlite3.connect(graded.course.gradebook, timeout=60)) as base:
            number = 0
            while not stop.is_set():
                number += 1
                # Both or neither: a copy in which they differ was torn.
                base.execute("UPDATE grade SET auto_score = ?", (number,))
                base.execute("UPDATE grade SET extra_credit = ?", (number,))
                base.commit()
                begun.set()
                stop.wait(0.002)  # a grader pauses too

    writer = threading.Thread(target=regrade)
    writer.start()
    assert begun.wait(30)
    try:
        made = [make_backup(graded.course, tmp_path / f"{number}.zip", note=False).path for number in range(3)]
    finally:
        stop.set()
        writer.join()
    for path in made:
        with zipfile.ZipFile(path) as archive:
            archive.extract("gradebook.db", tmp_path)
        with closing(sqlite3.connect(tmp_path / "gradebook.db")) as base:
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert len(set(base.execute("SELECT auto_score, extra_credit FROM grade").fetchall())) == 1


def test_with_force_it_takes_the_place_of_what_is_there_which_is_backed_up_first(graded, archive, empty):
    course = graded.course
    graded.grade("bo-li", "report", 6.0)
    bring_up_to_date(course, "graded")
    with pytest.raises(OnsiteError, match="--force"):
        restore(course, archive)
    assert read_grades(course)["bo-li", SLUG, "report"] == Score(6.0, machine=True)
    done = restore(course, archive, force=True)
    assert read_grades(course)["bo-li", SLUG, "report"] == Score(2.0, machine=True)
    assert audit(course).faults == [], "the history tells of the change and of the way back"
    assert done.kept_history
    assert done.before is not None
    restore(empty, done.before)
    assert read_grades(empty)["bo-li", SLUG, "report"] == Score(6.0, machine=True)


def test_restoring_loses_no_hand_in_and_no_entry_made_since(graded, archive):
    course = graded.course
    graded.hand_in("Chi Okafor", "chi-okafor", report=1.0)
    bring_up_to_date(course, "graded")
    noted = audit(course).mark.head
    came = {path.name for path in course.inbox.iterdir()}
    restore(course, archive, force=True)
    assert {path.name for path in course.inbox.iterdir()} == came
    left = [str(fault) for fault in audit(course, noted).faults]
    assert ["answers that were graded are gone" in fault and "course.py grade" in fault for fault in left] == [True]


def test_a_tampered_history_is_replaced_by_the_one_in_the_archive(course, archive):
    path = course.history / "grades.jsonl"
    path.write_bytes(path.read_bytes()[:-200])
    assert audit(course).faults
    done = restore(course, archive, force=True)
    assert not done.kept_history
    assert audit(course).faults == []


# --- archives that are not what they should be -------------------------------------------------------------


def rewrite(archive: Path, change) -> None:
    """Write the archive again; `change` gets its files as a dict and its manifest, and may change both."""
    with zipfile.ZipFile(archive) as old:
        files = {info.filename: old.read(info) for info in old.infolist()}
    manifest = json.loads(files.pop(MANIFEST))
    change(files, manifest)
    with zipfile.ZipFile(archive, "w") as new:
        for name, data in files.items():
            new.writestr(name, data)
        new.writestr(MANIFEST, json.dumps(manifest))


def add(files, manifest, name: str, data: bytes = b"x") -> None:
    files[name] = data
    manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "modified_ns": 0}


def drop_one(files, _manifest) -> None:
    files.pop(next(name for name in files if name.startswith("hand-ins/")))


def change_one(files, _manifest) -> None:
    name = next(name for name in files if name.startswith("hand-ins/"))
    files[name] = files[name].replace(b"lock", b"door").replace(b"nobody", b"no-one")


def unlisted(files, _manifest) -> None:
    files["hand-ins/more.json"] = b"{}"


@pytest.mark.parametrize("change", [drop_one, change_one, unlisted], ids=["missing", "changed", "unlisted"])
def test_an_archive_that_is_not_as_it_was_made_is_refused_and_nothing_is_touched(change, archive, empty):
    rewrite(archive, change)
    before = sorted(empty.root.rglob("*"))
    with pytest.raises(OnsiteError, match="Nothing was changed"):
        restore(empty, archive)
    assert sorted(empty.root.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    [
        "../escaped.txt", "hand-ins/../../escaped.txt", "/tmp/escaped.txt", "C:/escaped.txt",
        "hand-ins\\..\\escaped.txt",
        "solutions/locked-door/scenario.yml", "course.py", "nbgrader_config.py", "hand-ins//x.json", "./roster.csv",
        "gradebook.db.x/../../escaped.sha256", "hand-ins/..", ".git/hooks/post-checkout",
        "gradebook.db/x", "roster.csv/x", "hand-ins", "gradebook.db.x.sha256/x",
    ],
)  # fmt: skip
def test_nothing_is_ever_written_outside_of_the_records(name, archive, empty):
    rewrite(archive, lambda files, manifest: add(files, manifest, name))
    around = outside(empty.root)
    inside = sorted(empty.root.rglob("*"))
    with pytest.raises(OnsiteError, match="belongs elsewhere"):
        restore(empty, archive)
    assert outside(empty.root) == around
    assert sorted(empty.root.rglob("*")) == inside


def test_a_time_that_no_file_can_have_is_refused_and_the_folder_of_keys_is_private(archive, empty):
    kept = archive.read_bytes()

    def later(_, manifest):
        next(iter(manifest["files"].values()))["modified_ns"] = 10**30

    rewrite(archive, later)
    with pytest.raises(OnsiteError, match="Nothing was changed"):
        restore(empty, archive)
    archive.write_bytes(kept)
    restore(empty, archive)
    assert empty.private.stat().st_mode & 0o777 == 0o700


def test_a_backup_that_is_not_there_is_said_so(empty):
    with pytest.raises(OnsiteError, match=r"nope\.zip cannot be restored: .*No such file.* Nothing was changed"):
        restore(empty, empty.root / "nope.zip")


def test_a_link_in_an_archive_is_refused(archive, empty):
    def link(files, manifest):
        add(files, manifest, "hand-ins/link.json", b"/etc/passwd")

    rewrite(archive, link)
    with zipfile.ZipFile(archive) as old:
        entries = [(info, old.read(info)) for info in old.infolist()]
    with zipfile.ZipFile(archive, "w") as new:
        for info, data in entries:
            if info.filename.endswith("link.json"):
                info.external_attr = 0o120777 << 16
            new.writestr(info, data)
    with pytest.raises(OnsiteError, match="belongs elsewhere"):
        restore(empty, archive)


@pytest.mark.parametrize("at", [0.1, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99])
def test_a_damaged_archive_is_refused_wherever_the_damage_is(at, archive, empty):
    data = bytearray(archive.read_bytes())
    start = int(len(data) * at)
    data[start : start + 16] = bytes(255 - byte for byte in data[start : start + 16])
    archive.write_bytes(data)
    before = sorted(empty.root.rglob("*"))
    with pytest.raises(OnsiteError, match="Nothing was changed"):
        restore(empty, archive)
    assert sorted(empty.root.rglob("*")) == before


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip at all", None])
def test_something_else_than_a_backup_is_refused(data, archive, empty):
    if data is None:
        with zipfile.ZipFile(archive, "w") as other:
            other.writestr("letter.txt", "hello")
    else:
        archive.write_bytes(data)
    with pytest.raises(OnsiteError, match="Take another backup"):
        restore(empty, archive)


def test_a_bomb_is_not_unpacked(archive, empty):
    rewrite(archive, lambda files, manifest: add(files, manifest, "hand-ins/big.json", b"0" * 5_000_000))
    rewrite(archive, lambda _, manifest: manifest["files"]["hand-ins/big.json"].update(size=10))
    with pytest.raises(OnsiteError, match="not as it was backed up"):
        restore(empty, archive)


def test_links_are_left_out_of_a_backup_and_named(course, command, capsys):
    (course.inbox / "link.json").symlink_to("/etc/hostname")
    assert command("backup", "../b.zip") == 0
    assert "link.json is a link" in capsys.readouterr().err
    assert "hand-ins/link.json" not in zipfile.ZipFile(course.root.parent / "b.zip").namelist()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is always a text")
def test_a_name_that_is_no_text_and_folders_too_deep_end_no_backup_and_are_named(course, command, capsys):
    (course.inbox / os.fsdecode(b"b\xff.json")).write_text("{}")
    deep = course.submitted.joinpath("ana-sousa", *"d" * 70)
    deep.mkdir(parents=True)
    (deep / "x.json").write_text("{}")
    assert command("backup", "../b.zip") == 0
    told = capsys.readouterr().err
    assert "no text and is not in the backup" in told
    assert "lies too deep and is not in the backup" in told
    names = zipfile.ZipFile(course.root.parent / "b.zip").namelist()
    assert any(name.startswith("hand-ins/") for name in names)
    assert not any(name.endswith("x.json") for name in names)


def test_a_backup_that_cannot_be_written_leaves_no_half_of_one(course, monkeypatch, tmp_path):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("onsite.ledger.backup.os.fsync", full)
    with pytest.raises(OnsiteError, match="No space left"):
        make_backup(course, tmp_path / "b" / "b.zip")
    assert list((tmp_path / "b").iterdir()) == []


@pytest.mark.parametrize(
    "name", ["gradebook.db", "history/names.json", "history/grades.jsonl", "private/history-head.json"]
)
@pytest.mark.parametrize("damage", [b"", b"hello", None], ids=["empty", "something else", "cut off"])
def test_what_is_damaged_can_be_restored_however_it_is_damaged(course, archive, name, damage):
    path = course.root / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3] if damage is None else damage)
    before = path.read_bytes()
    done = restore(course, archive, force=True)
    assert audit(course).faults == []
    assert read_grades(course)["bo-li", SLUG, "report"] == Score(2.0, machine=True)
    assert done.before is not None
    with zipfile.ZipFile(done.before) as kept:
        assert kept.read(name) == before, "what was damaged is kept too"


def test_a_backup_of_a_damaged_gradebook_is_refused(course, command, capsys):
    course.gradebook.write_bytes(b"hello")
    assert command("backup") == 1
    assert "cannot be read" in capsys.readouterr().err
    assert not list(course.backups.glob("*"))


def test_what_is_only_half_written_is_in_no_backup(course, tmp_path):
    for name in (".x.json.0123abcd", ".old.json.part", "x.json"):
        (course.inbox / name).write_text("{", "utf-8")
    with zipfile.ZipFile(make_backup(course, tmp_path / "b.zip").path) as archive:
        inside = {Path(name).name for name in archive.namelist() if name.startswith("hand-ins/")}
    assert "x.json" in inside
    assert not [name for name in inside if name.startswith(".")]


def test_what_readers_did_comes_back_for_the_owner_alone(course, empty, archive, tmp_path, monkeypatch):
    open_to_others = history_file(course).stat().st_mode & 0o077
    note(course, [Click("Mira", READ, "ana-sousa", SLUG, "note", 3.0)])
    later = make_backup(course, tmp_path / "later.zip").path
    monkeypatch.setattr("onsite.ledger.history.forget", lambda *_: None)
    # Out of the archive, and taken along from what is there, where the history goes on.
    for target, source in ((empty, later), (course, archive)):
        restore(target, source, force=True)
        modes = {path.name: path.stat().st_mode & 0o077 for path in target.history.iterdir()}
        assert modes == {"clicks.jsonl": 0, "names.json": 0, "grades.jsonl": open_to_others}


def damage(course: CoursePaths) -> None:
    """Overwrite the page of the gradebook on which the grades begin."""
    with closing(sqlite3.connect(course.gradebook)) as base:
        (page,) = base.execute("SELECT rootpage FROM sqlite_master WHERE name = 'grade'").fetchone()
        (size,) = base.execute("PRAGMA page_size").fetchone()
    with course.gradebook.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize(
    "words", [("history",), ("audit",), ("certificate",), ("export-person", "bo-li")], ids=lambda words: words[0]
)
def test_a_gradebook_that_is_damaged_in_places_is_told_in_words(course, command, capsys, words):
    damage(course)
    assert command(*words) == 1
    said = capsys.readouterr().err
    assert f"{course.gradebook} cannot be read as nbgrader's gradebook (database disk image is malformed)" in said
    assert "restore FILE.zip" in said


def test_a_gradebook_that_is_only_busy_needs_no_backup(course, monkeypatch):
    monkeypatch.setattr("onsite.ledger.snapshot._WAIT_SECONDS", 0.1)
    with closing(sqlite3.connect(course.gradebook, isolation_level=None)) as base:
        base.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OnsiteError, match=r"Try again when nobody is grading\.$"):
            read_grades(course)
    assert read_grades(course)


def test_a_backup_with_a_damaged_gradebook_says_so_and_so_does_restoring_it(course, empty, command, capsys, tmp_path):
    assert command("backup", tmp_path / "sound.zip") == 0
    assert "damaged" not in capsys.readouterr().err
    damage(course)
    assert command("backup", tmp_path / "damaged.zip") == 1
    assert "gradebook.db is damaged (" in capsys.readouterr().err
    assert restore(empty, tmp_path / "damaged.zip").damaged
    assert contents(empty).keys() == contents(course).keys(), "all else is back"
    assert command("restore", tmp_path / "damaged.zip", "--force") == 1
    assert "was damaged when this backup was made" in capsys.readouterr().err
    assert command("restore", tmp_path / "sound.zip", "--force") == 0
    assert command("audit") == 0


@pytest.mark.parametrize("how", [damage, lambda course: course.gradebook.write_bytes(b"hello")], ids=["page", "all"])
def test_whoever_was_erased_does_not_come_back_in_a_gradebook_that_nobody_can_read(course, command, tmp_path, how):
    how(course)
    made = make_backup(course, tmp_path / "damaged.zip", anyhow=True).path
    sound = course.root.parent / "sound"
    shutil.copytree(course.root, sound)
    (sound / "gradebook.db").unlink()
    assert restore(CoursePaths(sound), made, force=True).erased_since == []
    course.gradebook.unlink()
    assert command("erase-person", "bo-li", "--yes") == 0
    with pytest.raises(OnsiteError, match="people were erased since"):
        restore(course, made, force=True)
    assert not (course.submitted / "bo-li").exists()
    assert not course.gradebook.exists()


def test_nothing_is_restored_under_a_grader(course, archive, monkeypatch):
    before = rows(course), contents(course)
    monkeypatch.setattr("onsite.ledger.restore.PATIENCE", 0.1)
    with alone(course, 0), pytest.raises(OnsiteError, match="being graded at this moment"):
        restore(course, archive, force=True)
    assert (rows(course), contents(course)) == before
    restore(course, archive, force=True)


@pytest.mark.parametrize(("served", "refused"), [(".", True), ("..", True), ("../elsewhere", False)])
def test_while_a_server_runs_on_the_course_nothing_is_restored(
    course: CoursePaths, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: str, refused: bool
):
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    # As a server notes itself. This process stands for it.
    info = {"pid": os.getpid(), "root_dir": str(course.root / served), "url": "http://localhost:8888/"}
    note = runtime / f"jpserver-{os.getpid()}.json"
    note.write_text(json.dumps(info), "utf-8")
    before = contents(course)
    if refused:
        with pytest.raises(OnsiteError, match="server is running"):
            restore(course, archive, force=True)
        assert contents(course) == before
        note.unlink()
    assert restore(course, archive, force=True).files


# --- killed in the middle ---------------------------------------------------------------------------------


class Killed(BaseException):
    """What a kill is to the code that it hits: nothing after it is done."""


def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the process die at the renaming with this number, counted from when the exchange began."""
    rename = Path.rename
    count = [0]

    def dying(path: Path, target: Path) -> Path:
        if path.parent.joinpath(".restoring.json").exists() or path.parent.name.startswith(".restoring-"):
            count[0] += 1
            if count[0] == step:
                raise Killed
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", dying)
    remove = shutil.rmtree
    # A killed process tidies nothing up.
    monkeypatch.setattr(
        shutil, "rmtree", lambda path, **how: None if ".restoring-" in Path(path).name else remove(path, **how)
    )
    return count


@pytest.mark.parametrize("step", [1, 2, 5, 8, 11, 14])
def test_a_restore_that_is_killed_is_finished_by_the_next_and_nothing_works_on_half_of_it(
    graded, archive, step, monkeypatch, command, capsys
):
    course = graded.course
    graded.hand_in("Chi Okafor", "chi-okafor", report=1.0)
    graded.grade("bo-li", "report", 6.0)
    bring_up_to_date(course, "graded")
    came = {path.name for path in course.inbox.iterdir()}
    with monkeypatch.context() as patched:
        killed_at(step, patched)
        with pytest.raises(Killed):
            restore(course, archive, force=True)
    assert command("history") == 1
    assert "A restore was interrupted" in capsys.readouterr().err
    (course.inbox / "meanwhile.json").parent.mkdir(exist_ok=True)
    (course.inbox / "meanwhile.json").write_text("{}", "utf-8")
    assert command("restore", archive) == 0
    assert "is finished now" in capsys.readouterr().out
    assert {place: score.points for place, score in read_grades(course).items()} == {
        ("ana-sousa", SLUG, "report"): 6.0, ("ana-sousa", SLUG, "estimate"): 10.0,
        ("ana-sousa", SLUG, "note"): None, ("bo-li", SLUG, "report"): 2.0,
        ("bo-li", SLUG, "estimate"): 5.0, ("bo-li", SLUG, "note"): 0.0,
    }  # fmt: skip
    assert {path.name for path in course.inbox.iterdir()} == came | {"meanwhile.json"}
    assert not list(course.root.glob(".restoring*"))
    left = [fault.what for fault in audit(course).faults]
    assert left == ["the answers that were graded are gone."], "Chi's, whom the archive did not know yet"


def test_whoever_was_erased_is_not_back_for_a_moment(graded, archive, monkeypatch, command):
    course = graded.course
    command("erase-person", "bo-li", "--yes")
    with monkeypatch.context() as patched:
        killed_at(12, patched)
        with pytest.raises(Killed):
            restore(course, archive, force=True)
    for path in [path for place in course.root.glob(".restoring-*") for path in place.rglob("*") if path.is_file()]:
        assert b"Bo Li" not in path.read_bytes()
    restore(course, archive)
    assert not (course.submitted / "bo-li").exists()
    assert audit(course).faults == []


def test_a_restore_that_runs_out_of_room_while_it_makes_ready_changes_nothing(graded, archive, monkeypatch):
    course = graded.course
    graded.grade("bo-li", "report", 6.0)
    bring_up_to_date(course, "graded")
    before = rows(course), history_bytes(course)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("onsite.ledger.restore._keep_later", full)
        with pytest.raises(OnsiteError, match="free space"):
            restore(course, archive, force=True)
    assert (rows(course), history_bytes(course)) == before
    assert audit(course).faults == []


def history_bytes(course: CoursePaths) -> bytes:
    return (course.history / "grades.jsonl").read_bytes()
