"""Whether anything that a build reads has changed since the last one."""

import hashlib
import json
from pathlib import Path

from onsite.paths import CoursePaths

_INPUTS = (
    "solutions/**/*",
    "exercises/**/*",
    "book/**/*",
    "onsite/**/*",
    "_config.yml",
    "_toc.yml",
    "requirements.txt",
)
_IGNORED_PARTS = {"__pycache__", ".ipynb_checkpoints"}


def fingerprint(course: CoursePaths) -> str:
    """A hash over names, sizes and modification times of every file a build depends on."""
    digest = hashlib.sha256()
    for pattern in _INPUTS:
        for path in sorted(course.root.glob(pattern)):
            if path.is_file() and not _IGNORED_PARTS & set(path.parts) and not _is_record(path):
                stat = path.stat()
                digest.update(f"{path.relative_to(course.root)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _is_record(path: Path) -> bool:
    # What a player writes beside a notebook: answers.json, its lock, and records kept aside.
    return path.name.lstrip(".").startswith("answers") and path.suffix in {".json", ".lock"}


def is_current(course: CoursePaths) -> bool:
    """Whether the site stands and was built from exactly what is there now."""
    try:
        kept = json.loads(_stamp(course).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return (course.site / "index.html").is_file() and kept == {"fingerprint": fingerprint(course)}


def remember(course: CoursePaths) -> None:
    """Note that the site was built from what is there now."""
    _stamp(course).write_text(json.dumps({"fingerprint": fingerprint(course)}), "utf-8")


def _stamp(course: CoursePaths) -> Path:
    return course.site.parent / "onsite-build.json"
