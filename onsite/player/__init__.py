"""The player: one ES module for the page and the notebook, and the widget that carries it there."""

from typing import Any

__all__ = ["ScenarioPlayer"]


def __getattr__(name: str) -> Any:
    # The build needs the module's text, not ipywidgets; loading the widget only on use saves it half a second.
    if name == "ScenarioPlayer":
        from onsite.player.widget import ScenarioPlayer

        return ScenarioPlayer
    raise AttributeError(f"module 'onsite.player' has no attribute '{name}'")
