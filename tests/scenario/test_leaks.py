"""The key in what learners receive: found where it is, and not where it is not."""

import json

import pytest

from onsite.build.notebooks import instructor_notebook
from onsite.scenario.leaks import Received, leaks, received_files
from onsite.scenario.load import load_scenario
from onsite.scenario.story import story_of

SLUG = "locked-door"
KEPT_BACK = ("debrief: on_completion", "debrief: after_grading")


@pytest.fixture
def found_in(edited, tmp_path):
    """found_in(text, edits): what is found in a file with this text, as (what, line)."""

    def found(text, *edits, slug=SLUG, name="file.json"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        scenario = load_scenario(edited(*edits))
        return [(finding.what, finding.line) for finding in leaks({SLUG: scenario}, [Received(path, slug)])]

    return found


@pytest.mark.parametrize("edits", [(), (KEPT_BACK,)], ids=["on completion", "after grading"])
def test_the_story_made_for_learners_holds_nothing(edited, found_in, edits):
    story = story_of(SLUG, load_scenario(edited(*edits))).to_json()
    assert found_in(story, *edits) == []
    assert found_in(f"<script>{story}</script>", *edits) == []


def test_the_instructor_notebook_is_found_in_every_way(found_in, tiny_scenario):
    notebook = instructor_notebook(tiny_scenario)
    markers, word, key = found_in(notebook, name="x.ipynb")
    lines = notebook.splitlines()
    assert markers[0] == "A hidden test stands in a file that learners receive."
    assert "BEGIN HIDDEN TESTS" in lines[markers[1] - 1]
    assert word[0] == "The key word 'credit' stands in a file that learners receive."
    assert key[0] == "The key of corridor, stairs, desk stands in a file that learners receive."
    assert "tell" in lines[key[1] - 1]


@pytest.mark.parametrize(
    "text",
    ['{"credit": 1}', "a\n  credit: 0.5\n", '"{\\"credit\\": 0}"', "<pre>&quot;credit&quot;: 1</pre>", "credit = 1"],
)
def test_credit_as_a_key_is_found(found_in, text):
    assert [what for what, _ in found_in(text)] == ["The key word 'credit' stands in a file that learners receive."]


@pytest.mark.parametrize("text", ["She gave him credit for it.", "credit card", '{"credits": []}', "On credit: none."])
def test_credit_as_a_word_is_fine(found_in, text):
    assert found_in(text) == []


def test_a_page_that_explains_the_format_may_name_its_keys(found_in):
    assert found_in("credit: 1", slug=None) == []
    assert [what for what, _ in found_in("\n### BEGIN HIDDEN TESTS", slug=None)] == [
        "A hidden test stands in a file that learners receive."
    ]


@pytest.mark.parametrize("quote", ['"', "'", "", "&quot;", '\\"'])
def test_the_credits_of_a_scene_are_found_however_they_are_written(found_in, quote):
    pairs = ", ".join(f"{quote}{name}{quote}: {credit}" for name, credit in [("own", "0.50"), ("shrug", 0)])
    assert found_in(f"x\n{{{pairs}}}") == [("The key of stairs stands in a file that learners receive.", 2)]


@pytest.mark.parametrize("text", ['{"own": 0.5}', '{"own": 0.25, "shrug": 0}', '{"disown": 0.5, "shrug": 0}'])
def test_numbers_that_are_not_the_key_are_fine(found_in, text):
    assert found_in(text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("She can plan around what she knows.", "coaching"),
        ("She can <em>plan</em> around what&nbsp;she knows", "coaching"),
        ('"She can plan\\naround what she \\u006bnows"', "coaching"),
        ("THE CARETAKER COMES ON FRIDAY, AT NINE", "model answer"),
        ("It says what happened and to whom.", "rubric"),
        ("You told her, and so it went well.", "debrief"),
    ],
)
def test_what_is_kept_back_until_grading_is_found(found_in, text, what):
    edits = (
        ("The caretaker comes on Friday.", "The caretaker comes on Friday at nine."),
        ("Says what happened.", "It says what happened and to whom."),
        ("debrief: You told her.", "debrief: 'You told her, and so it went well.'"),
    )
    assert found_in(f"1\n{text}", *edits) == []
    ((told, line),) = found_in(f"1\n{text}", *edits, KEPT_BACK)
    assert told.startswith(f"A sentence of the {what} of 'locked-door', kept back until grading, stands here: ")
    assert line in (2, None)


def test_a_sentence_that_learners_read_anyway_is_no_leak(found_in):
    edits = (KEPT_BACK, ("narrative: The hall is dark.", "narrative: She can plan around what she knows."))
    assert found_in("She can plan around what she knows.", *edits) == []


def test_half_a_sentence_is_no_leak(found_in):
    assert found_in("She can plan around what she wants.", KEPT_BACK) == []


def test_what_learners_receive_is_read_without_their_own_answers(tmp_path):
    for name in ("a.ipynb", "sub/b.html", "answers.json", ".ipynb_checkpoints/a.ipynb", "picture.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({}), "utf-8")
    assert [file.path.name for file in received_files(tmp_path, SLUG)] == ["a.ipynb", "b.html"]
    assert list(received_files(tmp_path / "nowhere", SLUG)) == []


@pytest.mark.parametrize("kind", ["best_worst", "rating", "ranking", "select", "sort"])
def test_the_key_of_every_kind_is_found_and_its_story_holds_none(repository, tmp_path, kind):
    scenario = load_scenario(repository / "tests" / "data" / "all_kinds.yml")
    path = tmp_path / "file.json"
    received = [Received(path, "all")]
    path.write_text(story_of("all", scenario).to_json(), "utf-8")
    assert list(leaks({"all": scenario}, received)) == []
    name, item = next((n, s.item) for n, s in scenario.scenes.items() if s.item is not None and s.item.kind == kind)
    path.write_text(json.dumps(item.key()), "utf-8")
    assert [finding.what for finding in leaks({"all": scenario}, received)] == [
        f"The key of {name} stands in a file that learners receive."
    ]


def test_the_key_of_a_kept_version_is_found_too(edited, tmp_path, tiny_scenario):
    older = load_scenario(
        edited(("credit: 0.5\n          cites: [R02]", "credit: 0.4\n          cites: [R02]"), KEPT_BACK)
    )
    path = tmp_path / "file.json"

    def found(text, *kept):
        path.write_text(text, "utf-8")
        return [finding.what for finding in leaks({SLUG: tiny_scenario}, [Received(path, SLUG)], {SLUG: kept})]

    key = json.dumps({"tell": 1, "push": 0.4, "leave": 0})
    assert found(key) == []
    assert found(key, older) == ["The key of corridor stands in a file that learners receive."]
    # Today's version tells its coaching when the story ends, so the same words are no secret of the older one.
    assert found(story_of(SLUG, tiny_scenario).to_json(), older) == []
    gone = older.model_copy(
        update={"endings": {"open": older.endings["open"].model_copy(update={"debrief": "x " * 9})}}
    )
    assert found("x " * 9, gone)[0].startswith("A sentence of the debrief of 'locked-door', kept back until grading")
    assert found("x " * 9, older) == []
