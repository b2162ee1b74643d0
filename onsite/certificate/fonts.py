"""Fonts for names in any script: those of an installed package, and files that somebody put into fonts/."""

import importlib.util
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError

_PACKAGES = ("manimgx_fonts", "pylopdf_fonts_zh_cn", "pylopdf_fonts_jp", "pylopdf_fonts_ko")
"""Packages with Noto fonts under the SIL Open Font License. The first is required; the others are big and are not."""

_FIRST = "NotoSans[wght].ttf"
_NOT = ("Italic", "Serif")
# Drawn as part of the letters around them.
_NO_GLYPH = {0x200C, 0x200D}


class MissingLettersError(Exception):
    """There is no font for some letters; `letters` are they."""

    def __init__(self, letters: Sequence[str]) -> None:
        self.letters = letters
        super().__init__(letters)

    def __str__(self) -> str:
        named = ", ".join(f"{letter} ({unicodedata.name(letter, 'no name').lower()})" for letter in self.letters[:3])
        return (
            f"there is no font here for {named}{' and others' if len(self.letters) > 3 else ''}. "
            "Put a font file with these letters (.ttf or .otf, such as Noto Sans of that script) into the folder "
            "fonts/ of the course and try again"
        )


@dataclass
class Fonts:
    """The fonts there are, the first one first; which letters each has is read when it is asked for."""

    files: list[Path]
    _covered: dict[Path, frozenset[int]] = field(default_factory=dict)

    def needed_for(self, texts: Iterable[str]) -> list[Path]:
        """The fonts that are needed to print the texts, the first always. Raises MissingLettersError."""
        open_letters = {ord(letter) for text in texts for letter in text} - _NO_GLYPH
        chosen: list[Path] = []
        for path in self.files:
            if chosen and not open_letters:
                break
            covered = self._letters(path)
            if not chosen or open_letters & covered:
                chosen.append(path)
                open_letters -= covered
        if open_letters:
            raise MissingLettersError([chr(letter) for letter in sorted(open_letters)])
        return chosen

    def _letters(self, path: Path) -> frozenset[int]:
        if path not in self._covered:
            try:
                with path.open("rb") as file, TTFont(file, lazy=True) as font:
                    self._covered[path] = frozenset(font.getBestCmap() or ())
            except (TTLibError, OSError, KeyError, ValueError):
                self._covered[path] = frozenset()
        return self._covered[path]


def find_fonts(folder: Path) -> Fonts:
    """The fonts of the installed packages, then those in `folder`."""
    files: list[Path] = []
    for package in _PACKAGES:
        found = importlib.util.find_spec(package)
        for place in (found.submodule_search_locations or []) if found else []:
            some = sorted(path for path in Path(place).iterdir() if path.suffix.lower() in {".ttf", ".otf"})
            files += [path for path in some if not any(word in path.name for word in _NOT)]
    files.sort(key=lambda path: path.name != _FIRST)
    return Fonts(files + sorted(path for path in folder.glob("*") if path.suffix.lower() in {".ttf", ".otf"}))
