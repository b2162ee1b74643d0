"""Grades that were given change only when somebody asks for it, and then as it was said before."""

import json
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from records import drop, record
from results import scores
from revisions import CITED, change
from wander import wander

from onsite.build.derived import derive
from onsite.cli import main
from onsite.grading import regrade as regrading
from onsite.grading.book import Book
from onsite.grading.grade import Report, grade, grade_silently
from onsite.grading.regrade import carry_out, plan
from onsite.grading.scenarios import load_course_scenario
from onsite.ledger.backup import make_backup
from onsite.ledger.restore import restore
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

SLUG = "locked-door"
TEXT = "The lock stuck; it is oiled now."
PUSHED = [("corridor", "push"), ("stairs", "own"), ("paper", TEXT)]
PUSHED_NOW = [("corridor", "push"), ("landing", "own"), ("paper", TEXT)]
TEN = [("corridor", "tell"), ("desk", "ten"), ("paper", TEXT)]
GONE = [("corridor", "leave"), ("stairs", "shrug")]
PUSH = (f"credit: 0.5{CITED}          effects: {{trust: -30}}", f"credit: 0.7{CITED}          effects: {{trust: -30}}")

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


def points(course: CoursePaths, slug: str = SLUG) -> dict[tuple[str, str], float | None]:
    """What the gradebook says of every decision; None waits for a reader."""
    with Book(f"sqlite:///{course.gradebook}", "onsite") as book:
        return {
            (learner, decision): given.points
            for learner, some in book.given(slug).items()
            for decision, given in some.items()
        }


def edit(course: CoursePaths, *changes: tuple[str, str]) -> None:
    change(course.solutions / SLUG / "scenario.yml", *changes)
    derive(course)


def dropped(course: CoursePaths, **hand_ins: dict[str, Any]) -> None:
    for name, content in hand_ins.items():
        drop(course.inbox, name, {**content, "learner": name})


def marked(course: CoursePaths, learner: str, decision: str, score: float, extra: float | None = None) -> None:
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        cell = gradebook.find_grade(f"decision-{decision}", SLUG, SLUG, learner)
        cell.manual_score, cell.extra_credit, cell.needs_manual_grade = score, extra, False
        gradebook.db.commit()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """command(course, "regrade", ...): its exit status, what it printed, and what it complained of. No terminal."""

    def run(course: CoursePaths, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.chdir(course.root)
        status = main([*arguments])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return status, told.out, told.err

    return run


# --- a key that changes under its version ---------------------------------------------------------------


def test_a_key_that_changes_under_its_version_changes_no_grade_by_itself(course: CoursePaths, command):
    shutil.copytree(course.solutions / SLUG, course.solutions / "other-door")
    derive(course)
    dropped(course, bo=record(SLUG, PUSHED), cy=record(SLUG, TEN))
    drop(course.inbox, "other", record("other-door", PUSHED, learner="bo"))
    grade(course)
    before = points(course)
    pages = {path: path.read_bytes() for path in course.feedback.rglob(f"{SLUG}.html")}

    edit(course, PUSH)
    dropped(course, new=record(SLUG, TEN))
    drop(course.inbox, "other-new", record("other-door", TEN, learner="new"))
    status, out, err = command(course, "grade")
    assert status == 1
    assert "Nothing of 'locked-door' was graded. Grades of 1 person would change that were given already" in err
    assert "the key or the rules of version 1 were changed" in err
    assert "`python3 course.py regrade locked-door`" in err
    assert points(course) == before, "and the new hand-in waits"
    assert {path: path.read_bytes() for path in pages} == pages
    assert set(points(course, "other-door")) >= {("bo", "door"), ("new", "door")}, "the others are graded"
    assert "new  other-door" in out
    status, out, _ = command(course, "grade", "--json")
    assert json.loads(out.splitlines()[-1]) == {"refused": {}, "held": [SLUG]}

    status, out, _ = command(course, "regrade", SLUG)
    assert status == 1
    said = "the key or the rules of version 1 were changed: 'Push harder and hope.' earns 7 of 10 points now"
    assert f"bo  door  5 -> 7  {said}" in out
    assert "the points of 1 rise, of 0 fall, of 1 stay" in out
    assert "Nothing was written. Add --yes" in out
    assert points(course) == before
    assert not course.regraded.exists()

    status, out, _ = command(course, "regrade", SLUG, "--yes")
    assert status == 0
    assert points(course) == {**before, ("bo", "door"): 7.0}
    assert not course.regraded.exists(), "there is no older version to decide about"
    _, out, _ = command(course, "history", "bo")
    (line,) = [line for line in out.splitlines() if "5 -> 7" in line]
    assert line.endswith(": regraded after the key of version 1 was changed")
    status, out, err = command(course, "grade")
    assert (status, err) == (0, "")
    assert "new  locked-door  11.5 of 20" in out
    status, out, _ = command(course, "regrade", SLUG, "--yes")
    assert (status, out.splitlines()[-1]) == (0, "There is nothing to regrade.")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("coaching: It opened, and she saw how.", "coaching: It opened. She saw."),
        (f"credit: 0.25{CITED}", f"credit: 0.3{CITED}"),  # nobody has answered so
    ],
)
def test_what_changes_nobodys_grade_needs_no_asking(course: CoursePaths, old, new):
    dropped(course, bo=record(SLUG, PUSHED))
    grade(course)
    edit(course, (old, new))
    report = grade(course)
    assert (report.held, report.graded, scores(report)) == ([], 1, {"bo": 8.0})
    assert grade(course).graded == 0


