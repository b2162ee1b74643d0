"""Edits of the small scenario."""

from collections.abc import Callable
from pathlib import Path

import pytest

from onsite.scenario.load import load_scenario
from onsite.scenario.schema import Scenario


@pytest.fixture
def edited_scenario(tiny: Path, tmp_path: Path) -> Callable[[str, str], Scenario]:
    """edited_scenario(old, new): the small scenario with `old`, which must stand there once, replaced."""

    def make(old: str, new: str) -> Scenario:
        text = tiny.read_text("utf-8")
        assert text.count(old) == 1
        path = tmp_path / "scenario.yml"
        path.write_text(text.replace(old, new), "utf-8")
        return load_scenario(path)

    return make
