"""Hand-ins come in every shape people send them in; whose each is, is told or listed, never guessed."""

import getpass
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipInfo

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import CollectApp, FetchAssignmentApp, NbGrader, ReleaseAssignmentApp, SubmitApp
from records import drop, record, zip_of
from results import scores
from traitlets.config import Config

from onsite.grading import inbox
from onsite.grading.grade import Report, grade, grade_silently
from onsite.grading.roster import by_roster, read_roster
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

SLUG = "locked-door"
GOOD = [("corridor", "tell"), ("desk", "range")]
POOR = [("corridor", "leave")]
MOODLE = "Ada Lovelace_123456_assignsubmission_file_"

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


def a_record(learner: str = "", answers: Any = GOOD, record_id: str = "") -> bytes:
    return json.dumps(record(SLUG, answers, learner=learner, record_id=record_id)).encode()


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def a_roster(folder: Path, text: str) -> Path:
    return put(folder / "roster.csv", text.encode())


ROSTER = "id,name,email,group\nE1,Ada Lovelace,ada@example.org,north\nE2,Grace Hopper,grace@example.org,south\n"


def test_records_zips_and_folders_within_each_other_are_taken_and_left_as_they_are(course: CoursePaths, tmp_path: Path):
    sent = tmp_path / "sent"
    put(sent / "one.json", a_record("Ana"))
    put(sent / "week 1" / "group b" / "answers.json", a_record("Bo", POOR))
    put(
        sent / "all.zip",
        zip_of([("x/y/Cem.json", a_record("Cem")), ("inner.zip", zip_of([("answers.json", a_record("Dee"))]))]),
    )
    single = put(tmp_path / "single.json", a_record("Eve"))
    before = {path: path.read_bytes() for path in [*sent.rglob("*.*"), single]}
    report = grade(course, sources=[sent, single])
    assert not report.refused
    assert scores(report) == {"ana": 16.0, "bo": 0.0, "cem": 16.0, "dee": 16.0, "eve": 16.0}
    assert {path: path.read_bytes() for path in [*sent.rglob("*.*"), single]} == before
    assert len(list((course.inbox / "taken").glob("*.json"))) == 5, "each is kept in the inbox"
    again = grade(course, sources=[sent, single])
    assert (scores(again), again.graded) == (scores(report), 0), "nothing has changed, so nothing is graded"
    assert len(list((course.inbox / "taken").glob("*.json"))) == 5


def test_what_was_taken_is_graded_also_when_the_outside_is_gone(course: CoursePaths, tmp_path: Path):
    path = put(tmp_path / "sent.zip", zip_of([(f"{MOODLE}/outage-answers.json", a_record())]))
    grade(course, sources=[path])
    path.unlink()
    assert scores(grade(course)) == {"ada-lovelace": 16.0}


@pytest.mark.parametrize(
    "where",
    [
        f"{MOODLE}/outage-answers.json",
        f"{MOODLE}outage-answers.json",
        "lovelaceada_123_456_outage-answers.json",
        "lovelaceada_LATE_123_456_outage-answers-1.json",
        "Outage_ada@example.org_attempt_2026-11-22-10-00-00_outage-answers.json",
        "Outage_E1_attempt_2026-11-22-10-00-00_outage-answers.json",
        "Ada Lovelace/answers.json",
        "ada  LOVELACE.json",
        "e1/answers.json",
        "Lovelace, Ada/answers.json",
    ],
)
@pytest.mark.parametrize("as_zip", [False, True], ids=["folder", "zip"])
def test_the_names_of_learning_platforms_and_folders_are_found_in_the_roster(course, tmp_path, where, as_zip):
    who = read_roster(a_roster(tmp_path, ROSTER))
    if as_zip:
        put(tmp_path / "in" / "download.zip", zip_of([(where, a_record())]))
    else:
        put(tmp_path / "in" / where, a_record())
    box = taken(course, tmp_path / "in", who)
    assert [hand_in.learner_id for hand_in in box.hand_ins] == ["e1"]
    assert not box.unknown


def taken(course: CoursePaths, source: Path, who: Any) -> inbox.Inbox:
    from onsite.grading.intake import gather

    assert gather(course, [source], grade_silently)[0] == []
    return inbox.read(course.inbox, course.slugs(), whose=by_roster(who) if who else None)


