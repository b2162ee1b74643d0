"""A site is rebuilt when something it was made from changed, and only then."""

import os

import pytest

from onsite.build.files import write_if_changed
from onsite.build.fingerprint import fingerprint, is_current, remember


@pytest.fixture
def course(make_course, tmp_path):
    """A course whose site was just built."""
    course = make_course(tmp_path)
    for name in ("_config.yml", "_toc.yml", "requirements.txt", "book/index.md", "onsite/player/static/player.js"):
        write_if_changed(course.root / name, name)
    write_if_changed(course.site / "index.html", "<title>Course</title>")
    remember(course)
    return course


def test_a_site_just_built_is_current(course):
    assert is_current(course)


@pytest.mark.parametrize(
    "name",
    [
        "_config.yml",
        "_toc.yml",
        "requirements.txt",
        "book/index.md",
        "book/source-points.yml",
        "solutions/locked-door/scenario.yml",
        "onsite/player/static/player.js",
    ],
)
def test_a_changed_input_asks_for_a_build(course, name):
    path = course.root / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert not is_current(course)


def test_a_change_that_keeps_the_size_asks_for_a_build(course):
    path = course.root / "book" / "index.md"
    before = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert not is_current(course)


@pytest.mark.parametrize(
    "name", ["book/new.md", "solutions/new/scenario.yml", "exercises/new/story.json", "onsite/new.py"]
)
def test_a_new_input_asks_for_a_build(course, name):
    write_if_changed(course.root / name, "new")
    assert not is_current(course)


def test_a_removed_input_asks_for_a_build(course):
    (course.root / "book" / "index.md").unlink()
    assert not is_current(course)


def test_a_renamed_input_asks_for_a_build(course):
    path = course.root / "book" / "index.md"
    path.rename(path.with_name("start.md"))
    assert not is_current(course)


@pytest.mark.parametrize(
    "name",
    [
        "exercises/locked-door/answers.json",
        "solutions/locked-door/.ipynb_checkpoints/x.ipynb",
        "onsite/__pycache__/x.pyc",
        "work/locked-door/locked-door.ipynb",
        "hand-ins/x.json",
        "gradebook.db",
        "README.md",
    ],
)
def test_what_no_page_is_made_from_asks_for_nothing(course, name):
    write_if_changed(course.root / name, "new")
    assert is_current(course)


def test_a_site_that_is_gone_asks_for_a_build(course):
    (course.site / "index.html").unlink()
    assert not is_current(course)


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"fingerprint": "0"}', b"\xff"])
def test_a_damaged_note_of_the_last_build_asks_for_a_build(course, note):
    (course.site.parent / "onsite-build.json").write_bytes(note)
    assert not is_current(course)


def test_a_course_never_built_asks_for_a_build(make_course, tmp_path):
    assert not is_current(make_course(tmp_path))


def test_the_fingerprint_stays_when_nothing_changes(course):
    assert fingerprint(course) == fingerprint(course)


# --- files -------------------------------------------------------------------------------------------


def test_a_file_is_written_only_when_it_says_something_else(tmp_path):
    path = tmp_path / "deep" / "down" / "file.txt"
    assert write_if_changed(path, "Õ\n") is True
    assert path.read_bytes() == "Õ\n".encode()
    os.utime(path, ns=(1, 1))
    assert write_if_changed(path, "Õ\n") is False
    assert path.stat().st_mtime_ns == 1, "an unchanged file must not be touched"
    assert write_if_changed(path, "Õ\nü\n") is True
    assert path.read_text("utf-8") == "Õ\nü\n"
