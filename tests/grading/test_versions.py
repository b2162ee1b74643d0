"""Answers to an older version of a scenario are graded with that version's key."""

import json
import pickle
import shutil
from typing import Any

import nbformat
import pytest
from records import drop, record
from results import scores
from revisions import change

from onsite.build.derived import derive
from onsite.grading.grade import Report, grade
from onsite.grading.scenarios import load_course_scenario
from onsite.paths import CoursePaths

SLUG = "locked-door"
TEXT = "The lock stuck; it is oiled now."
PUSHED = [("corridor", "push"), ("stairs", "own"), ("paper", TEXT)]
PUSHED_NOW = [("corridor", "push"), ("landing", "own"), ("paper", TEXT)]
TEN = [("corridor", "tell"), ("desk", "ten"), ("paper", TEXT)]

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


def pages(report: Report) -> dict[str, str]:
    return {result.learner: " ".join(result.feedback.read_text("utf-8").split()) for result in report.results}


def dropped(course: CoursePaths, hand_ins: dict[str, dict[str, Any]]) -> None:
    for name, content in hand_ins.items():
        drop(course.inbox, name, {**content, "learner": name})


def test_each_version_has_its_own_key(revised: CoursePaths):
    dropped(
        revised,
        {
            "one": record(SLUG, PUSHED, version=1),
            "ten-one": record(SLUG, TEN, version=1),
            "two": record(SLUG, PUSHED_NOW, version=2),
            "ten-two": record(SLUG, TEN, version=2),
            "went-on": record(SLUG, PUSHED_NOW, version=1),
            "other": record(SLUG, PUSHED, version=2),
            "future": record(SLUG, TEN, version=100_000),
            "again": record(SLUG, PUSHED, PUSHED_NOW, version=[1, 2]),
            "again-cut": record(SLUG, PUSHED, PUSHED_NOW, version=[99, 2]),
        },
    )
    report = grade(revised)
    assert scores(report) == {
        "one": 5 + 3, "ten-one": 10 + 1.5, "two": 7.5 + 3, "ten-two": 10 + 0, "went-on": 7.5 + 3, "other": 7.5,
        "future": 10 + 0, "again": 5 + 3, "again-cut": 7.5 + 3,
    }  # fmt: skip
    assert {result.learner for result in report.results if not result.needs_reading} == {"other"}
    told = pages(report)
    assert "You began on version 1 of this scenario; it has since become version 2." in told["one"]
    assert "by the key of version 1" in told["one"]
    assert "<h1>The locked door</h1>" in told["one"]
    assert "She saw how, and so did the porter." not in told["one"]
    assert "Late, but said." in told["one"], "coaching of a scene that is gone today"
    assert "You began on version" not in told["two"]
    assert "<h1>The stuck door</h1>" in told["two"]
    assert "She saw how, and so did the porter." in told["two"]
    assert "You began on version 1" in told["went-on"]
    assert "were graded by the key of version 2" in told["went-on"]
    assert (
        "You began on version 100000 of this scenario. Your answers were graded by the key of version 2."
        in told["future"]
    )
    assert "read up to the place" not in told["future"]
    assert grade(revised).graded == 0


def test_the_stories_that_are_needed_lie_beside_the_answers_and_no_others(revised: CoursePaths):
    dropped(revised, {"one": record(SLUG, PUSHED, version=1), "two": record(SLUG, TEN, version=2)})
    grade(revised)

    def stories(learner: str) -> dict[str, int]:
        folder = revised.autograded / learner / SLUG
        return {path.name: json.loads(path.read_bytes())["version"] for path in folder.glob("story*.json")}

    assert stories("one") == {"story.json": 2, "story-1.json": 1}
    assert stories("two") == {"story.json": 2}
    texts = {
        learner: nbformat.read(revised.autograded / learner / SLUG / f"{SLUG}.ipynb", as_version=4).cells[-1].source
        for learner in ("one", "two")
    }
    assert all("it is oiled now" in text for text in texts.values())


