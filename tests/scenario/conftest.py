"""Edits of the small scenario, and the points and scenarios of the course itself."""

from collections.abc import Callable
from pathlib import Path

import pytest

from onsite.points import read_citable


@pytest.fixture
def edited(tiny: Path, tmp_path: Path) -> Callable[..., Path]:
    """edited((old, new), ...): a copy of the small scenario with each `old`, which must stand there once, replaced."""

    def make(*edits: tuple[str, str]) -> Path:
        text = tiny.read_text("utf-8")
        for old, new in edits:
            assert text.count(old) == 1, f"{old!r} should stand once in {tiny.name}, but does {text.count(old)} times"
            text = text.replace(old, new)
        path = tmp_path / "locked-door" / "scenario.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
        return path

    return make


@pytest.fixture(scope="session")
def known_points(repository: Path) -> dict[str, str]:
    return read_citable(repository / "book" / "source-points.yml")
