"""The player's module, stylesheet and strings as text.

The sources are small ES modules that a browser can also load one by one. A widget needs a single
module, so they are joined here: each after the ones it imports, import lines and `export` dropped.
"""

import json
import re
from functools import cache
from importlib.resources import files

from onsite.player.tighten import tight_css, tight_js

ENTRY = "player.js"

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?P<file>[a-z_]+\.js)";\n', re.MULTILINE)
_FINAL_EXPORT = re.compile(r"\bexport ?(?:default ?)?\{[^}]*\};\n?")
_EXPORT = re.compile(r"^export (?=(async function|function|const|class)\b)", re.MULTILINE)


@cache
def module() -> str:
    """The whole player as one ES module, tightened."""
    parts: dict[str, str] = {}
    _collect(ENTRY, parts, ())
    return tight_js("\n".join(parts.values()))


@cache
def script() -> str:
    """The same code as a classic script that mounts every player found so far in its page.

    A page needs this form: a module would wait until the whole page is there, a module in a file of its own would
    not load at all from a folder. Raises ValueError when the module could end a script element early.
    """
    code = _FINAL_EXPORT.sub("", module())
    if "</script" in code.lower() or "<!--" in code:
        raise ValueError(
            "the player's code holds '</script' or '<!--', which would end it in a page; write it in two parts"
        )
    return f'(() => {{\n"use strict";\n{code.rstrip()}\nmountAll(document);\n}})();'


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
    """The player's stylesheet, tightened."""
    return tight_css(_read("player.css"))


@cache
def strings(language: str = "en") -> dict[str, str]:
    """Every visible string of the player, by key."""
    text = files("onsite.player").joinpath("strings", f"{language}.json").read_text("utf-8")
    catalogue: dict[str, str] = json.loads(text)
    return catalogue


def _read(name: str) -> str:
    return files("onsite.player").joinpath("static", name).read_text("utf-8")
