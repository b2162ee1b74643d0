"""The instructor notebook: one graded cell per decision, and the key only where nbgrader hides it."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from onsite.build.notebooks import grade_id, instructor_notebook
from onsite.scenario.check import scenario_files
from onsite.scenario.items.choice import Choice
from onsite.scenario.key import key_of, text_decisions
from onsite.scenario.load import load_scenario
from onsite.scenario.schema import Scenario

REPOSITORY = Path(__file__).parents[2]
HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS$.*?^### END HIDDEN TESTS$", re.DOTALL | re.MULTILINE)
DATA = REPOSITORY / "tests" / "data"
EVERY_SCENARIO = [DATA / "tiny.yml", DATA / "all_kinds.yml", *scenario_files(REPOSITORY / "solutions")]


@pytest.fixture(scope="module", params=EVERY_SCENARIO, ids=lambda path: f"{path.parent.name}-{path.stem}")
def scenario(request) -> Scenario:
    return load_scenario(request.param)


def notebook_of(scenario: Scenario) -> nbformat.NotebookNode:
    return nbformat.reads(instructor_notebook(scenario), as_version=4)


def graded(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def released(notebook: nbformat.NotebookNode) -> str:
    """All text of the notebook after what nbgrader hides is gone."""
    texts = []
    for cell in notebook.cells:
        if not cell.metadata.get("nbgrader", {}).get("solution"):
            texts.append(HIDDEN.sub("", cell.source))
    return "\n".join(texts)


def hidden(cell: nbformat.NotebookNode) -> dict[str, object]:
    """The values that a graded cell's hidden tests assign."""
    [region] = HIDDEN.findall(cell.source)
    assigned = [node for node in ast.parse(region).body if isinstance(node, ast.Assign)]
    return {node.targets[0].id: ast.literal_eval(node.value) for node in assigned}


def test_the_notebook_is_valid_and_holds_no_outputs(scenario):
    notebook = notebook_of(scenario)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)
            compile(cell.source, cell.id, "exec")


