"""Hand-ins become the cohort that the grader sees: the same attempts count, with the same points."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from cohorts import Player, course_scenario, people, record_of, straight_test
from records import drop, record
from report.conftest import Made
from revisions import REVISED, change

from onsite.grading import counting, inbox
from onsite.grading.roster import Person, Roster
from onsite.grading.scenarios import CourseScenario, load_course_scenario
from onsite.report.facts import WRITTEN
from onsite.report.plays import plays_of, seconds_of
from onsite.report.records import read_cohort
from onsite.report.replays import Replays
from onsite.scenario.load import load_scenario
from onsite.scenario.record import parse_record
from onsite.scenario.replay import Given, answered, replay
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


def test_shared_replays_lead_where_each_replay_alone_does(courses, monkeypatch):
    worked_out: list[Given] = []

    def work_out(story, place, state, given):
        worked_out.append(given)
        return answered(story, place, state, given)

    monkeypatch.setattr("onsite.report.replays.answered", work_out)
    random = Random(9)
    for course in courses.values():
        given = 0
        worked_out.clear()
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
                given += len(shared.replies)
                assert [reply.scene for reply in shared.replies] == [step.scene for step in alone.path]
        assert 0 < len(worked_out) < given / 5


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
    counted = [hand_in for hand_in, _ in counting.by_learner(inbox.read(tmp_path, courses).hand_ins)]
    assert [hand_in.path.name[7] for hand_in in counted] == ["1"], "the first record in its longest state"
    plays = read_cohort(tmp_path, courses, {}).cohort.plays
    assert plays["ending"].tolist() == ["shut"]


ON_TWO = [("corridor", "push"), ("landing", "own"), ("paper", "It cracked.")]
ON_ONE = [("corridor", "push"), ("stairs", "own"), ("paper", "It cracked.")]


@pytest.fixture
def two_versions(tiny: Path, tmp_path: Path) -> CourseScenario:
    """The small scenario as version 2, with version 1 kept."""
    folder = tmp_path / "solutions" / "locked-door"
    (folder / "versions").mkdir(parents=True)
    shutil.copyfile(tiny, folder / "versions" / "1.yml")
    shutil.copyfile(tiny, folder / "scenario.yml")
    change(folder / "scenario.yml", ("version: 1\n", "version: 2\n"), *REVISED)
    return load_course_scenario(folder)


def test_answers_to_an_older_version_stand_beside_todays_and_not_among_them(two_versions, tmp_path):
    box = tmp_path / "in"
    for name, attempts, version in (
        ("one", [ON_ONE], 1), ("two", [ON_TWO], 2), ("went-on", [ON_TWO], 1), ("future", [ON_TWO], 9),
        ("both", [ON_ONE, ON_TWO, ON_ONE], [1, 2, 1]), ("both-too", [ON_TWO, ON_ONE, ON_TWO], [2, 1, 2]),
    ):  # fmt: skip
        drop(box, name, record("locked-door", *attempts, learner=name, version=version))
    names = ["one", "two", "went-on", "future", "both", "both-too"]
    roster = Roster(Person(name, name) for name in names)
    cohort = read_cohort(box, {"locked-door": two_versions}, {}, roster=roster).cohort
    assert {slug: facts.title for slug, facts in cohort.scenarios.items()} == {
        "locked-door": "The stuck door",
        "locked-door@1": "The locked door (version 1)",
    }
    found = {
        (names[play.learner], play.attempt): (play.scenario, play.counted, play.score)
        for play in cohort.plays.itertuples()
    }
    older, today = pytest.approx(8 / 16), pytest.approx(10.5 / 16)
    assert found == {
        ("one", 1): ("locked-door@1", True, older),
        ("two", 1): ("locked-door", True, today),
        ("went-on", 1): ("locked-door", True, today),
        ("future", 1): ("locked-door", True, today),
        ("both", 1): ("locked-door@1", True, older),
        ("both", 3): ("locked-door@1", False, older),
        ("both-too", 1): ("locked-door", True, today),
        ("both-too", 3): ("locked-door", False, today),
    }
    scenes = cohort.answers.groupby(cohort.plays["scenario"].astype(str).reindex(cohort.answers["play"]).to_numpy())
    assert {name: "stairs" in set(some["scene"]) for name, some in scenes} == {
        "locked-door": False,
        "locked-door@1": True,
    }


def test_a_version_that_nobody_has_answered_does_not_stand_there(two_versions, tmp_path):
    drop(tmp_path / "in", "two", record("locked-door", ON_TWO, learner="two", version=2))
    assert list(read_cohort(tmp_path / "in", {"locked-door": two_versions}, {}).cohort.scenarios) == ["locked-door"]


def test_what_was_regraded_stands_among_todays(two_versions, tmp_path):
    drop(tmp_path / "in", "one", record("locked-door", ON_ONE, learner="one", version=1))
    regraded = replace(two_versions, graded_as={1: 2})
    cohort = read_cohort(tmp_path / "in", {"locked-door": regraded}, {}).cohort
    assert cohort.plays["scenario"].tolist() == ["locked-door"]
    assert cohort.plays["score"].tolist() == [pytest.approx(7.5 / 20)], "the note was not come to"


@pytest.mark.parametrize("counts", ["first", "best", "last"])
def test_with_versions_too_the_attempt_counts_that_the_grader_counts(two_versions, counts):
    course = replace(two_versions, story=two_versions.story.model_copy(update={"counts": counts}))
    replays, random = Replays(course), Random(7)
    ways = [ON_ONE, ON_TWO, WELL, BADLY, ON_ONE[:1], ON_TWO[:2], [], [("corridor", "x")]]
    for number in range(400):
        attempts = random.choices(ways, k=random.randint(1, 4))
        versions = random.choices([1, 1, 2, 2, 3], k=len(attempts))
        found = parse_record(json.dumps(record("locked-door", *attempts, version=versions)).encode())
        graded = [play for play in plays_of(found, replays) if play.graded]
        counted = course.counted(found)
        assert [(play.number, play.version, play.ending) for play in graded] == [
            (counted.number, counted.edition, counted.replayed.ending)
        ], number


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
    assert reading.refused == []
    assert [path.name for path, _ in reading.unknown] == ["three.json"], "nobody is guessed"


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
