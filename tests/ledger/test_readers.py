"""Who gave a grade in formgrader, and when: noted by the server at the click, entered by the next command."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from types import SimpleNamespace

import pytest
from filelock import FileLock
from serving import free_port

from onsite.ledger import history
from onsite.ledger.audit import audit
from onsite.ledger.clicks import AUTOGRADED, COMMENTED, READ, Click, clicks_file, note, noted
from onsite.ledger.history import bring_up_to_date, in_words
from onsite.ledger.people import read_names
from onsite.ledger.store import history_file, names_file, read_stored
from onsite.scenario.errors import OnsiteError
from onsite.server.readers import noting

SLUG = "locked-door"
AT = "2026-11-22T10:00:00Z"


def told(course, last: int) -> list[str]:
    learners = read_names(names_file(course)).learners()
    return list(in_words(list(read_stored(course).chain.entries), learners))[-last:]


def read(points: float | None, by: str = "Mira", decision: str = "note", at: str = AT, how: str = READ) -> Click:
    return Click(by, how, "ana-sousa", SLUG, decision, points, at)


# --- the server -------------------------------------------------------------------------------------------


def test_a_grade_given_in_formgrader_is_entered_with_the_readers_name_and_the_time_of_the_click(graded):
    course = graded.course
    with graded.gradebook() as gradebook:
        grade = gradebook.find_grade("decision-note", SLUG, SLUG, "ana-sousa").id
        (comment,) = [one.id for one in gradebook.find_submission(SLUG, "ana-sousa").notebooks[0].comments]
    port = free_port()
    program = (
        "from pathlib import Path; from onsite.paths import CoursePaths; from onsite.server.launch import *; "
        f"serve(CoursePaths(Path.cwd()), Address('localhost', {port}, True, 'Mira Kovač'), "
        "lambda line: print(line, flush=True), open_browser=False)"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", program], cwd=course.root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdout is not None
    try:
        token = next(found[1] for line in server.stdout if (found := re.search(r"token=(\S+)", line)))

        def ask(method: str, path: str, token: str, **said: object) -> int:
            request = urllib.request.Request(
                f"http://localhost:{port}{path}", json.dumps(said).encode() if said else None, method=method
            )
            request.add_header("Authorization", f"token {token}")
            try:
                with closing(urllib.request.urlopen(request, timeout=30)) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                return error.code

        place = f"/formgrader/api/grade/{grade}"
        assert ask("PUT", place, "guessed", manual_score=4) == 403
        assert ask("GET", place, token) == 200
        assert noted(course) == [], "only what is saved is noted"
        assert ask("PUT", place, token, manual_score=2, extra_credit=None) == 200
        assert ask("PUT", place, token, manual_score=3.5, extra_credit=0.5) == 200
        assert ask("PUT", f"/formgrader/api/comment/{comment}", token, manual_comment="Good.") == 200
        # The answer is sent before its end is noted.
        end = time.monotonic() + 20
        while len(noted(course)) < 3 and time.monotonic() < end:
            time.sleep(0.05)
        assert [(click.how, click.points) for click in noted(course)] == [(READ, 2), (READ, 4), (COMMENTED, None)]
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    clicked = [click.at for click in noted(course)]
    (fault, _) = audit(course).faults
    assert "Mira Kovač gave it in formgrader" in str(fault)
    bring_up_to_date(course)
    assert told(course, 3) == [
        f"{clicked[0]}  ana-sousa  {SLUG} / note  none -> 2  by Mira Kovač in formgrader: read by a person",
        f"{clicked[1]}  ana-sousa  {SLUG} / note  2 -> 4  by Mira Kovač in formgrader: read again by a person",
        f"{clicked[2]}  ana-sousa  {SLUG} / note  comment  by Mira Kovač in formgrader: written",
    ]
    assert noted(course) == []
    assert "Good." not in history_file(course).read_text()
    assert audit(course).faults == []


@pytest.mark.parametrize(
    ("name", "by"),
    [("Anonymous Io", ""), ("Mira", "Mira"), ("", ""), ("M\x1bira\n", "Mira"), ("x" * 200, "x" * 80)],
)
def test_a_name_that_jupyter_made_up_is_none(graded, name, by):
    with graded.gradebook() as gradebook:
        grade = gradebook.find_grade("decision-report", SLUG, SLUG, "bo-li").id
    request = SimpleNamespace(method="PUT", path=f"/base/formgrader/api/grade/{grade}")
    handler = SimpleNamespace(
        request=request, get_status=lambda: 200, current_user=SimpleNamespace(name=name), path_args=[grade]
    )
    seen = []
    noting(graded.course, seen.append)(handler)
    assert [(click.by, click.points) for click in noted(graded.course)] == [(by, 2.0)]
    assert seen == [handler], "what the server does at the end of a request goes on"


def test_when_a_click_cannot_be_noted_the_answer_is_sent_all_the_same(graded, caplog, monkeypatch):
    with graded.gradebook() as gradebook:
        grade = gradebook.find_grade("decision-report", SLUG, SLUG, "bo-li").id

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("onsite.server.readers.note", full)
    handler = SimpleNamespace(
        request=SimpleNamespace(method="PUT", path=f"/formgrader/api/grade/{grade}"), get_status=lambda: 200,
        current_user=None, path_args=[grade],
    )  # fmt: skip
    noting(graded.course, lambda _: None)(handler)
    assert "No space left" in caplog.text


# --- what is entered --------------------------------------------------------------------------------------


def test_without_a_note_nobody_pretends_to_know_who_it_was(graded):
    graded.grade("ana-sousa", "note", manual=3.0)
    bring_up_to_date(graded.course)
    assert told(graded.course, 1)[0].endswith("by reader in formgrader: read by a person")


def test_a_note_that_does_not_say_what_the_gradebook_says_does_not_hide_a_change(graded):
    note(graded.course, [read(3.0)])
    graded.grade("ana-sousa", "note", manual=4.0)
    bring_up_to_date(graded.course)
    assert [line.split("  ", 3)[3] for line in told(graded.course, 2)] == [
        "none -> 3  by Mira in formgrader: read by a person",
        "3 -> 4  by reader in formgrader: read again by a person",
    ]


def test_a_note_is_entered_once_even_when_the_run_is_killed_before_it_is_dropped(graded, monkeypatch):
    note(graded.course, [read(3.0), read(4.0), read(3.0)])
    graded.grade("ana-sousa", "note", manual=3.0)
    with monkeypatch.context() as patched:
        patched.setattr(history, "forget", lambda *_: None)
        bring_up_to_date(graded.course)
    before = history_file(graded.course).read_bytes()
    bring_up_to_date(graded.course)
    assert history_file(graded.course).read_bytes() == before
    assert noted(graded.course) == []


def test_whoever_waits_for_the_notes_is_not_told_of_the_history(graded, monkeypatch):
    graded.grade("ana-sousa", "note", manual=3.0)
    note(graded.course, [read(3.0)])
    monkeypatch.setattr("onsite.ledger.clicks._WAIT_SECONDS", 0.1)
    with (
        FileLock(graded.course.root / ".clicks.lock"),
        pytest.raises(OnsiteError, match=re.escape(str(clicks_file(graded.course)))),
    ):
        bring_up_to_date(graded.course)
    assert len(noted(graded.course)) == 1
    bring_up_to_date(graded.course)
    assert noted(graded.course) == []
    assert told(graded.course, 1)[0].count("-> 3") == 1


def test_a_grade_that_changes_while_a_command_looks_is_left_for_the_next(graded, monkeypatch):
    course = graded.course
    snapshot = history.take_snapshot

    def clicked_after(course):
        found = snapshot(course)
        graded.grade("ana-sousa", "note", manual=3.0)
        note(course, [read(3.0)])
        return found

    with monkeypatch.context() as patched:
        patched.setattr(history, "take_snapshot", clicked_after)
        assert bring_up_to_date(course).grades == 0
    assert bring_up_to_date(course).grades == 1
    assert "by Mira in formgrader" in told(course, 1)[0]


def test_nbgraders_own_grading_from_formgrader_is_told_from_a_readers(graded):
    note(graded.course, [read(5.0, decision="report", how=AUTOGRADED)])
    graded.grade("ana-sousa", "report", 5.0)
    bring_up_to_date(graded.course)
    assert told(graded.course, 1)[0].endswith("6 -> 5  by Mira in formgrader: graded by nbgrader from formgrader")


def test_notes_of_people_who_are_not_there_and_lines_that_are_none_are_dropped(graded):
    note(graded.course, [Click("Mira", READ, "nobody", SLUG, "note", 1.0, AT)])
    with clicks_file(graded.course).open("ab") as file:
        file.write(b'{"by": 3}\nhello\n[1]\n{"by": "Mira", "how": "re')
    note(graded.course, [read(4.0)])
    assert [click.points for click in noted(graded.course)] == [1.0, 4.0], "a torn line costs only itself"
    graded.grade("ana-sousa", "note", manual=4.0)
    bring_up_to_date(graded.course)
    assert "by Mira in formgrader" in told(graded.course, 1)[0]
    assert not clicks_file(graded.course).exists()


def test_the_audit_says_that_notes_are_not_protected_yet(graded):
    note(graded.course, [read(4.0)])
    assert any("nothing protects these notes" in said for said in audit(graded.course).notes)
    graded.grade("ana-sousa", "note", manual=4.0)
    bring_up_to_date(graded.course)
    assert audit(graded.course).notes == []


# --- comments ---------------------------------------------------------------------------------------------


def write(graded, text: str | None) -> None:
    with graded.gradebook() as gradebook:
        for comment in gradebook.find_submission(SLUG, "bo-li").notebooks[0].comments:
            comment.manual_comment = text
        gradebook.db.commit()


def test_comments_are_in_the_history_without_their_words_and_a_changed_one_shows(graded):
    course = graded.course
    write(graded, "Well seen.")
    bring_up_to_date(course)
    assert told(course, 1)[0].endswith(f"bo-li  {SLUG} / note  comment  by reader in formgrader: written")
    assert audit(course).faults == []
    write(graded, "Poor.")
    assert "the comment is not the one in the history" in str(audit(course).faults[0])
    write(graded, None)
    assert "the comment is gone" in str(audit(course).faults[0])
    bring_up_to_date(course)
    assert told(course, 1)[0].endswith("comment  by not known: removed")
    assert audit(course).faults == []
