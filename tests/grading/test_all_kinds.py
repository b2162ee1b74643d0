"""Every kind of item through grading: reference answers full, empty ones 0, and feedback on what was answered."""

from typing import Any

import pytest
from courses import make_course
from records import PARTIAL, drop, record
from results import scores

from onsite.build.derived import derive
from onsite.grading.grade import grade
from onsite.grading.scenarios import load_course_scenario
from onsite.scenario.graph import best_path, explore

SLUG = "all-kinds"
TEXT = "Six to nine weeks."
MACHINE_POINTS = 37
PARTIAL_SCORE = 4 * 0.5 + 4 * 0.5 + 8 * 13 / 16 + 6 * 0.75 + 5 * 0.6 + 10 * 0.9
SURE = {"monday": "low", "meeting": "high", "desk": "high", "friday": "middle", "kitchen": "high"}

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory):
    """Scores and feedback pages of one run over five hand-ins, by learner, and the course."""
    course = make_course(tmp_path_factory.mktemp("all-kinds") / "course", [SLUG])
    derive(course)
    scenario = load_course_scenario(course.solutions / SLUG)
    _, path = best_path(explore(scenario.scenario))
    hand_ins = {
        "full": record(SLUG, [(scene, answer or TEXT) for scene, answer in path], learner="full"),
        "empty": record(SLUG, [], learner="empty"),
        "started": record(SLUG, [("monday", ["phone", "rules"])], learner="started"),
        "partial": told(record(SLUG, PARTIAL, learner="partial")),
        "too-many": record(SLUG, [("monday", ["people", "plan", "rules"])], learner="too-many"),
        "unfit": record(SLUG, [("monday", ["people", "plan"]), ("meeting", {"best": "friday"})], learner="unfit"),
    }
    for name, content in hand_ins.items():
        drop(course.inbox, name, content)
    report = grade(course)
    assert not report.refused
    pages = {result.learner: result.feedback.read_text("utf-8") for result in report.results}
    return scores(report), pages, course


def told(content: dict[str, Any]) -> dict[str, Any]:
    """The record with how sure its answers were, and with the ticks of the phone scene."""
    for event in content["events"]:
        if event.get("scene") in SURE:
            event["confidence"] = SURE[event["scene"]]
        if event.get("scene") == "phone":
            event["ticks"] = 4
    return content


def test_each_hand_in_scores_what_the_rules_say(graded):
    assert graded[0] == pytest.approx(
        {"full": MACHINE_POINTS, "empty": 0, "started": 0, "partial": PARTIAL_SCORE, "too-many": 0, "unfit": 4}
    )


def test_the_page_tells_every_part_of_an_answer_with_its_coaching(graded):
    page = graded[1]["partial"]
    for shown in (
        "You chose it", "Two of the five were planners.", "It may be a good method.",
        "Most effective, you said", "It promises nothing you cannot keep.",
        "Least effective", "Rotterdam is not Gdańsk.",
        "You rated it 5 of 5: very good", "He can put it right",
        "It has stopped ringing.", "Late, and still before it was too late.",
        "You put it under: To Ruth only", "Better from you today than found out on Friday.",
        "You put it in place 1 of 5", "True and on time.",
        "An estimate is worth what the other person can do with it.",
        "6.5 of 8", "9 of 10",
    ):  # fmt: skip
        assert shown in page, shown


def test_of_best_and_worst_only_the_two_picked_are_explained(graded):
    page = graded[1]["partial"]
    assert "It is true, it has a day in it" not in page
    assert "True as well. She knew that before you came" not in page


def test_nothing_is_told_of_items_that_were_not_answered(graded):
    page = graded[1]["started"]
    assert "You chose it" in page
    for kept in ("Rotterdam is not", "He can put it right", "It is the answer to what she asked", "She gets what you"):
        assert kept not in page
    assert page.count("Your path did not come to this decision.") == 6


def test_how_sure_somebody_was_is_set_against_how_well_they_did(graded):
    page = " ".join(graded[1]["partial"].split())
    assert "You said that you were not sure." in page
    for row in (
        '<th scope="row">not sure</th><td>1</td><td>50% of the points</td>',
        '<th scope="row">fairly sure</th><td>1</td><td>90% of the points</td>',
        # The meeting with 2 of 4 and the sheet with 6.5 of 8: (0.5 + 0.8125) / 2. The kitchen did not ask.
        '<th scope="row">very sure</th><td>2</td><td>66% of the points</td>',
    ):
        assert row in page, row
    assert "Where you were very sure, you also did better." in page


def test_without_confidence_there_is_no_such_table(graded):
    assert "How sure you were" not in graded[1]["full"]


def test_what_learners_get_holds_no_key(graded):
    folder = graded[2].exercises / SLUG
    assert {path.name for path in folder.iterdir()} == {f"{SLUG}.ipynb", "story.json"}
    notebook = (folder / f"{SLUG}.ipynb").read_text("utf-8")
    kept = ("HIDDEN", "keys", "keyed", "ratings", "credit", '\\"order', '\\"best', '\\"bins')
    assert [word for word in kept if word in notebook] == []
    assert all(word in (graded[2].solutions / SLUG / f"{SLUG}.ipynb").read_text("utf-8") for word in kept)
