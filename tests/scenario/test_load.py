"""Every fault an author can make is found, with its file, its line, and what to do about it."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from onsite.scenario.errors import ScenarioError
from onsite.scenario.load import load_scenario
from onsite.scenario.yaml_source import MAX_BYTES, read_yaml

Edited = Callable[..., Path]


def findings(path: Path) -> list[str]:
    """What loading `path` finds, as the author reads it."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert [finding.file for finding in caught.value.findings] == [path] * len(caught.value.findings)
    assert str(caught.value) == "\n".join(map(str, caught.value.findings))
    return [str(finding) for finding in caught.value.findings]


def test_what_is_wrong_reads_the_same_when_another_process_found_it(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "scenario.yml")
    passed_on = pickle.loads(pickle.dumps(caught.value))
    assert str(passed_on) == str(caught.value)


def test_the_small_scenario_loads_as_it_was_written(tiny):
    scenario = load_scenario(tiny)
    assert scenario.title == "The locked door"
    assert scenario.points == 20
    assert list(scenario.scenes) == ["corridor", "hall", "stairs", "desk", "paper"]
    assert [option.id for option in scenario.scenes["desk"].item.options] == ["ten", "range"]
    assert scenario.counts == "first", "the first attempt counts unless the author says otherwise"
    assert scenario.state["told"].shown is False
    assert scenario.scenes["hall"].narrative[0].text == "The hall is dark."


