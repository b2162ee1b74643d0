"""The player's module, stylesheet and strings as text.

The sources are small ES modules that a browser can also load one by one. A widget needs a single
module, so they are joined here: each after the ones it imports, import lines and `export` dropped.
"""

import json
import re
from functools import cache
from importlib.resources import files

from onsite.player.tighten import tight_css, tight_js

PLAYER = "player.js"
PRACTICE = "practice.js"

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?P<file>[a-z_]+\.js)";\n', re.MULTILINE)
_FINAL_EXPORT = re.compile(r"\bexport ?(?:default ?)?\{[^}]*\};\n?")
_EXPORT = re.compile(r"^export (?=(async function|function|const|class)\b)", re.MULTILINE)


@cache
def module(entry: str = PLAYER) -> str:
    """The whole player, or what another entry module imports, as one ES module, tightened."""
    parts: dict[str, str] = {}
    _collect(entry, parts, entry, ())
    return tight_js("\n".join(parts.values()))


def script() -> str:
    """The player as a classic script that mounts every player found so far in its page.

    A page needs this form: a module would wait until the whole page is there, a module in a file of its own would
    not load at all from a folder.
    """
    return _classic(PLAYER, "mountAll(document);")


def practice_script() -> str:
    """What the pages of the book need, as a classic script with its strings, to be deferred."""
    told = json.dumps(strings(), ensure_ascii=False, separators=(",", ":"))
    return _classic(PRACTICE, f"mountPractice(document, {told});")


@cache
def _classic(entry: str, call: str) -> str:
    """Raises ValueError when the code could end a script element early."""
    code = _FINAL_EXPORT.sub("", module(entry))
    if "</script" in code.lower() or "<!--" in code:
        raise ValueError(
            "the player's code holds '</script' or '<!--', which would end it in a page; write it in two parts"
        )
    return f'(() => {{\n"use strict";\n{code.rstrip()}\n{call}\n}})();'


def _collect(name: str, parts: dict[str, str], entry: str, importing: tuple[str, ...]) -> None:
    if name in importing:
        raise ValueError(f"player modules import each other in a circle: {' > '.join((*importing, name))}")
    if name in parts:
        return
    text = _read(name)
    for match in _IMPORT.finditer(text):
        _collect(match["file"], parts, entry, (*importing, name))
    text = _IMPORT.sub("", text)
    parts[name] = text if name == entry else _EXPORT.sub("", text)


@cache
def stylesheet(name: str = "player.css") -> str:
    """The player's stylesheet, or another beside it, tightened."""
    return tight_css(_read(name))


@cache
def strings(language: str = "en") -> dict[str, str]:
    """Every visible string of the player, by key."""
    text = files("onsite.player").joinpath("strings", f"{language}.json").read_text("utf-8")
    catalogue: dict[str, str] = json.loads(text)
    return catalogue


def _read(name: str) -> str:
    return files("onsite.player").joinpath("static", name).read_text("utf-8")
