"""Whose a hand-in is: nobody reaches another's by the name they type."""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from records import drop, record

from onsite.grading import inbox
from onsite.grading.roster import by_roster, read_roster
from onsite.ledger.audit import audit
from onsite.ledger.erase import erase_person
from onsite.ledger.export import export_person
from onsite.ledger.history import bring_up_to_date
from onsite.ledger.person import UnknownPersonError
from onsite.paths import CoursePaths

SLUG = "locked-door"
PEOPLE = ("eve", "ana", "bo")
TYPED = ("answers", "taken", "json", "hand-ins", SLUG, "submitted", "learner", *PEOPLE, "Ana Bo", "")
WAYS = ("a folder", "a file", "a platform", "taken", "collected", "a zip")

Sent = Sequence[tuple[str, str, str]]
"""Of each hand-in: who sends it, the name they type, by which way."""


def graded_set(course: CoursePaths) -> set[tuple[str, str]]:
    """Who would be graded on which file, as (learner, hash of its content)."""
    whose = by_roster(read_roster(course.roster)) if course.roster.is_file() else None
    box = inbox.read(course.inbox, [SLUG], whose=whose)
    return {(hand_in.learner_id, hand_in.digest) for hand_in in box.hand_ins}


def send(course: CoursePaths, sent: Sent) -> None:
    """Put them in, and lay out what is graded as the grader does."""
    for number, (who, typed, way) in enumerate(sent):
        said = record(SLUG, [("corridor", "leave")], learner=typed)
        place = {
            "a folder": f"{who}/answers",
            "a file": f"{who}-{number}",
            "a platform": f"{who}_{number}_assignsubmission_file/x",
        }.get(way)
        if place:
            drop((course.inbox / place).parent, place.rpartition("/")[2], said)
        else:
            student = who if way == "collected" else ""
            parts = ("all.zip", who, "answers.json") if way == "a zip" else (who, f"answers{number}.json")
            found = inbox.Found("x", parts, json.dumps(said).encode(), inbox.datetime.now(inbox.UTC))
            inbox.take(course.inbox, found, [SLUG], student)
            if way == "a zip":
                with zipfile.ZipFile(course.inbox / "all.zip", "a") as archive:
                    archive.writestr(f"{who}/answers{number}.json", json.dumps(said))
    for path in course.inbox.rglob("*.json"):
        for learner, digest in graded_set(course):
            if hashlib.sha256(path.read_bytes()).hexdigest() == digest:
                target = course.submitted / learner / SLUG / "answers.json"
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    bring_up_to_date(course, "graded")


def make(root: Path, template: Path, listed: bool) -> CoursePaths:
    shutil.copytree(template, root)
    course = CoursePaths(root)
    for folder in (course.inbox, *course.by_learner, course.history, course.private):
        shutil.rmtree(folder, ignore_errors=True)
    course.gradebook.unlink()
    if listed:
        course.roster.write_text("id,name\neve,Eve Adams\nana,Ana Lopez\nbo,Bo Chen\n", "utf-8")
    (course.root / "grades.csv").write_text(
        f"assignment,student_id,score\n{SLUG},eve,1\n{SLUG},ana,2\n{SLUG},bo,3\n", "utf-8"
    )
    return course


ONE = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(TYPED), st.sampled_from(WAYS))


@settings(max_examples=40, deadline=None)
@given(
    sent=st.lists(ONE, min_size=2, max_size=6),
    who=st.sampled_from((*PEOPLE, "answers", SLUG, "taken")),
    listed=st.booleans(),
)
def test_nobody_else_loses_a_hand_in_by_whatever_name_somebody_typed(graded_once, sent, who, listed):
    with tempfile.TemporaryDirectory() as folder:
        course = make(Path(folder) / "course", graded_once, listed)
        send(course, sent)
        before = graded_set(course)
        files = {path: path.read_bytes() for path in course.submitted.rglob("*") if path.is_file()}
        zipped = course.inbox / "all.zip"
        packed = set(zipfile.ZipFile(zipped).namelist()) if zipped.exists() else set()
        try:
            made = export_person(course, who, Path(folder) / "export.zip")
        except UnknownPersonError:
            return
        with zipfile.ZipFile(made.path) as archive:
            handed = {name for name in archive.namelist() if name.startswith("hand-ins/") and name.endswith(".json")}
            hashes = {hashlib.sha256(archive.read(name)).hexdigest() for name in handed}
        assert hashes <= {digest for learner, digest in before if learner == who}
        erased = erase_person(course, who)
        after = graded_set(course)
        assert after >= {one for one in before if one[0] != who}
        # Of what named two people one is still known. It was named, or the note beside it.
        named = [left.path for left in erased.left if left.path.is_file()]
        told = {hashlib.sha256(path.read_bytes()).hexdigest() for path in named}
        told |= {path.name.partition("-")[0] for path in named if path.suffix == ".from"}
        assert {digest for _, digest in after - before} <= told
        others = {path: data for path, data in files.items() if path.relative_to(course.submitted).parts[0] != who}
        assert {path: path.read_bytes() for path in course.submitted.rglob("*") if path.is_file()} == others
        left = (course.root / "grades.csv").read_text("utf-8").splitlines()
        assert [line.split(",")[1] for line in left] == ["student_id", *(one for one in PEOPLE if one != who)]
        if packed:
            kept = set(zipfile.ZipFile(zipped).namelist())
            assert {name for name in packed - kept if listed and not name.startswith(f"{who}/")} == set()
        assert audit(course).faults == []


def test_what_nobody_can_say_whose_it_is_stays_and_is_named(graded, command, capsys):
    course = graded.course
    course.roster.write_text("id,name\nana-sousa,Ana Sousa\nbo-li,Bo Li\n", "utf-8")
    both = drop(course.inbox / "Bo Li", "answers", record(SLUG, [("corridor", "leave")], learner="Ana Sousa"))
    kept = both.read_bytes()
    assert command("erase-person", "ana-sousa", "--yes") == 1
    assert both.read_bytes() == kept
    assert str(both) in capsys.readouterr().err


def test_what_was_graded_as_theirs_is_theirs_after_they_have_left_the_roster(graded, command, capsys):
    course = graded.course
    course.roster.write_text("id,name\nbo-li,Bo Li\n", "utf-8")
    assert command("erase-person", "ana-sousa", "--yes") == 0, capsys.readouterr().err
    assert [json.loads(path.read_bytes())["learner"] for path in course.inbox.glob("*.json")] == ["Bo Li"]
