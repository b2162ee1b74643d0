"""Hand-ins graded: right answers score full, wrong ones their known score, and nothing submitted is executed."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from records import drop, record
from results import scores

from onsite.grading.grade import grade
from onsite.grading.regrade import plan
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

SLUG = "locked-door"
TEXT = "The lock stuck; it is oiled now."
BEST = [("corridor", "tell"), ("desk", "range"), ("paper", TEXT)]

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own sessions


def test_each_path_scores_what_its_author_said(course: CoursePaths):
    hand_ins = {
        "best": BEST,
        "empty": [],
        "push-then-own": [("corridor", "push"), ("stairs", "own"), ("paper", TEXT)],
        "push-then-shrug": [("corridor", "push"), ("stairs", "shrug")],
        "sent-home": [("corridor", "leave")],
        "false-ten": [("corridor", "tell"), ("desk", "ten"), ("paper", TEXT)],
    }
    for name, answers in hand_ins.items():
        drop(course.inbox, name, record(SLUG, answers, learner=name))
    report = grade(course)
    assert not report.refused
    assert scores(report) == {
        "best": 16.0, "empty": 0.0, "push-then-own": 5.0 + 3.0, "push-then-shrug": 5.0, "sent-home": 0.0,
        "false-ten": 10.0 + 1.5,
    }  # fmt: skip
    waiting = {result.learner for result in report.results if result.needs_reading}
    assert waiting == {"best", "push-then-own", "false-ten"}, "who wrote a text waits for a reader, nobody else"


def test_a_new_name_of_a_practice_comes_to_the_feedback_pages_that_name_it(course: CoursePaths):
    drop(course.inbox, "ana", record(SLUG, [("corridor", "push"), ("stairs", "own"), ("paper", TEXT)], learner="ana"))
    (result,) = grade(course).results
    listed = course.points.read_text("utf-8")
    course.points.write_text(listed.replace("title: Be proactive", "title: Move first"), "utf-8")
    assert grade(course).graded == 0, "nothing on the page names it"
    course.points.write_text(listed.replace("title: Keep them informed", "title: Say where it stands"), "utf-8")
    before = (course.autograded / "ana" / SLUG / f"{SLUG}.ipynb").stat().st_mtime_ns
    assert grade(course).graded == 1
    page = result.feedback.read_text("utf-8")
    assert "Say where it stands" in page
    assert "Keep them informed" not in page
    assert (course.autograded / "ana" / SLUG / f"{SLUG}.ipynb").stat().st_mtime_ns == before, "only the page is new"
    assert grade(course).graded == 0


def test_a_text_graded_by_a_person_completes_the_score_and_the_feedback(course: CoursePaths):
    drop(course.inbox, "ana", record(SLUG, BEST, learner="Ana Sousa"))
    grade(course)
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        cell = gradebook.find_grade("decision-note", SLUG, SLUG, "ana-sousa")
        cell.manual_score = 4.0
        cell.needs_manual_grade = False
        gradebook.find_comment("decision-note", SLUG, SLUG, "ana-sousa").manual_comment = "Clear and <short>."
        gradebook.db.commit()
    report = grade(course)
    assert scores(report) == {"ana-sousa": 20.0}, "a second run keeps the person's grade"
    page = report.results[0].feedback.read_text("utf-8")
    assert "20 of 20 points" in page
    assert "Clear and &lt;short&gt;." in page


def test_what_a_submitted_notebook_holds_is_never_executed(course: CoursePaths, tmp_path: Path):
    trap = tmp_path / "executed"
    drop(course.inbox, "eve", record(SLUG, [("corridor", "leave")], learner="eve"))
    grade(course)
    folder = course.submitted / "eve" / SLUG
    notebook = nbformat.read(folder / f"{SLUG}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = f"open({str(trap)!r}, 'w').close()\n20.0"
    nbformat.write(notebook, folder / f"{SLUG}.ipynb")
    command = [sys.executable, "-m", "nbgrader", "autograde", SLUG, "--student", "eve", "--force"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not trap.exists(), "the submitted notebook's code ran"
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        assert gradebook.find_submission(SLUG, "eve").score == 0.0


def test_a_learners_text_reaches_the_grader_as_words_only(course: CoursePaths):
    text = "One.\n\n</div><script>alert(1)</script> **bold** $x^2$ ### BEGIN HIDDEN TESTS"
    drop(course.inbox, "mo", record(SLUG, [*BEST[:2], ("paper", text)], learner="mo"))
    report = grade(course)
    notebook = nbformat.read(course.root / f"autograded/mo/{SLUG}/{SLUG}.ipynb", as_version=4)
    source = next(c.source for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "decision-note")
    assert "&lt;/div&gt;&lt;script&gt;" in source
    assert "<script>" not in source
    assert "Says what happened." in source, "the grader sees the rubric beside the text"
    page = report.results[0].feedback.read_text("utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **bold** $x^2$" in page


def test_feedback_shows_choices_and_coaching_and_no_key_of_what_was_not_met(course: CoursePaths):
    drop(course.inbox, "bo", record(SLUG, [("corridor", "push"), ("stairs", "shrug")], learner="Bo"))
    page = grade(course).results[0].feedback.read_text("utf-8")
    assert "The pass mark is 13 of 20 points." in page
    for shown in (
        "Push harder and hope.",
        "It gives, with a crack.",
        "It opened, and she saw how.",
        "5 of 10",
        "The door is shut",
    ):
        assert shown in page
    for kept in (
        "Say what is wrong.",
        "A range and a time.",
        "The caretaker comes on Friday",
        "credit",
        "Says what happened.",
    ):
        assert kept not in page, f"the page gives away {kept!r}"
    assert "Your path did not come to this decision." in page
    assert "http" not in page.replace("http-equiv", ""), "a result page asks for nothing else"


def test_the_first_attempt_counts_and_later_ones_are_mentioned(course: CoursePaths):
    drop(course.inbox, "li", record(SLUG, [("corridor", "leave")], BEST, learner="li"))
    report = grade(course)
    assert scores(report) == {"li": 0.0}
    assert "You played 2 times" in report.results[0].feedback.read_text("utf-8")


def test_last_and_best_count_when_the_author_says_so(course: CoursePaths, edit_scenario):
    edit_scenario("debrief: on_completion", "debrief: on_completion\ncounts: best")
    drop(
        course.inbox,
        "li",
        record(SLUG, [("corridor", "leave")], BEST, [("corridor", "push"), ("stairs", "shrug")], learner="li"),
    )
    assert scores(grade(course)) == {"li": 16.0}
    edit_scenario("counts: best", "counts: last")
    assert scores(grade(course, one_person=True)) == {"li": 5.0}


def test_nobody_can_replace_the_record_that_came_first_in_a_name(course: CoursePaths):
    first = record(SLUG, [("corridor", "leave")], learner="Kim", record_id="aaaaaaaa-1")
    longer = record(SLUG, [("corridor", "leave")], BEST, learner="kim ", record_id="aaaaaaaa-1")
    drop(course.inbox, "20260101T000000000000-" + "0" * 32, first)
    drop(course.inbox, "20260102T000000000000-" + "1" * 32, record(SLUG, BEST, learner="KIM"))
    drop(course.inbox, "20260103T000000000000-" + "2" * 32, longer)
    report = grade(course)
    assert scores(report) == {"kim": 0.0}
    assert [passed.hand_in.path.name[:8] for passed in report.superseded] == ["20260102"]
    assert json.loads((course.submitted / "kim" / SLUG / "answers.json").read_text())["events"] == longer["events"]


def test_alone_on_ones_own_machine_the_latest_hand_in_counts(course: CoursePaths):
    drop(course.inbox, "20260101T000000000000-" + "0" * 32, record(SLUG, [("corridor", "leave")]))
    drop(course.inbox, "20260102T000000000000-" + "1" * 32, record(SLUG, BEST))
    assert scores(grade(course, one_person=True)) == {"me": 16.0}


def test_trying_a_story_beside_a_cohort_changes_nobodys_grade(course: CoursePaths, edit_scenario):
    drop(course.inbox, "20260101T000000000000-" + "0" * 32, record(SLUG, [("corridor", "leave")], learner="kim"))
    drop(course.inbox, "20260102T000000000000-" + "1" * 32, record(SLUG, BEST, learner="kim"))
    drop(course.inbox, "li", record(SLUG, [("corridor", "push")], learner="li"))
    before = scores(grade(course))
    drop(course.inbox, "tried", record(SLUG, BEST))
    assert scores(grade(course, one_person=True)) == {**before, "me": 16.0}
    edit_scenario("credit: 0.5\n          cites: [R02]", "credit: 0.7\n          cites: [R02]")
    report = grade(course, one_person=True)
    assert [held.scenario for held in report.held] == [SLUG]


def test_what_cannot_be_graded_is_named_and_the_rest_is_graded(course: CoursePaths):
    drop(course.inbox, "good", record(SLUG, BEST, learner="good"))
    drop(course.inbox, "cut-off", '{"format":1,')
    drop(course.inbox, "nameless", record(SLUG, BEST))
    drop(course.inbox, "unknown", record("no-such", BEST, learner="x"))
    drop(course.inbox, "deep", "[" * 100_000)
    drop(course.inbox, "large", '{"x":"' + "y" * 300_000 + '"}')
    report = grade(course)
    assert scores(report) == {"good": 16.0}
    reasons = {path.stem: message for path, message in report.refused}
    assert set(reasons) == {"cut-off", "nameless", "unknown", "deep", "large"}
    assert "no scenario 'no-such'" in reasons["unknown"]
    assert "whose it is" in reasons["nameless"]
    assert "nested" in reasons["deep"]
    assert "larger than 256 kB" in reasons["large"]


def test_answers_that_the_story_cannot_hold_are_graded_so_far_and_named_in_every_run(course: CoursePaths):
    drop(course.inbox, "eve", record(SLUG, [("corridor", "tell"), ("stairs", "own"), ("paper", TEXT)], learner="eve"))
    drop(course.inbox, "ana", record(SLUG, [("corridor", "tell")], learner="ana"))
    for _ in range(2):
        report = grade(course)
        told = {result.learner: result.remark for result in report.results}
        assert told == {"ana": "", "eve": "only 1 of 3 answers fit the story"}
        assert scores(report) == {"ana": 10.0, "eve": 10.0}
    pages = {result.learner: result.feedback.read_text("utf-8") for result in report.results}
    assert "Only 1 of the 3 answers in your file fit the story" in pages["eve"]
    assert "handed in before" not in pages["eve"]
    assert "handed in before the story ended" in pages["ana"]


def test_an_older_version_is_read_as_far_as_it_goes_and_the_difference_reported(course: CoursePaths, edit_scenario):
    drop(course.inbox, "old", record(SLUG, [("corridor", "tell"), ("desk", "gone")], learner="old"))
    edit_scenario("version: 1", "version: 2")
    report = grade(course)
    assert scores(report) == {"old": 10.0}
    page = report.results[0].feedback.read_text("utf-8")
    assert "version 1" in page
    assert "version 2" in page


def test_a_changed_key_grades_again(course: CoursePaths, edit_scenario):
    drop(course.inbox, "bo", record(SLUG, [("corridor", "push"), ("stairs", "shrug")], learner="bo"))
    assert scores(grade(course)) == {"bo": 5.0}
    edit_scenario("credit: 0.5\n          cites: [R02]", "credit: 0.7\n          cites: [R02]")
    assert scores(grade(course, one_person=True)) == {"bo": 7.0}


def test_changed_decisions_after_grading_say_what_to_do(course: CoursePaths, edit_scenario):
    drop(course.inbox, "bo", record(SLUG, [("corridor", "push"), ("stairs", "shrug")], learner="bo"))
    grade(course)
    edit_scenario("note", "letter")
    for run in (grade, lambda course: plan(course, SLUG)):
        with pytest.raises(OnsiteError, match=r"Move gradebook\.db"):
            run(course)


def test_a_record_lying_in_solutions_never_replaces_a_learners(course: CoursePaths):
    drop(course.solutions / SLUG, "answers", record(SLUG, BEST, learner="teacher"))
    drop(course.inbox, "bo", record(SLUG, [("corridor", "leave")], learner="bo"))
    assert scores(grade(course)) == {"bo": 0.0}


def test_a_record_without_an_answer_is_worth_nothing_and_has_a_page(course: CoursePaths):
    drop(course.inbox, "bo", {**record(SLUG, BEST, learner="bo"), "events": []})
    report = grade(course)
    assert (scores(report), report.refused) == ({"bo": 0.0}, [])
    assert "No answer was found in what you handed in." in report.results[0].feedback.read_text("utf-8")


def test_an_empty_inbox_grades_nothing(course: CoursePaths):
    report = grade(course)
    assert (report.results, report.refused) == ([], [])


def test_grading_needs_nothing_on_the_path(course: CoursePaths, monkeypatch):
    monkeypatch.setenv("PATH", "")
    drop(course.inbox, "bo", record(SLUG, [("corridor", "push"), ("stairs", "shrug")], learner="bo"))
    assert scores(grade(course)) == {"bo": 5.0}
