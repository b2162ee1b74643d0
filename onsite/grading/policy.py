"""regraded.json: by which version's key older answers are graded, where somebody decided that it is not their own's.

{"missed-calls": {"1": 3, "2": 3}}: in that scenario, what was begun on version 1 or 2 is graded by the key of version
3. The file is the organisation's own, like the gradebook it lies beside.
"""

import json
from collections.abc import Mapping

from onsite.paths import CoursePaths
from onsite.safe_files import write_whole
from onsite.scenario.errors import OnsiteError

Policy = dict[str, dict[int, int]]
"""By scenario and by the version that answers were begun on: the version they are graded by."""

_MOST_BYTES = 1_000_000


def read_policy(course: CoursePaths) -> Policy:
    """What was decided; nothing when there is no such file. Raises OnsiteError for one that cannot be read."""
    path = course.regraded
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OnsiteError(f"{path} cannot be read ({error.strerror}). Check your rights there.") from error
    try:
        said = json.loads(data.decode("utf-8-sig"))
        return {str(slug): {_version(begun): _version(by) for begun, by in one.items()} for slug, one in said.items()}
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise OnsiteError(
            f"{path} is damaged: it should say by which version older answers are graded. Bring it back from a backup. "
            "If there is none, move it away: `python3 course.py grade` then says which grades would change by that."
        ) from error


def _version(said: object) -> int:
    number = int(said) if isinstance(said, str) and said.isascii() and said.isdecimal() else said
    if type(number) is not int or not 1 <= number <= 100_000:
        raise ValueError(said)
    return number


def write_policy(course: CoursePaths, slug: str, graded_as: Mapping[int, int]) -> None:
    """Note what was decided for one scenario, in place of what was before. Raises OnsiteError."""
    policy = read_policy(course)
    policy.pop(slug, None)
    if graded_as:
        policy[slug] = dict(sorted(graded_as.items()))
    path = course.regraded
    try:
        if policy:
            write_whole(path, json.dumps(dict(sorted(policy.items())), indent=1).encode() + b"\n")
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise OnsiteError(f"{path} cannot be written ({error.strerror}). Nothing was regraded.") from error


def graded_as(course: CoursePaths, slug: str) -> dict[int, int]:
    """What was decided for one scenario."""
    return read_policy(course).get(slug, {})