def test_a_learner_who_says_an_older_version_gets_its_key_and_nothing_breaks(revised: CoursePaths):
    """Which version somebody says they played is theirs to edit; the key of a version that is not kept is nobody's."""
    dropped(revised, {f"v{number}": record(SLUG, TEN, version=number) for number in (1, 2, 3, 99_999, 100_000)})
    for number in (0, -1, 100_001, 10**30, 1.5, True, "1", None):
        drop(revised.inbox, f"bad{number}", {**record(SLUG, TEN, version=[number]), "learner": f"bad{number}"})  # type: ignore[list-item]
    many = record(SLUG, *[[]] * 2_000, TEN, version=[*range(1, 2_001), 1])
    dropped(revised, {"many": many})
    report = grade(revised)
    found = {result.learner: result.score for result in report.results}
    assert found == {"v1": 11.5, "v2": 10, "v3": 10, "v99999": 10, "v100000": 10, "many": 0}
    assert len(report.refused) == 8


def test_which_attempt_counts_is_todays_rule(revised: CoursePaths):
    path = revised.solutions / SLUG / "scenario.yml"
    change(path, ("debrief: on_completion", "debrief: on_completion\ncounts: best"))
    derive(revised)
    # On version 1 pushing is worth 5 and owning it 3; on version 2 pushing alone is worth 7.5.
    dropped(
        revised,
        {
            "older": record(SLUG, PUSHED_NOW[:1], PUSHED, version=[2, 1]),
            "newer": record(SLUG, PUSHED[:1], PUSHED_NOW[:1], version=[1, 2]),
        },
    )
    assert scores(grade(revised)) == {"older": 5 + 3, "newer": 7.5}


def test_keeping_a_version_changes_no_grade_given_on_it(course: CoursePaths, revised_course: CoursePaths):
    dropped(course, {"one": record(SLUG, PUSHED, version=1), "ten": record(SLUG, TEN, version=1)})
    before = scores(grade(course))
    update(course, revised_course)
    report = grade(course)
    assert report.graded == 2, "everything is laid out again"
    assert scores(report) == before == {"one": 8, "ten": 11.5}


def update(course: CoursePaths, to: CoursePaths) -> None:
    """Bring the update of a course into one whose hand-ins were graded."""
    for name in ("solutions", "exercises"):
        shutil.rmtree(course.root / name)
        shutil.copytree(to.root / name, course.root / name)


def test_a_kept_version_reaches_no_learner(revised: CoursePaths):
    assert {path.name for path in (revised.exercises / SLUG).rglob("*")} == {f"{SLUG}.ipynb", "story.json"}
    released = (revised.exercises / SLUG / f"{SLUG}.ipynb").read_text("utf-8")
    assert "HIDDEN" not in released
    assert "older" not in released


def test_building_says_so_when_a_version_gets_lost(revised: CoursePaths):
    told: list[str] = []
    path = revised.solutions / SLUG / "scenario.yml"
    derive(revised, told.append)
    assert told == [], "version 1 is kept"
    change(path, ("version: 2\n", "version: 3\n"))
    derive(revised, told.append)
    assert len(told) == 1
    assert "Version 2 of 'locked-door' is not kept" in told[0]
    assert "solutions/locked-door/versions/2.yml" in told[0]
    derive(revised, told.append)
    assert len(told) == 1, "once: then the next version stands there"


def test_a_scenario_is_sent_to_another_process_as_it_was_loaded(revised: CoursePaths):
    one, other = (load_course_scenario(revised.solutions / SLUG, {3: 1}) for _ in range(2))
    assert (sorted(one.older), sorted(one.rules), one.editions.number(1).story.version) == ([1, 3], [1, 2], 1)
    assert pickle.dumps(one) == pickle.dumps(other), "whatever has been asked of it"
    assert pickle.loads(pickle.dumps(one)) == other
