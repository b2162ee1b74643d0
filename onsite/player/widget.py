"""The player as an ipywidgets widget: the same module, with the record kept in a file beside the notebook."""

import json
import os
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from onsite.player import assets
from onsite.player.hand_in import HandIn
from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import FILE_NAME, NewerRecord, Record, keep_aside, parse_record, read_record, save_record
from onsite.scenario.story import read_story


class ScenarioPlayer(anywidget.AnyWidget):
    """Plays the scenario whose story.json lies in `folder`; saves every answer to answers.json there.

    Traits, all synced with the player's module: `story`, `strings`; `record`, set by the module on each
    answer; `saved`, what is on disk ({"id", "count": events, "drafts", "problem": message or ""});
    `notice`, said once at the top; `hand_in_mode`, `hand_in_request`, `hand_in_result`.
    """

    _esm = assets.module()
    _css = assets.stylesheet()

    story = traitlets.Dict().tag(sync=True)
    strings = traitlets.Dict().tag(sync=True)
    record = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    saved = traitlets.Dict().tag(sync=True)
    notice = traitlets.Unicode().tag(sync=True)
    hand_in_mode = traitlets.Unicode("file").tag(sync=True)
    hand_in_request = traitlets.Dict().tag(sync=True)
    hand_in_result = traitlets.Dict().tag(sync=True)

    def __init__(self, folder: Path, hand_in: HandIn | None = None) -> None:
        """Raises OnsiteError when `folder` holds no story."""
        self._path = folder / FILE_NAME
        story = read_story(folder / "story.json")
        self._slug = story.scenario
        record, notice = self._load()
        self._hand_in = hand_in or HandIn(os.environ.get("ONSITE_HAND_IN_URL", ""))
        super().__init__(
            story=json.loads(story.to_json()),
            strings=assets.strings(),
            record=record.model_dump(mode="json") if record else None,
            saved=_on_disk(record) if record else {"count": 0, "problem": ""},
            notice=notice,
            hand_in_mode=self._hand_in.mode,
        )
        self.observe(self._save, names="record")
        self.observe(self._hand, names="hand_in_request")

    @classmethod
    def here(cls) -> "ScenarioPlayer | None":
        """The player for the working directory, which in a notebook is the notebook's folder.

        A problem is said in one line of plain words instead of a traceback. While nbgrader grades there
        is nobody to play, and so no player.
        """
        if os.environ.get("NBGRADER_EXECUTION"):
            return None
        try:
            return cls(Path.cwd())
        except OnsiteError as error:
            print(error)
            return None

    def _load(self) -> tuple[Record | None, str]:
        try:
            return read_record(self._path, self._slug), ""
        except RecordError as error:
            aside = keep_aside(self._path)
            return None, f"{error} It was kept as {aside.name}, and you start afresh."

    def _save(self, change: Any) -> None:
        if change["new"] is None:
            return
        try:
            record = parse_record(json.dumps(change["new"], ensure_ascii=False).encode(), self._slug)
            save_record(self._path, record)
        except NewerRecord as newer:
            # Another notebook went on with these answers: this one follows.
            self.record = newer.stored.model_dump(mode="json")
            self.notice = str(newer)
        except RecordError as error:
            self.saved = {**self.saved, "problem": str(error)}
        else:
            self.saved = _on_disk(record)

    def _hand(self, change: Any) -> None:
        request = change["new"]
        number = request.get("number", 0)
        try:
            record = read_record(self._path, self._slug)
            if record is None:
                raise RecordError("There are no saved answers to hand in yet.")
            learner = str(request.get("learner") or "").strip()
            if learner and learner != record.learner:
                record = record.model_copy(update={"learner": learner})
                save_record(self._path, record)
            result = self._hand_in.send(record, self._path)
        except OnsiteError as error:
            result = {"kind": "refused", "url": "", "message": str(error)}
        self.hand_in_result = {"number": number, **result}


def _on_disk(record: Record) -> dict[str, Any]:
    return {"id": record.id, "count": len(record.events), "drafts": record.drafts, "problem": ""}
