"""`course.py check` as a person at a terminal, or a program, meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from onsite.checking import check_course
from onsite.checking.words import _large, finding_lines
from onsite.paths import CoursePaths
from onsite.scenario.errors import Finding
from onsite.scenario.story import story_of

WARNED = ("text: Go and look for the caretaker.", "text: Ignore her and go.")


@pytest.fixture
def course(make_course, tmp_path) -> CoursePaths:
    return make_course(tmp_path / "course")


def edit(course: CoursePaths, old: str, new: str) -> None:
    path = course.solutions / "locked-door" / "scenario.yml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def check(course: CoursePaths, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "onsite", "check", *options],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_sound_course_passes_and_is_shown_in_figures(course):
    done = check(course)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "locked-door: 0 findings\n"
        "  size        5 scenes, 3 decisions, 3 endings\n"
        "  paths       5 (sequences of answers; a text counts as one answer)\n"
        "  reading     0 of its 2 minutes: 68 words on an average path (every option equally likely), 200 a\n"
        "              minute\n"
        "  guesser     6.75 of 16 (42%); 42% of the choices, on average, exact over all paths\n"
        "  robots      longest 0 of 16 (0%); first 11.5 of 16 (72%); most polite 11.5 of 16 (72%)\n"
        "              Left out, since a person marks it: note\n"
        "  best option the longest in 2 of 3 items; chance 1.3, p = 0.42: too few items to tell from chance\n"
        "              first in 2 of 3 items; chance 1.3, p = 0.42: too few items to tell from chance\n"
        "1 scenario: 0 errors, 0 warnings.\n"
    )


def test_a_warning_is_told_and_passes_unless_strict(course):
    edit(course, *WARNED)
    for options, status in ((), 0), (("--strict",), 1):
        done = check(course, *options)
        assert done.returncode == status
        assert done.stderr.startswith("solutions/locked-door/scenario.yml:52: Warning: Hardly anybody would take")
        assert done.stdout.endswith("1 scenario: 0 errors, 1 warning.\n")


def test_an_error_fails_and_leaves_no_figures(course):
    edit(course, "trust < 10, goto: home", "trust < 10, goto: shut")
    done = check(course)
    assert done.returncode == 1
    assert "No path reaches the ending 'home'." in done.stderr
    assert done.stdout == (
        "locked-door: 1 findings; no figures before its errors are mended\n1 scenario: 1 error, 0 warnings.\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("open: {title: The door is open, narrative: Coffee., debrief: You told her.}",
         "open: {title: The door is open, narrative: Coffee.}", "The key 'debrief' is missing in endings > open."),
        ("          coaching: A shrug is an answer too.\n", "", "The key 'coaching' is missing"),
        ("A shrug is an answer too.", "' '", "'coaching' in scenes > stairs > item > options > [2]"),
        ("trains: [P01, P06, R02]", "trains: [P01, P06, R02, P99]", "'P99' is not a source point of this course."),
        ("goto: shut", "goto: shutt", "There is no scene or ending called 'shutt'."),
    ],
    ids=["ending without debrief", "option without coaching", "blank coaching", "unknown point", "no such scene"],
)  # fmt: skip
def test_each_of_these_is_an_error_with_its_line(course, old, new, told):
    edit(course, old, new)
    done = check(course)
    assert done.returncode == 1
    assert told in done.stderr.replace("\n    ", " ")
    assert done.stderr.startswith("solutions/locked-door/scenario.yml:")


@pytest.mark.parametrize("where", ["exercises/locked-door/story.json", "_build/html/exercises/locked-door/x.html"])
def test_the_key_in_what_learners_receive_is_an_error(course, tiny_scenario, where):
    path = course.root / where
    path.parent.mkdir(parents=True)
    path.write_text(story_of("locked-door", tiny_scenario).to_json(), "utf-8")
    assert check(course).returncode == 0
    path.write_text('{"x": 1,\n "credit": 1}', "utf-8")
    done = check(course)
    assert done.returncode == 1
    assert done.stderr.replace("\n    ", " ").startswith(
        f"{where}:2: The key word 'credit' stands in a file that learners receive."
    )


def test_json_holds_the_same(course):
    edit(course, *WARNED)
    told = json.loads(check(course, "--json").stdout)
    (finding,) = told["findings"]
    assert (finding["level"], finding["file"], finding["line"]) == ("warning", "solutions/locked-door/scenario.yml", 52)
    figures = told["scenarios"]["locked-door"]
    assert (figures["paths"], figures["guesser"], figures["machine_points"]) == (5, 6.75, 16)
    assert figures["robots"]["first"] == {"points": 11.5, "ending": "open"}
    assert figures["best_is_longest"]["too_few_to_tell"] is True


def test_every_line_fits_a_terminal_of_100_columns(course):
    edit(course, *WARNED)
    done = check(course)
    assert max(map(len, (done.stdout + done.stderr).splitlines())) <= 100


def test_a_finding_begins_with_its_place():
    finding = Finding("Something is wrong " * 9, "Mend it.", Path("a/b.yml"), 7)
    lines = finding_lines(finding)
    assert lines[0].startswith("a/b.yml:7: Something")
    assert all(line.startswith("    ") for line in lines[1:])


@pytest.mark.parametrize(("number", "told"), [(5, "5"), (231414, "231,414"), (2**200, "1.6 x 10^60")])
def test_numbers_of_any_size_can_be_read(number, told):
    assert _large(number) == told


# --- the two tests around a course ---------------------------------------------------------------------------------


def add_scenario(course: CoursePaths, slug: str, test: str) -> None:
    text = (course.solutions / "locked-door" / "scenario.yml").read_text("utf-8")
    folder = course.solutions / slug
    folder.mkdir()
    (folder / "scenario.yml").write_text(text.replace("debrief:", f"test: {test}\ndebrief:", 1), "utf-8")


def pair(course: CoursePaths) -> list[str]:
    return [str(one) for one in check_course(course, lambda _: None).findings if "test:" in one.what]


def test_a_course_may_have_a_test_before_and_one_after_or_neither(course):
    assert pair(course) == []
    add_scenario(course, "one", "before")
    add_scenario(course, "two", "after")
    assert pair(course) == []


def test_a_test_without_the_other_is_warned_of(course):
    add_scenario(course, "one", "after")
    [told] = pair(course)
    assert told.startswith("solutions/one/scenario.yml:")
    assert "Warning" in told
    assert "'test: before'" in told
    assert "Write the line into the other test" in told


def test_two_tests_of_one_sort_are_an_error(course):
    add_scenario(course, "one", "before")
    add_scenario(course, "two", "after")
    add_scenario(course, "three", "after")
    [told] = pair(course)
    assert "Warning" not in told
    assert "'three' too says 'test: after'" in told
    assert check(course).returncode == 1
