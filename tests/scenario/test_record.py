"""The answer record: read with suspicion, saved so that nothing is lost."""

import json
import multiprocessing
import re
import time
from pathlib import Path

import pytest
from filelock import FileLock
from tiny_tools import BEST, HOME, record_of

from onsite.scenario import record as module
from onsite.scenario.errors import RecordError
from onsite.scenario.record import (
    FILE_NAME,
    MAX_BYTES,
    NewerRecord,
    Record,
    keep_aside,
    new_record,
    parse_record,
    read_record,
    save_record,
)
from onsite.scenario.replay import Given

GOOD = {
    "format": 1,
    "scenario": "locked-door",
    "id": "6b1c1f6e-6c8b-4a55-9a8a-3f1d2b7c9e10",
    "learner": "Maie",
    "events": [
        {"type": "start", "version": 1, "at": "2026-11-22T14:18:00Z"},
        {"type": "answer", "scene": "corridor", "answer": "tell", "at": "2026-11-22T14:19:00Z"},
    ],
    "drafts": {"paper": "Half a sen"},
}


def as_bytes(value: object = GOOD) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def good_but(**changes: object) -> bytes:
    """A good record with these values in place of its own."""
    return as_bytes({**GOOD, **changes})


def with_answer(raw: str) -> bytes:
    """A good record whose answer is this piece of JSON."""
    return as_bytes().replace(b'"tell"', raw.encode())


def refusal(data: bytes, scenario: str | None = None) -> str:
    """What is said about bytes that are no record, and that it is said at once."""
    begun = time.perf_counter()
    with pytest.raises(RecordError) as caught:
        parse_record(data, scenario)
    assert time.perf_counter() - begun < 1, "a hostile record must not cost time"
    return str(caught.value)


# --- reading -----------------------------------------------------------------------------------------


def test_a_good_record_is_read_as_it_is():
    record = parse_record(as_bytes(), "locked-door")
    assert record.model_dump() == GOOD
    assert record.attempts() == [(1, [Given("corridor", "tell")])]


def test_a_byte_order_mark_is_no_damage():
    assert parse_record(b"\xef\xbb\xbf" + as_bytes()) == parse_record(as_bytes())


def test_what_is_optional_may_be_absent():
    record = parse_record(b'{"format": 1, "scenario": "locked-door", "id": "abcdefgh", "events": []}')
    assert (record.learner, record.events, record.drafts, record.attempts()) == ("", [], {}, [])


def test_several_attempts_are_told_apart():
    assert record_of((1, HOME), (2, BEST)).attempts() == [
        (1, [Given(*one) for one in HOME]),
        (2, [Given(*one) for one in BEST]),
    ]


def with_event(**more: object) -> dict[str, object]:
    """A good record whose answer carries these too."""
    start, answer = GOOD["events"]
    return {**GOOD, "events": [start, {**answer, **more}]}


@pytest.mark.parametrize(
    "more", [{"confidence": "low"}, {"confidence": "high", "ticks": 20}, {"ticks": 0}, {}], ids=str
)
def test_confidence_and_ticks_are_kept_as_they_came_and_not_made_up(more):
    record = parse_record(as_bytes(with_event(**more)))
    assert json.loads(record.to_json()) == with_event(**more)
    [(_, [given])] = record.attempts()
    assert (given.confidence, given.ticks) == (more.get("confidence"), more.get("ticks", 0))


@pytest.mark.parametrize(
    "more",
    [{"confidence": "certain"}, {"confidence": 1}, {"ticks": -1}, {"ticks": 21}, {"ticks": "1"}, {"ticks": True}],
    ids=str,
)
def test_confidence_and_ticks_that_no_player_writes_are_refused(more):
    assert "a part that does not belong there" in refusal(as_bytes(with_event(**more)))


NOT_COMPLETE = "The record is not complete JSON: it was cut off or edited by hand."
NOT_ONE = "The file is JSON, but not an Onsite answer record."
TOO_DEEP = "The record is nested more than 8 deep; a real one is not."