def test_alone_on_ones_own_machine_nobody_asks(course: CoursePaths, command):
    dropped(course, bo=record(SLUG, PUSHED))
    command(course, "grade", "--alone")
    edit(course, PUSH)
    status, out, _ = command(course, "grade", "--alone")
    assert status == 0
    assert "bo  locked-door  10 of 20" in out


def test_another_record_of_the_same_person_is_a_new_answer(course: CoursePaths):
    first = record(SLUG, PUSHED[:1], record_id="the-record")
    dropped(course, bo=first)
    grade(course)
    edit(course, PUSH)
    dropped(course, bo=record(SLUG, PUSHED[:2], record_id="the-record"))
    assert scores(grade(course)) == {"bo": 10.0}


def test_the_rule_that_says_which_attempt_counts_is_no_wording(course: CoursePaths):
    dropped(course, bo=record(SLUG, PUSHED, TEN))
    grade(course)
    edit(course, ("debrief: on_completion", "debrief: on_completion\ncounts: best"))
    (held,) = grade(course).held
    assert held.reasons == ("the key or the rules of version 1 were changed",)
    agreed = plan(course, SLUG)
    assert {(row.decision, row.old, row.new) for row in agreed.rows if row.changes} == {
        ("door", 5.0, 10.0),
        ("repair", 3.0, 1.5),
    }
    assert carry_out(course, agreed, grade_silently).refused == []
    assert scores(grade(course)) == {"bo": 11.5}


def test_of_a_scenario_that_is_left_alone_nothing_is_said_to_be_graded(course: CoursePaths):
    twice = record(SLUG, PUSHED)
    dropped(course, bo=twice, di=twice)
    drop(course.inbox, "bo-again", record(SLUG, TEN, learner="bo"))
    due = {SLUG: datetime(2020, 1, 1, tzinfo=UTC)}
    report = grade(course, due=due)
    assert (len(report.late), len(report.superseded), report.shared) == (2, 1, [("bo", "di")])
    edit(course, PUSH)
    report = grade(course, due=due)
    assert len(report.held) == 1
    assert (report.late, report.superseded, report.shared) == ([], [], [])


def test_a_gradebook_from_before_this_was_noted_is_read(course: CoursePaths):
    import sqlite3

    dropped(course, bo=record(SLUG, PUSHED))
    grade(course)
    with sqlite3.connect(course.gradebook) as database:
        database.execute("ALTER TABLE onsite_graded DROP COLUMN basis")
    database.close()
    assert grade(course).graded == 0
    edit(course, PUSH)
    (held,) = grade(course).held
    assert held.people == 1
    assert "it is not known by what they were graded" in held.reasons


# --- a new version --------------------------------------------------------------------------------------


@pytest.fixture
def cohort(revised: CoursePaths) -> CoursePaths:
    """People who answered on version 1, which is kept, and on 2, which is today's."""
    dropped(
        revised,
        one=record(SLUG, PUSHED, version=1),
        ten=record(SLUG, TEN, version=1),
        gone=record(SLUG, GONE, version=1),
        two=record(SLUG, PUSHED_NOW, version=2),
        both=record(SLUG, PUSHED[:1], PUSHED_NOW, version=[1, 2]),
    )
    assert scores(grade(revised)) == {"one": 8, "ten": 11.5, "gone": 0, "two": 10.5, "both": 5}
    return revised


