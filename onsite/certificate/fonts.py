"""Fonts for names in any script: those of installed packages, and files that somebody put into fonts/."""

import importlib.util
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import uharfbuzz
from fontTools.ttLib import TTFont, TTLibError

_PACKAGES = ("manimgx_fonts", "noto_cjk_sans_otc")
"""Packages with Noto fonts under the SIL Open Font License; the second is for Chinese, Japanese and Korean."""

_FIRST = "NotoSans[wght].ttf"
_NOT = ("Italic", "Serif")
_KINDS = {".ttf", ".otf", ".ttc", ".otc"}
# Drawn as part of the letters around them.
_NO_GLYPH = {0x200C, 0x200D}
_BIG_BYTES = 3_000_000

Region = Literal["japanese", "korean", "simplified", "traditional"]
_FACES: tuple[Region, ...] = ("japanese", "korean", "simplified", "traditional")
"""In this order Noto Sans CJK holds its faces: the same characters, as each place draws them."""


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


@dataclass(frozen=True)
class Face:
    """A font file, and which of the faces in it, from 0."""

    path: Path
    number: int = 0


@dataclass
class Fonts:
    """The fonts there are, the first one first; which letters each has is read when it is asked for.

    region: how Chinese characters are drawn where a name itself does not tell.
    """

    files: list[Path]
    region: Region = "simplified"
    _covered: dict[Path, frozenset[int]] = field(default_factory=dict)
    _loaded: dict[Path, uharfbuzz.Blob] = field(default_factory=dict)

    def needed_for(self, texts: Iterable[str]) -> list[Face]:
        """The fonts that are needed to print the texts, the first always. Raises MissingLettersError."""
        said = "".join(texts)
        open_letters = {ord(letter) for letter in said} - _NO_GLYPH
        chosen: list[Face] = []
        for path in self.files:
            if chosen and not open_letters:
                break
            covered = self._letters(path)
            if not chosen or open_letters & covered:
                chosen.append(Face(path, _FACES.index(region_of(said, self.region)) if _is_east_asian(path) else 0))
                open_letters -= covered
        if open_letters:
            raise MissingLettersError([chr(letter) for letter in sorted(open_letters)])
        return chosen

    def file_of(self, face: Face, texts: Iterable[str], folder: Path) -> Path:
        """A font file with this face and at least the letters of the texts; made in `folder` when the font is big.

        All of a font of 20 MB would be read for each certificate.
        """
        if face.path.stat().st_size < _BIG_BYTES:
            return face.path
        if face.path not in self._loaded:
            self._loaded[face.path] = uharfbuzz.Blob.from_file_path(str(face.path))
        wanted = uharfbuzz.SubsetInput()
        wanted.unicode_set.update({ord(letter) for text in texts for letter in text})
        small = uharfbuzz.subset(uharfbuzz.Face(self._loaded[face.path], face.number), wanted)
        made = folder / f"{face.path.stem}.otf"
        made.write_bytes(small.blob.data)
        return made

    def _letters(self, path: Path) -> frozenset[int]:
        if path not in self._covered:
            try:
                with path.open("rb") as file, TTFont(file, lazy=True, fontNumber=0) as font:
                    self._covered[path] = frozenset(font.getBestCmap() or ())
            except (TTLibError, OSError, KeyError, ValueError):
                self._covered[path] = frozenset()
        return self._covered[path]


def _is_east_asian(path: Path) -> bool:
    return "CJK" in path.name and path.suffix.lower() in {".ttc", ".otc"}


def region_of(text: str, otherwise: Region) -> Region:
    """As which place draws them Chinese characters are to be drawn in a text; `otherwise` where it does not tell.

    Kana is Japanese and Hangul Korean. Else it shows by the characters that only one of them has a code for in
    its old national standard (GB 2312, Big5, JIS X 0208, KS X 1001); most characters are in all of them.
    """
    names = [unicodedata.name(letter, "") for letter in text]
    if any(name.startswith(("HIRAGANA", "KATAKANA")) for name in names):
        return "japanese"
    if any(name.startswith("HANGUL") for name in names):
        return "korean"
    han = "".join(letter for letter, name in zip(text, names, strict=True) if name.startswith("CJK UNIFIED"))
    able = [region for region, standard in _STANDARDS.items() if _has(standard, han)]
    return otherwise if not han or otherwise in able or not able else able[0]


_STANDARDS: dict[Region, str] = {
    "simplified": "gb2312",
    "traditional": "big5",
    "japanese": "shift_jis",
    "korean": "euc_kr",
}


def _has(standard: str, text: str) -> bool:
    try:
        text.encode(standard)
    except UnicodeEncodeError:
        return False
    return True


def find_fonts(folder: Path, region: Region = "simplified") -> Fonts:
    """The fonts of the installed packages, then those in `folder`."""
    files: list[Path] = []
    for package in _PACKAGES:
        found = importlib.util.find_spec(package)
        for place in (found.submodule_search_locations or []) if found else []:
            some = sorted(path for path in Path(place).iterdir() if path.suffix.lower() in _KINDS)
            files += [path for path in some if not any(word in path.name for word in _NOT)]
    files.sort(key=lambda path: path.name != _FIRST)
    return Fonts(files + sorted(path for path in folder.glob("*") if path.suffix.lower() in _KINDS), region)
