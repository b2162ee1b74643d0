"""Versions that were kept: what may differ from today's, and what may not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_tools import line_of

from onsite.points import read_citable
from onsite.scenario.check import check_file
from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.kept import examine_kept, load_kept
from onsite.scenario.load import load_scenario

Keep = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, tiny: Path) -> Path:
    """The small scenario as version 3."""
    made = tmp_path / "locked-door"
    made.mkdir()
    text = tiny.read_text("utf-8").replace("version: 1\n", "version: 3\n")
    (made / "scenario.yml").write_text(text, "utf-8")
    return made


@pytest.fixture
def keep(folder: Path, tiny: Path) -> Keep:
    """keep(2, (old, new), ...): keep the small scenario as version 2, with these changes."""

    def make(version: int, *changes: tuple[str, str], name: str = "") -> Path:
        text = tiny.read_text("utf-8").replace("version: 1\n", f"version: {version}\n")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = folder / "versions" / (name or f"{version}.yml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return make


def findings(folder: Path) -> list[Finding]:
    found = examine_kept(folder, load_scenario(folder / "scenario.yml"))[1]
    assert all(finding.do and finding.file is not None and finding.file.exists() for finding in found)
    return found


def test_without_kept_versions_there_is_nothing_to_find(folder):
    assert examine_kept(folder, load_scenario(folder / "scenario.yml")) == ({}, [])


def test_titles_scenes_options_credit_and_endings_may_all_differ(folder, keep):
    keep(1, ("credit: 0.5\n", "credit: 0.3\n"), ("title: At the door", "title: The door"))
    keep(2, ("corridor", "lobby"), ("goto: shut", "goto: home"), ("debrief: on_completion", "debrief: after_grading"))
    (folder / "versions" / ".2.yml.swp").write_text("an editor's", "utf-8")
    (folder / "versions" / "__pycache__").mkdir()
    kept = load_kept(folder, load_scenario(folder / "scenario.yml"))
    assert [(number, one.version, one.start) for number, one in kept.items()] == [(1, 1, "corridor"), (2, 2, "lobby")]
    points = read_citable(Path(__file__).parents[2] / "book" / "source-points.yml")
    assert check_file(folder / "scenario.yml", points)[1] == []


@pytest.mark.parametrize("name", ["two.yml", "02.yml", "2.yaml", "2.yml~", "0.yml"])
def test_a_file_with_another_name_is_no_version(folder, keep, name):
    keep(2, name=name)
    (found,) = findings(folder)
    assert found.what == f"'{name}' is not the name of a kept version."


@pytest.mark.parametrize(
    ("version", "name", "said"),
    [
        (2, "1.yml", "The file is called 1.yml and says that it is version 2."),
        (3, "", "Version 3 is kept, but scenario.yml is version 3."),
        (4, "", "Version 4 is kept, but scenario.yml is version 3."),
    ],
)
def test_a_version_is_what_its_name_says_and_came_before(folder, keep, version, name, said):
    path = keep(version, name=name)
    (found,) = findings(folder)
    assert (found.what, found.file, found.line) == (said, path, line_of(path, "version: "))


def test_a_decision_is_worth_what_it_is_worth_today(folder, keep):
    path = keep(2, ("title: At the door, points: 10", "title: At the door, points: 8"))
    (found,) = findings(folder)
    assert "'door' is worth 8 points here and 10 in scenario.yml" in found.what
    assert (found.file, found.line) == (path, line_of(path, "door: {"))


def test_a_decision_is_there_in_all_versions_or_in_none(folder, keep):
    path = keep(2, ("  door: {title", "  entry: {title"), ("decision: door", "decision: entry"))
    gone, new = findings(folder)
    assert "has the decision 'entry', and scenario.yml has not" in gone.what
    assert (gone.file, gone.line) == (path, line_of(path, "entry: {"))
    assert "has the decision 'door', and version 2 has not" in new.what
    assert (new.file, new.line) == (path, line_of(path, "decisions:"))
    with pytest.raises(ScenarioError, match="new folder"):
        load_kept(folder, load_scenario(folder / "scenario.yml"))


def test_a_decision_is_graded_by_the_same_kind_of_reader(folder, keep):
    text = (folder / "scenario.yml").read_text("utf-8")
    start, end = text.index("      kind: text"), text.index("      consequence: She reads it twice.")
    choice = text[start:end].split("      words:")[0].replace("kind: text", "kind: select") + (
        "      choose: 1\n      options:\n"
        "        - {id: a, text: A., coaching: A., cites: [P06], keyed: true}\n"
        "        - {id: b, text: B., coaching: B., cites: [P06], keyed: false}\n"
        "        - {id: c, text: C., coaching: C., cites: [P06], keyed: false}\n"
    )
    path = keep(2, (text[start:end], choice))
    (found,) = findings(folder)
    assert "'note' is graded by the machine here, and by a person in scenario.yml" in found.what
    assert (found.file, found.line) == (path, line_of(path, "note: {"))


def test_a_file_that_does_not_load_is_named_with_its_line(folder, keep):
    path = keep(2, ("start: corridor", "start: nowhere"))
    (found,) = findings(folder)
    assert (found.file, found.line) == (path, line_of(path, "start: nowhere"))
    path.write_bytes(b"\xff")
    assert "not UTF-8" in findings(folder)[0].what
    path.unlink()
    path.mkdir()
    assert "not the name of a kept version" in findings(folder)[0].what
    shutil.rmtree(path)


def test_check_and_build_name_them(folder, keep):
    keep(3)
    points = read_citable(Path(__file__).parents[2] / "book" / "source-points.yml")
    scenario, found = check_file(folder / "scenario.yml", points)
    assert scenario is not None
    assert [finding.what for finding in found] == ["Version 3 is kept, but scenario.yml is version 3."]
