"""The feedback page: practice sums, the road on the map, what people typed, and nothing of what was not answered."""

import json
import random
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import pytest
from records import Answers, record
from wander import wander

from onsite.grading.desk import Mark, grades
from onsite.grading.marking import mark
from onsite.grading.page import FeedbackPages
from onsite.grading.scenarios import CourseScenario, load_course_scenario
from onsite.pages.where_to_read import Reading, readings
from onsite.paths import CoursePaths
from onsite.scenario.leaks import Received, leaks
from onsite.scenario.record import parse_record
from onsite.scenario.story_parts import html

EVIL = "One.\n\n</p><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"
BEST = [("corridor", "tell"), ("desk", "range"), ("paper", "The lock stuck; it is oiled now.")]
PUSH = [("corridor", "push"), ("stairs", "shrug")]
HOME = [("corridor", "leave")]
POINTS = {
    "P06": Reading("Keep them informed", "Tell them on Friday"),
    "R02": Reading("Know the hierarchy", "Two minutes"),
    "B15": Reading("No false promises", "In your hands"),
    "P20": Reading("Beware of emails", None),
    "P01": Reading("Communicate", "Your voice"),
}
CITED = (
    ("credit: 1\n          cites: [P06]\n          effects: {trust: 10, minutes: 5", "cites: [P06, R02]"),  # corridor
    ("credit: 1\n          cites: [P06]\n          effects: {minutes: 20", "cites: [B15, R02]"),  # desk
    ("credit: 0.5\n          cites: [P06]\n          effects: {told", "cites: [B15]"),  # stairs
    ("coaching: Short is kind.\n      cites: [P06]", "cites: [P20, R02, T01]"),  # paper
)


