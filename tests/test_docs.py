"""What the authoring guides show works."""

import re
from pathlib import Path

import pytest

from onsite.cli import parser
from onsite.pages.grammar import MOST, PARTS, grammar_findings
from onsite.pages.page import parse_page
from onsite.pages.try_it import read_try
from onsite.points import read_citable, read_points, read_tensions
from onsite.scenario.check import check_file
from onsite.scenario.items.choice import Choice, Option
from onsite.scenario.items.text import Criterion, Text
from onsite.scenario.schema import Clock, Decision, Ending, Scenario, Scene, StateVariable

REPOSITORY = Path(__file__).parents[1]
GUIDE = REPOSITORY / "book" / "authoring" / "scenarios.md"
WHOLE = "# a whole scenario\n"
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
WHOLE_SNIPPETS = [snippet for snippet in SNIPPETS if snippet.startswith(WHOLE)]


def test_the_guide_shows_whole_scenarios():
    assert len(WHOLE_SNIPPETS) >= 2


@pytest.mark.parametrize("snippet", WHOLE_SNIPPETS, ids=lambda snippet: f"{snippet.count(chr(10))} lines")
def test_a_whole_scenario_of_the_guide_has_no_findings(tmp_path, snippet):
    path = tmp_path / "missed-calls" / "scenario.yml"
    path.parent.mkdir()
    path.write_text(snippet, "utf-8")
    scenario, findings = check_file(path, read_citable(REPOSITORY / "book" / "source-points.yml"))
    assert findings == [], "\n".join(map(str, findings))
    assert scenario is not None


def table_keys(heading: str) -> set[str]:
    """The keys in the table below a heading of the guide."""
    section = GUIDE.read_text("utf-8").split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    first_cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {key for cell in first_cells for key in re.findall(r"`([a-z_]+)`", cell)}


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("### At the top of the file", Scenario),
        ("### A meter, under `state`", StateVariable),
        ("### A decision, under `decisions`", Decision),
        ("### A scene", Scene),
        ("### A clock, under a scene's `clock`", Clock),
        ("### An ending", Ending),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_guide_lists_every_key_the_format_knows_and_no_other(heading, model):
    assert table_keys(heading) == set(model.model_fields)


def test_the_guide_lists_every_key_of_items_and_options():
    assert table_keys("### An item of the kind `choice`") == set(Choice.model_fields) | set(Option.model_fields)
    texts = table_keys("### An item of the kind `text`")
    assert {"words", "rubric", "model"} <= texts <= set(Text.model_fields) | set(Criterion.model_fields)


PAGE_GUIDE = REPOSITORY / "book" / "authoring" / "pages.md"


def test_the_page_to_start_from_keeps_to_the_grammar_but_for_its_length():
    """The page that the guide on pages shows is one that the check takes once it has been filled."""
    (text,) = re.findall(r"^````markdown\n(.*?)^````$", PAGE_GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    points = REPOSITORY / "book" / "source-points.yml"
    page = parse_page(text, Path("let-them-finish.md"))
    found = list(grammar_findings(page, text, read_points(points), read_tensions(points)))
    assert [finding.what for finding in found] == [f"The page has {page.words} words."]
    assert read_try(page.tries[0], page.path, read_citable(points)).cites == ("P21",)


def test_the_page_guide_names_every_part():
    text = PAGE_GUIDE.read_text("utf-8")
    assert [part for part in PARTS if f"| {part} |" not in text] == []
    assert f"none is longer than {MOST} words" in text


def test_the_readme_lists_every_command_and_no_other():
    (commands,) = (action.choices for action in parser()._actions if isinstance(action.choices, dict))
    listed = re.findall(
        r"^\| `python3 course\.py ([a-z-]+)", (REPOSITORY / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(listed) == sorted(commands)
