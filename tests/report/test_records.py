"""Hand-ins become the cohort that the grader sees: the same attempts count, with the same points."""

import json
from pathlib import Path
from random import Random

import pytest
from cohorts import Player, course_scenario, people, record_of, straight_test
from records import drop, record
from report.conftest import Made

from onsite.grading import inbox
from onsite.grading.roster import Person, Roster
from onsite.report.facts import WRITTEN
from onsite.report.plays import seconds_of
from onsite.report.records import read_cohort
from onsite.report.replays import Replays
from onsite.scenario.load import load_scenario
from onsite.scenario.record import parse_record
from onsite.scenario.replay import Given, replay
from onsite.scenario.scoring import decision_points


@pytest.fixture
def courses(tiny: Path, all_kinds: Path):
    return {
        slug: course_scenario(slug, load_scenario(path)) for slug, path in (("locked-door", tiny), ("all", all_kinds))
    }


WELL = [("corridor", "tell"), ("desk", "range"), ("paper", "The lock stuck; it is oiled now.")]
BADLY = [("corridor", "push"), ("stairs", "shrug")]


def test_points_and_endings_are_those_of_the_grader(made: Made):
    decided = made.cohort.answers[made.cohort.answers["fills"]]
    checked = 0
    for path in sorted((made.folder / "hand-ins").glob("p00[01]*-all-kinds.json")):
        hand_in = parse_record(path.read_bytes())
        course = made.courses["all-kinds"]
        attempt = course.counted(hand_in)
        learner = list(made.cohort.learners.index)[int(hand_in.learner[1:])]
        plays = made.cohort.counted
        play = plays[(plays["learner"] == learner) & (plays["scenario"] == "all-kinds")]
        assert len(play) == 1
        ending = play["ending"].iloc[0]
        assert (ending if play["finished"].iloc[0] else None) == attempt.replayed.ending
        mine = decided[decided["play"] == play.index[0]].set_index("decision")["credit"]
        for name, key in course.keys.items():
            points = course.scenario.decisions[name].points
            graded = decision_points(attempt.replayed.path, key, points)
            assert mine.get(name, 0.0) * points == pytest.approx(graded, abs=1e-5)
        checked += 1
    assert checked > 100


def test_shared_replays_lead_where_each_replay_alone_does(courses):
    random = Random(9)
    for course in courses.values():
        replays, player = Replays(course), Player(course, 3)
        for person in people(random, 150, {"": 0.0}):
            found = parse_record(json.dumps(record_of(random, player, person)).encode())
            for _, answers in found.attempts():
                if random.random() < 0.2 and answers:
                    answers.insert(random.randrange(len(answers)), Given("nowhere", "x"))
                if random.random() < 0.2 and answers:
                    at = random.randrange(len(answers))
                    answers[at] = answers[at]._replace(answer=random.choice(["nonsense", 7, ["a"], {"a": 1}]))
                alone, shared = replay(course.story, answers), replays.played(answers)
                assert (shared.ending, shared.problem) == (alone.ending, alone.problem)
                assert [reply.scene for reply in shared.replies] == [step.scene for step in alone.path]
        assert replays.worked_out < replays.asked * 6


def test_nothing_that_somebody_wrote_is_kept(courses, tmp_path):
    drop(tmp_path, "one", record("locked-door", WELL, learner="Ada"))
    cohort = read_cohort(tmp_path, courses, {}).cohort
    assert WRITTEN in set(cohort.answers["option"])
    assert "oiled" not in " ".join(map(str, cohort.answers["option"].cat.categories))


def test_a_mark_by_a_person_counts(courses, tmp_path):
    drop(tmp_path, "one", record("locked-door", WELL, learner="Ada"))
    unread = read_cohort(tmp_path, courses, {}).cohort
    assert unread.plays["score"].tolist() == [1.0], "16 of 16; the text is not read yet"
    read = read_cohort(tmp_path, courses, {}, by_person={("ada", "locked-door", "note"): 1.0}).cohort
    assert read.plays["score"].tolist() == [pytest.approx(17 / 20)]


def test_the_attempt_that_is_graded_is_marked_and_later_ones_are_kept(courses, tmp_path):
    drop(tmp_path, "one", record("locked-door", BADLY, WELL, learner="Ada"))
    plays = read_cohort(tmp_path, courses, {}).cohort.plays
    assert plays["counted"].tolist() == [True, False]
    assert plays["last"].tolist() == [False, True]
    assert plays["ending"].tolist() == ["shut", "open"]


