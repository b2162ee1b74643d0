"""Graded in one process without a kernel, and graded by stock nbgrader: the same, cell by cell."""

import json
import shutil
import sqlite3
import subprocess
import sys
from typing import Any

import nbformat
import pytest
from courses import make_course
from nbgrader.api import Gradebook
from nbgrader.plugins.export import CsvExportPlugin
from records import PARTIAL, drop, record
from revisions import REVISED, change

from onsite.build.derived import derive
from onsite.grading.grade import grade
from onsite.grading.hands import Hands
from onsite.grading.scenarios import CourseScenario, load_course_scenario
from onsite.paths import CoursePaths
from onsite.report.gradebook import marks_by_person
from onsite.scenario.record import MAX_BYTES, parse_record

TEXT = "It stuck;\n\nit is oiled now. <b>$x$</b>"
TINY = {
    "best": [[("corridor", "tell"), ("desk", "range"), ("paper", TEXT)]],
    "half": [[("corridor", "push"), ("stairs", "own"), ("paper", TEXT)]],
    "none": [[]],
    "impossible": [[("corridor", "tell"), ("stairs", "own"), ("paper", TEXT)]],
    "twice": [[("corridor", "leave")], [("corridor", "tell"), ("desk", "range")]],
}
ON_TWO = [("corridor", "push"), ("stairs", "own"), ("paper", TEXT)]
ON_THREE = [("corridor", "push"), ("landing", "own"), ("paper", TEXT)]
VERSIONS: dict[str, dict[str, Any]] = {
    "on-two": record("locked-door", ON_TWO, version=2),
    "on-three": record("locked-door", ON_THREE, version=3),
    "mixed": record("locked-door", ON_THREE[:1], ON_TWO, version=[3, 2]),
    "mixed-too": record("locked-door", ON_TWO[:1], ON_THREE[:1], version=[2, 3]),
    "went-on": record("locked-door", ON_THREE, version=2),
    "not-kept": record("locked-door", ON_THREE, version=1),
    "unknown": record("locked-door", ON_TWO, version=99_999),
}
"""The second and third version of the small scenario: see revisions.py."""
LONG = json.dumps(record("locked-door", *[ON_TWO] * 620, learner="long"), separators=(",", ":"))
"""Written as compactly as may be it is no larger than a record can be; written anew it would be."""
KINDS: dict[str, Any] = {
    "partial": [PARTIAL],
    "started": [[("monday", ["phone", "rules"])]],
}
GRADES = """
    select s.student_id, a.name, c.name, g.auto_score, g.manual_score, g.needs_manual_grade, m.auto_comment
    from grade g join base_cell c on g.cell_id = c.id join submitted_notebook n on g.notebook_id = n.id
    join submitted_assignment s on n.assignment_id = s.id join assignment a on s.assignment_id = a.id
    left join base_cell d on d.name = c.name and d.notebook_id = c.notebook_id and d.type = 'SolutionCell'
    left join comment m on m.cell_id = d.id and m.notebook_id = n.id
    order by 1, 2, 3
"""

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