DAMAGED = {
    "empty": (b"", NOT_COMPLETE),
    "blank": (b" \n", NOT_COMPLETE),
    "cut off": (as_bytes()[:-20], NOT_COMPLETE),
    "cut off inside a character": (good_but(learner="Õ").split(b"\x95")[0], NOT_COMPLETE),
    "a comma too many": (as_bytes().replace(b'"Maie",', b'"Maie",,'), NOT_COMPLETE),
    "single quotes": (as_bytes().replace(b'"', b"'"), NOT_COMPLETE),
    "two records in one": (as_bytes() * 2, NOT_COMPLETE),
    "not UTF-8": (good_but(learner="Õie").decode().encode("latin-1"), NOT_COMPLETE),
    "UTF-16": (as_bytes().decode().encode("utf-16"), NOT_COMPLETE),
    "a page instead": (b"<!doctype html><title>Sign in</title>", NOT_COMPLETE),
    "binary": (bytes(range(256)), NOT_COMPLETE),
    "NaN": (with_answer("NaN"), NOT_COMPLETE),
    "Infinity": (with_answer("-Infinity"), NOT_COMPLETE),
    "a number beyond all numbers": (with_answer("1e999"), NOT_COMPLETE),
    "half a character": (with_answer(r'"\ud83d"'), NOT_COMPLETE),
    "a whole number of 5,000 digits": (with_answer("9" * 5000), NOT_COMPLETE),
    "a list": (b"[]", NOT_ONE),
    "null": (b"null", NOT_ONE),
    "a text": (b'"answers"', NOT_ONE),
    "another object": (b'{"cells": [], "nbformat": 4}', NOT_ONE),
    "without events": (b'{"format": 1, "scenario": "locked-door"}', NOT_ONE),
    "format of a later version": (
        good_but(format=2),
        "The record has format '2'; this version of Onsite reads format 1.",
    ),
    "format of nonsense": (
        good_but(format=["1" * 100]),
        'The record has format "[\'111111111111111111"; this version of Onsite reads format 1.',
    ),
    "lists in lists": (with_answer("[" * 9 + "]" * 9), TOO_DEEP),
    "a hundred thousand lists": (with_answer("[" * 100_000 + "]" * 100_000), TOO_DEEP),
    "a hundred thousand lists never closed": (b"[" * 100_000, TOO_DEEP),
    "objects in objects": (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, TOO_DEEP),
    "brackets after a quote that never ends": (b'["' + b"[" * 100_000, NOT_COMPLETE),
    "too large": (as_bytes() + b" " * MAX_BYTES, "The record is larger than 256 kB; a real one is far smaller."),
    "an unknown key": (good_but(grade=100), "The record has a part that does not belong there: grade."),
    "an unknown event": (
        good_but(events=[*GOOD["events"], {"type": "score", "points": 10}]),
        "The record has a part that does not belong there: events > 2.",
    ),
    "an event that is no object": (
        good_but(events=["start"]),
        "The record has a part that does not belong there: events > 0.",
    ),
    "an answer without a scene": (
        good_but(events=[GOOD["events"][0], {"type": "answer", "answer": "tell"}]),
        "The record has a part that does not belong there: events > 1 > answer > scene.",
    ),
    "a scene that climbs": (
        good_but(events=[GOOD["events"][0], {"type": "answer", "scene": "../../etc", "answer": "tell"}]),
        "The record has a part that does not belong there: events > 1 > answer > scene.",
    ),
    "an answer before the start": (
        good_but(events=GOOD["events"][::-1]),
        "The record does not begin with the start of an attempt.",
    ),
    "a version that is huge": (
        good_but(events=[{"type": "start", "version": 10**30, "at": ""}]),
        "The record has a part that does not belong there: events > 0 > start > version.",
    ),
    "a version that is true": (
        good_but(events=[{"type": "start", "version": True, "at": ""}]),
        "The record has a part that does not belong there: events > 0 > start > version.",
    ),
    "events that are no list": (good_but(events={}), "The record has a part that does not belong there: events."),
    "drafts that are no object": (good_but(drafts=[]), "The record has a part that does not belong there: drafts."),
    "a name that is too long": (
        good_but(learner="x" * 201),
        "The record has a part that does not belong there: learner.",
    ),
    "an id that is a path": (good_but(id="../../../x"), "The record has a part that does not belong there: id."),
    "a scenario that is a path": (
        good_but(scenario="../outage"),
        "The record has a part that does not belong there: scenario.",
    ),
}


