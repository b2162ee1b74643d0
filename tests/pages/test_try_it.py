"""A practice item: sound ones are taken, and what is wrong is told at its line in the page."""

import pytest

from onsite.pages.try_it import read_try
from onsite.scenario.errors import ScenarioError


@pytest.fixture
def known(points, tensions):
    return points.keys() | tensions.keys()


def test_a_sound_item_is_shown_without_its_credit(page, known):
    read = page()
    tried = read_try(read.tries[0], read.path, known)
    assert tried.cites == ("P21", "T06")
    assert tried.narrative == "<p>A call with the ticket office.</p>"
    shown = tried.shown.model_dump_json()
    assert "Two seconds of awkwardness" in shown
    assert "credit" not in shown


@pytest.mark.parametrize(
    ("edit", "mark", "what"),
    [
        (("kind: choice", "kind: chioce"), "kind: chioce", "'kind' has a value that is not known: 'chioce'."),
        (("kind: choice", "decision: d\nkind: choice"), "decision: d", "A try-it is practice: it fills no decision."),
        (("kind: choice", "kind: text"), "kind: text", "nobody marks a text here"),
        (("cites: [P21, T06]", "cites: [P21, T99]"), "T99", "'T99' is not a source point of this course."),
        (("credit: 1\n", "credit: 0.9\n"), "options:", "No option has credit 1."),
        (("id: stop", "id: note"), "text: Stop her", "The id 'note' is used twice in this item's options."),
        (("    coaching: You will not find the place again.\n", ""), "id: note", "'coaching' is missing in options"),
        (("prompt: What do you do?", "prompt: What: now?"), "prompt: What: now?", "This is not valid YAML"),
        (("narrative: A call with the ticket office.", "narrative: [a]"), "narrative: [a]", "should be text."),
    ],
)  # fmt: skip
def test_each_fault_is_told(page, known, sound, edit, mark, what):
    read = page(edit)
    with pytest.raises(ScenarioError) as caught:
        read_try(read.tries[0], read.path, known)
    told = caught.value.findings[0]
    assert what in f"{told.what} {told.do}"
    assert "scenes > page" not in told.what
    if mark:
        lines = sound.replace(*edit).splitlines()
        assert told.line is not None
        assert mark in "\n".join(lines[told.line - 2 : told.line + 1])


def test_a_bare_text_is_no_item(page, known, sound):
    start = sound.index("narrative: A call")
    end = sound.index("```", start)
    read = page((sound[start:end], "Just think about it.\n"))
    with pytest.raises(ScenarioError, match="A try-it holds an item"):
        read_try(read.tries[0], read.path, known)