def test_two_builds_are_equal_to_the_byte(scenario):
    assert instructor_notebook(scenario) == instructor_notebook(scenario)


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_notebook_does_not_depend_on_the_process_that_builds_it(tiny, tiny_scenario, seed):
    code = (
        "import sys; from pathlib import Path; from onsite.scenario.load import load_scenario; "
        "from onsite.build.notebooks import instructor_notebook; "
        "sys.stdout.buffer.write(instructor_notebook(load_scenario(Path(sys.argv[1]))).encode())"
    )
    made = subprocess.run(
        [sys.executable, "-c", code, str(tiny)],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert made.stdout.decode() == instructor_notebook(tiny_scenario)


def test_cell_ids_are_names_and_each_stands_once(scenario):
    ids = [cell.id for cell in notebook_of(scenario).cells]
    assert len(set(ids)) == len(ids)
    assert ids == [
        "title", "brief", "how-to-run", "player", "for-the-grader",
        *(f"decision-{decision}" for decision in scenario.decisions),
    ]  # fmt: skip


def test_every_decision_has_exactly_one_graded_cell_with_its_points(scenario):
    cells = graded(notebook_of(scenario))
    assert [(cell.metadata.nbgrader.grade_id, cell.metadata.nbgrader.points) for cell in cells] == [
        (grade_id(name), decision.points) for name, decision in scenario.decisions.items()
    ]
    assert sum(cell.metadata.nbgrader.points for cell in cells) == scenario.points


def test_what_the_machine_grades_is_locked_code_and_what_a_person_grades_is_open_text(scenario):
    texts = text_decisions(scenario)
    for name, cell in zip(scenario.decisions, graded(notebook_of(scenario)), strict=True):
        told = cell.metadata.nbgrader
        assert (cell.cell_type, told.locked, told.solution) == (
            ("markdown", False, True) if name in texts else ("code", True, False)
        ), name


def test_the_hidden_tests_hold_the_key_of_their_decision(scenario):
    keys = key_of(scenario)
    for cell in graded(notebook_of(scenario)):
        if cell.cell_type == "code":
            name = cell.metadata.nbgrader.grade_id.removeprefix("decision-")
            assert hidden(cell) == {
                "keys": {name: keys[name]},
                "points": {name: float(scenario.decisions[name].points)},
            }


def test_with_the_hidden_parts_gone_no_credit_is_left(scenario):
    notebook = notebook_of(scenario)
    seen = released(notebook)
    options = {
        option.id
        for scene in scenario.scenes.values()
        if isinstance(scene.item, Choice)
        for option in scene.item.options
    }
    assert [option for option in options if f'"{option}"' in seen] == []
    assert re.findall(r"\b[01]\.\d", seen) == [], "a figure that looks like credit is left"
    for word in ("credit", "keys =", "HIDDEN", "rubric"):
        assert word not in seen
    for scene in scenario.scenes.values():
        if scene.item is not None and scene.item.kind == "text":
            assert scene.item.model not in seen
            assert all(criterion.criterion not in seen for criterion in scene.item.rubric)


def test_with_other_credit_the_notebook_is_the_same_outside_the_hidden_parts(tiny_scenario):
    data = tiny_scenario.model_dump(mode="json")
    for scene in ("corridor", "stairs", "desk"):
        for option in data["scenes"][scene]["item"]["options"]:
            option["credit"] = round(1 - option["credit"], 2)
    other = Scenario.model_validate(data)
    ours, theirs = notebook_of(tiny_scenario), notebook_of(other)
    assert instructor_notebook(other) != instructor_notebook(tiny_scenario)
    assert released(theirs) == released(ours)


def test_best_of_several_attempts_needs_every_key_in_every_cell(tiny_scenario):
    best = tiny_scenario.model_copy(update={"counts": "best"})
    keys = key_of(best)
    cells = [cell for cell in graded(notebook_of(best)) if cell.cell_type == "code"]
    assert len(cells) == 2
    for cell in cells:
        assert hidden(cell) == {"keys": keys, "points": {"door": 10.0, "repair": 6.0}}


def test_the_rubric_and_the_model_answer_stand_for_the_grader_only(tiny_scenario):
    [cell] = [cell for cell in graded(notebook_of(tiny_scenario)) if cell.cell_type == "markdown"]
    assert cell.source == (
        "**The note** (4 points), graded by a person against this rubric:\n\n"
        "- 3: Says what happened.\n- 1: Says what comes next.\n\n"
        "One good answer:\n\n> The lock stuck; it is oiled. The caretaker comes on Friday."
    )


@pytest.mark.parametrize(
    "title",
    ['A "quoted" title', 'Three """ quotes', "A backslash \\", "Braces {decision} {", "'", "Õ \u2028 ü"],
    ids=["quotes", "three quotes", "backslash", "braces", "apostrophe", "letters"],
)
def test_no_title_breaks_the_code_of_its_cell(tiny_scenario, title):
    door = tiny_scenario.decisions["door"].model_copy(update={"title": title})
    scenario = tiny_scenario.model_copy(update={"decisions": {**tiny_scenario.decisions, "door": door}})
    [cell] = [cell for cell in notebook_of(scenario).cells if cell.id == "decision-door"]
    names = [node for node in ast.parse(cell.source).body if isinstance(node, ast.Assign)]
    assert [node.targets[0].id for node in names] == ["answers", "keys", "points"]


def test_the_longest_name_allowed_still_makes_a_valid_notebook(tiny_scenario):
    name = "d" * 50
    data = json.loads(json.dumps(tiny_scenario.model_dump(mode="json")).replace('"door"', f'"{name}"'))
    notebook = notebook_of(Scenario.model_validate(data))
    nbformat.validate(notebook)
    assert f"decision-{name}" in [cell.id for cell in notebook.cells]


def test_the_keys_of_kept_versions_stand_in_the_hidden_tests_only(tiny_scenario):
    assert instructor_notebook(tiny_scenario, {}) == instructor_notebook(tiny_scenario)
    kept = {1: tiny_scenario, 2: tiny_scenario}
    for counts, decisions in (("first", {"door"}), ("best", {"door", "repair"})):
        scenario = tiny_scenario.model_copy(update={"version": 3, "counts": counts})
        notebook = nbformat.reads(instructor_notebook(scenario, kept), as_version=4)
        cells = {cell.id: cell for cell in notebook.cells}
        keys = {name: key for name, key in key_of(scenario).items() if name in decisions}
        told = hidden(cells["decision-door"])
        assert (told["keys"], told["older"]) == (keys, {1: keys, 2: keys})
        assert 'answers.points("door", keys, points, older)' in cells["decision-door"].source
        assert cells["decision-note"].source == {c.id: c.source for c in notebook_of(scenario).cells}["decision-note"]
        assert "older" not in released(notebook)
