"""Whether a text names a person: in any case and spelling, and not where it names somebody else. Pure."""

import functools
import html
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_NO_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, East Asian."""
_BETWEEN = re.compile(r"[\s_.,-]+")


class Mentions:
    """Finds any of `words` where it is neither part of a longer word nor of one of the names of `others`.

    Erasing Ana must not touch Ana Sousa.
    """

    def __init__(self, words: Iterable[str], others: Iterable[str] = ()) -> None:
        words = [word for word in words if can_be_searched(word)]
        own = _pattern(words)
        longer = [other for other in others if own.search(other) and not own.fullmatch(other)]
        self._found = re.compile(f"(?:{_pattern(longer).pattern})|(?P<own>{own.pattern})", re.IGNORECASE)
        # The longest part of each: a text without them all, as most are, is told a hundred times as fast.
        self._hints = {max(_BETWEEN.split(form), key=len).casefold() for word in words for form in _forms(word)}

    def __call__(self, text: str) -> bool:
        """Whether one of them stands in the text as it is, or as JSON, HTML and addresses spell it."""
        return any(map(self._stands_in, _spellings(text)))

    def _stands_in(self, text: str) -> bool:
        folded = text.casefold()
        if not any(hint in folded for hint in self._hints):
            return False
        return any(found["own"] is not None for found in self._found.finditer(text))


def can_be_searched(word: str) -> bool:
    """Whether a word is long enough to tell somebody in a text: a number such as 100 stands everywhere."""
    if not any(letter.isalpha() for letter in word):
        return len(word) >= 6
    return len(word) >= (3 if word.isascii() else 2)


def _spellings(text: str) -> Iterator[str]:
    yield text
    plain = _ESCAPED.sub(lambda found: _unescaped(found[0]), text) if "\\u" in text else text
    plain = html.unescape(plain)
    if plain != text:
        yield plain
    if "%" in text and (unquoted := unquote(text)) != text:
        yield unquoted


def _unescaped(escapes: str) -> str:
    # Pairs make one letter beyond the 65,536th; half of one is left as what it is.
    units = bytes.fromhex(escapes.replace("\\u", ""))
    return units.decode("utf-16-be", "replace")


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    forms = {form for word in words for form in _forms(word)}
    found = sorted(map(_one, forms), key=len, reverse=True)
    return re.compile("|".join(found) or r"(?!)", re.IGNORECASE)


def _forms(word: str) -> set[str]:
    """A word with its accents in one piece with their letters, and apart; none for one without a letter or digit."""
    return {unicodedata.normalize(form, word) for form in ("NFC", "NFD") if _BETWEEN.sub("", word)}


def _one(word: str) -> str:
    spaced = r"[\s_.,-]+".join(map(re.escape, filter(None, _BETWEEN.split(word))))
    before = "" if _NO_SPACES.match(word) else r"(?<![^\W_])"
    after = "" if _NO_SPACES.match(word[-1]) else rf"(?![^\W_]|[{_marks()}])"
    return f"{before}{spaced}{after}"


@functools.cache
def _marks() -> str:
    """Accents and vowel signs, which belong to the letter before them, as what stands in a class of letters."""
    marks = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code))[0] == "M"]
    runs: list[list[int]] = []
    for code in marks:
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in runs)
