"""Who somebody is: names folded so that case and spacing do not matter, and names that learning platforms write."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from onsite.scenario.errors import RecordError

_MOODLE = re.compile(r"(?P<name>.+?)_\d+_assignsubmission_(?:file|onlinetext)(?:_.*)?", re.DOTALL)
_BLACKBOARD = re.compile(r".+?_(?P<name>[^_]+)_attempt_\d{4}(?:-\d\d){5}(?:_.*)?", re.DOTALL)
_CANVAS = re.compile(r"(?P<name>(?!\d+_)[^_]+)(?:_LATE)?_\d+_\d+_.+", re.DOTALL)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_ID_BYTES = 160


def fold(text: str) -> str:
    """A name as it is compared: letters, marks and digits only, in one case and one Unicode form.

    'Ada  LOVELACE', 'ada-lovelace' and 'AdaLovelace' are the same; 'José' and 'Jose' are not.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LMN")


def whole_name(first: str | None, last: str | None) -> str:
    """A name that is kept in two parts, of which either may be missing."""
    return " ".join(part for part in (first, last) if part)


def spellings(name: str) -> set[str]:
    """The folded forms of a person's name, whichever part is put first: 'Ada King Lovelace', 'Lovelace, Ada King'."""
    parts = _words(name)
    return {"".join(parts[start:] + parts[:start]) for start in range(len(parts))}


def is_another_name(told: str, name: str) -> bool:
    """Whether a name in two words or more cannot be a longer or shorter form of another: 'Ana María Sousa (EXT)' can
    be 'Ana Sousa', and a login such as 'asousa' can be anybody's."""
    words, parts = _words(told), _words(name)
    return len(words) > 1 and not all(part in fold(told) for part in parts) and not all(w in fold(name) for w in words)


def _words(name: str) -> list[str]:
    return [part for part in map(fold, re.split(r"[\s,;]+", name)) if part]


def platform_names(parts: Iterable[str]) -> list[str]:
    """The learners' names that Moodle, Blackboard or Canvas wrote into the names of folders and files."""
    found = []
    for part in parts:
        match = _MOODLE.fullmatch(part) or _BLACKBOARD.fullmatch(part) or _CANVAS.fullmatch(part)
        if match and fold(match["name"]):
            found.append(match["name"])
    return found


def stem(part: str) -> str:
    """The name of a file or folder without .json or .zip."""
    return re.sub(r"\.(json|zip)$", "", part, flags=re.IGNORECASE)


def learner_id(name: str) -> str:
    """A folder and gradebook id for a name or staff id: 'José García' becomes 'josé-garcía'.

    Names that differ only in case, spacing or punctuation are the same person. Very long ones end in a hash, so that
    they stay apart and fit a file system. Raises RecordError for a name without a letter or digit.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    # Vowel signs are marks: without them different names of many scripts would become one.
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in "_.@" else " " for c in folded)
    slug = re.sub(r"[\s-]+", "-", kept).strip("-._@")
    if not any(unicodedata.category(c)[0] in "LN" for c in slug):
        raise RecordError("The name has no letter or digit in it. Give a name or a staff id.")
    if len(slug) > 80 or len(slug.encode()) > _ID_BYTES:
        ending = hashlib.sha256(slug.encode()).hexdigest()[:12]
        slug = f"{slug[:60].encode()[: _ID_BYTES - 13].decode(errors='ignore').rstrip('-._@')}-{ending}"
    return f"learner-{slug}" if _RESERVED.fullmatch(slug) else slug


def id_of(name: str) -> str:
    """The same; '' for a name without a letter or digit, which is nobody's."""
    try:
        return learner_id(name)
    except RecordError:
        return ""
