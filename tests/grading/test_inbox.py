"""The inbox: only added to, by receipt; whose a hand-in is."""

import json
import weakref
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from records import record

from onsite.grading import counting, inbox, names
from onsite.grading.sources import Found
from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import Record, parse_record

SLUGS = ["locked-door"]


def as_bytes(**changes: object) -> bytes:
    return json.dumps(record("locked-door", [("corridor", "tell")]) | changes).encode()


def test_every_hand_in_is_a_file_of_its_own_with_a_receipt_nobody_can_guess(tmp_path):
    receipts = {inbox.add(tmp_path, as_bytes(), SLUGS) for _ in range(5)}
    assert len(receipts) == 5
    assert all(len(receipt) == 32 for receipt in receipts)
    assert {path.stem.partition("-")[2] for path in tmp_path.iterdir()} == receipts


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not complete JSON"),
        (b"[]", "not an Onsite answer record"),
        (as_bytes(scenario="other"), "no scenario 'other'"),
        (as_bytes(events=[]), "Nothing has been answered"),
        (as_bytes(format=2), "format"),
        (b" " * 256_001, "larger than 256 kB"),
    ],
)
def test_what_is_not_a_record_of_this_course_is_refused_and_not_stored(tmp_path, data, said):
    with pytest.raises(RecordError, match=said):
        inbox.add(tmp_path, data, SLUGS)
    assert not list(tmp_path.iterdir())


def test_a_receipt_is_only_given_for_what_is_on_the_disk(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        inbox.add(tmp_path, as_bytes(), SLUGS)
    assert not list(tmp_path.iterdir())


def test_what_a_power_cut_left_empty_is_taken_anew_and_what_is_whole_is_left(tmp_path):
    found = Found("answers.json", ("answers.json",), as_bytes(), datetime(2026, 11, 22, tzinfo=UTC))
    inbox.take(tmp_path, found, SLUGS)
    whole = {path: path.read_bytes() for path in (tmp_path / inbox.TAKEN).iterdir()}
    assert len(whole) == 2
    inbox.take(tmp_path, replace(found, label="elsewhere/answers.json"), SLUGS)
    assert {path: path.read_bytes() for path in whole} == whole
    for path in whole:
        path.write_bytes(b"")
    inbox.take(tmp_path, found, SLUGS)
    assert {path: path.read_bytes() for path in whole} == whole


def test_a_full_inbox_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(inbox, "MAX_FILES", 1)
    inbox.add(tmp_path, as_bytes(), SLUGS)
    with pytest.raises(OnsiteError, match="full"):
        inbox.add(tmp_path, as_bytes(), SLUGS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("José García", "josé-garcía"),
        ("  Li  Wei ", "li-wei"),
        ("a.b@example.org", "a.b@example.org"),
        ("../../etc/passwd", "etc-passwd"),
        ("*?[x]", "x"),
        ("CON", "learner-con"),
        ("Анна Петрова", "анна-петрова"),
    ],
)
def test_a_name_becomes_a_safe_folder(name, expected):
    assert names.learner_id(name) == expected


@pytest.mark.parametrize("name", ["...", "   ", "/\\", "--"])
def test_a_name_without_a_letter_is_refused(name):
    with pytest.raises(RecordError, match="no letter or digit"):
        names.learner_id(name)


def test_of_many_states_of_one_record_few_are_in_memory_at_once(tmp_path, monkeypatch):
    plays = [[("corridor", "tell"), ("desk", "range")]] * 40
    for number in range(1, 40):
        state = record("locked-door", *plays[:number], learner="Ada", record_id="0" * 32)
        (tmp_path / f"{number:02}.json").write_text(json.dumps(state), "utf-8")
    hand_ins = inbox.read(tmp_path, SLUGS).hand_ins
    alive = {"now": 0, "most": 0}

    def gone() -> None:
        alive["now"] -= 1

    def watched(data: bytes, scenario: str | None = None) -> Record:
        found = parse_record(data, scenario)
        weakref.finalize(found, gone)
        alive["now"] += 1
        alive["most"] = max(alive.values())
        return found

    monkeypatch.setattr(inbox, "parse_record", watched)
    [(counts, passed)] = counting.by_learner(hand_ins)
    assert (counts.path.name, passed) == ("39.json", [])
    assert 0 < alive["most"] <= 3, "a cohort's hand-ins are too many to hold, and one person may send a thousand"