@pytest.mark.parametrize(
    ("where", "expected"),
    [(f"{MOODLE}/x.json", "ada-lovelace"), ("lovelaceada_12_45_x.json", "lovelaceada"), ("week 1/x.json", None)],
)
def test_without_a_roster_a_platforms_name_serves_where_the_record_has_none(course, tmp_path, where, expected):
    put(tmp_path / "in" / where, a_record())
    box = taken(course, tmp_path / "in", None)
    assert [hand_in.learner_id for hand_in in box.hand_ins] == ([expected] if expected else [])
    assert len(box.refused) == (0 if expected else 1)


def test_whom_a_platform_names_it_is_from_whatever_name_is_typed_in_it(course, tmp_path):
    put(tmp_path / "in" / MOODLE / "x.json", a_record("Grace Hopper"))
    assert [h.learner_id for h in taken(course, tmp_path / "in", None).hand_ins] == ["ada-lovelace"]


def test_what_was_graded_first_stays_whatever_date_another_bears_that_comes_later(course: CoursePaths, tmp_path: Path):
    put(tmp_path / "ana" / "answers.json", a_record("ana"))
    assert scores(grade(course, sources=[tmp_path / "ana"])) == {"ana": 16.0}
    other = put(tmp_path / "other" / "answers.json", a_record("ana", [("corridor", "leave")]))
    os.utime(other, (0, 0))
    assert scores(grade(course, sources=[tmp_path / "other"])) == {"ana": 16.0}
    drop(course.inbox, "20200101T000000000000-" + "0" * 32, record(SLUG, [("corridor", "leave")], learner="ana"))
    report = grade(course)
    assert scores(report) == {"ana": 16.0}
    assert len(report.superseded) == 2


def test_nobody_dates_back_what_they_packed_themselves(course: CoursePaths, tmp_path: Path):
    mine = zip_of([(ZipInfo("answers.json", (1990, 1, 1, 0, 0, 0)), a_record("eve"))])
    put(tmp_path / "in" / MOODLE / "mine.zip", mine)
    download = [
        (ZipInfo("eve/mine.zip", (2026, 5, 5, 12, 0, 0)), mine),
        (ZipInfo("ben/answers.json", (2026, 5, 4, 12, 0, 0)), a_record("ben")),
    ]
    put(tmp_path / "download.zip", zip_of(download))
    box = taken(course, tmp_path / "in", None)
    assert [hand_in.at.year for hand_in in box.hand_ins] == [datetime.now(UTC).year]
    box = taken(course, tmp_path / "download.zip", None)
    assert {h.learner_id: h.at.date().isoformat() for h in box.hand_ins if h.at.month == 5} == {
        "eve": "2026-05-05", "ben": "2026-05-04",
    }  # fmt: skip


def test_a_name_like_the_servers_in_a_folder_is_somebodys_choice(course: CoursePaths):
    drop(course.inbox / "eve", "99999999T999999999999-" + "0" * 32, record(SLUG, GOOD, learner="eve"))
    drop(course.inbox / "ben", "20200101T000000000000-" + "0" * 32, record(SLUG, GOOD, learner="ben"))
    drop(course.inbox, "99999999T999999999999-" + "0" * 32, record(SLUG, GOOD, learner="ana"))
    report = grade(course)
    assert set(scores(report)) == {"ana", "ben", "eve"}
    box = inbox.read(course.inbox, course.slugs())
    assert {hand_in.at.year for hand_in in box.hand_ins} == {datetime.now(UTC).year}


def test_unknown_people_and_those_who_may_be_two_are_listed_and_not_graded(course: CoursePaths, tmp_path: Path):
    text = ROSTER + "E3,Li Wei,,\nE4,Li Wei,,\n"
    who = read_roster(a_roster(tmp_path, text))
    for name in ("ADA lovelace", "nobody at all", "Li Wei", "grace@EXAMPLE.org"):
        drop(course.inbox, name.split()[0], record(SLUG, GOOD, learner=name))
    put(course.inbox / MOODLE / "grace.json", a_record("Grace Hopper"))
    report = grade(course, roster=who)
    assert scores(report) == {"e1": 16.0, "e2": 16.0}
    told = {path.name: message for path, message in report.unknown}
    assert set(told) == {"nobody.json", "Li.json", "grace.json"}
    assert "'nobody at all'" in told["nobody.json"]
    assert "Li Wei (E3), Li Wei (E4)" in told["Li.json"]
    assert "Grace Hopper (E2)" in told["grace.json"]
    assert "Ada Lovelace (E1)" in told["grace.json"], "the folder says one name, the record another"