@pytest.fixture(scope="module")
def scenario(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> CourseScenario:
    """The small scenario, with decisions that rest on several practices."""
    text = tiny.read_text("utf-8")
    for old, new in CITED:
        assert text.count(old) == 1, old
        text = text.replace(old, re.sub(r"cites: \[[^]]*\]", new, old))
    text = text.replace("trains: [P01, P06, R02]", "trains: [P01, P06, R02, B15, P20, T01]")
    folder = tmp_path_factory.mktemp("feedback") / "locked-door"
    folder.mkdir()
    (folder / "scenario.yml").write_text(text, "utf-8")
    return load_course_scenario(folder)


@pytest.fixture(scope="module")
def pages(scenario: CourseScenario) -> FeedbackPages:
    return FeedbackPages(scenario, POINTS)


def page_of(
    scenario: CourseScenario,
    pages: FeedbackPages,
    answers: Answers,
    marks: Mapping[str, Mark] | None = None,
    learner: str = "Ana",
) -> str:
    content = record(scenario.slug, answers, learner=learner, version=scenario.scenario.version)
    read = parse_record(json.dumps(content).encode(), scenario.slug)
    return pages.page(read, grades(scenario, mark(scenario, read), marks or {}), "ana")


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def section(page: str, heading: str) -> str:
    """What stands under a heading, as words; empty where there is no such section."""
    found = re.search(rf'<section[^>]*aria-labelledby="{heading}".*?</section>', page, re.DOTALL)
    return words(found[0]) if found else ""


# --- practices -------------------------------------------------------------------------------------------


def test_a_practice_has_the_points_of_the_decisions_that_rest_on_it(scenario, pages):
    told = section(page_of(scenario, pages, PUSH), "practices")
    assert "Know the hierarchy Two minutes 5 of 10" in told
    assert "Keep them informed Tell them on Friday 5 of 10" in told
    assert "No false promises In your hands 0 of 6" in told
    assert told.index("No false promises") < told.index("Know the hierarchy"), "the weakest comes first"


def test_practices_of_decisions_not_reached_and_of_other_roads_are_not_named(scenario, pages):
    told = words(page_of(scenario, pages, PUSH))
    assert "Beware of emails" not in told, "the note was not reached"
    assert "Communicate" not in told, "only a weak option rests on it"
    assert "T01" not in told, "a tension is no practice"


def test_what_waits_for_a_reader_waits_and_is_not_0(scenario, pages):
    told = section(page_of(scenario, pages, BEST), "practices")
    assert "Know the hierarchy Two minutes 16 of 16, 4 waiting" in told
    assert "Waiting for a reader: Beware of emails (4)." in told
    assert "All that could be earned: Keep them informed (10), No false promises (6)." in told
    assert "0 of 4" not in told


def test_a_persons_points_count_and_extra_ones_make_no_practice_better_than_full(scenario, pages):
    page = page_of(scenario, pages, BEST, {"note": Mark(manual=3.0)})
    assert "Know the hierarchy Two minutes 19 of 20" in section(page, "practices")
    page = page_of(scenario, pages, BEST, {"note": Mark(manual=3.0, extra=2.0)})
    assert "21 of 20 points" in words(page)
    assert "5 of 4, 2 of them extra" in words(page)
    assert "Beware of emails 3 of 4" in section(page, "practices")


def test_the_pages_to_read_next_are_those_of_the_weakest(scenario, pages):
    page = page_of(scenario, pages, PUSH)
    told = section(page, "next")
    assert "In your hands (No false promises: 0 of 6 points)" in told
    assert "Two minutes" not in told.replace("Tell them on Friday", ""), "two pages, no more"
    assert "Read next" not in page_of(scenario, pages, BEST)
    assert "Read next" not in page_of(scenario, pages, [])


def test_where_somebody_stands_against_the_pass_mark_is_said(scenario, pages):
    assert "The pass mark is 13 of 20 points. You have reached it." in words(page_of(scenario, pages, BEST))
    assert "You are 8 points below it." in words(page_of(scenario, pages, PUSH))
    unread = [("corridor", "tell"), ("desk", "ten"), BEST[2]]
    assert "What you wrote decides whether you reach it." in words(page_of(scenario, pages, unread))
    unread = [("corridor", "push"), ("stairs", "own"), BEST[2]]
    assert "It is out of reach this time." in words(page_of(scenario, pages, unread))


def test_what_moved_the_story_and_was_not_scored_is_told_too(all_kinds: Path, tmp_path: Path):
    folder = tmp_path / "all-kinds"
    folder.mkdir()
    (folder / "scenario.yml").write_text(all_kinds.read_text("utf-8"), "utf-8")
    kinds = load_course_scenario(folder)
    answers = [("monday", ["people", "laptop"]), ("meeting", {"best": "ruth", "worst": "month"}), ("kitchen", "day")]
    told = words(page_of(kinds, FeedbackPages(kinds, POINTS), answers))
    assert "Tuesday, the kitchen not scored" in told
    assert "You asked about the days, not about him" in told
    assert "4 of 42 points" in told, "half of each of two, and nothing from the kitchen"


# --- the road --------------------------------------------------------------------------------------------


def went(page: str) -> list[str]:
    return re.findall(r'data-went="([a-z-]+)"', page)


@pytest.mark.parametrize(
    ("answers", "way"),
    [
        (BEST, ["corridor", "hall", "desk", "paper", "open"]),
        (PUSH, ["corridor", "hall", "stairs", "shut"]),
        (HOME, ["corridor", "home"]),
    ],
)
def test_the_map_marks_exactly_the_road_taken(scenario, pages, answers, way):
    page = page_of(scenario, pages, answers)
    assert went(page) == way
    assert page.count('class="onsite-map-taken"') == len(way) - 1
    steps = re.findall(r'data-went="[a-z-]+">.*?<text[^>]*>([^<]*)</text>', page)
    assert steps == [str(number) for number in range(1, len(way) + 1)]
    assert sorted(re.findall(r'data-place="([a-z-]+)"', page)) == sorted(
        [*scenario.story.scenes, *scenario.story.endings]
    )


def test_the_road_stands_in_a_list_too(scenario, pages):
    told = section(page_of(scenario, pages, PUSH), "road")
    assert (
        "The corridor: At the door , 5 of 10 points The locked door Making it good: Making it good , 0 of 6 points "
        "Ending: The door is shut"
    ) in told
    assert "waiting for a reader" in section(page_of(scenario, pages, BEST), "road")


def test_the_map_says_neither_letters_nor_conditions(scenario, pages):
    told = section(page_of(scenario, pages, PUSH), "road")
    for kept in ("Trust", "She knows", "A\u2013C", "Decision", "hall"):
        assert kept not in told, kept


def test_before_the_end_only_the_road_so_far_is_told(scenario, pages):
    page = page_of(scenario, pages, [("corridor", "push")])
    assert "<svg" not in page
    assert "Making it good (here you stopped)" in section(page, "road")
    for ending in scenario.story.endings.values():
        assert ending.title not in words(page)


def test_a_story_with_one_road_has_no_map(repository: Path):
    test = load_course_scenario(repository / "solutions" / "pre-test")
    page = page_of(test, FeedbackPages(test, POINTS), wander(test, random.Random(1)))
    assert "How it ended" in page
    assert "<svg" not in page
    assert section(page, "road") == ""


# --- what must not stand on it ---------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["outage", "status-report", "pre-test"])
def test_nothing_of_what_was_not_chosen_stands_on_the_page(repository: Path, tmp_path: Path, slug: str):
    course = CoursePaths(repository)
    real = load_course_scenario(course.solutions / slug)
    pages = FeedbackPages(real, readings(course))
    for seed in range(6):
        answers = wander(real, random.Random(seed))
        answers = answers[: len(answers) // 2] if seed % 3 == 2 else answers
        page = page_of(real, pages, answers)
        (tmp_path / "page.html").write_text(page, "utf-8")
        if real.scenario.debrief == "on_completion":
            assert list(leaks({slug: real.scenario}, [Received(tmp_path / "page.html", slug)])) == []
        taken, shown, kept = dict(answers), set(), set()
        for name, scene in real.scenario.scenes.items():
            for at, outcome in scene.item.outcomes() if scene.item else ():
                option = scene.item.options[at[1]].id if scene.item.kind == "choice" else taken.get(name)
                told = shown if name in taken and taken[name] == option else kept
                told |= {html(outcome.coaching), html(getattr(outcome, "text", outcome.coaching))}
            if scene.item and name not in taken:
                kept |= {html(entry.coaching) for _, entry in scene.item.entries()}
                kept |= {html(one.criterion) for one in getattr(scene.item, "rubric", ())}
        assert [text for text in shown if text not in page] == []
        assert [text for text in kept - shown if text in page] == []
        assert len(kept) > 2 * len(shown) > 4


# --- what people typed, and what the page asks for ----------------------------------------------------------


def test_what_a_learner_and_a_reader_typed_stays_text(scenario, pages):
    answers = [*BEST[:2], ("paper", EVIL)]
    page = page_of(scenario, pages, answers, {"note": Mark(manual=1.0, comment=EVIL)}, learner=EVIL)
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 3
    assert '<p class="written">One.\n\n&lt;/p&gt;' in page, "lines stay lines"


def test_a_comment_shows_wherever_the_gradebook_has_one(scenario, pages):
    marks = {"door": Mark(comment="You held on."), "note": Mark(comment="Write one next time.")}
    page = page_of(scenario, pages, PUSH, marks)
    assert "You held on." in page
    assert "Write one next time." in page, "on a decision that was not reached"
    assert "No response." not in page_of(scenario, pages, PUSH)


def test_it_forbids_itself_scripts_and_requests(scenario, pages):
    for answers in (BEST, PUSH, []):
        page = page_of(scenario, pages, answers)
        head = page[: page.index("<title>")]
        assert "default-src 'none'; style-src 'unsafe-inline'" in head
        assert re.findall(r'\b(?:src|srcset|action|data|xlink:href)="', page) == []
        assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', page))
        assert "@import" not in page
        assert re.findall(r"url\((?!#)", page) == []


def test_every_link_leads_to_a_place_on_the_page(scenario, pages):
    for answers in (BEST, PUSH, HOME, [("corridor", "push")]):
        page = page_of(scenario, pages, answers)
        targets = set(re.findall(r'href="#([^"]*)"', page))
        assert len(targets) > 2
        assert targets <= set(re.findall(r'\bid="([^"]*)"', page))
