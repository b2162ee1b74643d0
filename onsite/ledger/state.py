"""What the history says holds, what gradebook and folders say, and where the two differ. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from onsite.ledger.chain import ACCEPTED
from onsite.ledger.entries import Entry

BEGUN, GRADE, ANSWERS, HAND_IN, COMMENT = "begun", "grade", "answers", "hand-in", "comment"
ERASED, RESTORED, ASIDE, BACKUP = "erased", "restored", "set aside", "backup"
CERTIFIED, WITHDRAWN = "certified", "withdrawn"

Decision = tuple[str, str, str]
"""A person, a scenario, a decision."""
Play = tuple[str, str]
"""A person, a scenario."""
Issued = tuple[str, str]
"""A person, and the seal of what was put down when a certificate was issued to them."""


@dataclass(frozen=True)
class Score:
    """A grade in points, None while nobody has read it. read: a person gave it; machine: the key gave points too.

    waits: a person has yet to read it, if only since the text is another than the one the points are for.
    """

    points: float | None
    read: bool = False
    machine: bool = False
    waits: bool = False


@dataclass
class State:
    """What is known of each person, under the name they have in the history.

    comments: the seal of each comment (see `Names.seal`); certificates: why each was withdrawn, '' while it holds;
    hand_ins: hashes of the files that came; gone: those of them that were erased; erased: people who were; clicks:
    ids of the notes that were entered.
    """

    grades: dict[Decision, float] = field(default_factory=dict)
    comments: dict[Decision, str] = field(default_factory=dict)
    certificates: dict[Issued, str] = field(default_factory=dict)
    answers: dict[Play, str] = field(default_factory=dict)
    hand_ins: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    clicks: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Snapshot:
    """What the gradebook and the folders hold, by learner.

    comments: texts of people; answers: the hash of the record that was graded; hand_ins: where each file of the inbox
    is, by its hash; unread: what lies there and cannot be read as something handed in, as a folder or a pipe.
    """

    grades: Mapping[Decision, Score]
    comments: Mapping[Decision, str]
    answers: Mapping[Play, str]
    hand_ins: Mapping[str, str]
    unread: tuple[Path, ...] = ()

    def learners(self) -> set[str]:
        """Everybody who has a grade, a comment or graded answers."""
        return {key[0] for some in (self.grades, self.comments, self.answers) for key in some}


def fold(entries: Iterable[Entry]) -> State:
    """The state that the entries lead to. What is not understood is left out: it is a break in the chain."""
    state = State()
    for entry in entries:
        body, what = entry.body, entry.what
        person = str(body.get("person"))
        if "click" in body:
            state.clicks.add(str(body["click"]))
        if what in (GRADE, COMMENT, ANSWERS):
            state.people.add(person)
        if what in (GRADE, COMMENT):
            key = (person, str(body.get("scenario")), str(body.get("decision")))
            some, value = (state.grades, body.get("new")) if what == GRADE else (state.comments, body.get("seal"))
            if value is None:
                some.pop(key, None)
            else:
                some[key] = value
        elif what == ANSWERS:
            state.answers[person, str(body.get("scenario"))] = str(body.get("sha256"))
        elif what == HAND_IN:
            state.hand_ins.add(str(body.get("sha256")))
        elif what in (CERTIFIED, WITHDRAWN):
            state.certificates[person, str(body.get("seal"))] = str(body.get("why")) if what == WITHDRAWN else ""
        elif what == ERASED:
            _erase(state, person, body)
        elif what == ACCEPTED:
            _accept(state, body)
    return state


def _accept(state: State, body: Mapping[str, Any]) -> None:
    for person in listed(body, "people"):
        _erase(state, str(person), {})
    state.gone.update(map(str, listed(body, "hand_ins")))
    state.hand_ins.difference_update(map(str, listed(body, "hand_ins")))
    # As text: whatever else somebody wrote there is no key, and must end nothing.
    for play in filter(_is_pair, listed(body, "answers")):
        state.answers.pop((str(play[0]), str(play[1])), None)
    for issued in filter(_is_pair, listed(body, "certificates")):
        state.certificates.pop((str(issued[0]), str(issued[1])), None)


def _is_pair(found: Any) -> bool:
    return isinstance(found, list) and len(found) == 2


def listed(body: Mapping[str, Any], name: str) -> list[Any]:
    """The list of this name in an entry; empty where there is none."""
    found = body.get(name)
    return found if isinstance(found, list) else []


def _erase(state: State, person: str, body: Mapping[str, Any]) -> None:
    state.erased.add(person)
    state.people.discard(person)
    state.gone.update(map(str, listed(body, "hand_ins")))
    state.hand_ins.difference_update(map(str, listed(body, "hand_ins")))
    state.grades = {key: value for key, value in state.grades.items() if key[0] != person}
    state.comments = {key: value for key, value in state.comments.items() if key[0] != person}
    state.answers = {key: value for key, value in state.answers.items() if key[0] != person}
    state.certificates = {key: value for key, value in state.certificates.items() if key[0] != person}


@dataclass(frozen=True)
class Change:
    """One grade that is not what the history says; None is no grade, or one that waits for a reader. See `Score`."""

    person: str
    scenario: str
    decision: str
    old: float | None
    new: float | None
    read: bool
    machine: bool

    @property
    def place(self) -> Decision:
        """Whose grade it is."""
        return self.person, self.scenario, self.decision


def changes(state: State, snapshot: Snapshot, people: Mapping[str, str]) -> list[Change]:
    """The grades in which gradebook and history differ, in order. `people`: learner to the name in the history."""
    found: list[tuple[Decision, float | None, Score]] = []
    seen: set[Decision] = set()
    for (learner, scenario, decision), score in snapshot.grades.items():
        key = (people.get(learner, learner), scenario, decision)
        seen.add(key)
        old = state.grades.get(key)
        if old != score.points:
            found.append((key, old, score))
    found += [(key, old, Score(None)) for key, old in state.grades.items() if key not in seen]
    return [Change(*key, old, now.points, now.read, now.machine) for key, old, now in sorted(found, key=itemgetter(0))]