def test_a_version_that_was_not_kept_changes_no_grade_by_itself(course: CoursePaths, revised_course: CoursePaths):
    dropped(course, one=record(SLUG, PUSHED, version=1), gone=record(SLUG, GONE, version=1))
    grade(course)
    for name in ("solutions", "exercises"):
        shutil.rmtree(course.root / name)
        shutil.copytree(revised_course.root / name, course.root / name)
    kept = course.solutions / SLUG / "versions"
    kept.rename(course.root / "aside")
    derive(course)
    (held,) = grade(course).held
    assert (held.people, held.command) == (1, "python3 course.py regrade locked-door")
    assert held.reasons == (
        "what was answered on version 1 was graded by the key of version 1, and would now be by that of version 2, "
        "since solutions/locked-door/versions/1.yml is not there",
    )
    (course.root / "aside").rename(kept)
    derive(course)
    assert scores(grade(course)) == {"one": 8, "gone": 0}


def test_regrading_lists_whose_grade_changes_and_why_before_anything_is_written(cohort: CoursePaths, command, tmp_path):
    before = points(cohort)
    table = tmp_path / "list.csv"
    status, out, _ = command(cohort, "regrade", SLUG, "--csv", str(table))
    assert status == 1
    lines = out.splitlines()
    pushed = "'Push harder and hope.': half the credit on version 1, three quarters of the credit on version 2"
    assert lines[:6] == [
        f"both  door  5 -> 7.5  {pushed}",
        f"one  door  5 -> 7.5  {pushed}",
        "one  repair  3 -> 0  version 2 has no scene 'stairs'; the answers fit up to there",
        "one  note  to be read -> 0  version 2 has no scene 'stairs'; the answers fit up to there",
        "ten  repair  1.5 -> 0  'Ten minutes.': a quarter of the credit on version 1, no credit on version 2",
        "locked-door, all by the key of version 2: the points of 1 rise, of 2 fall, of 2 stay.",
    ]
    assert "Nobody crosses the pass mark." in lines
    assert points(cohort) == before
    assert not cohort.regraded.exists()
    rows = table.read_text("utf-8-sig").splitlines()
    assert rows[0] == "scenario,student_id,decision,old_points,new_points,why"
    assert len(rows) == 6


def test_what_was_decided_holds_for_later_runs_until_it_is_taken_back(cohort: CoursePaths, command):
    before = points(cohort)
    status, out, _ = command(cohort, "regrade", SLUG, "--yes")
    assert status == 0
    assert json.loads(cohort.regraded.read_text("utf-8")) == {SLUG: {"1": 2}}
    by_todays = {
        ("one", "door"): 7.5, ("one", "repair"): 0, ("one", "note"): 0, ("ten", "repair"): 0, ("both", "door"): 7.5,
    }  # fmt: skip
    assert points(cohort) == {**before, **by_todays}
    assert not list(cohort.autograded.rglob("story-*.json"))
    page = " ".join((cohort.feedback / "one" / SLUG / f"{SLUG}.html").read_text("utf-8").split())
    assert "You began on version 1 of this scenario; it has since become version 2." in page
    assert "by the key of version 2. They were read up to the place where the two differ." in page
    _, out, _ = command(cohort, "history", "one")
    assert out.count("regraded with key version 2") == 3

    report = grade(cohort)
    assert (report.graded, report.held) == (0, []), "a later run finds nothing to do"
    assert {r.of_older for r in report.results} == {"", "answered on version 1, graded by the key of version 2"}
    dropped(cohort, later=record(SLUG, PUSHED, version=1))
    assert scores(grade(cohort))["later"] == 7.5, "who hands in later is graded alike"

    status, out, _ = command(cohort, "regrade", SLUG, "--own", "--yes")
    assert status == 0
    assert "one  door  7.5 -> 5" in out
    assert not cohort.regraded.exists()
    assert {key: value for key, value in points(cohort).items() if key[0] != "later"} == before
    assert points(cohort)["later", "door"] == 5
    _, out, _ = command(cohort, "history", "one")
    assert "regraded with the key of the version answered on" in out
    assert grade(cohort).graded == 0


