"""The learner's copies: made from the release, never at the cost of what the learner wrote."""

import pytest

from onsite.build.workspace import prepare_work

SLUG = "locked-door"


@pytest.fixture
def course(make_course, tmp_path):
    """A course with a release of its scenario."""
    course = make_course(tmp_path)
    release(course, "one")
    return course


def release(course, content):
    folder = course.exercises / SLUG
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{SLUG}.ipynb").write_text(f"notebook {content}", "utf-8")
    (folder / "story.json").write_text(f"story {content}", "utf-8")


def work(course):
    """The files a learner sees, with what is in them."""
    folder = course.work / SLUG
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if not path.name.startswith(".")}


def test_the_released_notebook_and_story_are_copied(course):
    prepare_work(course)
    assert work(course) == {f"{SLUG}.ipynb": "notebook one", "story.json": "story one"}


def test_without_a_new_release_nothing_of_the_learners_changes(course):
    prepare_work(course)
    notebook = course.work / SLUG / f"{SLUG}.ipynb"
    notebook.write_text("notebook one, with my notes", "utf-8")
    (course.work / SLUG / "answers.json").write_text("my answers", "utf-8")
    (course.work / SLUG / "notes.md").write_text("my notes", "utf-8")
    prepare_work(course)
    assert work(course) == {
        f"{SLUG}.ipynb": "notebook one, with my notes",
        "story.json": "story one",
        "answers.json": "my answers",
        "notes.md": "my notes",
    }


def test_a_new_release_keeps_the_older_notebook_and_the_answers(course):
    prepare_work(course)
    notebook = course.work / SLUG / f"{SLUG}.ipynb"
    notebook.write_text("notebook one, with my notes", "utf-8")
    answers = course.work / SLUG / "answers.json"
    answers.write_text("my answers", "utf-8")
    before = answers.stat().st_mtime_ns
    release(course, "two")
    prepare_work(course)
    found = work(course)
    [kept] = [name for name in found if name.startswith(f"{SLUG}.until-")]
    assert found == {
        f"{SLUG}.ipynb": "notebook two",
        "story.json": "story two",
        "answers.json": "my answers",
        kept: "notebook one, with my notes",
    }
    assert answers.stat().st_mtime_ns == before


@pytest.mark.parametrize("changed", [f"{SLUG}.ipynb", "story.json"])
def test_a_change_in_either_file_is_a_new_release(course, changed):
    prepare_work(course)
    (course.exercises / SLUG / changed).write_text("changed", "utf-8")
    prepare_work(course)
    assert work(course)[changed] == "changed"


def test_a_notebook_the_learner_deleted_comes_back(course):
    prepare_work(course)
    (course.work / SLUG / f"{SLUG}.ipynb").unlink()
    prepare_work(course)
    assert work(course) == {f"{SLUG}.ipynb": "notebook one", "story.json": "story one"}


def test_answers_that_lie_in_the_release_do_not_reach_the_learner(course):
    (course.exercises / SLUG / "answers.json").write_text("somebody's answers", "utf-8")
    prepare_work(course)
    assert "answers.json" not in work(course)


def test_answers_given_before_the_first_copy_stay(course):
    (course.work / SLUG).mkdir(parents=True)
    (course.work / SLUG / "answers.json").write_text("my answers", "utf-8")
    prepare_work(course)
    assert work(course)["answers.json"] == "my answers"


def test_a_scenario_that_was_not_released_is_left_out(make_course, tmp_path):
    course = make_course(tmp_path)
    prepare_work(course)
    assert not course.work.exists()