def gradebook(course: CoursePaths) -> list[tuple[Any, ...]]:
    with sqlite3.connect(course.gradebook) as database:
        rows = database.execute(GRADES).fetchall()
    database.close()
    return rows


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory):
    """The course with two scenarios, graded our way; its gradebook then and after stock nbgrader graded all anew."""
    course = make_course(tmp_path_factory.mktemp("both") / "course", ["locked-door", "all-kinds"])
    path = course.solutions / "locked-door" / "scenario.yml"
    change(path, ("debrief: on_completion", "debrief: on_completion\ncounts: best"), ("version: 1\n", "version: 3\n"))
    (path.parent / "versions").mkdir()
    shutil.copyfile(path, path.parent / "versions" / "2.yml")
    change(path.parent / "versions" / "2.yml", ("version: 3\n", "version: 2\n"))
    change(path, *REVISED)
    # What was begun on version 1 is graded as version 2: that is all of TINY.
    (course.root / "regraded.json").write_text('{"locked-door": {"1": 2}}', "utf-8")
    derive(course)
    for slug, hand_ins in (("locked-door", TINY), ("all-kinds", KINDS)):
        for name, attempts in hand_ins.items():
            drop(course.inbox, f"{slug}-{name}", record(slug, *attempts, learner=name))
    for name, content in VERSIONS.items():
        drop(course.inbox, name, {**content, "learner": name})
    drop(course.inbox, "long", LONG)
    assert not grade(course).refused
    ours = gradebook(course)
    notebooks = {path: path.read_bytes() for path in course.autograded.rglob("*.ipynb")}
    for name in ("on-two", "on-three"):
        # What a learner might have handed in to get another story.
        (course.submitted / name / "locked-door" / "story-3.json").write_text("{}", "utf-8")
        (course.submitted / name / "locked-door" / "story-2.json").write_text("{}", "utf-8")
    for slug in ("locked-door", "all-kinds"):
        command = [sys.executable, "-m", "nbgrader", "autograde", slug, "--force"]
        done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return course, ours, gradebook(course), notebooks


def test_stock_nbgrader_gives_every_cell_the_same_grade(both):
    _, ours, stock, _ = both
    assert ours == stock
    assert len({row[3] for row in ours}) >= 8, "a comparison of zeros would prove little"
    assert [row[0] for row in ours if row[2] == "decision-door" and row[3] == 10.0] == ["best", "impossible", "twice"]
    pushed = {
        row[0]: (row[3], other[3]) for row, other in zip(ours, ours[2:], strict=False) if row[2] == "decision-door"
    }
    assert {name: pushed[name] for name in VERSIONS} == {
        "on-two": (5, 3), "on-three": (7.5, 3), "mixed": (5, 3), "mixed-too": (7.5, 0), "went-on": (7.5, 3),
        "not-kept": (7.5, 3), "unknown": (7.5, 0),
    }  # fmt: skip


def test_a_long_record_is_carried_to_the_graded_answers_as_it_was_handed_in(both):
    course, ours, stock, _ = both
    anew = parse_record(LONG.encode()).to_json().encode()
    assert len(LONG) < MAX_BYTES < len(anew)
    for rows in (ours, stock):
        assert next(row[3] for row in rows if row[0] == "long" and row[2] == "decision-door") > 0
    assert (course.autograded / "long" / "locked-door" / "answers.json").read_text("utf-8") == LONG


def test_beside_the_answers_lie_the_stories_they_are_replayed_on_and_none_that_was_handed_in(both):
    folder = both[0].autograded
    for name, stories in (
        ("on-two", {"story.json": 3, "story-2.json": 2}),
        ("on-three", {"story.json": 3}),
        ("best", {"story.json": 3, "story-1.json": 2}),
    ):
        found = {path.name: json.loads(path.read_bytes())["version"] for path in (folder / name).rglob("story*.json")}
        assert found == stories


def test_the_autograded_notebooks_are_what_stock_nbgrader_writes(both):
    course, _, _, notebooks = both
    assert len(notebooks) == 15
    for path, data in notebooks.items():
        stock = nbformat.read(path, as_version=4)
        ours = nbformat.reads(data.decode(), as_version=4)
        nbformat.validate(ours)
        for cell in stock.cells:
            cell.metadata.pop("execution", None)
        assert [dict(cell) for cell in ours.cells] == [dict(cell) for cell in stock.cells], path.relative_to(
            course.root
        )


def test_nbgraders_own_gradebook_and_export_read_it(both, tmp_path, monkeypatch):
    course, ours, _, _ = both
    monkeypatch.chdir(tmp_path)
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        submission = book.find_submission("locked-door", "best")
        assert submission.score == 16.0
        assert submission.max_score == 20.0
        assert submission.needs_manual_grade
        assert submission.timestamp is not None
        CsvExportPlugin().export(book)
    lines = (tmp_path / "grades.csv").read_text().splitlines()
    assert len(lines) == 1 + 2 * len({row[0] for row in ours})