ONE_FAULT = {
    # name: (what stands there, what the author writes, a mark on the line to be named, the message)
    "unknown key at the top": (
        "summary: A short", "sumary: A short story.\nsummary: A short", "sumary",
        "The key 'sumary' is not known. Check its spelling against the authoring guide, or remove it.",
    ),
    "unknown key in an option": (
        "          text: Shrug.", "          text: Shrug.\n          hint: Do not.", "hint:",
        "The key 'hint' is not known in scenes > stairs > item > options > [2]. "
        "Check its spelling against the authoring guide, or remove it.",
    ),
    "unknown state in effects": (
        "{trust: -60, minutes: 90}", "{trst: -60, minutes: 90}", "trst",
        "The effect changes 'trst', which is not a state of this scenario. Did you mean 'trust'?",
    ),
    "missing key at the top": (
        "minutes: 2\n", "", "format: 1",
        "The key 'minutes' is missing. Add it.",
    ),
    "missing key in an option": (
        "          coaching: A range and a time.\n", "", "- id: range",
        "The key 'coaching' is missing in scenes > desk > item > options > [2]. Add it.",
    ),
    "missing kind of an item": (
        "      kind: text\n", "", "You leave a note.\n    item:",
        "The key 'kind' is missing in scenes > paper > item. "
        "Add it: choice, best_worst, rating, ranking, select, sort or text.",
    ),
    "number where a text belongs": (
        "title: The locked door", "title: 1947", "1947",
        "'title' should be text, but YAML reads 1947 as something else. Put it in quotes.",
    ),
    "number where a narrative belongs": (
        "narrative: The hall is dark.", "narrative: 1947", "1947",
        "'text' in scenes > hall > narrative should be text, but YAML reads 1947 as something else. Put it in quotes.",
    ),
    "nothing where a text belongs": (
        "title: The locked door", "title:", "title:\n",
        "'title' is empty. Write its text, or remove the key.",
    ),
    "text where a number belongs": (
        "{trust: -30}", "{trust: lower}", "{trust: lower}",
        "'trust' in scenes > corridor > item > options > [2] > effects: "
        "input should be a valid integer, but is 'lower'. Correct the value.",
    ),
    "fraction where a whole number belongs": (
        "At the door, points: 10", "At the door, points: 7.5", "7.5",
        "'points' in decisions > door: input should be a valid integer, but is 7.5. Correct the value.",
    ),
    "text where a list belongs": (
        "objectives: [Open a door.]", "objectives: Open a door.", "objectives",
        "'objectives' should be a list, but is 'Open a door.'. Correct the value.",
    ),
    "text where keys and values belong": (
        "  hall:\n    narrative: The hall is dark.\n    next: [{when: told == 1, goto: desk}, {goto: stairs}]\n",
        "  hall: dark\n", "hall: dark",
        "'hall' in scenes should be made of keys and values, but is 'dark'. Correct the value.",
    ),
    "number where a place belongs": (
        "goto: shut", "goto: 404", "404",
        "'goto' in scenes > stairs > item > options > [2] should be a name, or a list of entries with 'goto', "
        "but is 404. Correct the value.",
    ),
    "number where a condition belongs": (
        "when: trust >= 60", "when: 60", "when: 60",
        "'when' in scenes > desk > item > options > [2]: a condition is a comparison, such as confidence >= 50.",
    ),
    "too few options": (
        "        - id: shrug\n          text: Shrug.\n          consequence: She writes something down.\n"
        "          coaching: A shrug is an answer too.\n          credit: 0\n          cites: [R02]\n"
        "          goto: shut\n", "",
        "stairs and asks.\n    item:\n      kind: choice\n      decision: repair\n"
        "      prompt: And now?\n      options:",
        "'options' in scenes > stairs > item has too few entries: 1. Give at least 2.",
    ),
    "start that leads nowhere": (
        "start: corridor", "start: coridor", "start: coridor",
        "The start scene 'coridor' does not exist. Did you mean 'corridor'?",
    ),
    "start at an ending": (
        "start: corridor", "start: open", "start: open",
        "The start scene 'open' does not exist. Known: corridor, hall, stairs, desk, paper.",
    ),
    "goto that leads nowhere": (
        "goto: shut", "goto: shutt", "goto: shutt",
        "There is no scene or ending called 'shutt'. Did you mean 'shut'?",
    ),
    "goto of a branch that leads nowhere": (
        "goto: home}, {goto: hall}", "goto: hoem}, {goto: hall}", "hoem",
        "There is no scene or ending called 'hoem'. Did you mean 'home'?",
    ),
    "next that leads nowhere": (
        "    next: paper", "    next: papper", "next: papper",
        "There is no scene or ending called 'papper'. Did you mean 'paper'?",
    ),
    "next that leads nowhere and resembles nothing": (
        "    next: paper", "    next: xyz", "next: xyz",
        "There is no scene or ending called 'xyz'. "
        "Known: corridor, hall, stairs, desk, paper, open, shut, home.",
    ),
    "unknown state in the condition of an option": (
        "when: trust >= 60", "when: trusted >= 60", "trusted",
        "The condition asks for 'trusted', which is not a state of this scenario. Did you mean 'trust'?",
    ),
    "unknown state in the condition of a branch": (
        "when: told == 1", "when: tod == 1", "tod == 1",
        "The condition asks for 'tod', which is not a state of this scenario. Did you mean 'told'?",
    ),
    "unknown state in the condition of a passage": (
        "- when: trust < 50", "- when: rust < 50", "- when: rust",
        "The condition asks for 'rust', which is not a state of this scenario. Did you mean 'trust'?",
    ),
    "malformed condition": (
        "when: told == 1", "when: told = 1", "told = 1",
        "'when' in scenes > hall > next > [1]: 'told = 1' is not a comparison. Write a state name, one of "
        "< <= > >= == !=, and a whole number; join several with 'and'.",
    ),
    "last branch with a condition": (
        "{goto: stairs}]", "{when: told == 0, goto: stairs}]", "told == 0",
        "The last branch has a condition, so the story may have nowhere to go. Add a last branch with only 'goto'.",
    ),
    "branch after an unconditional one": (
        "[{when: told == 1, goto: desk}, {goto: stairs}]", "[{goto: desk}, {goto: stairs}]", "{goto: desk}",
        "This branch has no condition, so the ones after it can never be taken. Put it last, or give it a 'when'.",
    ),
    "decision not declared": (
        "decision: repair\n      prompt: And now?\n      options:\n        - id: ten",
        "decision: repairs\n      prompt: And now?\n      options:\n        - id: ten", "decision: repairs",
        "The decision 'repairs' is not declared. Did you mean 'repair'?",
    ),
    "decision nobody fills": (
        "start: corridor", "  spare: {title: Spare, points: 1}\nstart: corridor", "spare:",
        "No item fills the decision 'spare'. Name it in an item's 'decision', or remove it.",
    ),
    "credit above 1": (
        "credit: 0.25", "credit: 1.01", "1.01",
        "'credit' in scenes > desk > item > options > [1]: input should be less than or equal to 1, but is 1.01. "
        "Correct the value.",
    ),
    "credit below 0": (
        "credit: 0.25", "credit: -0.25", "-0.25",
        "'credit' in scenes > desk > item > options > [1]: input should be greater than or equal to 0, but is -0.25. "
        "Correct the value.",
    ),
    "credit that is true": (
        "credit: 0.25", "credit: true", "credit: true",
        "'credit' in scenes > desk > item > options > [1]: input should be a valid number, but is True. "
        "Correct the value.",
    ),
    "option id used twice": (
        "- id: range", "- id: ten", "effects: {minutes: 30}\n        - id: ten",
        "The id 'ten' is used twice in this item's options. Give each its own id.",
    ),
    "option id that is not a name": (
        "- id: range", "- id: The Range", "The Range",
        "'id' in scenes > desk > item > options > [2] is not a valid name: 'The Range'. "
        "It must match ^[a-z][a-z0-9-]{0,49}$.",
    ),
    "scene name with a capital": (
        "  hall:\n", "  Hall:\n", "  Hall:",
        "The name 'Hall' may hold small letters, digits and - (state: _) only. Rename it.",
    ),
    "rubric that does not add up": (
        "{points: 3, criterion", "{points: 2, criterion", "rubric:",
        "The rubric adds up to 3 points, but its decision is worth 4. Make the two agree.",
    ),
    "fewest words above the most": (
        "{min: 5, max: 50}", "{min: 51, max: 50}", "min: 51",
        "'min' is larger than 'max'. Swap them.",
    ),
    "scene with neither item nor next": (
        "    next: [{when: told == 1, goto: desk}, {goto: stairs}]\n", "", "  hall:",
        "The scene 'hall' has no item and no 'next'. Say where the story goes on.",
    ),
    "answer that leads nowhere": (
        "          goto: shut\n", "", "- id: shrug",
        "Nothing says where the story goes after this answer. Add 'goto' here, or 'next' to the scene.",
    ),
    "one name for a scene and an ending": (
        "  home: {title", "  hall: {title: The hall, narrative: Dark., debrief: You stayed.}\n  home: {title",
        "  hall: {", "'hall' is a scene and an ending. Rename one of them.",
    ),
    "start value above the range": (
        "start: 50,", "start: 500,", "start: 500",
        "The state 'trust' starts at 500, outside 0 to 100. Correct start, min or max.",
    ),
    "range that is upside down": (
        "max: 60,", "max: -1,", "max: -1",
        "The state 'minutes' starts at 0, outside 0 to -1. Correct start, min or max.",
    ),
    "point cited but not trained": (
        "trains: [P01, P06, R02]", "trains: [P06, R02]", "cites: [P01]",
        "'P01' is cited here but not listed under 'trains'. Add it to 'trains', or remove it here.",
    ),
    "point that is not a point": (
        "trains: [P01, P06, R02]", "trains: [P01, P06, R02, P7]", "P7",
        "This entry in trains is not a valid name: 'P7'. It must match ^[A-Z][0-9]{2}$.",
    ),
    "format of another version": (
        "format: 1", "format: 2", "format: 2",
        "'format': This file says format 2; this version of Onsite reads format 1.",
    ),
    "unknown kind of item": (
        "kind: text", "kind: essay", "kind: essay",
        "'kind' in scenes > paper > item has a value that is not known: 'essay'. "
        "Use one of: 'choice', 'best_worst', 'rating', 'ranking', 'select', 'sort', 'text'.",
    ),
    "unknown kind of debrief": (
        "debrief: on_completion", "debrief: never", "debrief: never",
        "'debrief' has a value that is not known: 'never'. Use one of: 'on_completion' or 'after_grading'.",
    ),
    "key given twice": (
        "minutes: 2\n", "minutes: 2\nminutes: 7\n", "minutes: 7",
        "The key 'minutes' stands here a second time. Remove or rename one.",
    ),
    "anchor": (
        "[Open a door.]", "&all [Open a door.]", "&all",
        "Anchors (&name) and aliases (*name) are not used in scenarios. "
        "Write the text out, or put it in quotes if it begins with & or *.",
    ),
    "text that begins with a star": (
        "[Open a door.]", "[*open a door.]", "*open",
        "Anchors (&name) and aliases (*name) are not used in scenarios. "
        "Write the text out, or put it in quotes if it begins with & or *.",
    ),
    "tag": (
        "title: The locked door", "title: !door The locked door", "!door",
        "Tags (!name) are not used in scenarios. Put the text in quotes if it begins with !.",
    ),
    "tab": (
        "  hall:\n    narrative", "  hall:\n\tnarrative", "\tnarrative",
        "This is not valid YAML: found character that cannot start any token. "
        "Check the indentation and the quotes on this line and the one above.",
    ),
    "bracket left open": (
        "[P01, P06, R02]", "[P01, P06, R02", "debrief: on_completion",
        "This is not valid YAML: did not find expected ',' or ']'. "
        "Check the indentation and the quotes on this line and the one above.",
    ),
    "colon within a text": (
        "prompt: Write it.", "prompt: Write: now.", "Write: now.",
        "This is not valid YAML: mapping values are not allowed in this context. "
        "Check the indentation and the quotes on this line and the one above.",
    ),
    "key that is a list": (
        "minutes: 2\n", "? [minutes]\n: 2\n", "? [minutes]",
        "A key must be a single word. Check the colons and brackets.",
    ),
    "too deep nesting": (
        "[Open a door.]", "[" * 40 + "]" * 40, "objectives",
        "Nesting is too deep. Flatten it.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "mark", "message"), ONE_FAULT.values(), ids=ONE_FAULT)
def test_a_fault_is_the_only_finding_and_names_its_line(edited: Edited, old, new, mark, message):
    path = edited((old, new))
    text = path.read_text("utf-8")
    assert text.count(mark) == 1, f"the mark {mark!r} stands {text.count(mark)} times in the edited file"
    line = text[: text.index(mark) + len(mark.rstrip("\n"))].count("\n") + 1
    assert findings(path) == [f"{path}:{line}: {message}"]


def test_a_decision_filled_by_a_text_and_by_a_choice_is_refused(edited: Edited):
    path = edited(("decision: note", "decision: repair"), ("{points: 3, criterion", "{points: 5, criterion"))
    assert findings(path) == [
        f"{path}:20: The decision 'repair' is filled by a text item and by another kind. "
        "A person grades the one and the machine the other: use two decisions.",
        f"{path}:21: No item fills the decision 'note'. Name it in an item's 'decision', or remove it.",
    ]


def test_every_fault_is_told_at_once_in_the_order_of_the_file(edited: Edited):
    path = edited(
        ("start: corridor", "start: coridor"), ("goto: shut", "goto: shutt"), ("when: told == 1", "when: t < 1")
    )
    told = findings(path)
    assert [int(finding.removeprefix(f"{path}:").split(":")[0]) for finding in told] == [22, 61, 83], told


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "y", "12:30", "0x1F", "1_000", "2026-11-22", "NaN", ".inf"])
def test_words_that_older_yaml_converts_stay_the_text_they_are(edited: Edited, word):
    assert load_scenario(edited(("title: The locked door", f"title: {word}"))).title == word


