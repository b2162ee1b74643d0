"""Whatever comes in, only our own errors come out."""

import json
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onsite.scenario.errors import RecordError, ScenarioError
from onsite.scenario.graph import best_path, explore
from onsite.scenario.key import key_of
from onsite.scenario.load import parse_scenario
from onsite.scenario.record import MAX_BYTES, Record, parse_record, read_record, save_record
from onsite.scenario.replay import Given, replay
from onsite.scenario.scoring import credit
from onsite.scenario.story import Story, start_state, story_of
from onsite.scenario.yaml_source import parse_yaml, read_yaml

TINY = (Path(__file__).parents[1] / "data" / "tiny.yml").read_text("utf-8")
SOURCE = parse_yaml(TINY, Path("tiny.yml"))
ALL_KINDS_TEXT = (Path(__file__).parents[1] / "data" / "all_kinds.yml").read_text("utf-8")
ALL_KINDS = parse_yaml(ALL_KINDS_TEXT, Path("all_kinds.yml"))
LINES = TINY.splitlines()
WORDS = sorted({word for word in TINY.replace(",", " ").split() if word})

bounded = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

json_leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
json_value = st.recursive(
    json_leaf,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=15,
)


# --- records -----------------------------------------------------------------------------------------


def read_or_refused(data: bytes) -> None:
    """Either a record that can be written and read again, or a RecordError with something to say."""
    try:
        record = parse_record(data)
    except RecordError as error:
        assert str(error)
    else:
        assert parse_record(record.to_json().encode()) == record


@bounded
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_arbitrary_bytes_are_a_record_or_refused(data):
    read_or_refused(data)


@bounded
@given(json_value)
def test_arbitrary_json_is_a_record_or_refused(value):
    read_or_refused(json.dumps(value).encode())


PARTS = ["format", "scenario", "id", "learner", "events", "drafts", "extra"]
event = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["start", "answer", "other"]) | json_leaf,
        "version": st.integers(-1, 3) | json_leaf,
        "scene": st.sampled_from(["corridor", "desk", "a b"]) | json_leaf,
        "answer": json_value,
        "at": st.just("2026-11-22T14:18:00Z") | json_leaf,
    },
)


@bounded
@given(st.data())
def test_a_record_with_any_part_replaced_is_a_record_or_refused(data):
    value: dict[str, object] = {
        "format": 1, "scenario": "locked-door", "id": "abcdefgh", "learner": "", "drafts": {},
        "events": [{"type": "start", "version": 1, "at": ""}],
    }  # fmt: skip
    value["events"] = data.draw(st.lists(event, max_size=4).map(lambda more: [*value["events"], *more]))
    for part in data.draw(st.lists(st.sampled_from(PARTS), max_size=2)):
        value[part] = data.draw(json_value)
    read_or_refused(json.dumps(value).encode())


@bounded
@given(st.integers(0, 400), st.binary(max_size=5), st.integers(0, 5))
def test_a_record_damaged_anywhere_is_a_record_or_refused(place, patch, width):
    good = valid_json(answers=[("corridor", "tell"), ("paper", 'Õ "x"')])
    read_or_refused(good[:place] + patch + good[place + width :])


def valid_json(answers: list[tuple[str, object]], learner: str = "") -> bytes:
    events: list[dict[str, object]] = [{"type": "start", "version": 1, "at": ""}]
    events += [{"type": "answer", "scene": scene, "answer": answer, "at": ""} for scene, answer in answers]
    record = {
        "format": 1,
        "scenario": "locked-door",
        "id": "abcdefgh",
        "learner": learner,
        "events": events,
        "drafts": {},
    }
    return json.dumps(record, ensure_ascii=False).encode()


answer_value = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
).filter(lambda value: json.dumps(value).count("[") + json.dumps(value).count("{") <= 5)
slugs = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
records = st.builds(
    lambda answers, learner: parse_record(valid_json(answers, learner)),
    st.lists(st.tuples(slugs, answer_value), max_size=6),
    st.text(max_size=50),
)


