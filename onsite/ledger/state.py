"""What the history says holds, what gradebook and hand-ins say, and the entries that bring them together. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from onsite.ledger.chain import ACCEPTED
from onsite.ledger.entries import Body, Entry

BEGUN, GRADE, ANSWERS, HAND_IN = "begun", "grade", "answers", "hand-in"
ERASED, RESTORED, ASIDE, BACKUP = "erased", "restored", "set aside", "backup"

RUN, READER, NOBODY = "grading run", "reader in formgrader", "not known"

Decision = tuple[str, str, str]
"""A person, a scenario, a decision."""
Play = tuple[str, str]
"""A person, a scenario."""


@dataclass(frozen=True)
class Score:
    """A grade in points, None while nobody has read it. read: a person gave it."""

    points: float | None
    read: bool = False


@dataclass
class State:
    """What is known of each person, under the name they have in the history.

    hand_ins: hashes of the files that came; gone: those of them that were erased; erased: people who were.
    """

    grades: dict[Decision, float] = field(default_factory=dict)
    answers: dict[Play, str] = field(default_factory=dict)
    hand_ins: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Snapshot:
    """What the gradebook and the folders hold, by learner.

    answers: the hash of the record that was graded; hand_ins: where each file of the inbox is, by its hash.
    """

    grades: Mapping[Decision, Score]
    answers: Mapping[Play, str]
    hand_ins: Mapping[str, str]

    def learners(self) -> set[str]:
        """Everybody who has a grade or graded answers."""
        return {key[0] for key in self.grades} | {key[0] for key in self.answers}


def fold(entries: Iterable[Entry]) -> State:
    """The state that the entries lead to. What is not understood is left out: it is a break in the chain."""
    state = State()
    for entry in entries:
        body = entry.body
        if entry.what == GRADE:
            key = (str(body.get("person")), str(body.get("scenario")), str(body.get("decision")))
            state.people.add(key[0])
            if body.get("new") is None:
                state.grades.pop(key, None)
            else:
                state.grades[key] = body["new"]
        elif entry.what == ANSWERS:
            person = str(body.get("person"))
            state.people.add(person)
            state.answers[person, str(body.get("scenario"))] = str(body.get("sha256"))
        elif entry.what == HAND_IN:
            state.hand_ins.add(str(body.get("sha256")))
        elif entry.what == ERASED:
            _erase(state, str(body.get("person")), body)
        elif entry.what == ACCEPTED:
            for person in _list(body, "people"):
                _erase(state, str(person), {})
            state.gone.update(map(str, _list(body, "hand_ins")))
            state.hand_ins.difference_update(map(str, _list(body, "hand_ins")))
            for play in _list(body, "answers"):
                state.answers.pop(tuple(play), None)
    return state


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    found = body.get(name)
    return found if isinstance(found, list) else []


def _erase(state: State, person: str, body: Mapping[str, Any]) -> None:
    state.erased.add(person)
    state.people.discard(person)
    state.gone.update(map(str, _list(body, "hand_ins")))
    state.hand_ins.difference_update(map(str, _list(body, "hand_ins")))
    state.grades = {key: value for key, value in state.grades.items() if key[0] != person}
    state.answers = {key: value for key, value in state.answers.items() if key[0] != person}


@dataclass(frozen=True)
class Change:
    """One grade that is not what the history says; None is no grade, or one that waits for a reader."""

    person: str
    scenario: str
    decision: str
    old: float | None
    new: float | None
    read: bool


def changes(state: State, snapshot: Snapshot, people: Mapping[str, str]) -> list[Change]:
    """The grades in which gradebook and history differ, in order. `people`: learner to the name in the history."""
    found = []
    seen: set[Decision] = set()
    for (learner, scenario, decision), score in snapshot.grades.items():
        key = (people.get(learner, learner), scenario, decision)
        seen.add(key)
        old = state.grades.get(key)
        if old != score.points:
            found.append(Change(*key, old, score.points, score.read))
    found += [Change(*key, old, None, False) for key, old in state.grades.items() if key not in seen]
    return sorted(found, key=lambda change: (change.person, change.scenario, change.decision))


def new_entries(
    state: State, snapshot: Snapshot, people: Mapping[str, str], why: str | None, by: str = RUN, *, first: bool = False
) -> list[Body]:
    """What has to be entered so that the history says what the gradebook and the folders hold.

    why: of the grading run that has just ended; None outside of one. by: what made the changes of the
    run; first: the history begins with this.
    """
    bodies: list[Body] = [
        {"what": HAND_IN, "sha256": found} for found in sorted(snapshot.hand_ins) if found not in state.hand_ins
    ]
    for (learner, scenario), found in sorted(snapshot.answers.items()):
        person = people[learner]
        if state.answers.get((person, scenario)) != found:
            bodies.append({"what": ANSWERS, "person": person, "scenario": scenario, "sha256": found})
    for change in changes(state, snapshot, people):
        who, reason = _who_and_why(change, why, by, first)
        bodies.append(
            {
                "what": GRADE, "person": change.person, "scenario": change.scenario, "decision": change.decision,
                "old": change.old, "new": change.new, "by": who, "why": reason,
            }
        )  # fmt: skip
    return bodies


def _who_and_why(change: Change, why: str | None, by: str, first: bool) -> tuple[str, str]:
    if change.read:
        return READER, "read by a person" if change.old is None else "read again by a person"
    if why is None and first:
        return NOBODY, "found in the gradebook when the history began"
    if why is None:
        gone = change.new is None
        return NOBODY, "removed from the gradebook" if gone else "changed in the gradebook outside of a grading run"
    if change.new is None:
        return by, f"{why}: it waits to be read again, or is gone"
    return by, why if change.old is None or why != "graded" else "graded again"
