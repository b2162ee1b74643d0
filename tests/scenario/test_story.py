"""The story carries what a player needs, and nothing that tells what an answer is worth."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onsite.scenario.check import scenario_files
from onsite.scenario.errors import OnsiteError
from onsite.scenario.items import KIND_NAMES, Item
from onsite.scenario.items.choice import Choice
from onsite.scenario.load import load_scenario
from onsite.scenario.schema import Scenario
from onsite.scenario.story import after, read_story, start_state, story_of
from onsite.scenario.story_parts import html

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY / "tests" / "data"
EVERY_SCENARIO = [DATA / "tiny.yml", DATA / "all_kinds.yml", *scenario_files(REPOSITORY / "solutions")]
every_scenario = pytest.mark.parametrize("path", EVERY_SCENARIO, ids=lambda path: f"{path.parent.name}-{path.stem}")
AFTERWARDS = {"coaching", "rubric", "model", "debrief"}


def keys_in(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every key in a JSON value, with where it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, path
            yield from keys_in(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner, f"{path}/*")


def with_credit(scenario: Scenario, credits: list[float]) -> Scenario:
    """The scenario with the credit of its options replaced, option after option."""
    data = scenario.model_dump()
    rest = iter(credits)
    for scene in data["scenes"].values():
        for option in (scene["item"] or {}).get("options", ()):
            if "credit" in option:
                option["credit"] = next(rest)
    return Scenario.model_validate(data)


def credits_of(scenario: Scenario) -> list[float]:
    return [
        option.credit
        for scene in scenario.scenes.values()
        if isinstance(scene.item, Choice)
        for option in scene.item.options
    ]


NAMED_BY_AUTHORS = ("/scenes", "/endings", "/decisions", "/state", "/effects")
"""Where keys are names that an author gave: a scene may well be about keys."""


@every_scenario
def test_no_key_of_the_story_speaks_of_worth(path):
    story = json.loads(story_of("slug", load_scenario(path)).to_json())
    told = {
        key: where
        for key, where in keys_in(story)
        if key in {"credit", "cites", "points", "trains", "key", "keys"} and not where.endswith(NAMED_BY_AUTHORS)
    }
    assert told == {}, "these keys must stay with the grader"


@every_scenario
def test_changing_who_gets_which_credit_changes_no_byte_of_the_story(path):
    scenario = load_scenario(path)
    credits = credits_of(scenario)
    permuted = with_credit(scenario, credits[::-1])
    assert credits_of(permuted) != credits, "the permutation must change something to prove anything"
    assert story_of("slug", permuted).to_json() == story_of("slug", scenario).to_json()


OTHER_KEYS = {
    "best_worst": {"best": "month", "worst": "depends"},
    "ranking": {"order": ["wait", "six", "nine", "both", "span"]},
}
KEY_WORDS = {"best", "worst", "rating", "ratings", "order", "keyed", "bin", "credit"}


def items_of(scenario: Scenario) -> list[Item]:
    return [scene.item for scene in scenario.scenes.values() if scene.item]


def test_the_story_holds_no_key_of_any_kind(all_kinds):
    scenario = load_scenario(all_kinds)
    assert {item.kind for item in items_of(scenario)} == set(KIND_NAMES)
    story = json.loads(story_of("all-kinds", scenario).to_json())
    assert [(key, where) for key, where in keys_in(story) if key in KEY_WORDS] == []


def test_another_key_of_any_kind_changes_no_byte_of_the_story(all_kinds):
    scenario = load_scenario(all_kinds)
    data = scenario.model_dump()
    for scene in data["scenes"].values():
        item = scene["item"]
        item.update(OTHER_KEYS.get(item["kind"], {}))
        for response in item.get("responses", ()):
            response["rating"] = 6 - response["rating"]
        for option in item["options"] if item["kind"] == "select" else ():
            option["keyed"] = not option["keyed"] and option["id"] != "rules"
        for statement in item.get("statements", ()):
            statement["bin"] = "team"
    other = Scenario.model_validate(data)
    pairs = zip(items_of(scenario), items_of(other), strict=True)
    assert {mine.kind for mine, theirs in pairs if mine.key() != theirs.key()} == set(KIND_NAMES) - {"choice", "text"}
    assert story_of("slug", other).to_json() == story_of("slug", scenario).to_json()


@every_scenario
def test_changing_what_a_decision_or_a_criterion_is_worth_changes_no_byte_of_the_story(path):
    scenario = load_scenario(path)
    data = scenario.model_dump()
    for decision in data["decisions"].values():
        decision["points"] += 1
    for scene in data["scenes"].values():
        for criterion in (scene["item"] or {}).get("rubric", ()):
            criterion["points"] += 1
    dearer = Scenario.model_validate(data)
    assert dearer.points > scenario.points
    assert story_of("slug", dearer).to_json() == story_of("slug", scenario).to_json()


@every_scenario
def test_after_grading_the_story_holds_nothing_to_be_read_afterwards(path):
    scenario = load_scenario(path).model_copy(update={"debrief": "after_grading"})
    text = story_of("slug", scenario).to_json()
    story = json.loads(text)
    assert story.pop("debrief") == "after_grading"
    assert [(key, where) for key, where in keys_in(story) if key in AFTERWARDS] == []
    for scene in scenario.scenes.values():
        for outcome in scene.item.options if isinstance(scene.item, Choice) else filter(None, [scene.item]):
            assert json.dumps(html(outcome.coaching), ensure_ascii=False)[1:-1] not in text


@every_scenario
def test_on_completion_every_outcome_has_coaching_and_every_ending_a_debrief(path):
    scenario = load_scenario(path).model_copy(update={"debrief": "on_completion"})
    story = story_of("slug", scenario)
    for scene in story.scenes.values():
        if scene.item is not None:
            outcomes = scene.item.options if scene.item.kind == "choice" else [scene.item]
            assert all(outcome.coaching for outcome in outcomes)
            if scene.item.kind == "text":
                assert scene.item.rubric
                assert scene.item.model
    assert all(ending.debrief for ending in story.endings.values())


def test_next_is_copied_into_answers_that_lead_nowhere_of_their_own(tiny_story):
    ten, spanning = tiny_story.scenes["desk"].item.options
    assert [branch.goto for branch in ten.goto] == [branch.goto for branch in spanning.goto] == ["paper"]
    assert tiny_story.scenes["desk"].next == ()
    assert [branch.goto for branch in tiny_story.scenes["hall"].next] == ["desk", "stairs"]


def test_story_json_has_the_documented_shape(tiny_story):
    story = json.loads(tiny_story.to_json())
    assert story["scenario"] == "locked-door"
    assert story["summary"] == "<p>A short story used by the tests.</p>"
    assert story["scenes"]["corridor"]["narrative"] == [
        {"when": [], "html": "<p>Liis waits. <strong>The key sticks.</strong></p>"},
        {"when": [{"name": "trust", "op": "<", "value": 50}], "html": "<p>She looks at her watch.</p>"},
    ]
    assert story["scenes"]["hall"].get("item") is None
    assert story["scenes"]["corridor"]["item"]["options"][1] == {
        "id": "push",
        "html": "<p>Push harder and hope.</p>",
        "when": [],
        "consequence": "<p>It gives, with a crack.</p>",
        "coaching": "<p>It opened, and she saw how.</p>",
        "effects": {"trust": -30},
        "goto": [{"when": [], "goto": "hall"}],
    }
    assert story["state"]["told"] == {
        "label": "She knows", "start": 0, "min": 0, "max": 1, "unit": "", "better": "higher", "shown": False,
    }  # fmt: skip


def test_the_story_is_read_back_as_it_was_written(tiny_story, tmp_path):
    path = tmp_path / "story.json"
    path.write_text(tiny_story.to_json(), "utf-8")
    assert read_story(path) == tiny_story


def test_the_story_of_items_without_a_decision_is_read_back_too(edited, tmp_path):
    path = edited(
        ("      decision: door\n", ""),
        ("      decision: note\n", ""),
        ("  door: {title: At the door, points: 10}\n", ""),
        ("  note: {title: The note, points: 4}\n", ""),
    )
    story = story_of("locked-door", load_scenario(path))
    assert story.scenes["corridor"].item.decision is story.scenes["paper"].item.decision is None
    (tmp_path / "story.json").write_text(story.to_json(), "utf-8")
    assert read_story(tmp_path / "story.json") == story


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 1', "\x00"])
def test_a_file_that_is_no_story_says_how_to_get_one(tmp_path, text):
    path = tmp_path / "story.json"
    path.write_text(text, "utf-8")
    with pytest.raises(OnsiteError) as caught:
        read_story(path)
    assert str(caught.value) == f"{path}: this is not a story of this version. Run `python3 course.py build`."


def test_a_missing_story_says_how_to_get_one(tmp_path):
    with pytest.raises(OnsiteError) as caught:
        read_story(tmp_path / "story.json")
    cause = "the story cannot be read (No such file or directory)."
    assert str(caught.value) == f"{tmp_path / 'story.json'}: {cause} Run `python3 course.py build`."


def test_a_story_with_a_stray_credit_is_refused(tiny_story, tmp_path):
    story = json.loads(tiny_story.to_json())
    story["scenes"]["corridor"]["item"]["options"][0]["credit"] = 1
    (tmp_path / "story.json").write_text(json.dumps(story), "utf-8")
    with pytest.raises(OnsiteError, match="not a story of this version"):
        read_story(tmp_path / "story.json")


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_story_does_not_depend_on_the_process_that_makes_it(tiny, tiny_story, seed):
    code = (
        "import sys; from pathlib import Path; from onsite.scenario.load import load_scenario; "
        "from onsite.scenario.story import story_of; "
        "sys.stdout.buffer.write(story_of('locked-door', load_scenario(Path(sys.argv[1]))).to_json().encode())"
    )
    made = subprocess.run(
        [sys.executable, "-c", code, str(tiny)],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert made.stdout.decode() == tiny_story.to_json()


# --- Markdown ----------------------------------------------------------------------------------------


class _Elements(HTMLParser):
    """What a browser would make of a text: elements, attributes, and the words left over."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment came through: {data!r}")


