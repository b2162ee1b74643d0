"""One person's data: all of it handed over, and none of it left."""

import csv
import io
import json
import sqlite3
import threading
import time
import unicodedata
import zipfile
from contextlib import closing

import pytest
from records import record

from onsite.ledger.audit import audit
from onsite.ledger.backup import make_backup
from onsite.ledger.export import export_person
from onsite.ledger.history import bring_up_to_date
from onsite.ledger.mentions import Mentions
from onsite.ledger.restore import restore
from onsite.ledger.store import read_stored
from onsite.locks import alone
from onsite.scenario.errors import OnsiteError

SLUG = "locked-door"
SECRET = "The blue key lay under my aunt's begonia."
COMMENT = "Charming, Zoë, but who is the aunt?"
NAME = "Zoë Öztürk-Łęcka"
LEARNER = "p-4711"
MAIL = "zoe.oztuerk@example.org"


def came_from(*parts: str, student: str = "") -> str:
    """A note as the grader writes it beside what it takes in."""
    return json.dumps({"from": "x", "parts": parts, "student": student, "at": "2026-11-22T09:00:00+00:00"})


@pytest.fixture
def zoe(graded):
    """Somebody with traces everywhere: known by a roster, sent twice, by an LMS, with a comment and a certificate."""
    course = graded.course
    course.roster.write_text(
        "id,name,email,group\nana-sousa,Ana Sousa,ana@example.org,A\n"
        f'P-4711,"{NAME}",{MAIL},A\nbo-li,Bo Li,bo@example.org,B\n',
        "utf-8",
    )
    answers = graded.hand_in(NAME, LEARNER, SECRET, report=1.0, estimate=2.5, note=None)
    graded.grade(LEARNER, "note", manual=2.0)
    with graded.gradebook() as gradebook:
        gradebook.update_or_create_student(LEARNER, first_name="Zoë", last_name="Öztürk-Łęcka", email=MAIL)
        comments = gradebook.find_submission(SLUG, LEARNER).notebooks[0].comments
        for comment in comments:
            comment.manual_comment = COMMENT
        gradebook.db.commit()
    said = json.dumps(answers | {"learner": ""}, ensure_ascii=False)
    lms = course.inbox / f"{NAME}_123_assignsubmission_file" / "outage-answers.json"
    lms.parent.mkdir()
    lms.write_text(said.replace("aunt", "uncle"), "utf-8")
    (course.inbox / "damaged.json").write_text(f'{{"learner": "{NAME}", "events": [', "utf-8")
    taken = course.inbox / "taken"
    taken.mkdir()
    other = answers | {"learner": "", "id": "11111111-2222-3333"}
    (taken / "abc123.json").write_text(json.dumps(other), "utf-8")
    (taken / "abc123-0001.from").write_text(came_from("x", f"{NAME}_7_assignsubmission_file"), "utf-8")
    (taken / "def456.json").write_text(json.dumps(record(SLUG, [("corridor", "leave")])), "utf-8")
    for number, sender in enumerate((NAME, "Bo Li")):
        (taken / f"def456-{number}.from").write_text(came_from(sender), "utf-8")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("ana/answers.json", json.dumps(record(SLUG, [("corridor", "leave")], learner="Ana Sousa")))
        archive.writestr(f"{LEARNER}/answers.json", said)
    with zipfile.ZipFile(course.inbox / "platform.zip", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    (course.root / "grades.csv").write_text(f"assignment,student_id,score\nx,bo-li,3\nx,{LEARNER},5\n", "utf-8")
    (course.root / ".nbgrader.log").write_text(f"grading bo-li\ngrading {LEARNER} now\n", "utf-8")
    certificate = course.certificates / LEARNER / "certificate.pdf"
    certificate.parent.mkdir(parents=True)
    certificate.write_bytes(b"%PDF-1.7 " + NAME.encode())
    bring_up_to_date(course, "graded")
    return graded


def traces(course) -> list[str]:
    """Files, and tables of databases, in which anything of hers stands, in whatever spelling; found in another way."""
    words = [NAME, LEARNER, MAIL, "begonia", "who is the aunt", "Öztürk", "11111111-2222-3333"]
    forms = set()
    for word in words:
        for form in ("NFC", "NFD"):
            spelt = unicodedata.normalize(form, word)
            for encoding in ("utf-8", "utf-16-le"):
                forms |= {spelt.encode(encoding), spelt.lower().encode(encoding), spelt.casefold().encode(encoding)}
            forms.add(json.dumps(spelt)[1:-1].encode())
    found = []
    for path in sorted(course.root.rglob("*")):
        inside = path.relative_to(course.root).as_posix()
        if any(form in inside.encode() for form in forms):
            found.append(inside)
        if not path.is_file():
            continue
        data = path.read_bytes()
        if path.suffix.lower() == ".zip":
            data = unzipped(data)
        if any(form in data or form in data.lower() for form in forms):
            found.append(inside)
        if data.startswith(b"SQLite format 3"):
            with closing(sqlite3.connect(path)) as connection:
                for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                    rows = repr(connection.execute(f'SELECT * FROM "{name}"').fetchall())
                    if any(word in rows for word in words):
                        found.append(f"{inside}: {name}")
    return found


def unzipped(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [(info.filename.encode(), archive.read(info)) for info in archive.infolist()]
    return b"\n".join(name + b"\n" + (unzipped(part) if part[:2] == b"PK" else part) for name, part in parts)


def test_the_search_of_this_test_finds_her_where_she_was_put(zoe):
    found = " ".join(traces(zoe.course))
    for place in (
        "hand-ins/", "damaged.json", "taken/", "platform.zip", "submitted/", "autograded/", "feedback/",
        "certificates/", "gradebook.db: student", "gradebook.db: comment", "roster.csv", "grades.csv",
        ".nbgrader.log", "names.json",
    ):  # fmt: skip
        assert place in found, place


@pytest.mark.parametrize("called", ["P-4711", NAME, MAIL.upper()])
def test_nothing_of_her_is_left_in_any_file_table_or_page(zoe, command, called):
    assert command("erase-person", called, "--yes") == 0
    assert traces(zoe.course) == []


def test_nobody_else_loses_anything(zoe, command):
    course = zoe.course
    with closing(sqlite3.connect(course.gradebook)) as base:
        before = base.execute("SELECT count(*) FROM grade").fetchone()[0]
    others = {
        path: path.read_bytes()
        for learner in ("ana-sousa", "bo-li")
        for folder in (course.submitted, course.autograded, course.feedback)
        for path in (folder / learner).rglob("*")
        if path.is_file()
    }
    command("erase-person", LEARNER, "--yes")
    assert {path: path.read_bytes() for path in others} == others
    assert course.roster.read_text("utf-8") == (
        "id,name,email,group\nana-sousa,Ana Sousa,ana@example.org,A\nbo-li,Bo Li,bo@example.org,B\n"
    )
    assert (course.root / "grades.csv").read_text() == "assignment,student_id,score\nx,bo-li,3\n"
    assert (course.root / ".nbgrader.log").read_text() == "grading bo-li\n"
    assert b"ana/answers.json" in unzipped((course.inbox / "platform.zip").read_bytes())
    with closing(sqlite3.connect(course.gradebook)) as base:
        assert base.execute("SELECT count(*) FROM grade").fetchone()[0] == before - 3
        assert base.execute("SELECT id FROM student ORDER BY id").fetchall() == [("ana-sousa",), ("bo-li",)]
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
    assert len([path for path in course.inbox.iterdir() if path.suffix == ".json"]) == 2
    assert sorted(path.name for path in (course.inbox / "taken").iterdir()) == ["def456-1.from", "def456.json"]


def test_the_history_stays_whole_and_says_that_somebody_was_erased(zoe, command, capsys):
    noted = audit(zoe.course).mark.head
    command("erase-person", LEARNER, "--yes")
    assert audit(zoe.course, noted).faults == []
    assert [entry.what for entry in read_stored(zoe.course).chain.entries].count("erased") == 1
    capsys.readouterr()
    assert command("history") == 0
    said = capsys.readouterr().out
    assert "a person was erased" in said
    assert "somebody erased" in said
    bring_up_to_date(zoe.course, "graded")
    assert audit(zoe.course).faults == []


def test_a_file_that_says_it_is_somebody_elses_is_not_hers_even_with_her_record(zoe, command):
    course = zoe.course
    answers = json.loads((course.submitted / LEARNER / SLUG / "answers.json").read_text("utf-8"))
    copied = course.inbox / "copied.json"
    copied.write_text(json.dumps(answers | {"learner": "Bo Li"}), "utf-8")
    command("erase-person", LEARNER, "--yes")
    assert copied.exists()


def test_what_nobody_can_take_apart_is_named_and_the_command_fails(zoe, command, capsys):
    (zoe.course.root / "report").mkdir()
    (zoe.course.root / "report" / "index.html").write_text(f"<td>{NAME}</td>".replace("Ö", "&Ouml;"), "utf-8")
    assert command("erase-person", LEARNER, "--yes") == 1
    assert "index.html" in capsys.readouterr().err


def test_nobody_is_erased_under_a_grader_who_would_bring_them_back(zoe, command, capsys, monkeypatch):
    course = zoe.course
    before = traces(course)
    with monkeypatch.context() as patched, alone(course, 0):
        patched.setattr("onsite.ledger.erase.PATIENCE", 0.1)
        assert command("erase-person", LEARNER, "--yes") == 1
    assert "being graded at this moment" in capsys.readouterr().err
    assert traces(course) == before
    run = threading.Event()

    def grader() -> None:
        with alone(course, 0):
            run.set()
            time.sleep(0.5)
            (course.feedback / LEARNER / "late.html").write_text(f"<p>{NAME}</p>", "utf-8")

    grading = threading.Thread(target=grader)
    grading.start()
    assert run.wait(30)
    assert command("erase-person", LEARNER, "--yes") == 0, "it waits for the grader"
    grading.join()
    assert traces(course) == []


def test_backups_are_named_as_not_reached(zoe, command, capsys):
    command("backup")
    command("erase-person", LEARNER, "--yes")
    said = capsys.readouterr().out
    assert "Not reached: " in said
    assert next(zoe.course.backups.glob("*.zip")).name in said


def test_a_backup_from_before_does_not_bring_her_back(zoe, command, tmp_path):
    course = zoe.course
    made = make_backup(course, tmp_path / "old.zip").path
    command("erase-person", LEARNER, "--yes")
    done = restore(course, made, force=True)
    assert done.erased_since == [LEARNER]
    assert done.before is not None
    done.before.unlink()
    assert traces(course) == []
    assert audit(course).faults == []


def test_an_interrupted_erasing_is_finished_by_running_it_again(zoe, command, monkeypatch, capsys):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("onsite.ledger.erase._erase_rows", full)
        assert command("erase-person", LEARNER, "--yes") == 1
    assert "run the same command again" in capsys.readouterr().err
    assert traces(zoe.course) != []
    assert command("erase-person", LEARNER, "--yes") == 0
    assert traces(zoe.course) == []
    assert [str(fault) for fault in audit(zoe.course).faults] == []


def test_it_asks_first(zoe, command, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _: "yes")
    assert command("erase-person", LEARNER) == 1
    assert traces(zoe.course) != []
    monkeypatch.setattr("builtins.input", lambda _: LEARNER)
    assert command("erase-person", LEARNER) == 0
    assert traces(zoe.course) == []


def test_somebody_unknown_and_a_name_that_two_share_are_refused(zoe, command, capsys):
    with zoe.course.roster.open("a", encoding="utf-8") as file:
        file.write(f"P-9,{NAME},other@example.org,B\n")
    assert command("erase-person", "Nobody", "--yes") == 1
    assert command("erase-person", NAME, "--yes") == 1
    assert "P-4711, P-9. Give the id." in capsys.readouterr().err
    assert command("erase-person", "p-4711", "--yes") == 1, "the name still stands in the roster, for the other one"


def test_without_a_roster_people_are_known_by_the_name_they_typed(graded, command):
    graded.hand_in(NAME, "zoë-öztürk-łęcka", SECRET, report=1.0)
    bring_up_to_date(graded.course, "graded")
    assert command("erase-person", NAME.upper(), "--yes") == 0
    assert traces(graded.course) == []


def test_she_gets_everything_in_one_zip_that_she_can_read(zoe, command):
    course = zoe.course
    assert command("export-person", "P-4711") == 0
    with zipfile.ZipFile(course.root / f"everything-about-{LEARNER}.zip") as archive:
        names = archive.namelist()
        about = archive.read("about.txt").decode()
        grades = list(csv.reader(io.StringIO(archive.read("grades.csv").decode("utf-8-sig"))))
        history = archive.read("history.csv").decode("utf-8-sig")
        roster = archive.read("roster.csv").decode("utf-8-sig")
        everything = b"".join(archive.read(name) for name in names)
    assert NAME in about
    assert {name.split("/")[0] for name in names} >= {"hand-ins", "submitted", "autograded", "feedback", "certificates"}
    assert sorted(row[1:4] for row in grades[1:]) == [
        ["estimate", "2.5", "the key"], ["note", "2.0", "a person"], ["report", "1.0", "the key"],
    ]  # fmt: skip
    assert COMMENT in [row[4] for row in grades]
    assert "read by a person" in history
    assert "grading run,graded" in history
    assert "hr" not in history, "who ran the command is not theirs to know"
    assert MAIL in roster
    assert not [word for word in (b"Ana Sousa", b"bo-li", b"ana@example.org") if word in everything]


def test_an_export_never_takes_the_place_of_a_file(zoe, tmp_path):
    export_person(zoe.course, LEARNER, tmp_path / "x.zip")
    with pytest.raises(OnsiteError, match="--to"):
        export_person(zoe.course, LEARNER, tmp_path / "x.zip")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "@x", "-2", "\t=1", "\n=1+1", "\r=1+1"])