@pytest.mark.parametrize(("data", "message"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_record_is_refused_at_once_in_one_sentence(data, message):
    assert refusal(data) == message


def test_a_record_of_another_scenario_is_refused():
    assert refusal(as_bytes(), "outage") == "The record belongs to the scenario 'locked-door', not to 'outage'."


def test_the_largest_and_the_deepest_record_allowed_are_read():
    room = MAX_BYTES - len(with_answer('""'))
    assert parse_record(with_answer(json.dumps("x" * room))).events[1].answer == "x" * room
    deepest = parse_record(with_answer("[" * 5 + "]" * 5))
    assert deepest.events[1].answer == [[[[[]]]]]


def test_brackets_inside_a_text_are_not_nesting():
    text = "[{" * 1000 + '\\"[[[[[[[[[[['
    assert parse_record(with_answer(f'"{text}"')).events[1].answer == json.loads(f'"{text}"')


def test_a_huge_whole_number_is_only_a_wrong_answer():
    assert parse_record(with_answer("9" * 4000)).events[1].answer == int("9" * 4000)


def test_new_records_have_ids_of_their_own_and_pass_their_own_reading():
    records = [new_record("locked-door") for _ in range(50)]
    assert len({record.id for record in records}) == 50
    assert parse_record(records[0].to_json().encode()) == records[0]


def test_no_record_is_no_fault(tmp_path):
    assert read_record(tmp_path / FILE_NAME, "locked-door") is None


def test_a_record_that_cannot_be_opened_is_named(tmp_path):
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(RecordError, match=re.escape(f"{tmp_path / FILE_NAME} cannot be read (Is a directory).")):
        read_record(tmp_path / FILE_NAME, "locked-door")


# --- saving ------------------------------------------------------------------------------------------


def left_in(folder: Path) -> set[str]:
    """What lies in the folder, apart from the lock."""
    return {path.name for path in folder.iterdir()} - {f".{FILE_NAME}.lock"}


def test_what_was_saved_is_read_back(tmp_path):
    record = record_of((1, BEST), learner="Õie", drafts={"paper": 'a "draft"\n'})
    save_record(tmp_path / FILE_NAME, record)
    assert read_record(tmp_path / FILE_NAME, "locked-door") == record
    assert left_in(tmp_path) == {FILE_NAME}


def test_a_record_that_goes_on_replaces_the_older_one(tmp_path):
    path = tmp_path / FILE_NAME
    for count in range(4):
        save_record(path, record_of((1, BEST[:count])))
    assert read_record(path, "locked-door") == record_of((1, BEST))


def test_saving_the_same_again_is_no_fault(tmp_path):
    for _ in range(2):
        save_record(tmp_path / FILE_NAME, record_of((1, BEST)))
    assert read_record(tmp_path / FILE_NAME, "locked-door") == record_of((1, BEST))


@pytest.mark.parametrize(
    "mine",
    [record_of((1, BEST[:1])), record_of((1, HOME)), record_of((1, BEST), id="another-record"), record_of()],
    ids=["behind", "parted", "another id", "empty"],
)
def test_a_record_never_replaces_events_it_does_not_hold(tmp_path, mine):
    path = tmp_path / FILE_NAME
    stored = record_of((1, BEST))
    save_record(path, stored)
    before = path.read_bytes()
    with pytest.raises(NewerRecord) as caught:
        save_record(path, mine)
    assert caught.value.stored == stored
    assert str(caught.value) == "These answers were continued somewhere else. The newer ones were kept."
    assert path.read_bytes() == before
    assert left_in(tmp_path) == {FILE_NAME}


@pytest.mark.parametrize("damage", [b"", b"{", b"\x00" * 10], ids=["empty", "cut off", "zeros"])
def test_a_damaged_record_is_never_overwritten(tmp_path, damage):
    path = tmp_path / FILE_NAME
    path.write_bytes(damage)
    with pytest.raises(RecordError, match="not complete JSON"):
        save_record(path, record_of((1, BEST)))
    assert path.read_bytes() == damage
    assert left_in(tmp_path) == {FILE_NAME}


def test_a_record_of_another_scenario_is_never_overwritten(tmp_path):
    path = tmp_path / FILE_NAME
    save_record(path, record_of((1, ()), scenario="outage"))
    with pytest.raises(RecordError, match="belongs to the scenario 'outage'"):
        save_record(path, record_of((1, BEST)))
    assert read_record(path, "outage") is not None


@pytest.mark.parametrize("fault", [KeyboardInterrupt, MemoryError], ids=["interrupted", "out of memory"])
def test_a_kill_in_the_middle_leaves_the_old_record_and_no_rubbish(tmp_path, monkeypatch, fault):
    path = tmp_path / FILE_NAME
    save_record(path, record_of((1, BEST[:1])))
    before = path.read_bytes()

    def killed(*_):
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(fault):
            save_record(path, record_of((1, BEST)))
    assert path.read_bytes() == before
    assert left_in(tmp_path) == {FILE_NAME}
    save_record(path, record_of((1, BEST)))
    assert read_record(path, "locked-door") == record_of((1, BEST)), "the lock must be free again"


def test_a_full_disk_is_said_in_words_and_leaves_the_old_record(tmp_path, monkeypatch):
    path = tmp_path / FILE_NAME
    save_record(path, record_of((1, BEST[:1])))
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(RecordError) as caught:
            save_record(path, record_of((1, BEST)))
    assert str(caught.value) == f"The answers could not be saved to {path} (No space left on device)."
    assert path.read_bytes() == before
    assert left_in(tmp_path) == {FILE_NAME}


def test_a_lock_somebody_keeps_is_said_in_words(tmp_path, monkeypatch):
    path = tmp_path / FILE_NAME
    monkeypatch.setattr(module, "FileLock", lambda name, timeout: FileLock(name, timeout=timeout / 100))
    with (
        FileLock(path.with_name(f".{FILE_NAME}.lock")),
        pytest.raises(RecordError, match=f"^The answers could not be saved to {re.escape(str(path))}"),
    ):
        save_record(path, record_of((1, BEST)))
    assert not path.exists()


def test_a_record_with_no_room_left_is_refused_before_anything_is_written(tmp_path):
    path = tmp_path / FILE_NAME
    with pytest.raises(RecordError, match=r"There is no room for more answers in this record \(256 kB\)"):
        save_record(path, record_of((1, [("paper", "x" * 8000)] * 40)))
    assert left_in(tmp_path) == set()


@pytest.mark.parametrize(
    "record",
    [
        record_of((1, [("paper", "\ud800")])),
        record_of((1, [("paper", [[[[[[[[1]]]]]]]])])),
        record_of((1, BEST)).model_copy(update={"learner": "x" * 201}),
    ],
    ids=["half a character", "too deep", "name too long"],
)
def test_what_could_not_be_read_again_is_never_written(tmp_path, record):
    with pytest.raises(RecordError):
        save_record(tmp_path / FILE_NAME, record)
    assert left_in(tmp_path) == set()


# --- setting aside -----------------------------------------------------------------------------------


def test_a_record_set_aside_keeps_every_byte_under_a_free_name(tmp_path):
    path = tmp_path / FILE_NAME
    kept = []
    for number in range(5):
        path.write_bytes(b"damage %d" % number)
        kept.append(keep_aside(path))
        assert not path.exists()
    assert len(set(kept)) == 5, "several within one second must not share a name"
    assert [target.read_bytes() for target in kept] == [b"damage %d" % number for number in range(5)]
    assert all(re.fullmatch(r"answers\.aside-\d{8}T\d{6}(-\d+)?\.json", target.name) for target in kept)


# --- two at once -------------------------------------------------------------------------------------

ROUNDS = 30


def play_on(path: Path, who: str, ready: object, told: object) -> None:
    """Add events to whatever record is there, as a notebook does; tell which were shown as saved."""
    saved = []
    ready.wait()
    for number in range(ROUNDS):
        mark = f"{who}-{number}"
        while True:
            record = read_record(path, "locked-door") or record_of((1, ()))
            answer = {"type": "answer", "scene": "corridor", "answer": mark, "at": ""}
            more = Record.model_validate({**record.model_dump(), "events": [*record.model_dump()["events"], answer]})
            try:
                save_record(path, more)
            except NewerRecord:
                continue
            saved.append(mark)
            break
    told.put(saved)


def test_two_processes_saving_at_once_lose_no_answer_that_was_shown_as_saved(tmp_path):
    path = tmp_path / FILE_NAME
    context = multiprocessing.get_context("spawn")
    ready, told = context.Barrier(2), context.Queue()
    players = [context.Process(target=play_on, args=(path, who, ready, told)) for who in ("left", "right")]
    for player in players:
        player.start()
    saved = [mark for _ in players for mark in told.get(timeout=60)]
    for player in players:
        player.join(timeout=60)
        assert player.exitcode == 0
    told.close()
    told.join_thread()
    record = read_record(path, "locked-door")
    assert record is not None
    [(_, answers)] = record.attempts()
    stored = [given.answer for given in answers]
    assert sorted(stored) == sorted(saved)
    for who in ("left", "right"):
        assert [mark for mark in stored if mark.startswith(who)] == [f"{who}-{number}" for number in range(ROUNDS)]
    assert left_in(tmp_path) == {FILE_NAME}
