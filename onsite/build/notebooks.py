"""The instructor notebook of a scenario: the player, one graded cell per decision, the key in hidden tests."""

import json
import textwrap
from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from onsite.scenario.items.text import Text
from onsite.scenario.key import DecisionKey, key_of, text_decisions
from onsite.scenario.schema import Scenario

PLAYER_TAG = "onsite-player"
NOTEBOOK_ONLY_TAG = "remove-cell"
"""Jupyter Book leaves cells with this tag out of the page."""

_PLAYER = """\
# The story appears below when this cell is run.
from onsite.player import ScenarioPlayer

ScenarioPlayer.here()"""

_HOW_TO_RUN = """\
Choose **Run > Run All Cells** in the menu; the story appears here, below this line. Every answer is saved at
once, in `answers.json` beside this notebook."""

_FOR_THE_GRADER = """\
## Behind the scenes

The cells below tell the grader which decisions were answered. There is nothing to do here: you answer in the
player above."""

_GRADED = '''\
"""{title}: {points} points. Reads the answer from answers.json beside this notebook."""

from onsite.grading.cells import Answers

answers = Answers.here()
answers.state_of("{decision}")
### BEGIN HIDDEN TESTS
keys = {keys}
points = {worth}
{older}answers.points("{decision}", keys, points{given})
### END HIDDEN TESTS'''

_OLDER = "# The keys of older versions of the story, for whoever began on one.\nolder = {older}\n"

_TEXT = """\
**{title}** ({points} points), graded by a person against this rubric:

{rubric}

One good answer:

{model}"""


def instructor_notebook(scenario: Scenario, kept: Mapping[int, Scenario] | None = None) -> str:
    """The notebook as text. Equal scenarios give equal text: cell ids are names, and there are no outputs.

    kept: older versions that were kept, by version; their keys stand in the hidden tests too.
    """
    cells = [
        new_markdown_cell(_opening(scenario), id="title"),
        new_markdown_cell(_brief(scenario), id="brief"),
        new_markdown_cell(_HOW_TO_RUN, id="how-to-run", metadata={"tags": [NOTEBOOK_ONLY_TAG]}),
        _player_cell(),
        # JupyterLab and Notebook 7 fold what stands below a heading that says so.
        new_markdown_cell(
            _FOR_THE_GRADER,
            id="for-the-grader",
            metadata={"jp-MarkdownHeadingCollapsed": True, "tags": [NOTEBOOK_ONLY_TAG]},
        ),
    ]
    keys = key_of(scenario)
    older = {version: key_of(one) for version, one in (kept or {}).items()}
    texts = text_decisions(scenario)
    for decision in scenario.decisions:
        if decision in texts:
            cells.append(_text_cell(scenario, decision, texts[decision]))
        else:
            cells.append(_graded_cell(scenario, decision, keys, older))
    notebook = new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "title": scenario.title,
        },
    )
    return str(nbformat.writes(notebook)) + "\n"


def grade_id(decision: str) -> str:
    """nbgrader's id of a decision's cell."""
    return f"decision-{decision}"


def decision_of(grade: str) -> str:
    """The decision whose cell has this id."""
    return grade.removeprefix("decision-")


def _opening(scenario: Scenario) -> str:
    return f"# {scenario.title}\n\n{scenario.summary}\n\n*About {scenario.minutes} minutes. Level: {scenario.level}.*"


def _brief(scenario: Scenario) -> str:
    # The people are introduced by the player and the transcript, so that the story begins high on the page.
    return f"{scenario.role}\n\n{scenario.setting}"


def _nbgrader(grade: str, *, points: int | None = None, solution: bool = False) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "grade": points is not None,
        "grade_id": grade,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        metadata["points"] = points
    return metadata


def _player_cell() -> Any:
    metadata = {
        "jupyter": {"source_hidden": True},
        "nbgrader": _nbgrader("player"),
        "tags": [PLAYER_TAG],
    }
    return new_code_cell(_PLAYER, id="player", metadata=metadata)


def _graded_cell(
    scenario: Scenario, decision: str, keys: dict[str, DecisionKey], older: Mapping[int, dict[str, DecisionKey]]
) -> Any:
    declared = scenario.decisions[decision]
    if scenario.counts != "best":
        keys = {decision: keys[decision]}
        older = {version: {decision: one[decision]} for version, one in older.items()}
    worth = {name: float(scenario.decisions[name].points) for name in keys}
    source = _GRADED.format(
        title=_plain(declared.title),
        points=declared.points,
        decision=decision,
        keys=_literal(keys),
        worth=json.dumps(worth),
        older=_OLDER.format(older=_by_version(older)) if older else "",
        given=", older" if older else "",
    )
    metadata = {
        "jupyter": {"outputs_hidden": True, "source_hidden": True},
        "nbgrader": _nbgrader(grade_id(decision), points=declared.points),
        "tags": [NOTEBOOK_ONLY_TAG],
    }
    return new_code_cell(source, id=grade_id(decision), metadata=metadata)


def _text_cell(scenario: Scenario, decision: str, scenes: tuple[str, ...]) -> Any:
    # nbgrader replaces the whole text of a solution cell by a stub in the release.
    declared = scenario.decisions[decision]
    item = scenario.scenes[scenes[0]].item
    assert isinstance(item, Text), "text_decisions() names scenes with a text item only"
    rubric = "\n".join(f"- {c.points}: {' '.join(c.criterion.split())}" for c in item.rubric)
    model = "\n".join(f"> {line}".rstrip() for line in item.model.splitlines())
    source = _TEXT.format(title=declared.title, points=declared.points, rubric=rubric, model=model)
    metadata = {
        "nbgrader": _nbgrader(grade_id(decision), points=declared.points, solution=True),
        "tags": [NOTEBOOK_ONLY_TAG],
    }
    return new_markdown_cell(source, id=grade_id(decision), metadata=metadata)


def _plain(title: str) -> str:
    # A title stands inside a docstring of the cell.
    return title.replace("\\", "/").replace('"', "'")


def _by_version(keys: Mapping[int, dict[str, DecisionKey]]) -> str:
    told = "".join(f"{version}: {_literal(one)},\n" for version, one in keys.items())
    return f"{{\n{textwrap.indent(told, '    ')}}}"


def _literal(keys: dict[str, DecisionKey]) -> str:
    # JSON of names and numbers is also Python; one line a scene keeps the key readable in formgrader.
    lines = []
    for decision, scenes in keys.items():
        told = "".join(f"        {json.dumps(scene)}: {json.dumps(key)},\n" for scene, key in scenes.items())
        lines.append(f"    {json.dumps(decision)}: {{\n{told}    }},\n")
    return f"{{\n{''.join(lines)}}}"