def test_one_record_in_two_names_is_told_and_costs_nobody_a_grade(course: CoursePaths):
    drop(course.inbox, "a", record(SLUG, GOOD, learner="Ada", record_id="same-record"))
    drop(course.inbox, "g", record(SLUG, GOOD, learner="Grace", record_id="same-record"))
    report = grade(course)
    assert report.shared == [("ada", "grace")]
    assert scores(report) == {"ada": 16.0, "grace": 16.0}


def test_by_roster_the_newer_hand_in_counts_and_both_are_kept(course: CoursePaths, tmp_path: Path):
    who = read_roster(a_roster(tmp_path, ROSTER))
    old = put(tmp_path / "old" / "e1.json", a_record(answers=POOR))
    new = put(tmp_path / "new" / "e1.json", a_record(answers=GOOD))
    os.utime(old, (1e9, 1e9))
    assert scores(grade(course, sources=[new], roster=who)) == {"e1": 16.0}
    report = grade(course, sources=[old], roster=who)
    assert scores(report) == {"e1": 16.0}, "an older one that arrives later does not replace it"
    assert len(report.superseded) == 1
    os.utime(put(tmp_path / "third" / "e1.json", a_record(answers=POOR)), (4e9, 4e9))
    assert scores(grade(course, sources=[tmp_path / "third"], roster=who)) == {"e1": 0.0}
    assert len(list((course.inbox / "taken").glob("*.json"))) == 3


def dated(path: Path, data: bytes, at: float = 1.7e9) -> Path:
    put(path, data)
    os.utime(path, (at, at))
    return path


def a_play(answers: Any, minute: int, record_id: str = "") -> bytes:
    return a_record(answers=answers, record_id=record_id).replace(b"T09:01", b"T09:%02d" % minute)


def superseded(report: Report) -> list[tuple[str, str, str]]:
    return [(one.hand_in.label, one.instead.label, one.why) for one in report.superseded]


@pytest.mark.parametrize("later", ["a", "b"])
@pytest.mark.parametrize("by_roster", [True, False])
def test_of_equal_dates_the_times_in_the_records_decide_and_it_says_so(course, tmp_path, later, by_roster):
    who = read_roster(a_roster(tmp_path, ROSTER)) if by_roster else None
    earlier = "b" if later == "a" else "a"
    for name, minute, answers in ((later, 30, GOOD), (earlier, 20, POOR)):
        dated(tmp_path / "in" / name / f"{MOODLE}.json", a_play(answers, minute))
    report = grade(course, sources=[tmp_path / "in"], roster=who)
    assert list(scores(report).values()) == [16.0 if by_roster else 0.0], "without a roster the first counts"
    ((passed, instead, why),) = superseded(report)
    order = [f"{name}/{MOODLE}.json" for name in (earlier, later)]
    assert [passed, instead] == (order if by_roster else order[::-1])
    assert why == f"has the same date and was played {'later' if by_roster else 'earlier'} by the times in it"


def test_where_nothing_tells_which_came_last_that_is_said_and_it_is_always_the_same_one(course, tmp_path):
    who = read_roster(a_roster(tmp_path, ROSTER))
    plays = [a_play(GOOD, 30, "aaaaaaaa-1"), a_play(POOR, 30, "bbbbbbbb-2")]
    told = []
    for number, files in enumerate((plays, plays[::-1])):
        for name, play in zip("xy", files, strict=True):
            dated(tmp_path / f"in{number}" / name / "e1.json", play)
        report = grade(course, sources=[tmp_path / f"in{number}"], roster=who)
        assert all("nothing tells which came last: ask" in why for _, _, why in superseded(report))
        told.append(scores(report))
    assert told[0] == told[1]


def test_of_equal_dates_the_longer_state_of_one_record_counts_and_nothing_is_said(course, tmp_path):
    who = read_roster(a_roster(tmp_path, ROSTER))
    dated(tmp_path / "in" / "a" / "e1.json", a_play(GOOD[:1], 30, "aaaaaaaa-1"))
    dated(tmp_path / "in" / "b" / "e1.json", a_play(GOOD, 30, "aaaaaaaa-1"))
    report = grade(course, sources=[tmp_path / "in"], roster=who)
    assert (scores(report), report.superseded) == ({"e1": 16.0}, [])


