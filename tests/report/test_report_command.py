"""`course.py report`, from a folder of hand-ins to the page and the notebook."""

import json
import os
import re
import sys
from pathlib import Path
from random import Random

import nbformat
import pytest
from cohorts import Player, people, write_cohort, write_roster
from nbconvert.preprocessors import ExecutePreprocessor
from records import drop, record

from onsite.cli import main
from onsite.grading.calibration import LEVELS
from onsite.grading.scenarios import load_course_scenario
from onsite.report.explore import explorer, figure_of
from onsite.report.findings import Findings
from onsite.report.group_tables import by_group_tables, read_group_tables
from onsite.report.privacy import EVERYBODY
from onsite.scenario.errors import OnsiteError


@pytest.fixture
def course(make_course, tmp_path, monkeypatch):
    made = make_course(tmp_path / "course")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def played(course):
    player = Player(load_course_scenario(course.solutions / "locked-door"), 1)
    cohort = people(Random(2), 60, {"Lisbon": 1.0, "Pune": -1.0})
    write_cohort(course.inbox, [player], cohort, 3, missing=0.0)
    write_roster(course.roster, cohort)
    return course


def test_it_writes_page_and_notebook(played, capsys):
    assert main(["report"]) == 0
    assert "60 people" in capsys.readouterr().out
    page = (played.report / "index.html").read_text("utf-8")
    assert "60 people" in page
    assert "Lisbon" in page
    assert sorted(path.name for path in played.report.iterdir()) == ["by-group.json", "index.html", "report.ipynb"]


def test_no_name_and_no_text_gets_into_what_it_writes(played):
    main(["report"])
    for path in played.report.iterdir():
        text = path.read_text("utf-8")
        assert "Person p0" not in text
        assert "p00001" not in text
        assert "Hoekstra" not in text


@pytest.mark.usefixtures("course")
def test_without_hand_ins_it_says_what_to_do(capsys):
    assert main(["report"]) == 1
    told = capsys.readouterr().err
    assert "hand-ins" in told
    assert "Traceback" not in told


def test_a_damaged_file_is_named_and_the_rest_is_reported(played, capsys):
    drop(played.inbox, "broken", "{")
    assert main(["report"]) == 1
    assert "broken.json" in capsys.readouterr().err
    page = (played.report / "index.html").read_text("utf-8")
    assert "Files that could not be read: 1." in page
    assert "not on the roster" not in page


def test_a_hand_in_of_a_stranger_is_not_called_unreadable(played, capsys):
    drop(played.inbox, "stranger", record("locked-door", [("corridor", "push")], learner="A stranger"))
    assert main(["report"]) == 1
    assert "stranger.json" in capsys.readouterr().err
    page = (played.report / "index.html").read_text("utf-8")
    assert "Hand-ins of people who are not on the roster, or who cannot be told apart by it: 1." in page
    assert "could not be read" not in page


def test_a_damaged_gradebook_is_told(played, capsys):
    played.gradebook.write_text("this is no database, but text of some length" * 50, "utf-8")
    assert main(["report"]) == 1
    assert "gradebook" in capsys.readouterr().err


def test_the_notebook_runs_and_shows_the_widget(played, repository, monkeypatch):
    main(["report"])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(repository), *sys.path]))
    notebook = nbformat.read(played.report / "report.ipynb", as_version=4)
    ExecutePreprocessor(timeout=60).preprocess(notebook, {"metadata": {"path": str(played.report)}})
    outputs = notebook.cells[1].outputs
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)


def test_the_widget_filters_by_group(played):
    main(["report"])
    box = explorer(read_group_tables(played.report / "by-group.json"))
    what, scenario, group, figure = box.children
    assert list(group.options) == [EVERYBODY, "Lisbon", "Pune"]
    what.value = "Mean score by scenario"
    assert scenario.layout.display == "none", "a question about all scenarios"
    everybody = figure.value
    group.value = "Lisbon"
    lisbon = figure.value
    group.value = "Pune"
    assert len({everybody, lisbon, figure.value}) == 3