@bounded
@given(records)
def test_a_record_is_the_same_after_writing_and_reading(record: Record):
    assert parse_record(record.to_json().encode(), "locked-door") == record


@bounded
@given(records, st.integers(0, 7))
def test_a_record_is_the_same_after_saving_and_reading_at_every_length(record: Record, count):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.json"
        shorter = record.model_copy(update={"events": record.events[:count]})
        save_record(path, shorter)
        assert read_record(path, "locked-door") == shorter
        save_record(path, record)
        assert read_record(path, "locked-door") == record


@bounded
@given(st.text(min_size=1, max_size=20), st.integers(1, 60_000))
def test_a_record_of_any_size_is_saved_readable_or_not_at_all(text, count):
    record = parse_record(valid_json([])).model_copy(update={"drafts": {"paper": (text * count)[:300_000]}})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.json"
        try:
            save_record(path, record)
        except RecordError:
            assert not path.exists()
        else:
            assert path.stat().st_size <= MAX_BYTES
            assert read_record(path, "locked-door") == record


# --- replay ------------------------------------------------------------------------------------------

STORY: Story = story_of("locked-door", parse_scenario(SOURCE))
places = st.sampled_from([*STORY.scenes, *STORY.endings, "cellar", ""])
options = st.sampled_from(["tell", "push", "leave", "own", "shrug", "ten", "range", "A note."])


@bounded
@given(st.lists(st.tuples(places, options | json_value), max_size=8))
def test_arbitrary_answers_replay_to_a_place_in_the_story(answers):
    found = replay(STORY, answers)
    assert (found.scene in STORY.scenes) != (found.ending in STORY.endings)
    assert found.problem is None or len(found.path) == found.problem < len(answers)
    assert [(step.scene, step.answer) for step in found.path] == list(answers[: len(found.path)])
    for name, value in found.state.items():
        assert STORY.state[name].min <= value <= STORY.state[name].max
    assert found == replay(STORY, answers)


ALL_KINDS_SCENARIO = parse_scenario(ALL_KINDS)
ALL_KINDS_STORY = story_of("all-kinds", ALL_KINDS_SCENARIO)
ALL_KINDS_BEST = best_path(explore(ALL_KINDS_SCENARIO))[1]
KEYS = {scene: key for decision in key_of(ALL_KINDS_SCENARIO).values() for scene, key in decision.items()}
IDS = sorted({word.strip("{},") for word in ALL_KINDS_TEXT.split() if re.fullmatch(r"[a-z]{2,9}[,}]?", word)})
near = st.sampled_from([*IDS, "best", "worst", 1, 2, 5, 4.0, True, None])
close_answer = near | st.lists(near, max_size=6) | st.dictionaries(st.sampled_from(IDS), near, max_size=6)
givens = st.builds(
    Given,
    st.sampled_from(list(ALL_KINDS_STORY.scenes)),
    close_answer | json_value,
    st.sampled_from([None, "low", "sure"]),
    st.integers(-1, 21) | json_leaf,
)


@bounded
@given(st.integers(0, 7), st.lists(givens, max_size=4), st.integers(0, 7))
def test_arbitrary_answers_to_items_of_every_kind_replay_to_a_place_in_the_story(known, then, ticks):
    good = [Given(scene, answer or "A text.") for scene, answer in ALL_KINDS_BEST][:known]
    answers = [*(one._replace(ticks=ticks) if one.scene == "phone" else one for one in good), *then]
    found = replay(ALL_KINDS_STORY, answers)
    assert (found.scene in ALL_KINDS_STORY.scenes) != (found.ending in ALL_KINDS_STORY.endings)
    assert found.problem is None or len(found.path) == found.problem < len(answers)
    for name, value in found.state.items():
        assert ALL_KINDS_STORY.state[name].min <= value <= ALL_KINDS_STORY.state[name].max