def test_a_second_run_leaves_everything_as_it_is(both):
    course, _, _, _ = both
    before = {path: path.stat().st_mtime_ns for path in course.submitted.rglob("*") if path.is_file()}
    assert grade(course).graded == 0
    assert {path: path.stat().st_mtime_ns for path in course.submitted.rglob("*") if path.is_file()} == before


def test_two_processes_give_the_same(course: CoursePaths):
    for number in range(120):
        answers = list(TINY.values())[number % len(TINY)]
        drop(course.inbox, f"p{number:03}", record("locked-door", *answers, learner=f"p{number:03}"))
    with Hands(2) as hands:
        assert len(grade(course, hands=hands).results) == 120
    one = gradebook(course)
    for path in course.root.glob("gradebook.db*"):
        path.unlink()
    assert len(grade(course).results) == 120
    assert gradebook(course) == one


def test_a_persons_mark_stays_and_is_looked_at_again_only_if_the_text_changed(course: CoursePaths):
    answers = TINY["best"][0]
    first = record("locked-door", answers[:2], learner="ana", record_id="the-record")
    drop(course.inbox, "a", first)
    grade(course)
    drop(course.inbox, "a", record("locked-door", answers, learner="ana", record_id="the-record"))
    report = grade(course)
    assert (report.graded, report.results[0].needs_reading) == (1, True)
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        cell = book.find_grade("decision-note", "locked-door", "locked-door", "ana")
        cell.manual_score, cell.needs_manual_grade = 3.0, False
        book.db.commit()
    report = grade(course)
    assert (report.graded, report.results[0].score) == (1, 19.0)
    assert "19 of 20 points" in report.results[0].feedback.read_text("utf-8")
    drop(
        course.inbox,
        "a",
        record("locked-door", answers, [("corridor", "leave")], learner="ana", record_id="the-record"),
    )
    report = grade(course)
    assert (report.results[0].score, report.results[0].needs_reading) == (19.0, False), "the same text was read already"
    drop(
        course.inbox,
        "a",
        record("locked-door", [*answers[:2], ("paper", "Other.")], learner="ana", record_id="the-record"),
    )
    report = grade(course)
    assert (report.results[0].score, report.results[0].needs_reading) == (16.0, True), "another text has to be read"
    page = report.results[0].feedback.read_text("utf-8")
    assert "16 of 16 points" in page
    assert "Up to 4 more for what you wrote" in page, "the points were for what was there before"
    assert marks_by_person(course.gradebook, scenarios(course)) == {}
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", "locked-door", "--force"]
    assert subprocess.run(command, cwd=course.root, capture_output=True, check=False).returncode == 0
    assert report.results[0].feedback.read_text("utf-8") == page, "nbgrader's own command says the same"
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        cell = book.find_grade("decision-note", "locked-door", "locked-door", "ana")
        cell.manual_score, cell.needs_manual_grade = 2.0, False
        book.db.commit()
    assert grade(course).results[0].score == 18.0
    assert list(marks_by_person(course.gradebook, scenarios(course)).values()) == [2.0]


def scenarios(course: CoursePaths) -> dict[str, CourseScenario]:
    return {slug: load_course_scenario(course.solutions / slug) for slug in course.slugs()}


def test_a_notebook_that_is_not_the_scenarios_is_not_graded_by(course: CoursePaths):
    drop(course.inbox, "a", record("locked-door", TINY["best"][0], learner="ana"))
    path = course.solutions / "locked-door" / "locked-door.ipynb"
    path.write_text(path.read_text("utf-8").replace('\\"tell\\": 1.0', '\\"tell\\": 0.5'))
    with pytest.raises(Exception, match=r"not what scenario.yml.*makes"):
        grade(course)


def test_stock_feedback_is_the_same_page(course: CoursePaths):
    drop(course.inbox, "a", record("locked-door", TINY["best"][0], learner="ana"))
    (result,) = grade(course).results
    ours = result.feedback.read_text("utf-8")
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", "locked-door", "--force"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert result.feedback.read_text("utf-8").strip() == ours.strip()