def test_the_widget_asks_for_a_scenario_where_the_question_is_about_one(made):
    what, scenario, group, figure = explorer(by_group_tables(Findings(made.cohort))).children
    group.value = "Oslo"
    what.value = "Mean credit by decision, of those who came to it"
    assert scenario.layout.display is None
    assert scenario.value == "Five days in the harbour office"
    assert len(scenario.options) == 3
    scenario.value = "Post test"
    before = figure.value
    what.value = "Who chose what"
    assert scenario.value == "Post test", "it stays"
    assert figure.value != before
    what.value = "The ways they took"
    assert scenario.value == "Five days in the harbour office", "there is only one way through the tests"
    assert figure.value.count("<svg") == 1


def test_the_notebooks_data_survive_being_written_and_read(made, tmp_path):
    tables = by_group_tables(Findings(made.cohort))
    path = tmp_path / "by-group.json"
    path.write_text(tables.to_json(), "utf-8")
    again = read_group_tables(path)
    assert again.groups == tables.groups
    assert again.to_json() == tables.to_json()
    assert again.tables[1].of("Lisbon").to_dict() == tables.tables[1].of("Lisbon").round(2).to_dict()
    assert figure_of(again.paths[0], "Lisbon") == figure_of(tables.paths[0], "Lisbon")
    assert json.loads(path.read_text("utf-8"))["groups"][0] == EVERYBODY


def test_the_notebook_answers_what_a_manager_asks_about_one_group(made):
    tables = {one.question: one for one in by_group_tables(Findings(made.cohort)).tables if not one.scenario}
    divided = next(one for question, one in tables.items() if question.startswith("Which decisions split"))
    shown = divided.of("Lisbon")
    assert len(shown) == 10
    assert list(shown) == sorted(divided.shares["Lisbon"].dropna(), reverse=True)[:10]
    both = tables["The two tests, of those who took both"]
    assert list(both.shares.index) == ["Pre test", "Post test"]
    assert both.shares.loc["Pre test", "Krakow"] < both.shares.loc["Pre test", "Lisbon"]
    assert (both.shares.loc["Pre test"] < both.shares.loc["Post test"]).all()
    assert list(tables["Mean credit by how sure they were"].shares.index) == list(LEVELS.values())
    spread = tables["How the scores are spread: the share of people by mean score"].shares
    assert spread.sum().round(6).tolist() == [1.0] * len(spread.columns)
    assert spread.loc["under 40%", "Krakow"] > spread.loc["under 40%", "Lisbon"]
    again = tables["First against last attempt, of those who played again"].shares
    assert len(again)
    assert again.index[0].endswith("\nfirst attempt")
    assert "Hollow: first attempt" in figure_of(tables["First against last attempt, of those who played again"], "Oslo")
    minutes = tables["How long half of them took at most"]
    assert 15 < minutes.shares.loc["Pre test", "Oslo"] < 35
    assert "minutes</td>" in figure_of(minutes, "Oslo")
    assert "Diamond: everybody" in figure_of(minutes, "Oslo")
    assert "%</td>" not in figure_of(minutes, "Oslo")


def test_the_notebook_tells_what_a_group_chose_and_which_ways_it_took(made):
    tables = by_group_tables(Findings(made.cohort))
    answers = made.cohort.counted_answers("pre-test")
    lisbon = answers[(answers["scene"] == "q1") & (answers["group"] == "Lisbon")]["option"].astype(str)
    first = next(one for one in tables.tables if one.question == "Who chose what" and one.scenario == "Pre test")
    options = made.cohort.scenarios["pre-test"].items["q1"].options
    assert [line.rpartition(" [")[0] for line in first.shares.index] == [one.text for one in options.values()]
    assert [line.endswith("[best]") for line in first.shares.index] == [one.credit == 1 for one in options.values()]
    expected = lisbon.value_counts(normalize=True).reindex(options)
    assert first.shares["Lisbon"].tolist() == pytest.approx(expected.tolist())
    [paths] = tables.paths
    assert paths.scenario == "Five days in the harbour office"
    plays = made.cohort.counted_answers("all-kinds")
    assert paths.ways["Lisbon"].total == plays[plays["group"] == "Lisbon"]["play"].nunique()
    assert sum(one.total for group, one in paths.ways.items() if group != EVERYBODY) <= paths.ways[EVERYBODY].total
    assert figure_of(paths, "Lisbon") != figure_of(paths, EVERYBODY)