def test_a_quoted_number_is_a_text(edited: Edited):
    assert load_scenario(edited(("title: The locked door", 'title: "1947"'))).title == "1947"


def test_a_byte_order_mark_is_no_fault(tiny, tmp_path):
    path = tmp_path / "scenario.yml"
    path.write_bytes(b"\xef\xbb\xbf" + tiny.read_bytes())
    assert load_scenario(path) == load_scenario(tiny)


def test_windows_line_ends_are_no_fault(tiny, tmp_path):
    path = tmp_path / "scenario.yml"
    path.write_bytes(tiny.read_bytes().replace(b"\n", b"\r\n"))
    assert load_scenario(path) == load_scenario(tiny)


WHOLE_FILE = {
    "empty": (b"", ":1", "A scenario is a list of keys and values, beginning with 'format: 1'. "
                         "Start from an existing scenario."),
    "only a note": (b"# to be written\n", ":1", "A scenario is a list of keys and values, beginning with 'format: 1'. "
                                                "Start from an existing scenario."),
    "a list": (b"- format: 1\n", ":1", "A scenario is a list of keys and values, beginning with 'format: 1'. "
                                       "Start from an existing scenario."),
    "a word": (b"scenario", ":1", "A scenario is a list of keys and values, beginning with 'format: 1'. "
                                  "Start from an existing scenario."),
    "two documents": (b"format: 1\n---\nformat: 1\n", ":2", "This is not valid YAML: but found another document. "
                      "Check the indentation and the quotes on this line and the one above."),
    "not UTF-8": ("format: 1\ntitle: Tür\n".encode("latin-1"), ":2", "The text is not UTF-8. Save the file as UTF-8."),
    "an unprintable character": (b"format: 1\ntitle: a\x00b\n", "", "This is not text that YAML allows "
                                 "(an unprintable character, or nesting too deep). Remove it."),
    "too large": (b"#" * (MAX_BYTES + 1), "", "The file is larger than 2 MB. Split it into several scenarios."),
}  # fmt: skip


@pytest.mark.parametrize(("data", "line", "message"), WHOLE_FILE.values(), ids=WHOLE_FILE)
def test_a_file_that_is_no_scenario_at_all_is_refused_in_one_sentence(tmp_path, data, line, message):
    path = tmp_path / "scenario.yml"
    path.write_bytes(data)
    assert findings(path) == [f"{path}{line}: {message}"]


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "scenario.yml"
    assert findings(path) == [f"{path}: The file cannot be read (No such file or directory). Check that it exists."]


def test_values_are_found_on_their_own_lines(tiny):
    source = read_yaml(tiny)
    lines = tiny.read_text("utf-8").splitlines()
    for location, line in source.lines.items():
        if location and isinstance(location[-1], str):
            assert location[-1] in lines[line - 1], f"{location} is said to stand on line {line}: {lines[line - 1]!r}"
    assert source.line(("scenes", "hall", "no", "such")) == source.line(("scenes", "hall"))