def test_an_attempt_begun_without_an_answer_counts_as_in_grading(courses, tmp_path):
    drop(tmp_path, "one", record("locked-door", [], WELL, learner="Ada"))
    plays = read_cohort(tmp_path, courses, {}).cohort.plays
    assert plays["counted"].tolist() == [True, False]
    assert plays["finished"].tolist() == [False, True]


@pytest.mark.parametrize("counts", ["first", "best", "last"])
def test_which_attempt_counts_is_the_authors_to_say(tiny: Path, tmp_path, counts):
    scenario = load_scenario(tiny).model_copy(update={"counts": counts})
    courses = {"locked-door": course_scenario("locked-door", scenario)}
    drop(tmp_path, "one", record("locked-door", BADLY, WELL, BADLY, learner="Ada"))
    plays = read_cohort(tmp_path, courses, {}).cohort.plays
    assert plays["counted"].tolist() == {"first": [1, 0, 0], "best": [0, 1, 0], "last": [0, 0, 1]}[counts]


def test_of_several_hand_ins_the_one_counts_that_the_grader_counts(courses, tmp_path):
    first = record("locked-door", BADLY[:1], learner="Ada", record_id="record-1")
    longer = record("locked-door", BADLY, learner="ada", record_id="record-1")
    other = record("locked-door", WELL, learner="Ada", record_id="record-2")
    for number, content in enumerate((first, longer, other)):
        drop(tmp_path, f"2026112{number}T090000000000-{number:032x}", content)
    counted = [hand_in for hand_in, _ in inbox.by_learner(inbox.read(tmp_path, courses).hand_ins)]
    assert [hand_in.path.name[7] for hand_in in counted] == ["1"], "the first record in its longest state"
    plays = read_cohort(tmp_path, courses, {}).cohort.plays
    assert plays["ending"].tolist() == ["shut"]


def test_files_that_cannot_be_read_are_named_and_harm_nobody(courses, tmp_path):
    drop(tmp_path, "good", record("locked-door", WELL, learner="Ada"))
    drop(tmp_path, "cut", '{"format": 1, "scen')
    drop(tmp_path, "nameless", record("locked-door", WELL))
    reading = read_cohort(tmp_path, courses, {})
    assert len(reading.cohort.plays) == 1
    assert {path.stem for path, _ in reading.refused} == {"cut", "nameless"}


def test_everybody_on_the_roster_is_in_the_cohort_and_nobody_else(courses, tmp_path):
    roster = Roster(
        [Person("17", "17", "Ada Byron", "ada@example.org", "Lisbon"), Person("18", "18", "Grace Hopper", "", "Pune")]
    )
    drop(tmp_path, "one", record("locked-door", WELL, learner="ADA@example.org"))
    drop(tmp_path, "two", record("all", [], learner="Ada Byron"))
    drop(tmp_path, "three", record("locked-door", WELL, learner="A stranger"))
    reading = read_cohort(tmp_path, courses, {}, roster=roster)
    assert reading.cohort.learners["group"].tolist() == ["Lisbon", "Pune"]
    assert sorted(reading.cohort.plays["learner"]) == [0, 0]
    assert [path.name for path, _ in reading.refused] == ["three.json"], "nobody is guessed"


@pytest.mark.parametrize(
    ("stamps", "seconds"),
    [
        (["2026-01-01T09:00:00Z", "2026-01-01T09:01:00Z", "2026-01-01T09:03:00Z"], 180),
        # A night between two answers is not time spent.
        (["2026-01-01T09:00:00Z", "2026-01-01T09:01:00Z", "2026-01-02T09:00:00Z", "2026-01-02T09:02:00Z"], 180),
        # A clock set back by an hour, once among many.
        (["2026-01-01T09:00:00Z", "2026-01-01T08:01:00Z", "2026-01-01T08:03:00Z", "2026-01-01T08:04:00Z"], 180),
        (["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z"], None),
        (["yesterday", "", "2026-01-01T08:03:00Z"], None),
        (["2026-01-01T09:00:00", "2026-01-01T09:01:00+00:00"], 60),
        (["2026-01-01T09:00:00Z"], None),
        ([], None),
    ],
)
def test_times_are_believed_only_where_they_can_be(stamps, seconds):
    assert seconds_of(stamps) == seconds


def test_a_straight_test_is_known_as_one(courses):
    from onsite.report.facts import facts_of

    assert facts_of("t", straight_test("t", 1).scenario).straight
    assert not facts_of("locked-door", courses["locked-door"].scenario).straight
