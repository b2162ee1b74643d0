"""The answer record, answers.json: reading it with suspicion, writing it so that nothing is lost."""

import json
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from filelock import FileLock
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationError,
    model_serializer,
)

from onsite.safe_files import write_whole
from onsite.scenario.errors import RecordError
from onsite.scenario.items.text import TEXT_LIMIT
from onsite.scenario.parts import Slug
from onsite.scenario.replay import Given

FORMAT = 1
FILE_NAME = "answers.json"
MAX_BYTES = 256_000
MAX_DEPTH = 8

MAX_TICKS = 20
"""The most ticks of any clock."""

Confidence = Literal["low", "middle", "high"]
Stamp = Annotated[str, StringConstraints(max_length=40)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Start(_Part):
    """An attempt begins, on this content version of the scenario."""

    type: Literal["start"]
    version: Annotated[int, Field(ge=1, le=100_000, strict=True)]
    at: Stamp = ""


class Answer(_Part):
    """One answer, in the form its item asks for.

    confidence: how sure the learner was, where the item asks; ticks: how often the scene's clock had ticked.
    """

    type: Literal["answer"]
    scene: Slug
    answer: JsonValue
    at: Stamp = ""
    confidence: Confidence | None = None
    ticks: Annotated[int, Field(ge=0, le=MAX_TICKS, strict=True)] | None = None

    @model_serializer(mode="wrap")
    def _without_what_was_not_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Tabs and notebooks compare events: one that was read and written again must stay the same.
        written: dict[str, Any] = handler(self)
        return {k: v for k, v in written.items() if v is not None or k not in ("confidence", "ticks")}


Event = Annotated[Start | Answer, Field(discriminator="type")]


class Record(_Part):
    """Everything one person answered in one scenario. `events` only ever grows."""

    format: Literal[1] = 1
    scenario: Slug
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
    learner: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""
    events: list[Event] = Field(default_factory=list)
    drafts: dict[Slug, Annotated[str, StringConstraints(max_length=2 * TEXT_LIMIT)]] = Field(default_factory=dict)

    def attempts(self) -> list[tuple[int, list[Given]]]:
        """The attempts in order, each as its content version and its answers."""
        found: list[tuple[int, list[Given]]] = []
        for event in self.events:
            if isinstance(event, Start):
                found.append((event.version, []))
            elif found:
                found[-1][1].append(Given(event.scene, event.answer, event.confidence, event.ticks or 0))
        return found

    def continues(self, older: "Record") -> bool:
        """Whether this is `older` with zero or more events added: the same play, further on."""
        return self.id == older.id and self.events[: len(older.events)] == older.events

    def to_json(self) -> str:
        """The record as the text of answers.json."""
        return self.model_dump_json(indent=1) + "\n"


class NewerRecord(RecordError):
    """What is on disk is not an earlier state of what should be saved; `stored` is what is there."""

    def __init__(self, stored: Record) -> None:
        self.stored = stored
        super().__init__("These answers were continued somewhere else. The newer ones were kept.")


def new_record(scenario: str) -> Record:
    """An empty record with a fresh random id."""
    return Record(scenario=scenario, id=str(uuid.uuid4()))


def parse_record(data: bytes, scenario: str | None = None) -> Record:
    """Read a record from bytes that anybody may have written.

    Raises RecordError, with a sentence for the person who handed it in, when the bytes are more than
    256 kB, are not JSON, are nested too deep, are not a record, or belong to another scenario than
    `scenario` (when given).
    """
    if len(data) > MAX_BYTES:
        raise RecordError(f"The record is larger than {MAX_BYTES // 1000} kB; a real one is far smaller.")
    _refuse_depth(data)
    try:
        value: Any = json.loads(data.decode("utf-8-sig"))
        # NaN, 1e999 and half a character (a lone surrogate) can be read, but are not JSON when written again.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise RecordError("The record is not complete JSON: it was cut off or edited by hand.") from error
    if not isinstance(value, dict) or "scenario" not in value or "events" not in value:
        raise RecordError("The file is JSON, but not an Onsite answer record.")
    if value.get("format") != FORMAT or value["format"] is True:  # Python takes true for 1, the player does not
        raise RecordError(
            f"The record has format {str(value.get('format'))[:20]!r}; this version of Onsite reads format {FORMAT}."
        )
    try:
        record = Record.model_validate(value)
    except (ValidationError, RecursionError) as error:
        raise RecordError(f"The record has a part that does not belong there: {_first_place(error)}.") from error
    if record.events and not isinstance(record.events[0], Start):
        raise RecordError("The record does not begin with the start of an attempt.")
    if scenario is not None and record.scenario != scenario:
        raise RecordError(f"The record belongs to the scenario '{record.scenario}', not to '{scenario}'.")
    return record


# A string, up to its closing quote or the end of the data. Possessive, so that no input can make it look twice.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def _refuse_depth(data: bytes) -> None:
    # Counts brackets outside strings before any parser recurses into them.
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", data)):
        if bracket in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise RecordError(f"The record is nested more than {MAX_DEPTH} deep; a real one is not.")
        else:
            depth -= 1


def _first_place(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " > ".join(str(part)[:40] for part in error.errors()[0]["loc"])
    return "nesting"


def read_record(path: Path, scenario: str) -> Record | None:
    """The record at `path`, or None when there is none. Raises RecordError for one that cannot be used."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordError(f"{path} cannot be read ({error.strerror}).") from error
    return parse_record(data, scenario)


def save_record(path: Path, record: Record) -> None:
    """Write `record` to `path` atomically: a crash leaves the old file or the new one, never half of one.

    Raises NewerRecord, and writes nothing, when the file already holds events that `record` does not continue.
    Raises RecordError when the record is too large or could not be read again, or the disk refuses.
    """
    try:
        data = record.to_json().encode()
    except ValueError as error:
        raise RecordError("The answers hold a character that cannot be saved.") from error
    if len(data) > MAX_BYTES:
        raise RecordError(
            f"There is no room for more answers in this record ({MAX_BYTES // 1000} kB). Hand it in, then start afresh."
        )
    parse_record(data, record.scenario)
    try:
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=10):
            stored = read_record(path, record.scenario)
            if stored is not None and not record.continues(stored):
                raise NewerRecord(stored)
            write_whole(path, data, private=True)
    except (OSError, TimeoutError) as error:
        raise RecordError(
            f"The answers could not be saved to {path} ({getattr(error, 'strerror', None) or error})."
        ) from error


def keep_aside(path: Path) -> Path:
    """Move a record that cannot be used to a free name beside it, and return that name."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for number in range(1000):
        target = path.with_name(f"{path.stem}.aside-{stamp}{f'-{number}' if number else ''}{path.suffix}")
        if not target.exists():
            path.rename(target)
            return target
    raise RecordError(f"{path} is damaged and could not be moved aside. Rename it by hand.")
