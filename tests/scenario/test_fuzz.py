"""Whatever comes in, only our own errors come out."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onsite.scenario.errors import RecordError, ScenarioError
from onsite.scenario.load import parse_scenario
from onsite.scenario.record import MAX_BYTES, Record, parse_record, read_record, save_record
from onsite.scenario.replay import replay
from onsite.scenario.story import Story, story_of
from onsite.scenario.yaml_source import parse_yaml, read_yaml

TINY = (Path(__file__).parents[1] / "data" / "tiny.yml").read_text("utf-8")
SOURCE = parse_yaml(TINY, Path("tiny.yml"))
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


LOCATIONS = keys_and_indexes(SOURCE.data)


@bounded
@given(st.sampled_from(LOCATIONS), json_value | st.sampled_from(WORDS))
def test_a_scenario_with_any_value_replaced_is_a_scenario_or_refused(location, value):
    data = json.loads(json.dumps(SOURCE.data))
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