def test_damaged_data_are_told(tmp_path: Path):
    path = tmp_path / "by-group.json"
    path.write_text("[]", "utf-8")
    with pytest.raises(OnsiteError, match="again"):
        read_group_tables(path)


def test_a_group_about_which_nothing_may_be_shown_says_so(made):
    table = by_group_tables(Findings(made.cohort)).tables[1]
    table.shares["Lisbon"] = float("nan")
    assert "fewer than 5" in figure_of(table, "Lisbon")


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own sessions
def test_marks_in_the_gradebook_count(played):
    from nbgrader.api import Gradebook

    from onsite.report.gradebook import marks_by_person

    source = {"locked-door": load_course_scenario(played.solutions / "locked-door")}
    with Gradebook(f"sqlite:///{played.gradebook}") as book:
        book.add_assignment("locked-door")
        book.add_notebook("locked-door", "locked-door")
        for name in ("note", "door"):
            book.add_grade_cell(f"decision-{name}", "locked-door", "locked-door", max_score=4, cell_type="markdown")
        for student in ("p00001", "p00002"):
            book.add_student(student)
            book.add_submission("locked-door", student)
        # Of the second person another text has come since.
        for student, score, again in (("p00001", 3.0, False), ("p00002", 2.0, True)):
            grade = book.find_grade("decision-note", "locked-door", "locked-door", student)
            grade.manual_score, grade.needs_manual_grade = score, again
        book.db.commit()
    assert marks_by_person(played.gradebook, source) == {("p00001", "locked-door", "note"): 3.0}


def test_several_processes_make_the_same_report_as_one(played):
    made = {}
    drop(played.inbox, "broken", "{")
    for workers in ("1", "2"):
        assert main(["report", "--workers", workers]) == 1, "one file cannot be read"
        made[workers] = {path.name: path.read_bytes() for path in played.report.iterdir()}
    assert made["1"] == made["2"]


def test_scenarios_come_in_the_order_of_the_book_and_others_after_them(played):
    for slug, title in (("a-first", "First in the alphabet"), ("b-unlisted", "Not listed")):
        source = (played.solutions / "locked-door" / "scenario.yml").read_text("utf-8")
        folder = played.solutions / slug
        folder.mkdir()
        (folder / "scenario.yml").write_text(source.replace("The locked door", title), "utf-8")
    toc = [f"- file: exercises/{slug}/{slug}\n" for slug in ("locked-door", "a-first")]
    (played.root / "_toc.yml").write_text("".join(toc), "utf-8")
    for slug in ("a-first", "b-unlisted"):
        drop(played.inbox, slug, record(slug, [("corridor", "push")], learner="p00001"))
    main(["report"])
    table = (played.report / "index.html").read_text("utf-8").split("<caption>Who finished</caption>")[1]
    titles = re.findall(r'<th scope="row">([^<]*)</th>', table.split("</table>")[0])
    assert titles == ["The locked door", "First in the alphabet", "Not listed"]


def test_hand_ins_meant_badly_change_nothing_but_their_own_figures(course, capsys):
    bad = "<script>alert(1)</script>"
    tell, push = [("corridor", "tell"), ("desk", "range"), ("paper", bad)], [("corridor", "push"), ("stairs", "shrug")]
    for number in range(12):
        drop(course.inbox, f"fine-{number}", record("locked-door", tell, learner=f"{number} {bad}"))
    drop(course.inbox, "begun", record("locked-door", [], learner="only begun"))
    drop(course.inbox, "often", record("locked-door", *[push] * 20, learner="twenty times"))
    course.roster.write_text(
        "id,name,group\n"
        + "".join(f'{number} {bad},{bad},"{bad}"\n' for number in range(12))
        + "only begun,,Pune\ntwenty times,,Pune\n",
        "utf-8",
    )
    assert main(["report"]) == 0
    assert "Traceback" not in capsys.readouterr().err
    for path in course.report.iterdir():
        assert bad not in path.read_text("utf-8") or path.suffix == ".json", "data, which the notebook escapes"
    page = (course.report / "index.html").read_text("utf-8")
    assert "14 people" in page
    assert "Pune" not in page
    tables = read_group_tables(course.report / "by-group.json")
    assert tables.paths
    for one in [*tables.tables, *tables.paths]:
        assert not any(bad in figure_of(one, group) for group in tables.groups)
