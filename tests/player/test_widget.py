"""The widget through its traits, as a notebook front end would set them: no browser."""

import json
from pathlib import Path
from typing import Any

import pytest
from records import record

from onsite.player import ScenarioPlayer
from onsite.player.hand_in import HandIn
from onsite.scenario.errors import OnsiteError
from onsite.scenario.story import Story

SLUG = "locked-door"
FIRST = record(SLUG, [("corridor", "tell")], record_id="aaaaaaaa-1")
SECOND = record(SLUG, [("corridor", "tell"), ("desk", "range")], record_id="aaaaaaaa-1")


@pytest.fixture
def folder(tmp_path: Path, tiny_story: Story) -> Path:
    (tmp_path / "story.json").write_text(tiny_story.to_json(), "utf-8")
    return tmp_path


def player(folder: Path) -> Any:
    return ScenarioPlayer(folder, HandIn(""))


def on_disk(folder: Path) -> Any:
    return json.loads((folder / "answers.json").read_text("utf-8"))


def test_every_answer_is_on_disk_before_it_is_called_saved(folder: Path):
    widget = player(folder)
    assert widget.saved == {"count": 0, "problem": ""}
    widget.record = FIRST
    assert on_disk(folder)["events"] == FIRST["events"]
    assert widget.saved == {"id": "aaaaaaaa-1", "count": 2, "drafts": {}, "problem": ""}


def test_a_new_kernel_resumes_from_the_file(folder: Path):
    player(folder).record = SECOND
    widget = player(folder)
    assert widget.record["events"] == SECOND["events"]
    assert widget.notice == ""


def test_a_draft_is_kept_too(folder: Path):
    widget = player(folder)
    widget.record = FIRST | {"drafts": {"paper": "half a sen"}}
    assert player(folder).record["drafts"] == {"paper": "half a sen"}


def test_two_notebooks_never_overwrite_each_other(folder: Path):
    widget, other = player(folder), player(folder)
    other.record = SECOND
    widget.record = record(SLUG, [("corridor", "push")], record_id="bbbbbbbb-2")
    assert on_disk(folder)["events"] == SECOND["events"]
    assert widget.record["events"] == SECOND["events"], "the one that came later follows"
    assert "continued somewhere else" in widget.notice


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ('{"format":1,"scen', "cut off"),
        ("[" * 100_000, "nested"),
        ("x" * 256_001, "larger than 256 kB"),
        (json.dumps(FIRST | {"scenario": "other"}), "belongs to the scenario 'other'"),
        (json.dumps(FIRST | {"format": 7}), "format"),
    ],
)
def test_a_record_that_cannot_be_used_is_kept_aside_and_the_learner_told(folder: Path, damage, said):
    (folder / "answers.json").write_text(damage, "utf-8")
    widget = player(folder)
    assert widget.record is None
    assert said in widget.notice
    aside = list(folder.glob("answers.aside-*.json"))
    assert [path.read_text("utf-8") for path in aside] == [damage]
    assert aside[0].name in widget.notice
    widget.record = FIRST
    assert on_disk(folder)["events"] == FIRST["events"]


def test_a_disk_that_refuses_is_said_and_play_goes_on(folder: Path, monkeypatch):
    widget = player(folder)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    widget.record = FIRST
    assert "No space left on device" in widget.saved["problem"]
    assert widget.saved["count"] == 0
    monkeypatch.undo()
    widget.record = SECOND
    assert widget.saved["count"] == 3
    assert widget.saved["problem"] == ""


def test_without_a_server_the_hand_in_says_which_file_to_send(folder: Path):
    widget = player(folder)
    assert widget.hand_in_mode == "file"
    widget.record = FIRST
    widget.hand_in_request = {"number": 1, "learner": "Noor Haddad"}
    assert widget.hand_in_result["kind"] == "file"
    assert str(folder / "answers.json") in widget.hand_in_result["message"]
    assert on_disk(folder)["learner"] == "Noor Haddad"


def test_nothing_answered_is_nothing_to_hand_in(folder: Path):
    widget = player(folder)
    widget.hand_in_request = {"number": 1, "learner": ""}
    assert widget.hand_in_result == {
        "number": 1, "kind": "refused", "url": "", "message": "There are no saved answers to hand in yet."
    }  # fmt: skip


def test_a_server_that_is_gone_leaves_the_file():
    gone = HandIn("http://127.0.0.1:9/course/hand-in")
    assert gone.mode == "file"


def test_without_a_story_one_plain_line_and_no_traceback(tmp_path: Path, monkeypatch, capsys):
    with pytest.raises(OnsiteError, match=r"course\.py build"):
        player(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert ScenarioPlayer.here() is None
    assert "course.py build" in capsys.readouterr().out