def test_a_stale_copy_in_an_unknown_name_is_no_open_question(course: CoursePaths, tmp_path: Path):
    who = read_roster(a_roster(tmp_path, ROSTER))
    stale = put(tmp_path / "in" / "answers.json", a_record("Carla New", GOOD[:1], "aaaaaaaa-1"))
    (unknown,) = grade(course, sources=[stale], roster=who).unknown
    assert "'Carla New'" in unknown[1]
    put(tmp_path / "in" / "answers (1).json", a_record("E1", GOOD, "aaaaaaaa-1"))
    put(tmp_path / "in" / "more.json", a_record("Carla New", [*GOOD, ("paper", "x")], "aaaaaaaa-1"))
    put(tmp_path / "in" / "other.json", a_record("Carla New", GOOD[:1], "bbbbbbbb-2"))
    report = grade(course, sources=[tmp_path / "in"], roster=who)
    assert scores(report) == {"e1": 16.0}
    assert superseded(report) == [
        ("answers.json", "answers (1).json", "holds the same answers in a name that is known")
    ]
    assert sorted(path.name for path, _ in report.unknown) == ["more.json", "other.json"], "these hold something else"


def test_a_person_says_whose_the_unknown_ones_are(course: CoursePaths, tmp_path: Path):
    who = a_roster(tmp_path, ROSTER)
    put(tmp_path / "in" / "x" / "answers.json", a_record("Adi L."))
    put(tmp_path / "in" / "y" / "answers.json", a_record("somebody's little brother", POOR))
    put(tmp_path / "in" / "E2" / "answers.json", a_record("Grace Hopper", POOR))
    report = grade(course, sources=[tmp_path / "in"], roster=read_roster(who))
    assert scores(report) == {"e2": 0.0}
    codes = {path.parts[0]: message.rpartition(" ")[2] for path, message in report.unknown}
    assert set(codes) == {"x", "y"}
    put(tmp_path / "whose.csv", f"record,id\n{codes['x']},E1\n{codes['y']},\n".encode())
    report = grade(course, roster=read_roster(who))
    assert (scores(report), report.unknown) == ({"e1": 16.0, "e2": 0.0}, [])
    (tmp_path / "whose.csv").unlink()
    assert len(grade(course, roster=read_roster(who)).unknown) == 2


def in_gradebook(course: CoursePaths) -> dict[str, tuple[str | None, str | None, str | None]]:
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        return {one.id: (one.first_name, one.last_name, one.email) for one in gradebook.students}


def test_the_gradebook_and_the_pages_learn_a_later_and_a_corrected_roster(course: CoursePaths, tmp_path: Path):
    drop(course.inbox, "a", record(SLUG, GOOD, learner="E1"))
    drop(course.inbox, "b", record(SLUG, GOOD, learner="E2"))
    (first, other) = grade(course).results
    assert "Your result, E1" in first.feedback.read_text("utf-8")
    laid_out = course.autograded / "e1" / SLUG / f"{SLUG}.ipynb"
    was = laid_out.stat().st_mtime_ns, other.feedback.stat().st_mtime_ns
    for name, mail in (("Ada Byron", "ada@example.org"), ("Ada Lovelace", "lovelace@example.org")):
        text = f"id,name,email\nE1,{name},{mail}\nE2,,\nE3,Nobody Yet,\n"
        report = grade(course, roster=read_roster(a_roster(tmp_path, text)))
        assert in_gradebook(course) == {"e1": (None, name, mail), "e2": (None, None, None)}
        assert f"Your result, {name}<" in first.feedback.read_text("utf-8")
        assert report.graded == 1, "only her page is written anew"
    assert (laid_out.stat().st_mtime_ns, other.feedback.stat().st_mtime_ns) == was
    report = grade(course, roster=read_roster(a_roster(tmp_path, "id,name,email\nE1,,\nE2,,\n")))
    assert in_gradebook(course)["e1"] == (None, "Ada Lovelace", "lovelace@example.org"), "nothing is emptied"
    assert report.graded == 0


def test_a_name_that_somebody_entered_in_two_parts_stays_so_while_it_is_the_same(course: CoursePaths, tmp_path: Path):
    drop(course.inbox, "a", record(SLUG, GOOD, learner="E1"))
    grade(course)
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        gradebook.update_or_create_student("e1", first_name="Ada", last_name="Lovelace", email="kept@example.org")
    grade(course, roster=read_roster(a_roster(tmp_path, "id,name\nE1,Ada Lovelace\n")))
    assert in_gradebook(course)["e1"] == ("Ada", "Lovelace", "kept@example.org")
    grade(course, roster=read_roster(a_roster(tmp_path, "id,name\nE1,Ada King\n")))
    assert in_gradebook(course)["e1"] == (None, "Ada King", "kept@example.org")