def test_no_cell_of_what_is_exported_is_a_formula(zoe, cell):
    course = zoe.course
    with zoe.gradebook() as gradebook:
        for comment in gradebook.find_submission(SLUG, LEARNER).notebooks[0].comments:
            comment.manual_comment = cell
        gradebook.db.commit()
    with zipfile.ZipFile(export_person(course, LEARNER).path) as archive:
        text = archive.read("grades.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert "'" + cell in {row["comment"] for row in rows}
    assert {row["points"] for row in rows} == {"1.0", "2.5", "2.0"}


# --- people who are called alike, and lists that are damaged --------------------------------------------------


def a_record(name: str) -> str:
    return json.dumps(record(SLUG, [("corridor", "leave")], learner=name), ensure_ascii=False)


def test_erasing_ana_leaves_ana_sousa_alone(graded, command):
    course = graded.course
    graded.hand_in("Ana", "ana", SECRET, report=1.0)
    (course.inbox / "Ana Sousa_77_assignsubmission_file").mkdir()
    hers = course.inbox / "Ana Sousa_77_assignsubmission_file" / "answers.json"
    hers.write_text(a_record(""), "utf-8")
    broken = course.inbox / "broken.json"
    broken.write_text('{"learner": "Ana Sousa", "events": [{"text": "I asked Ana."', "utf-8")
    with zipfile.ZipFile(course.inbox / "all.zip", "w") as archive:
        archive.writestr("Ana Sousa/answers.json", a_record(""))
        archive.writestr("Ana/answers.json", a_record("Ana"))
    (course.root / ".nbgrader.log").write_text("grading ana-sousa\ngrading ana\n", "utf-8")
    table = "student_id,last_name,first_name,score\nana-sousa,Sousa,Ana,1\nana,,Ana,2\n"
    (course.root / "grades.csv").write_text(table, "utf-8")
    bring_up_to_date(course, "graded")
    command("erase-person", "Ana", "--yes")
    assert hers.exists()
    assert broken.exists()
    with zipfile.ZipFile(course.inbox / "all.zip") as archive:
        assert archive.namelist() == ["Ana Sousa/answers.json"]
    assert (course.root / ".nbgrader.log").read_text("utf-8") == "grading ana-sousa\n"
    assert (course.root / "grades.csv").read_text("utf-8").splitlines()[1:] == ["ana-sousa,Sousa,Ana,1"]
    assert not (course.submitted / "ana").exists()


def test_a_short_number_as_an_id_is_not_taken_for_a_score_or_a_platforms_number(graded, command, capsys):
    course = graded.course
    course.roster.write_text("id,name\n5,Zed Quill\nana-sousa,Ana Sousa\n", "utf-8")
    graded.hand_in("Zed Quill", "5", SECRET, report=1.0)
    other = course.inbox / "Somebody_5_assignsubmission_file" / "answers.json"
    other.parent.mkdir()
    other.write_text(a_record("Ana Sousa"), "utf-8")
    (course.root / "grades.csv").write_text("student_id,score\nana-sousa,5\n5,3\n", "utf-8")
    bring_up_to_date(course, "graded")
    assert command("erase-person", "5", "--yes") == 0, capsys.readouterr().err
    assert other.exists()
    assert (course.root / "grades.csv").read_text("utf-8") == "student_id,score\nana-sousa,5\n"
    assert not (course.submitted / "5").exists()


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("李明", "这是李明的答案", True), ("李明", "李明华说", False), ("Ana", "Aná", False), ("Ana", "ana!", True),
        ("Ana", unicodedata.normalize("NFD", "Aná"), False), ("राम", "रामा", False), ("Zoë", "Zo%C3%AB", True),
        ("𠮷田", '"\\ud842\\udfb7\\u7530"', True), ("100", "100 points", False), ("p-4711", "P_4711", True),
    ],
)  # fmt: skip
def test_a_name_is_found_where_it_is_a_name(name, text, found):
    assert Mentions([name], ["李明华"])(text) == found


