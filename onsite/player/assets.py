"""The player's module, stylesheet and strings as text.

The sources are small ES modules that a browser can also load one by one. A widget needs a single
module, so they are joined here: each after the ones it imports, import lines and `export` dropped.
"""

import json
import re
from functools import cache
from importlib.resources import files

ENTRY = "player.js"

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?P<file>[a-z_]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(async function|function|const|class)\b)", re.MULTILINE)


@cache
def module() -> str:
    """The whole player as one ES module."""
    parts: dict[str, str] = {}
    _collect(ENTRY, parts, ())
    return "\n".join(parts.values())


def _collect(name: str, parts: dict[str, str], importing: tuple[str, ...]) -> None:
    if name in importing:
        raise ValueError(f"player modules import each other in a circle: {' > '.join((*importing, name))}")
    if name in parts:
        return
    text = _read(name)
    for match in _IMPORT.finditer(text):
        _collect(match["file"], parts, (*importing, name))
    text = _IMPORT.sub("", text)
    parts[name] = text if name == ENTRY else _EXPORT.sub("", text)


@cache
def stylesheet() -> str:
    """The player's stylesheet."""
    return _read("player.css")


@cache
def strings(language: str = "en") -> dict[str, str]:
    """Every visible string of the player, by key."""
    text = files("onsite.player").joinpath("strings", f"{language}.json").read_text("utf-8")
    catalogue: dict[str, str] = json.loads(text)
    return catalogue


def _read(name: str) -> str:
    return files("onsite.player").joinpath("static", name).read_text("utf-8")
