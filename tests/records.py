"""Answer records for tests, as a learner's player would have written them."""

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Answers = Sequence[tuple[str, Any]]


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
