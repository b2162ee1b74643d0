"""What decides points: its digest changes with it, and with nothing else."""

import pytest

from onsite.scenario.check import scenario_files
from onsite.scenario.load import load_scenario
from onsite.scenario.rules import rules_digest


def digest(path, counts="first"):
    return rules_digest(load_scenario(path), counts)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: The locked door", "title: The door"),
        ("text: Say what is wrong.", "text: Say that it sticks."),
        ("consequence: She nods.", "consequence: She nods twice."),
        ("coaching: She can plan around what she knows.", "coaching: She can plan."),
        ("- {points: 3, criterion: Says what happened.}", "- {points: 3, criterion: Says what went wrong.}"),
        ("version: 1\n", "version: 2\n"),
        ("debrief: on_completion", "debrief: after_grading"),
        ("debrief: on_completion", "debrief: on_completion\npass_mark: 40"),
        ("debrief: on_completion", "debrief: on_completion\ntest: before"),
        ("label: Trust", "label: Her trust"),
        ("narrative: She stops you on the stairs and asks.", "narrative: She asks."),
        ("      - when: trust < 50\n        text: She", "      - when: trust < 40\n        text: She"),
        ("prompt: Write it.", "prompt: Write it.\n      confidence: true"),
        ("open: {title: The door is open,", "open: {title: Open,"),
    ],
)
def test_a_wording_changes_nothing(tiny, edited, old, new):
    assert digest(edited((old, new))) == digest(tiny)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("credit: 0.25", "credit: 0.3"),
        ("title: At the door, points: 10", "title: At the door, points: 11"),
        ("when: trust >= 60", "when: trust >= 50"),
        ("effects: {trust: -30}", "effects: {trust: -20}"),
        ("start: 50, min: 0", "start: 40, min: 0"),
        ("      goto: open", "      goto: shut"),
        ("next: [{when: told == 1, goto: desk}", "next: [{when: told == 0, goto: desk}"),
        ("        - id: ten", "        - id: tens"),
    ],
)
def test_what_decides_points_changes_it(tiny, edited, old, new):
    assert digest(edited((old, new))) != digest(tiny)


def test_the_rule_that_says_which_attempt_counts_is_part_of_it(tiny):
    assert digest(tiny, "best") != digest(tiny, "first")


def test_the_order_of_options_is_not(tiny, edited):
    text = tiny.read_text("utf-8")
    start, middle, end = (text.index(f"        - id: {name}") for name in ("tell", "push", "leave"))
    tell, push = text[start:middle], text[middle:end]
    assert digest(edited((tell + push, push + tell))) == digest(tiny)


def test_names_that_an_author_gives_are_never_taken_for_wording(tiny, tmp_path):
    text = (
        tiny.read_text("utf-8")
        .replace("corridor", "text")
        .replace("door:", "title:")
        .replace("decision: door", "decision: title")
    )
    path = tmp_path / "scenario.yml"
    digests = set()
    for credit in ("0.5", "0.4"):
        path.write_text(
            text.replace("credit: 0.5\n          cites: [R02]", f"credit: {credit}\n          cites: [R02]"), "utf-8"
        )
        digests.add(digest(path))
    assert "text" in load_scenario(path).scenes
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("best: friday", "best: ruth"),
        ("rating: 2", "rating: 3"),
        ("bin: nobody", "bin: team"),
        ("order: [span, both,", "order: [both, span,"),
        ("      most: 6", "      most: 5"),
    ],
)
def test_the_key_of_every_kind_is_in_it(all_kinds, tmp_path, old, new):
    text = all_kinds.read_text("utf-8")
    assert text.count(old) == 1
    path = tmp_path / "scenario.yml"
    path.write_text(text.replace(old, new), "utf-8")
    assert digest(path) != digest(all_kinds)


def test_the_scenarios_of_the_course_differ(repository):
    found = [digest(path) for path in scenario_files(repository / "solutions")]
    assert len(set(found)) == len(found) >= 15