def test_a_person_at_a_terminal_is_asked(cohort: CoursePaths, command, monkeypatch):
    before = points(cohort)
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda _: True})())
    for answer in ("no", ""):
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        assert command(cohort, "regrade", SLUG)[0] == 1
        assert points(cohort) == before
    monkeypatch.setattr("builtins.input", lambda _: "yes")
    assert command(cohort, "regrade", SLUG)[0] == 0
    assert points(cohort) != before


def test_what_could_not_be_regraded_is_said_where_grade_says_it(cohort: CoursePaths, command, monkeypatch):
    refused = Report(refused=[(Path("broken.json"), "It was cut off.")])
    monkeypatch.setattr(regrading, "carry_out", lambda *_, **__: refused)
    status, out, err = command(cohort, "regrade", SLUG, "--yes")
    assert status == 1
    assert "broken.json: It was cut off." in err
    assert "broken.json" not in out


def test_what_a_person_gave_stays(cohort: CoursePaths):
    marked(cohort, "one", "note", 3.0)
    marked(cohort, "ten", "repair", 5.0)
    marked(cohort, "two", "note", 4.0, extra=1.0)
    grade(cohort)
    agreed = plan(cohort, SLUG)
    rows = {(row.learner, row.decision): row for row in agreed.rows}
    assert rows["one", "note"].new == rows["one", "note"].old == 3.0
    assert rows["one", "note"].again
    assert "the points stay, and have to be looked at again" in rows["one", "note"].why
    assert not any(rows[place].changes for place in rows.keys() & {("one", "note"), ("ten", "repair"), ("two", "note")})
    carry_out(cohort, agreed, grade_silently)
    now = points(cohort)
    assert (now["one", "note"], now["ten", "repair"], now["two", "note"]) == (3.0, 5.0, 5.0)


def test_who_crosses_the_pass_mark_is_named(cohort: CoursePaths, command):
    edit(cohort, ("debrief: on_completion", "debrief: on_completion\npass_mark: 55"))
    _, out, _ = command(cohort, "regrade", SLUG)
    assert "ten falls below the pass mark of 11: 11.5 -> 10" in out


def test_the_next_version_leaves_what_was_decided_as_it_is(cohort: CoursePaths):
    from onsite.authoring.revise import revise

    carry_out(cohort, plan(cohort, SLUG), grade_silently)
    by_two = points(cohort)
    revise(cohort, SLUG)
    edit(cohort, (f"credit: 0.75{CITED}", f"credit: 1{CITED}"))
    assert grade(cohort).held == []
    assert points(cohort) == by_two
    stories = {path.name for path in (cohort.autograded / "one").rglob("story*.json")}
    assert stories == {"story.json", "story-1.json"}
    own = plan(cohort, SLUG, own=True)
    assert {(row.decision, row.old, row.new) for row in own.rows if row.changes and row.learner == "one"} == {
        ("door", 7.5, 5.0), ("repair", 0.0, 3.0), ("note", 0.0, None),
    }  # fmt: skip


# --- the list is what the run then does -----------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_list_is_exactly_what_the_run_then_does(revised: CoursePaths, seed: int):
    chance = random.Random(seed)
    edit(revised, ("debrief: on_completion", f"debrief: on_completion\ncounts: {['first', 'best', 'last'][seed]}"))
    scenario = load_course_scenario(revised.solutions / SLUG)
    editions = {1: scenario.kept[1], 2: scenario}
    for number in range(40):
        attempts, versions = [], []
        for _ in range(chance.choice([1, 1, 2, 3])):
            played = editions[chance.choice([1, 2])]
            attempts.append(wander(played, chance)[: chance.choice([0, 1, 2, 9, 9, 9])])
            versions.append(chance.choice([played.scenario.version, played.scenario.version, 1, 2, 3]))
        dropped(revised, **{f"p{number:02}": record(SLUG, *attempts, version=versions)})
    grade(revised)
    for learner, decision in chance.sample(sorted(points(revised)), 25):
        marked(revised, learner, decision, chance.choice([0.0, 1.0, 3.5]), chance.choice([None, 1.0]))
    grade(revised)
    credits = ["0.75", "0.8", "0.9"]
    for own in (False, True, False):
        before = points(revised)
        if not own:
            # The key of today's version changes as well, without a new number.
            edit(revised, (f"credit: {credits[0]}{CITED}", f"credit: {credits[1]}{CITED}"))
            del credits[0]
        agreed = plan(revised, SLUG, own=own)
        assert any(row.changes for row in agreed.rows)
        expected = {**before, **{(row.learner, row.decision): row.new for row in agreed.rows if row.changes}}
        carry_out(revised, agreed, grade_silently, own=own)
        assert points(revised) == pytest.approx(expected)
        moved = {key[0] for key in before if before[key] != expected[key]}
        assert {total.learner for total in agreed.totals if total.moves != "stays"} <= moved
        assert not any(row.changes for row in plan(revised, SLUG, own=own).rows)
        assert grade(revised).held == []
        assert points(revised) == pytest.approx(expected), "and a later run agrees"