def test_a_line_of_the_roster_that_cannot_be_read_blocks_no_erasing_and_costs_nobody_else_anything(
    zoe, command, capsys
):
    course = zoe.course
    damaged = course.roster.read_text("utf-8").replace(f'P-4711,"{NAME}"', f'P-4711,"{NAME}')
    course.roster.write_text(damaged + "bo-li,again,\n", "utf-8")
    assert command("erase-person", "P-4711", "--yes") == 0
    said = capsys.readouterr().err
    assert "roster.csv, line 3: a quotation mark" in said
    assert "It is theirs." in said
    assert traces(course) == []
    assert [line.split(",")[0] for line in course.roster.read_text("utf-8").splitlines()] == [
        "id", "ana-sousa", "bo-li", "bo-li",
    ]  # fmt: skip


def test_files_in_capital_letters_are_hers_too(zoe, command):
    """As phones and old programs call them, and as the grader takes them."""
    course = zoe.course
    answers = record(SLUG, [("corridor", "leave")], learner=NAME)
    (course.inbox / "ANSWERS.JSON").write_text(json.dumps(answers), "utf-8")
    with zipfile.ZipFile(course.inbox / "SENT.ZIP", "w") as archive:
        archive.writestr("ANA.JSON", json.dumps(record(SLUG, [("corridor", "leave")], learner="Ana Sousa")))
        archive.writestr("HERS.JSON", json.dumps(answers))
    bring_up_to_date(course, "graded")
    assert audit(course).faults == []
    with zipfile.ZipFile(export_person(course, LEARNER, course.root.parent / "hers.zip").path) as archive:
        assert "hand-ins/ANSWERS.JSON" in archive.namelist()
    kept = (course.inbox / "ANSWERS.JSON").read_bytes()
    (course.inbox / "ANSWERS.JSON").unlink()
    assert [(fault.where, fault.what.split("(")[0]) for fault in audit(course).faults] == [
        (str(course.inbox / "ANSWERS.JSON"), "a hand-in is gone ")
    ]
    (course.inbox / "ANSWERS.JSON").write_bytes(kept)
    assert command("erase-person", LEARNER, "--yes") == 0
    assert traces(course) == []
    assert not (course.inbox / "ANSWERS.JSON").exists()
    assert zipfile.ZipFile(course.inbox / "SENT.ZIP").namelist() == ["ANA.JSON"]
    assert audit(course).faults == []


