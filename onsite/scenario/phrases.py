"""Finding the phrases of a word list in a text."""

import re
from collections.abc import Iterable


class Phrases:
    """A word list made ready for search (see `wording` for how entries are written)."""

    def __init__(self, entries: Iterable[str]) -> None:
        alternatives = sorted(entries, key=len, reverse=True)
        self._pattern = re.compile(r"\b(?:" + "|".join(map(_pattern, alternatives)) + r")\b", re.IGNORECASE)

    def in_text(self, text: str) -> list[str]:
        """The phrases that stand in `text`, as written there, in order, none overlapping another."""
        plain = " ".join(text.replace("\u2019", "'").split())
        return [match[0] for match in self._pattern.finditer(plain)]


def _pattern(entry: str) -> str:
    return r"\b[^.!?]*?\b".join(re.escape(part.strip()) for part in entry.split("..."))