def test_what_changes_between_the_list_and_the_yes_stops_it(cohort: CoursePaths):
    agreed = plan(cohort, SLUG)
    marked(cohort, "ten", "repair", 6.0)
    before = points(cohort)
    with pytest.raises(OnsiteError, match="Meanwhile"):
        carry_out(cohort, agreed, grade_silently)
    assert points(cohort) == before
    assert not cohort.regraded.exists()


def test_an_interrupted_run_is_seen_and_finished(cohort: CoursePaths, monkeypatch):
    expected = plan(cohort, SLUG)

    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(regrading.Run, "grade", stopped)
    with pytest.raises(KeyboardInterrupt):
        carry_out(cohort, expected, grade_silently)
    monkeypatch.undo()
    (held,) = grade(cohort).held
    assert held.command == "python3 course.py regrade locked-door"
    again = plan(cohort, SLUG)
    assert {(row.learner, row.decision, row.new) for row in again.rows if row.changes} == {
        (row.learner, row.decision, row.new) for row in expected.rows if row.changes
    }
    carry_out(cohort, again, grade_silently)
    assert grade(cohort).held == []


def test_only_what_was_graded_is_regraded(cohort: CoursePaths):
    dropped(cohort, new=record(SLUG, TEN, version=1))
    shutil.copyfile(cohort.submitted / "two" / SLUG / "answers.json", cohort.submitted / "ten" / SLUG / "answers.json")
    agreed = plan(cohort, SLUG)
    assert agreed.others == ("ten",)
    assert {row.learner for row in agreed.rows} == {"one", "both"}
    carry_out(cohort, agreed, grade_silently)
    assert ("new", "door") not in points(cohort)
    assert points(cohort)["ten", "repair"] == 1.5


# --- what is asked for wrongly, and what is damaged -----------------------------------------------------


DAMAGED = [
    "{", "[]", "3", '{"locked-door": 3}', '{"locked-door": {"x": 1}}', '{"locked-door": {"1": 0}}',
    '{"locked-door": {"1": "two"}}', '{"locked-door": {"1": true}}', "[" * 100_000, "\xff",
]  # fmt: skip


@pytest.mark.parametrize("said", DAMAGED, ids=lambda said: said[:30].encode("unicode_escape").decode())
def test_a_damaged_file_of_what_was_decided_is_named(cohort: CoursePaths, said, command):
    cohort.regraded.write_text(said, "latin-1")
    before = points(cohort)
    status, _, err = command(cohort, "grade")
    assert status == 1
    assert "regraded.json is damaged" in err
    assert command(cohort, "regrade", SLUG, "--yes")[0] == 1
    assert points(cohort) == before


def test_a_decision_for_a_version_that_is_gone_changes_no_grade_by_itself(cohort: CoursePaths):
    cohort.regraded.write_text('{"locked-door": {"1": 7, "2": 1}, "no-such": {"1": 2}}', "utf-8")
    (held,) = grade(cohort).held
    assert held.people == 3
    assert "version 2" in held.reasons[0]


def test_wrong_requests_are_answered_in_a_line(course: CoursePaths, command):
    assert "no scenario 'nowhere'" in command(course, "regrade", "nowhere")[2]
    course.gradebook.unlink()
    assert "Nothing has been graded yet" in command(course, "regrade", SLUG)[2]
    change(course.solutions / SLUG / "scenario.yml", PUSH)
    assert "Run `python3 course.py build`" in command(course, "regrade", SLUG)[2]


def test_what_was_decided_comes_back_from_a_backup(cohort: CoursePaths, tmp_path: Path):
    carry_out(cohort, plan(cohort, SLUG), grade_silently)
    made = make_backup(cohort, tmp_path / "b.zip", note=False)
    cohort.regraded.unlink()
    restore(cohort, made.path, force=True)
    assert json.loads(cohort.regraded.read_text("utf-8")) == {SLUG: {"1": 2}}
    assert grade(cohort).held == []