def test_a_name_that_only_stands_in_a_hand_in_in_capital_letters_is_known(graded, command):
    path = graded.course.inbox / "ANSWERS.JSON"
    path.write_text(json.dumps(record(SLUG, [("corridor", "leave")], learner="Kiri Te Moana")), "utf-8")
    assert command("erase-person", "Kiri Te Moana", "--yes") == 0
    assert not path.exists()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig"])
def test_a_roster_in_another_encoding_loses_her_line_and_nothing_else(graded, command, encoding):
    course = graded.course
    graded.hand_in("Zoë Müller", "p-4711", SECRET, report=1.0)
    bring_up_to_date(course, "graded")
    text = "id;name\r\nana-sousa;Ana Sousa\r\nP-4711;Zoë Müller\r\nx;José\r\n"
    course.roster.write_bytes(text.encode(encoding))
    assert command("erase-person", "P-4711", "--yes") == 0
    assert course.roster.read_bytes() == text.replace("P-4711;Zoë Müller\r\n", "").encode(encoding)


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_table_that_loses_a_line_stays_as_open_as_it_was(zoe, command, mode):
    zoe.course.roster.chmod(mode)
    command("erase-person", LEARNER, "--yes")
    assert LEARNER.upper() not in zoe.course.roster.read_text("utf-8")
    assert zoe.course.roster.stat().st_mode & 0o777 == mode