def test_late_ones_are_listed_and_graded(course: CoursePaths):
    drop(course.inbox, "20260101T000000000000-" + "0" * 32, record(SLUG, GOOD, learner="early"))
    drop(course.inbox, "20260103T000000000000-" + "1" * 32, record(SLUG, GOOD, learner="late"))
    report = grade(course, due={SLUG: datetime(2026, 1, 2, tzinfo=UTC)})
    assert [hand_in.learner_id for hand_in in report.late] == ["late"]
    assert scores(report) == {"early": 16.0, "late": 16.0}


def test_what_nbgrader_collected_is_graded_in_its_students_name_and_kept(course: CoursePaths):
    collected = course.submitted / "hopper" / SLUG
    put(collected / "answers.json", a_record("somebody else"))
    put(collected / f"{SLUG}.ipynb", b"not even a notebook")
    put(collected / "helper.py", b"raise SystemExit")
    put(collected / "timestamp.txt", b"2026-01-02 03:04:05.000006 UTC")
    put(course.submitted / "bare" / SLUG / f"{SLUG}.ipynb", b"{}")
    report = grade(course)
    assert scores(report) == {"hopper": 16.0}
    assert [path.parent.name for path, _ in report.refused] == ["bare"], "a notebook alone cannot be graded"
    kept = {path.name: path.read_bytes() for path in (course.inbox / "as-submitted" / "hopper" / SLUG).rglob("*.*")}
    assert kept["helper.py"] == b"raise SystemExit"
    assert kept[f"{SLUG}.ipynb"] == b"not even a notebook"
    assert b"2026-01-02" in (course.submitted / "hopper" / SLUG / "timestamp.txt").read_bytes()
    again = grade(course)
    assert (scores(again), again.graded) == ({"hopper": 16.0}, 0)
    put(collected / "answers.json", a_record("x", POOR))
    put(collected / "timestamp.txt", b"2026-01-03 00:00:00.000000 UTC")
    report = grade(course)
    assert scores(report) == {"hopper": 16.0}, "without a roster the first record counts"
    assert len(report.superseded) == 1


def test_a_notebook_without_its_answers_is_named(course: CoursePaths, tmp_path: Path):
    put(tmp_path / "in" / "ana" / f"{SLUG}.ipynb", b"{}")
    put(tmp_path / "in" / "bo" / f"{SLUG}.ipynb", b"{}")
    put(tmp_path / "in" / "bo" / "answers.json", a_record("Bo"))
    put(tmp_path / "in" / "c.zip", zip_of([(f"{SLUG}.ipynb", b"{}"), ("story.json", b"{}")]))
    report = grade(course, sources=[tmp_path / "in"])
    assert sorted(path.parts[-2] for path, _ in report.refused) == ["ana", "in"]
    assert all("no answers.json" in message for _, message in report.refused)


def test_what_is_not_there_is_said(course: CoursePaths, tmp_path: Path):
    with pytest.raises(OnsiteError, match=r"nowhere is not there"):
        grade(course, sources=[tmp_path / "nowhere"])


def test_what_is_submitted_and_collected_through_nbgraders_exchange_is_graded(
    course: CoursePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    exchange, home = tmp_path / "exchange", tmp_path / "home"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    home.mkdir()

    def run(app: type[NbGrader], folder: Path) -> None:
        monkeypatch.chdir(folder)
        instance = app(config=Config({"Exchange": {"root": str(exchange)}, "CourseDirectory": {"course_id": "onsite"}}))
        instance.initialize([SLUG])
        instance.start()

    put(course.exercises / SLUG / "answers.json", a_record("the teacher's own"))
    run(ReleaseAssignmentApp, course.root)
    run(FetchAssignmentApp, home)
    assert {path.name for path in (home / SLUG).iterdir()} == {f"{SLUG}.ipynb", "story.json"}
    put(home / SLUG / "answers.json", a_record(""))
    run(SubmitApp, home)
    run(CollectApp, course.root)
    report = grade(course)
    assert report.refused == []
    assert scores(report) == {getpass.getuser(): 16.0}
