"""A scenario that people have played is kept as it was, and only its version is raised."""

from pathlib import Path

import pytest

from onsite import cli
from onsite.authoring.revise import revise
from onsite.build.notebooks import instructor_notebook
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError
from onsite.scenario.kept import examine_kept
from onsite.scenario.load import load_scenario
from onsite.scenario.story import story_of

SLUG = "locked-door"


@pytest.fixture
def course(make_course, tmp_path) -> CoursePaths:
    """A course whose scenario has been built; the learner notebook does not matter here."""
    made = make_course(tmp_path / "course")
    build(made)
    return made


def path_of(course: CoursePaths) -> Path:
    return course.solutions / SLUG / "scenario.yml"


def build(course: CoursePaths) -> None:
    scenario = load_scenario(path_of(course))
    kept, _ = examine_kept(course.solutions / SLUG, scenario)
    (course.solutions / SLUG / "story.json").write_text(story_of(SLUG, scenario).to_json(), "utf-8")
    (course.solutions / SLUG / f"{SLUG}.ipynb").write_text(instructor_notebook(scenario, kept), "utf-8")


@pytest.mark.parametrize(
    ("written", "raised"),
    [
        (b"version: 1\n", b"version: 2\n"),
        (b"version:   1   # raise it\r\n", b"version:   2   # raise it\r\n"),
        (b'"version": 1\n', b'"version": 2\n'),
        (b"version: 99\n", b"version: 100\n"),
    ],
)
def test_one_line_changes_and_everything_else_stays_to_the_byte(course, written, raised):
    path = path_of(course)
    data = b"# a note\n" + path.read_bytes().replace(b"version: 1\n", written)
    path.write_bytes(data)
    build(course)
    done = revise(course, SLUG)
    assert done.kept.read_bytes() == data
    assert path.read_bytes() == data.replace(written, raised)
    assert (done.version, load_scenario(path).version) == (int(raised.split()[1]),) * 2
    assert [path.name for path in done.kept.parent.iterdir()] == [done.kept.name]
    assert examine_kept(course.solutions / SLUG, load_scenario(path)) == (
        {done.version - 1: load_scenario(done.kept)},
        [],
    )


def test_it_can_be_done_again_after_the_next_build_only(course):
    revise(course, SLUG)
    before = path_of(course).read_bytes()
    with pytest.raises(OnsiteError, match="changed after the last build"):
        revise(course, SLUG)
    assert path_of(course).read_bytes() == before
    build(course)
    revise(course, SLUG)
    assert sorted(path.name for path in (course.solutions / SLUG / "versions").iterdir()) == ["1.yml", "2.yml"]


def test_after_an_interruption_the_same_command_goes_on(course):
    data = path_of(course).read_bytes()
    kept = course.solutions / SLUG / "versions" / "1.yml"
    kept.parent.mkdir()
    kept.write_bytes(data)
    assert revise(course, SLUG).version == 2
    assert kept.read_bytes() == data


def refused(course: CoursePaths, said: str, slug: str = SLUG) -> None:
    before = {path: path.read_bytes() for path in course.solutions.rglob("*") if path.is_file()}
    with pytest.raises(OnsiteError, match=said):
        revise(course, slug)
    assert {path: path.read_bytes() for path in course.solutions.rglob("*") if path.is_file()} == before


def test_nothing_is_kept_that_is_not_what_people_played(course):
    path = path_of(course)
    path.write_text(path.read_text("utf-8").replace("credit: 0.5\n", "credit: 0.4\n"), "utf-8")
    refused(course, "changed after the last build")


def test_another_copy_of_this_version_is_not_written_over(course):
    kept = course.solutions / SLUG / "versions" / "1.yml"
    kept.parent.mkdir()
    kept.write_text("something else", "utf-8")
    refused(course, "versions/1.yml is there already and says something else")


def test_what_nobody_has_played_needs_no_new_version(course):
    (course.solutions / SLUG / "story.json").unlink()
    refused(course, "never been built")


def test_other_faults_are_named(course):
    refused(course, "no scenario 'locked-dor'. Did you mean 'locked-door'", "locked-dor")
    path = path_of(course)
    path.write_text(path.read_text("utf-8").replace("version: 1\n", "version:\n  1\n"), "utf-8")
    build(course)
    refused(course, r"scenario.yml:\d: the version does not stand there")
    path.write_text(path.read_text("utf-8").replace("version:\n  1\n", "version: 100000\n"), "utf-8")
    build(course)
    refused(course, "100000")
    path.write_text("version: 1\n", "utf-8")
    refused(course, "missing")


def test_the_command_says_what_to_do_next(course, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    assert cli.main(["revise", SLUG]) == 0
    told = capsys.readouterr().out
    assert "Kept: solutions/locked-door/versions/1.yml" in told
    assert "is version 2 now" in told
    assert cli.main(["revise", SLUG]) == 1
    assert "Traceback" not in capsys.readouterr().err
