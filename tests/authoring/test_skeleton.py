"""A new scenario passes the check as it is, and nothing that is there gets lost."""

import pytest

from onsite import cli
from onsite.authoring.skeleton import new_scenario
from onsite.points import read_citable
from onsite.scenario.errors import OnsiteError
from onsite.scenario.examine import examine


@pytest.fixture
def course(make_course, tmp_path):
    return make_course(tmp_path / "course")


@pytest.mark.parametrize("slug", ["missed-calls", "no", "a", "x" * 50])
def test_a_new_scenario_passes_the_check_and_is_known_to_editors(course, slug):
    path = new_scenario(course, slug)
    examined = examine(path, read_citable(course.points))
    assert [str(finding) for finding in examined.findings] == [], "no error and no warning"
    assert examined.scenario is not None
    assert len(examined.scenario.scenes) > 1
    text = path.read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=../../onsite/scenario/scenario.schema.json\n")
    assert "@@" not in text
    schema = (path.parent / "../../onsite/scenario/scenario.schema.json").resolve()
    assert schema == course.editor_schema, "the first line leads to where the build writes the schema"


@pytest.mark.parametrize(
    ("slug", "advice"),
    [("Missed Calls", "missed-calls"), ("../x", "Take for example x"), ("7days", "days"), ("", "missed-calls"),
     ("x" * 51, "at most 50")],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused_with_one_that_can(course, slug, advice):
    with pytest.raises(OnsiteError, match=advice):
        new_scenario(course, slug)
    assert course.slugs() == ["locked-door"]


def test_what_exists_is_not_written_over(course):
    before = (course.solutions / "locked-door" / "scenario.yml").read_bytes()
    with pytest.raises(OnsiteError, match="already holds a scenario"):
        new_scenario(course, "locked-door")
    assert (course.solutions / "locked-door" / "scenario.yml").read_bytes() == before
    (course.solutions / "notes").mkdir()
    with pytest.raises(OnsiteError, match="already exists"):
        new_scenario(course, "notes")


def test_the_command_says_what_to_do_next(course, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    assert cli.main(["new", "missed-calls"]) == 0
    told = capsys.readouterr().out
    assert "solutions/missed-calls/scenario.yml" in told.replace("\\", "/")
    assert "course.py preview missed-calls" in told
    assert "course.py check" in told
    assert cli.main(["new", "missed-calls"]) == 1
    assert "already holds a scenario" in capsys.readouterr().err