def test_a_roster_with_other_headings_loses_her_line_and_nothing_else(graded, command):
    course = graded.course
    graded.hand_in("Zoë Müller", "4711", SECRET, report=1.0)
    bring_up_to_date(course, "graded")
    text = "Personalnummer;Vorname;Nachname;Punkte\n12;Ana;Sousa;4711\n4711;Zoë;Müller;1\n"
    course.roster.write_text(text, "utf-8")
    (course.root / "whose.csv").write_text("record,id\nr0123456789ab,4711\nrba9876543210,12\n", "utf-8")
    assert command("erase-person", "Zoë Müller", "--yes") == 0
    assert course.roster.read_text("utf-8") == text.replace("4711;Zoë;Müller;1\n", "")
    assert (course.root / "whose.csv").read_text("utf-8") == "record,id\nrba9876543210,12\n"


def test_what_jupyterlab_keeps_and_what_was_handed_to_her_go_too(zoe, command):
    course = zoe.course
    command("export-person", LEARNER)
    for path in (
        course.inbox / ".20261122T090000000000-aa.json.part",
        course.history / ".names.json.k3ab_9xz",
        course.backups / ".onsite-20261122T090000.zip.k3ab_9xz",
        course.root / ".ipynb_checkpoints" / "roster-checkpoint.csv",
        course.work / "outage" / ".ipynb_checkpoints" / "answers-checkpoint.json",
        course.inbox / "as-submitted" / LEARNER / SLUG / f"{SLUG}.ipynb",
        course.autograded / LEARNER / SLUG / ".ipynb_checkpoints" / "x-checkpoint.ipynb",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            course.roster.read_text("utf-8") if path.suffix == ".csv" else json.dumps({"learner": NAME}), "utf-8"
        )
    assert command("erase-person", LEARNER, "--yes") == 0
    assert traces(course) == []
    assert "bo-li" in (course.root / ".ipynb_checkpoints" / "roster-checkpoint.csv").read_text("utf-8")


def test_a_comment_on_somebody_else_that_names_her_is_told_with_its_place(zoe, command, capsys):
    with zoe.gradebook() as gradebook:
        for comment in gradebook.find_submission(SLUG, "bo-li").notebooks[0].comments:
            comment.manual_comment = f"The same as {NAME} wrote."
        gradebook.db.commit()
    assert command("erase-person", LEARNER, "--yes") == 1
    assert "gradebook.db, in 1 row of its table comment. Somebody wrote it" in capsys.readouterr().err
