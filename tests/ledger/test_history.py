"""Who changed which grade, when and why; and nobody can change what was entered without its showing."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest

from onsite.ledger.audit import audit
from onsite.ledger.chain import read_chain
from onsite.ledger.entries import write_lines
from onsite.ledger.history import bring_up_to_date, in_words, state_of
from onsite.ledger.people import read_names
from onsite.ledger.store import head_file, history_file, locked, names_file, read_stored, short
from onsite.scenario.errors import OnsiteError

SLUG = "locked-door"


def told(course) -> list[str]:
    """The history in words, without the times."""
    learners = read_names(names_file(course)).learners()
    return [line.split("  ", 1)[1] for line in in_words(list(read_stored(course).chain.entries), learners)]


def faults(course, noted: str = "") -> list[str]:
    return [str(fault) for fault in audit(course, noted).faults]


# --- what is entered --------------------------------------------------------------------------------------


def test_the_first_grading_enters_every_grade_and_no_text_that_waits(course):
    assert sorted(told(course)) == [
        f"ana-sousa  {SLUG} / estimate  none -> 10  by grading run of hr: graded",
        f"ana-sousa  {SLUG} / report  none -> 6  by grading run of hr: graded",
        f"bo-li  {SLUG} / estimate  none -> 5  by grading run of hr: graded",
        f"bo-li  {SLUG} / note  none -> 0  by grading run of hr: graded",
        f"bo-li  {SLUG} / report  none -> 2  by grading run of hr: graded",
    ]
    assert faults(course) == []


def test_a_second_run_over_the_same_enters_nothing(course):
    before = history_file(course).read_bytes()
    assert bring_up_to_date(course, "graded").grades == 0
    assert history_file(course).read_bytes() == before


def test_it_tells_a_reader_from_a_run_and_names_the_reason_of_the_run(graded):
    graded.grade("ana-sousa", "note", manual=3.5)
    bring_up_to_date(graded.course)
    graded.grade("ana-sousa", "note", manual=4.0)
    graded.grade("bo-li", "report", 6.0)
    bring_up_to_date(graded.course, "regraded with key version 2")
    assert sorted(told(graded.course)[5:]) == [
        f"ana-sousa  {SLUG} / note  3.5 -> 4  by reader in formgrader: read again by a person",
        f"ana-sousa  {SLUG} / note  none -> 3.5  by reader in formgrader: read by a person",
        f"bo-li  {SLUG} / report  2 -> 6  by grading run of hr: regraded with key version 2",
    ]


def test_a_grade_that_changed_outside_of_a_run_is_entered_as_of_unknown_origin(graded):
    graded.grade("bo-li", "report", 6.0)
    bring_up_to_date(graded.course)
    assert told(graded.course)[-1].endswith("2 -> 6  by not known: changed in the gradebook outside of a grading run")


def test_a_person_removed_from_the_gradebook_leaves_entries(graded):
    with graded.gradebook() as gradebook:
        gradebook.remove_student("bo-li")
    bring_up_to_date(graded.course)
    assert told(graded.course)[-1].endswith("2 -> none  by not known: removed from the gradebook")


def test_no_name_and_no_text_stands_in_the_history_itself(course):
    data = history_file(course).read_text("ascii").lower()
    assert not [word for word in ("ana", "sousa", "lock stuck", "bo-li") if word in data]


def test_the_history_of_a_course_graded_before_begins_with_what_is_there(graded):
    history_file(graded.course).unlink()
    names_file(graded.course).unlink()
    head_file(graded.course).unlink()
    assert any("no history yet" in note for note in audit(graded.course).notes)
    bring_up_to_date(graded.course)
    assert len(told(graded.course)) == 5
    assert told(graded.course)[0].endswith("by not known: found in the gradebook when the history began")


def test_without_a_history_no_hash_is_printed_to_be_noted_and_one_noted_then_is_no_fault(course, command, capsys):
    for path in (history_file(course), names_file(course), head_file(course)):
        path.unlink()
    before = short(read_stored(course).mark.head)
    assert command("audit") == 0
    said = capsys.readouterr().out
    assert "There is no history yet" in said
    assert "hash" not in said
    bring_up_to_date(course)
    assert faults(course, before) == []
    assert command("history") == 0
    assert f"hash {short(read_stored(course).mark.head)}" in capsys.readouterr().out


# --- tampering with the file ------------------------------------------------------------------------------


def lines(course) -> list[bytes]:
    return history_file(course).read_bytes().splitlines(keepends=True)


def write(course, some: list[bytes]) -> None:
    history_file(course).write_bytes(b"".join(some))


def test_every_single_changed_byte_shows(course):
    data = history_file(course).read_bytes()
    noticed = 0
    for at in range(len(data)):
        other = bytes([data[at] ^ 1])
        history_file(course).write_bytes(data[:at] + other + data[at + 1 :])
        noticed += bool(read_stored(course).breaks)
    assert noticed == len(data)


def test_every_deletion_repetition_and_exchange_of_lines_shows(course):
    whole = lines(course)
    tried = 0
    for first in range(len(whole)):
        others = [whole[:first] + whole[first + 1 :], whole[: first + 1] + whole[first:]]
        others += [
            [*whole[:first], whole[second], *whole[first + 1 : second], whole[first], *whole[second + 1 :]]
            for second in range(first + 1, len(whole))
        ]
        for other in others:
            write(course, other)
            assert read_stored(course).breaks, other
            tried += 1
    assert tried > 2 * len(whole)


@pytest.mark.parametrize("keep", ["a line less", "half", "nothing", "half a line", "no line end"])
def test_every_truncation_shows_by_the_hash_in_the_second_place(course, keep):
    whole = history_file(course).read_bytes()
    kept = {
        "a line less": b"".join(lines(course)[:-1]),
        "half": b"".join(lines(course)[: len(lines(course)) // 2]),
        "nothing": b"",
        "half a line": whole[:-40],
        "no line end": whole[:-1],
    }[keep]
    history_file(course).write_bytes(kept)
    assert read_stored(course).breaks


def test_a_well_formed_entry_added_at_the_end_shows(course):
    mark = read_stored(course).mark
    forged = {"what": "grade", "person": "x", "scenario": SLUG, "decision": "note", "old": None, "new": 4.0}
    write(course, [*lines(course), *write_lines([forged], datetime.now(UTC), mark.entries, mark.head)])
    assert read_chain(history_file(course).read_bytes()).breaks == (), "the chain alone cannot tell"
    assert "others were added" in faults(course)[0]


def test_a_history_written_anew_with_its_second_place_shows_by_the_hash_somebody_noted(course, graded):
    noted = short(read_stored(course).mark.head)
    assert faults(course, noted) == []
    for path in (history_file(course), names_file(course), head_file(course)):
        path.unlink()
    graded.grade("bo-li", "report", 6.0)
    bring_up_to_date(course, "graded")
    assert faults(course) == []
    assert "was written anew" in faults(course, noted)[0]


def test_names_exchanged_between_two_people_show(course):
    said = json.loads(names_file(course).read_text())
    salts = said["salts"]
    salts["ana-sousa"], salts["bo-li"] = salts["bo-li"], salts["ana-sousa"]
    names_file(course).write_text(json.dumps(said))
    assert "2 people in the history are not in it" in faults(course)[0]


def test_the_audit_says_where_and_what_to_do_and_exits_with_1(course, command, capsys):
    assert command("audit") == 0
    assert "Everything agrees" in capsys.readouterr().out
    some = lines(course)
    some[6] = some[6].replace(b'"new":', b'"new": ')
    write(course, some)
    assert command("audit") == 1
    said = capsys.readouterr().err
    assert "grades.jsonl, line 7: This line is not as it was" in said
    assert "restore" in said


def test_nothing_is_entered_in_a_broken_history_until_a_person_accepts_it(graded, command, capsys):
    course = graded.course
    write(course, lines(course)[:-1])
    kept = history_file(course).read_bytes()
    graded.grade("bo-li", "note", 1.0)
    with pytest.raises(OnsiteError, match=r"course\.py audit"):
        bring_up_to_date(course, "graded")
    assert history_file(course).read_bytes() == kept
    assert command("audit", "--accept", "The disk of the old computer broke") == 1, "the grade is not entered yet"
    bring_up_to_date(course)
    assert command("audit") == 0
    capsys.readouterr()
    assert command("history") == 0
    assert "accepted  by hr: The disk of the old computer broke" in capsys.readouterr().out


def test_a_break_in_the_middle_stays_to_be_seen_after_it_was_accepted(course, command, capsys):
    some = lines(course)
    del some[2]
    write(course, some)
    command("audit", "--accept", "known")
    bring_up_to_date(course)
    assert command("audit") == 0
    assert "A person has accepted this." in capsys.readouterr().out
    write(course, lines(course)[1:])
    assert command("audit") == 1, "the acceptance is for what it was given for"


# --- tampering beside the file ----------------------------------------------------------------------------


def test_a_grade_changed_in_the_gradebook_shows_with_name_and_points(graded, command, capsys):
    graded.grade("bo-li", "report", 6.0)
    assert command("audit") == 1
    said = capsys.readouterr().err
    assert f"gradebook.db: bo-li, {SLUG}, report: the history says 2, the gradebook 6." in said


def test_the_grades_of_two_people_exchanged_show_for_both(course, command, capsys):
    with closing(sqlite3.connect(course.gradebook)) as base:
        for old, new in (("ana-sousa", "x"), ("bo-li", "ana-sousa"), ("x", "bo-li")):
            base.execute("UPDATE submitted_assignment SET student_id = ? WHERE student_id = ?", (new, old))
        base.commit()
    assert command("audit") == 1
    said = capsys.readouterr().err
    assert f"bo-li, {SLUG}, report: the history says 2, the gradebook 6." in said
    assert f"ana-sousa, {SLUG}, report: the history says 6, the gradebook 2." in said


def test_a_hand_in_changed_or_deleted_shows_with_its_file(course):
    first, second = sorted(course.inbox.iterdir())
    first.write_text(first.read_text().replace("lock", "door").replace("nobody", "everybody"))
    second.unlink()
    found = sorted(faults(course))
    assert [first.name in found[0] or first.name in found[1], len(found)] == [True, 2]
    assert sum("not as it was handed in" in fault for fault in found) == 1
    assert sum("a hand-in is gone" in fault for fault in found) == 1


def test_answers_exchanged_after_grading_show(course):
    path = course.submitted / "bo-li" / SLUG / "answers.json"
    path.write_text(path.read_text().replace("nobody", "everybody"))
    assert ["not those that were graded" in fault for fault in faults(course)] == [True]


def test_hand_ins_that_changed_places_are_named_and_copies_are_not(course):
    ana, bo = sorted(course.inbox.glob("*.json"))
    (course.inbox / "z-copy.json").write_bytes(ana.read_bytes())
    assert not [note for note in audit(course).notes if "when it came" in note]
    one, other = ana.read_bytes(), bo.read_bytes()
    ana.write_bytes(other)
    bo.write_bytes(one)
    (course.inbox / "z-copy.json").unlink()
    told = [note for note in audit(course).notes if "when it came" in note]
    assert [note.split()[0] for note in told] == [str(ana), str(bo)]
    assert f"lay in {bo.name}" in told[0]
    assert faults(course) == []


def test_new_hand_ins_are_no_fault(graded):
    (graded.course.inbox / "new.json").write_text("{}")
    found = audit(graded.course)
    assert found.faults == []
    assert any("came after the last grading" in note for note in found.notes)


# --- interruptions ----------------------------------------------------------------------------------------


def test_a_torn_last_line_is_set_aside_and_reported_and_entered_again(graded, command, capsys, monkeypatch):
    course = graded.course
    graded.grade("bo-li", "note", 3.0)
    head = head_file(course).read_bytes()
    real = os.fsync
    calls = []

    def dies(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 3:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", dies)
    with pytest.raises(OnsiteError, match="No space left"):
        bring_up_to_date(course, "graded")
    monkeypatch.undo()
    data = history_file(course).read_bytes()
    assert head_file(course).read_bytes() != head, "it had said what it was about to write"
    history_file(course).write_bytes(data[:-30])
    monkeypatch.chdir(course.root)
    assert faults(course) == [] or all("gradebook" in fault for fault in faults(course))
    assert any("interrupted" in note for note in audit(course).notes)
    assert command("history") == 0
    assert "set aside" in capsys.readouterr().err
    (aside,) = course.history.glob("set-aside-*.txt")
    assert data[:-30].endswith(aside.read_bytes())
    assert 3.0 in state_of(course).grades.values(), "what was interrupted has been entered again"
    assert command("audit") == 0


def test_killed_at_any_moment_the_history_stays_whole(graded):
    course = graded.course
    program = (
        "import sqlite3, sys\n"
        "from onsite.ledger.history import bring_up_to_date\n"
        "from onsite.paths import CoursePaths\n"
        "from pathlib import Path\n"
        f"course = CoursePaths(Path({str(course.root)!r}))\n"
        "base = sqlite3.connect(course.gradebook)\n"
        "print('ready', flush=True)\n"
        "for number in range(1, 100000):\n"
        "    base.execute('UPDATE grade SET auto_score = ?, needs_manual_grade = 0', (number,))\n"
        "    base.commit()\n"
        "    bring_up_to_date(course, 'graded')\n"
    )
    chance = random.Random(7)
    for _ in range(6):
        child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0.01, 0.3))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        before = read_stored(course)
        assert before.breaks == [], "an interruption is not taken for tampering"
        bring_up_to_date(course)
        assert faults(course) == []
    assert len(read_stored(course).chain.entries) > 20


def test_two_at_once_do_not_mix_their_lines(graded):
    course = graded.course
    program = (
        "import sqlite3, sys\n"
        "from onsite.ledger.history import enter\n"
        "from onsite.paths import CoursePaths\n"
        "from pathlib import Path\n"
        f"course = CoursePaths(Path({str(course.root)!r}))\n"
        "for number in range(30): enter(course, {'what': 'backup', 'file': sys.argv[1]})\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", program, name]) for name in ("one", "two")]
    assert [child.wait() for child in children] == [0, 0]
    found = [entry.body["file"] for entry in read_stored(course).chain.entries if entry.what == "backup"]
    assert (found.count("one"), found.count("two"), faults(course)) == (30, 30, [])


def test_a_history_that_another_process_holds_is_waited_for_and_then_said(course, monkeypatch):
    monkeypatch.setattr("onsite.ledger.store._WAIT_SECONDS", 0.05)
    with locked(course), pytest.raises(OnsiteError, match="Another command"):
        bring_up_to_date(course, "graded")


# --- what nobody can read as a hand-in --------------------------------------------------------------------


def a_pipe(path) -> None:
    os.mkfifo(path)


def endless(path) -> None:
    path.symlink_to("/dev/zero")


def a_folder(path) -> None:
    path.mkdir()


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of Unix")
@pytest.mark.parametrize("make", [a_pipe, endless, a_folder])
def test_what_is_no_file_in_submitted_stops_no_history_and_is_named(course, command, make):
    (course.submitted / "eve" / SLUG).mkdir(parents=True)
    path = course.submitted / "eve" / SLUG / "answers.json"
    make(path)
    assert command("history") == 0
    assert [(fault.where, fault.what) for fault in audit(course).faults] == [
        (str(path), "it cannot be read as something that was handed in.")
    ]
    assert command("export-person", "bo-li") == 0
    command("erase-person", "bo-li", "--yes")
    assert not (course.submitted / "bo-li").exists()


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of Unix")
def test_a_pipe_or_an_endless_link_in_the_inbox_stops_nothing(course, command):
    a_pipe(course.inbox / "pipe.json")
    endless(course.inbox / "zero.json")
    assert command("history") == 0
    assert [fault.where for fault in audit(course).faults] == [str(course.inbox / "pipe.json")]
    assert command("export-person", "bo-li") == 0
    command("erase-person", "bo-li", "--yes")
    assert not (course.submitted / "bo-li").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="where names may be any bytes")
def test_a_learners_folder_with_a_name_that_nobody_can_write_stops_no_history(course, command):
    folder = course.submitted / os.fsdecode(b"e\xffve") / SLUG
    folder.mkdir(parents=True)
    (folder / "answers.json").write_text("{}", "utf-8")
    assert command("history") == 0
    assert len(faults(course)) == 1


def test_a_huge_file_is_known_by_its_size_and_its_beginning(course, command):
    path = course.inbox / "big.json"
    with path.open("wb") as file:
        file.truncate(8_000_000_000)
    assert command("history") == 0
    assert faults(course) == []
    with path.open("r+b") as file:
        file.truncate(8_000_000_001)
    assert ["not as it was handed in" in fault for fault in faults(course)] == [True]


def test_folders_too_deep_to_be_made_by_hand_stop_no_history(course, command):
    here = course.inbox
    for _ in range(70):
        here = here / "d"
    here.mkdir(parents=True)
    (here / "x.json").write_text("{}", "utf-8")
    assert command("history") == 0
    assert ["cannot be read" in fault for fault in faults(course)] == [True]


def test_what_nobody_would_write_in_history_and_notes_ends_no_command(course):
    mark = read_stored(course).mark
    odd = {"what": "accepted", "answers": [[{}, 1], {}, 3], "certificates": [{"a": 1}], "people": [[]], "why": ""}
    write(course, [*lines(course), *write_lines([odd], datetime.now(UTC), mark.entries, mark.head)])
    assert "others were added" in faults(course)[0]
    write(course, lines(course)[:-1])
    click = '{"by":"M","how":"read","learner":"bo-li","scenario":"locked-door","decision":"note","points":1e400}\n'
    (course.history / "clicks.jsonl").write_text(click)
    assert bring_up_to_date(course).grades == 0
    assert faults(course) == []
