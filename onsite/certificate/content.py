"""What a certificate says, and the code that only the holder of the key can make for it."""

import base64
import hmac
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from onsite.safe_files import settle
from onsite.scenario.errors import OnsiteError

FORMAT = 1
KEY_NAME = "certificate.key"
MARK = "onsite-certificate:"
"""What stands before the content in the keywords of the PDF."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are misread."""
_CODE_LETTERS = 20
_LONGEST_NAME = 120
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class Certificate:
    """What is certified: whose, which course, each scenario's title with its day, when, by whom. Days: ISO 8601."""

    name: str
    course: str
    about: str
    scenarios: tuple[tuple[str, str], ...]
    issued: str
    issued_by: str
    signed_by: str

    def to_json(self) -> str:
        """The content in its one spelling, over which the code is made."""
        said = {
            "format": FORMAT, "name": self.name, "course": self.course, "about": self.about,
            "scenarios": [list(pair) for pair in self.scenarios], "issued": self.issued,
            "issued_by": self.issued_by, "signed_by": self.signed_by,
        }  # fmt: skip
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def same_but_for_the_day(self, other: "Certificate") -> bool:
        """Whether nothing but the day of issue differs.

        The day of a hand-in may be one off: it is that of the time zone of the computer, and was once that of UTC.
        """
        plain = [replace(one, scenarios=(), issued="") for one in (self, other)]
        return (
            plain[0] == plain[1]
            and len(self.scenarios) == len(other.scenarios)
            and all(
                title == same and _is_near(day, near)
                for (title, day), (same, near) in zip(self.scenarios, other.scenarios, strict=True)
            )
        )


def _is_near(day: str, other: str) -> bool:
    try:
        return abs(date.fromisoformat(day) - date.fromisoformat(other)) <= timedelta(days=1)
    except ValueError:
        return day == other


def parse_certificate(text: str) -> Certificate | None:
    """The certificate in a JSON text that anybody may have written, or None."""
    try:
        said: Mapping[str, Any] = json.loads(text)
        certificate = Certificate(
            said["name"], said["course"], said["about"], tuple((title, day) for title, day in said["scenarios"]),
            said["issued"], said["issued_by"], said["signed_by"],
        )  # fmt: skip
        certificate.to_json().encode()
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        return None
    words = [
        certificate.name, certificate.course, certificate.about, certificate.issued, certificate.issued_by,
        certificate.signed_by, *(word for pair in certificate.scenarios for word in pair),
    ]  # fmt: skip
    return certificate if all(isinstance(word, str) for word in words) else None


def code_of(certificate: Certificate, key: bytes) -> str:
    """The verification code: 100 bits of HMAC-SHA256 over the content, as four groups of five letters."""
    number = int.from_bytes(hmac.digest(key, certificate.to_json().encode(), "sha256")[:13]) >> 4
    letters = "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_CODE_LETTERS)))
    return "-".join(letters[start : start + 5] for start in range(0, _CODE_LETTERS, 5))


def read_code(text: str) -> str | None:
    """A code as it is written here, from how a person typed it; None when it is none."""
    letters = re.sub(r"[\s-]", "", text.upper()).translate(str.maketrans("OIL", "011"))
    if len(letters) != _CODE_LETTERS or set(letters) - set(_ALPHABET):
        return None
    return "-".join(letters[start : start + 5] for start in range(0, _CODE_LETTERS, 5))


def same_code(one: str, other: str) -> bool:
    """Whether two codes are the same, compared in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def clean(name: str) -> str:
    """A name as it is printed: one line, without control characters and marks that turn the direction of writing."""
    spaced = " ".join(unicodedata.normalize("NFC", name).split())
    return "".join(
        letter
        for letter in spaced
        if letter in _JOINERS or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"}
    )[:_LONGEST_NAME].strip()


def signing_key(path: Path, *, make: bool = False) -> bytes:
    """The key of the certificates. make: when there is none yet. Raises OnsiteError when it is missing or too short."""
    if make and not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return signing_key(path)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b16encode(secrets.token_bytes(32)).lower() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        settle(path.parent)
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise OnsiteError(
            f"The key {path} is not here ({error.strerror}): no certificate of this course can be checked without it. "
            "Bring it back from a backup."
        ) from error
    if len(key) < 64:
        raise OnsiteError(f"{path} was changed: it is not the key it was. Bring it back from a backup.")
    return key
