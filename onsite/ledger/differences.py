"""The entries that bring the history to what gradebook and folders say, each with who and why. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from onsite.ledger.clicks import AUTOGRADED, COMMENTED, READ, Click
from onsite.ledger.entries import Body
from onsite.ledger.state import ANSWERS, COMMENT, GRADE, HAND_IN, Change, Decision, Snapshot, State, changes

RUN, READER, NOBODY = "grading run", "reader in formgrader", "not known"

_IN_FORMGRADER = " in formgrader"


@dataclass(frozen=True)
class Cause:
    """What came before. why: the reason of the grading run that has just ended, None outside of one; by: who ran it.

    first: the history begins with this.
    """

    why: str | None
    by: str
    first: bool = False


@dataclass(frozen=True)
class Now:
    """What holds now. people: a learner's name in the history; comments: the seals of the comments, by learner.

    clicks: what was done in formgrader since the last time; busy: grades that are being changed at this moment, and
    are left for the next time.
    """

    snapshot: Snapshot
    people: Mapping[str, str]
    comments: Mapping[Decision, str] = field(default_factory=dict)
    clicks: Iterable[Click] = ()
    busy: Collection[Decision] = ()

    def place(self, of_learner: Decision) -> Decision:
        """The same decision under the person's name in the history."""
        learner, scenario, decision = of_learner
        return self.people.get(learner, learner), scenario, decision


def without_name(by: str) -> str:
    """What changed a grade, without whose hand it was: the names of readers are theirs."""
    if by.endswith(_IN_FORMGRADER):
        return READER
    return RUN if by.startswith(RUN) else by if by in (READER, NOBODY) else "a command"


def new_entries(state: State, now: Now, cause: Cause) -> list[Body]:
    """What has to be entered so that the history says what holds now. `state` is brought there too."""
    bodies: list[Body] = [
        {"what": HAND_IN, "sha256": found} for found in sorted(now.snapshot.hand_ins) if found not in state.hand_ins
    ]
    for (learner, scenario), found in sorted(now.snapshot.answers.items()):
        person = now.people[learner]
        if state.answers.get((person, scenario)) != found:
            bodies.append({"what": ANSWERS, "person": person, "scenario": scenario, "sha256": found})
    clicks = [
        click
        for click in now.clicks
        if click.learner in now.people and click.place not in now.busy and click.id not in state.clicks
    ]
    bodies += _clicked(state, now, clicks)
    busy = {now.place(place) for place in now.busy}
    for change in changes(state, now.snapshot, now.people):
        if change.place not in busy:
            who, reason = _who_and_why(change, cause)
            bodies.append(_grade(change.place, change.old, change.new) | {"by": who, "why": reason})
    bodies += _comments(
        state, now, {now.place(click.place): click for click in clicks if click.how == COMMENTED}, cause
    )
    return bodies


def _grade(place: Decision, old: float | None, new: float | None) -> Body:
    return {"what": GRADE, **_named(place), "old": old, "new": new}


def _named(place: Decision) -> Body:
    return dict(zip(("person", "scenario", "decision"), place, strict=True))


def _clicked(state: State, now: Now, clicks: Iterable[Click]) -> Iterator[Body]:
    """The grades that were given in formgrader, one after the other, also those that were changed again since."""
    for click in clicks:
        place = now.place(click.place)
        old = state.grades.get(place)
        if click.how not in (READ, AUTOGRADED) or old == click.points:
            continue
        if click.points is None:
            state.grades.pop(place)
        else:
            state.grades[place] = click.points
        why = "graded by nbgrader from formgrader"
        if click.how == READ:
            why = "read by a person" if old is None else "read again by a person"
        yield _grade(place, old, click.points) | _by(click) | {"why": why}


def _by(click: Click) -> Body:
    return {"by": f"{click.by}{_IN_FORMGRADER}" if click.by else READER, "when": click.at, "click": click.id}


def _who_and_why(change: Change, cause: Cause) -> tuple[str, str]:
    if change.read and not change.machine:
        return READER, "read by a person" if change.old is None else "read again by a person"
    if cause.why is None and cause.first:
        return NOBODY, "found in the gradebook when the history began"
    if change.read:
        return NOBODY, "given in place of the key's points, and nobody noted a click in formgrader"
    if cause.why is None:
        gone = change.new is None
        return NOBODY, "removed from the gradebook" if gone else "changed in the gradebook outside of a grading run"
    if change.new is None:
        return cause.by, f"{cause.why}: it waits to be read again, or is gone"
    return cause.by, cause.why if change.old is None or cause.why != "graded" else "graded again"


def _comments(state: State, now: Now, clicks: Mapping[Decision, Click], cause: Cause) -> Iterator[Body]:
    holds = {now.place(place): seal for place, seal in now.comments.items()}
    busy = {now.place(place) for place in now.busy}
    for place in sorted(holds.keys() | state.comments.keys()):
        old, new = state.comments.get(place), holds.get(place)
        if old == new or place in busy:
            continue
        why = "removed" if new is None else "written" if old is None else "changed"
        if place in clicks:
            who = _by(clicks[place])
        elif cause.why is not None and new is None:
            who = {"by": cause.by}
        else:
            who = {"by": NOBODY if new is None else READER}
        yield {"what": COMMENT, **_named(place), "seal": new, **who, "why": why}
