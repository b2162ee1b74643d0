"""By what a hand-in was graded: noted with its grade, so that a change of it never goes unnoticed. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from onsite.grading.scenarios import CourseScenario
from onsite.scenario.attempts import Attempt

NOTHING = "-"
"""The basis of a record without an attempt: whatever the key, it is worth nothing."""

_MOST = 12
_MORE = "..."


class Basis(NamedTuple):
    """By what one attempt was measured.

    begun: the version that it says it was begun on; own: the version that stands for that one; rules: the digest of
    what decided points in it; today: that of the version that was today's, where it was tried as well, else '';
    edition: the version by which it was graded in the end.
    """

    begun: int
    own: int
    rules: str
    today: str
    edition: int


def basis_of(scenario: CourseScenario, attempts: Sequence[Attempt], counted: Attempt | None) -> str:
    """The basis of a record as one short line: the attempt that counts first, then what others there are."""
    if counted is None:
        return NOTHING
    all_of_them = [_basis(scenario, counted), *sorted({_basis(scenario, one) for one in attempts})]
    found = list(dict.fromkeys(all_of_them))
    told = [":".join(map(str, one)) for one in found[:_MOST]]
    return " ".join([*told, _MORE] if len(found) > _MOST else told)


def _basis(scenario: CourseScenario, attempt: Attempt) -> Basis:
    own = scenario.older.get(attempt.version, scenario).version
    tried = own != scenario.version and attempt.replayed.problem is not None
    tried = tried or attempt.edition != own
    rules = scenario.rules
    return Basis(attempt.version, own, rules[own], rules[scenario.version] if tried else "", attempt.edition)


def read_basis(line: str) -> tuple[list[Basis], bool]:
    """The bases in a line, that of the attempt that counts first, and whether these are all of them."""
    found = []
    for word in line.split():
        parts = word.split(":")
        if len(parts) == len(Basis._fields) and all(part.isdecimal() for part in (parts[0], parts[1], parts[4])):
            found.append(Basis(int(parts[0]), int(parts[1]), parts[2], parts[3], int(parts[4])))
    return found, line == NOTHING or len(found) == len(line.split()) > 0


def still_holds(line: str, scenario: CourseScenario) -> bool:
    """Whether an unchanged record that was graded on this basis is certain to get the same points again."""
    found, complete = read_basis(line)
    return complete and all(_holds(one, scenario) for one in found)


def _holds(basis: Basis, scenario: CourseScenario) -> bool:
    own = scenario.older.get(basis.begun, scenario).version
    same = (own, scenario.rules[own]) == (basis.own, basis.rules)
    return same and basis.today in ("", scenario.rules[scenario.version])


def what_changed(line: str, scenario: CourseScenario) -> list[str]:
    """Why an unchanged record that was graded on this basis may get other points now, as parts of a sentence."""
    found, _ = read_basis(line)
    reasons = []
    for one in found:
        own = scenario.older.get(one.begun, scenario).version
        if own != one.own:
            reasons.append(
                f"what was answered on version {one.begun} was graded by the key of version {one.own}, and would now "
                f"be by that of version {own}{_not_kept(one.own, scenario)}"
            )
        elif scenario.rules[own] != one.rules:
            reasons.append(f"the key or the rules of version {own} were changed")
        elif not _holds(one, scenario):
            reasons.append(f"answers from before and after an update fit version {scenario.version} differently")
    return list(dict.fromkeys(reasons)) or ["it is not known by what they were graded"]


def _not_kept(version: int, scenario: CourseScenario) -> str:
    if version in scenario.rules:
        return ""
    return f", since solutions/{scenario.slug}/versions/{version}.yml is not there"


def answered_on(line: str, scenario: CourseScenario) -> str:
    """What to say of a grade that was made from another version than today's; empty otherwise."""
    found, _ = read_basis(line)
    if not found or found[0].begun == scenario.version:
        return ""
    return f"answered on version {found[0].begun}, graded by the key of version {found[0].edition}"