@settings(bounded, max_examples=400)
@given(st.sampled_from(sorted(KEYS)), close_answer | json_value)
def test_whatever_is_answered_is_worth_a_plain_number_from_0_to_1(scene, answer):
    worth = credit(KEYS[scene], answer)
    assert type(worth) is float
    assert 0 <= worth <= 1
    item = ALL_KINDS_STORY.scenes[scene].item
    assert item is not None
    if item.outcome_of(answer, start_state(ALL_KINDS_STORY)) is None and scene != "phone":
        assert worth < 1, "what is no answer cannot be a full one"


# --- scenarios ---------------------------------------------------------------------------------------


def loaded_or_refused(text: str) -> None:
    """Either a scenario that makes a story, or a ScenarioError whose findings say what and where."""
    path = Path("scenario.yml")
    try:
        scenario = parse_scenario(parse_yaml(text, path))
    except ScenarioError as error:
        assert error.findings
        for finding in error.findings:
            assert finding.what
            assert finding.file == path
            assert finding.line is None or 1 <= finding.line <= text.count("\n") + 2
    else:
        story = story_of("locked-door", scenario)
        assert Story.model_validate_json(story.to_json()) == story


@bounded
@given(st.text(max_size=200) | st.text(alphabet="{}[]:,-#&*!|>'\"%@`?~ \n\tab1.", max_size=80))
def test_arbitrary_text_is_a_scenario_or_refused(text):
    loaded_or_refused(text)


@bounded
@given(json_value)
def test_arbitrary_data_is_a_scenario_or_refused(value):
    loaded_or_refused(json.dumps(value))


@bounded
@given(st.integers(0, len(TINY)), st.integers(0, 30), st.text(max_size=5) | st.sampled_from(WORDS))
def test_a_scenario_with_a_stretch_replaced_is_a_scenario_or_refused(place, width, patch):
    loaded_or_refused(TINY[:place] + patch + TINY[place + width :])


@bounded
@given(
    st.integers(0, len(LINES) - 1),
    st.integers(0, len(LINES) - 1),
    st.sampled_from(["drop", "repeat", "move", "dedent"]),
)
def test_a_scenario_with_lines_out_of_place_is_a_scenario_or_refused(first, second, how):
    lines = list(LINES)
    line = lines.pop(first)
    if how == "repeat":
        lines[first:first] = [line, line]
    elif how == "move":
        lines.insert(second, line)
    elif how == "dedent":
        lines.insert(first, line.removeprefix("  "))
    loaded_or_refused("\n".join(lines) + "\n")


def keys_and_indexes(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The location of every value in nested data."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in inner for found in [(*at, key), *keys_and_indexes(part, (*at, key))]]


LOCATIONS = [(source, location) for source in (SOURCE, ALL_KINDS) for location in keys_and_indexes(source.data)]


@bounded
@given(st.sampled_from(LOCATIONS), json_value | st.sampled_from(WORDS))
def test_a_scenario_with_any_value_replaced_is_a_scenario_or_refused(place, value):
    source, location = place
    data = json.loads(json.dumps(source.data))
    inner = data
    for part in location[:-1]:
        inner = inner[part]
    inner[location[-1]] = value
    loaded_or_refused(json.dumps(data, ensure_ascii=False))


@bounded
@given(st.binary(max_size=100), st.integers(0, 200))
def test_a_file_of_arbitrary_bytes_is_read_or_refused(data, keep):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.yml"
        path.write_bytes(TINY.encode()[:keep] + data)
        try:
            source = read_yaml(path)
        except ScenarioError as error:
            assert all(finding.file == path for finding in error.findings)
        else:
            assert source.path == path


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "- " * 100_000,
        "{a: " * 100_000,
        "? " * 50_000,
        "a: &x [*x]\n",
        "&a [&b [*a, *b]]",
        "!!python/none x",
    ],
    ids=["lists", "dashes", "mappings", "keys", "a list in itself", "lists in each other", "a tag"],
)
def test_yaml_that_blows_up_elsewhere_is_refused_here(text):
    with pytest.raises(ScenarioError):
        parse_yaml(text, Path("scenario.yml"))
