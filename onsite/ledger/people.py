"""The names of people in the history: hashes with a salt each. Whoever loses their salt cannot be found again."""

import getpass
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from onsite.safe_files import write_whole
from onsite.scenario.errors import OnsiteError


@dataclass
class Names:
    """salts: 32 random bytes in hex for each learner; hand_ins: the path in the inbox by the file's hash.

    Kept beside the history and not in it, so that a person's name can be erased and the chain stays whole.
    """

    salts: dict[str, str] = field(default_factory=dict)
    hand_ins: dict[str, str] = field(default_factory=dict)

    def enter(self, learners: Iterable[str]) -> None:
        """Give everybody who has none a salt."""
        for learner in learners:
            if learner not in self.salts:
                self.salts[learner] = secrets.token_hex(32)

    def person(self, learner: str) -> str | None:
        """The name in the history of one learner; None of somebody unknown."""
        salt = self.salts.get(learner)
        return None if salt is None else person_hash(learner, salt)

    def people(self) -> dict[str, str]:
        """The name in the history of every learner."""
        return {learner: person_hash(learner, salt) for learner, salt in self.salts.items()}

    def seal(self, learner: str, data: bytes) -> str:
        """By what a learner's data are known again, and by nobody who has not their salt: 32 hex digits.

        A plain hash of a short comment could be found by trying, also after its owner was erased.
        """
        return hmac.digest(self.salts[learner].encode(), b"seal\0" + data, "sha256").hex()[:32]

    def learners(self) -> dict[str, str]:
        """The learner behind every name in the history that is still known."""
        return {person: learner for learner, person in self.people().items()}


def person_hash(learner: str, salt: str) -> str:
    """A learner's name in the history: HMAC-SHA256 of the id under their salt, its first 32 hex digits."""
    return hmac.digest(salt.encode(), learner.encode(), "sha256").hex()[:32]


def operator() -> str:
    """The name under which whoever runs this command is logged in, or '' when the system cannot say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def read_names(path: Path) -> Names:
    """The names at `path`; none when there is no such file. Raises OnsiteError for one that cannot be used."""
    try:
        said = json.loads(path.read_bytes())
        salts, hand_ins = said["salts"], said["hand_ins"]
        sound = all(isinstance(k, str) and isinstance(v, str) for some in (salts, hand_ins) for k, v in some.items())
    except FileNotFoundError:
        return Names()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise OnsiteError(
            f"{path} cannot be read: it was changed or is damaged. It says whose the entries of the history are. "
            "Bring it back from a backup with `python3 course.py restore FILE.zip`."
        )
    return Names(salts, hand_ins)


def save_names(path: Path, names: Names) -> None:
    """Write the names, for the owner of the course alone."""
    said = {"salts": names.salts, "hand_ins": names.hand_ins}
    write_whole(path, json.dumps(said, indent=0, sort_keys=True).encode() + b"\n", private=True)