def elements(markdown: str) -> _Elements:
    parser = _Elements()
    parser.feed(html(markdown))
    parser.close()
    return parser


PLAIN_ELEMENTS = {
    "p", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "hr", "br", "h1", "h2", "h3", "h4", "h5", "h6",
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b>b</b> c",
        "<!-- a comment -->",
        "<div>\n\nin a block\n\n</div>",
        "[a link](http://example.org)",
        "[a link](javascript:alert(1))",
        "![a picture](http://example.org/a.png)",
        "<http://example.org>",
        "<someone@example.org>",
        "[a link][there]",
        "[there]: http://example.org",
        "http://example.org",
    ],
)
def test_html_links_and_pictures_are_shown_as_the_text_they_are(text):
    found = elements(text)
    assert set(found.elements) == {"p"}
    assert found.attributes == []
    assert re.sub(r"\s+", "", found.words) == re.sub(r"\s+", "", text), "no word of the author's may get lost"


def test_emphasis_lists_and_quotations_become_html():
    assert html("*so* and **so**") == "<p><em>so</em> and <strong>so</strong></p>"
    assert html("- a\n- b") == "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"
    assert html("> quoted") == "<blockquote>\n<p>quoted</p>\n</blockquote>"
    assert html("one\n\ntwo") == "<p>one</p>\n<p>two</p>"


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("a <>&\"'/=![]():*_`~#-\n\t\\&lt;scriptonhrejv"), max_size=60)
    | st.text(max_size=60)
)
def test_no_text_whatever_makes_another_element_or_a_live_attribute(text):
    found = elements(text)
    assert set(found.elements) <= PLAIN_ELEMENTS
    assert {name for name, _ in found.attributes} <= {"class", "start"}


# --- state -------------------------------------------------------------------------------------------


def test_the_state_begins_at_its_start_values(tiny_story):
    assert start_state(tiny_story) == {"trust": 50, "minutes": 0, "told": 0}


def test_effects_are_added_and_kept_within_the_range(tiny_story):
    state = start_state(tiny_story)
    assert after(tiny_story, state, {"trust": 10}) == {"trust": 60, "minutes": 0, "told": 0}
    assert after(tiny_story, state, {"trust": 1000, "minutes": -1}) == {"trust": 100, "minutes": 0, "told": 0}
    assert state == {"trust": 50, "minutes": 0, "told": 0}, "the state before must stay what it was"
