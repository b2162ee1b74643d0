"""Answer records for tests, as a learner's player would have written them."""

import io
import json
import uuid
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Answers = Sequence[tuple[str, Any]]

PARTIAL: Answers = [
    ("monday", ["people", "laptop"]),
    ("meeting", {"best": "ruth", "worst": "month"}),
    ("kitchen", "day"),
    ("kitchen", "desk"),
    ("desk", {"ignore": 3, "say": 5, "forward": 2, "zofia": 4}),
    ("phone", "back"),
    ("thursday", {"typed": "client", "behind": "team", "next": "team", "leave": "nobody", "help": "client"}),
    ("friday", ["both", "span", "nine", "wait", "six"]),
]
"""Answers to items of every kind, those of tests/data/all_kinds.yml: some right, some half right."""


def record(
    slug: str, *attempts: Answers, learner: str = "", version: int | Sequence[int] = 1, record_id: str = ""
) -> dict[str, Any]:
    """A record of `attempts`, each a sequence of (scene, answer); version: of all of them, or of each."""
    events: list[dict[str, Any]] = []
    versions = [version] * len(attempts) if isinstance(version, int) else version
    for begun, attempt in zip(versions, attempts, strict=True):
        events.append({"type": "start", "version": begun, "at": "2026-11-22T09:00:00Z"})
        events += [{"type": "answer", "scene": s, "answer": a, "at": "2026-11-22T09:01:00Z"} for s, a in attempt]
    return {
        "format": 1, "scenario": slug, "id": record_id or str(uuid.uuid4()), "learner": learner,
        "events": events, "drafts": {},
    }  # fmt: skip


def drop(folder: Path, name: str, content: dict[str, Any] | str) -> Path:
    """Put a record, or any text, as a file into an inbox."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def zip_of(files: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """A zip, as small as may be; a name may stand there twice."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return data.getvalue()
