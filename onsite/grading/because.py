"""Why a grade changes when answers are graded by another key, in words."""

from collections.abc import Sequence

from onsite.grading.scenarios import CourseScenario
from onsite.scenario.attempts import Attempt
from onsite.scenario.items import Item
from onsite.scenario.record import Record
from onsite.scenario.replay import Answered
from onsite.scenario.scoring import credit

_LONGEST = 60
_SHARES = {
    0.0: "no credit",
    0.25: "a quarter of the credit",
    0.5: "half the credit",
    0.75: "three quarters of the credit",
}


def because(
    before: CourseScenario | None, after: CourseScenario, record: Record, decision: str, changed: Sequence[str]
) -> str:
    """Why `decision` is worth something else now.

    before: the scenario as it was graded by, None where that is not known any more; changed: why it is graded anew, at
    least one part of a sentence.
    """
    attempt = after.counted(record)
    now = _step(after.edition(attempt), attempt, decision)
    by = after.edition(attempt)
    if before is None:
        if now is None:
            return f"{changed[0]}: {_not_reached(by, attempt, record)}"
        return f"{changed[0]}: {_worth(by, now, decision)} now"
    was = before.counted(record)
    old = before.edition(was)
    then = _step(old, was, decision)
    told = ""
    if attempt and was and attempt.number != was.number:
        told = f"attempt {attempt.number} counts instead of attempt {was.number}: "
    if now is None:
        return told + _not_reached(by, attempt, record)
    if then is None:
        return f"{told}on version {by.version} the answers fit further, and come to it: {_worth(by, now, decision)}"
    if told or (then.scene, then.answer) != (now.scene, now.answer):
        return (
            f"{told}{_worth(old, then, decision)} on version {old.version}, {_worth(by, now, decision)} on {by.version}"
        )
    return (
        f"{_named(by, now)}: {_share(old, then, decision)} on version {old.version}, "
        f"{_share(by, now, decision)} on version {by.version}"
    )


def _step(edition: CourseScenario, attempt: Attempt | None, decision: str) -> Answered | None:
    """Where the decision was taken."""
    for step in attempt.replayed.path if attempt else ():
        item = edition.scenario.scenes[step.scene].item
        if item is not None and item.decision == decision:
            return step
    return None


def _not_reached(edition: CourseScenario, attempt: Attempt | None, record: Record) -> str:
    version = edition.version
    if attempt is None or attempt.replayed.problem is None:
        return f"on version {version} the answers do not come to it"
    _, answers = record.attempts()[attempt.number - 1]
    scene = answers[attempt.replayed.problem].scene
    if scene in edition.scenario.scenes:
        return f"the answer in the scene '{scene}' does not fit version {version}; the answers fit up to there"
    return f"version {version} has no scene '{scene}'; the answers fit up to there"


def _worth(edition: CourseScenario, step: Answered, decision: str) -> str:
    return f"{_named(edition, step)} earns {_share(edition, step, decision)}"


def _share(edition: CourseScenario, step: Answered, decision: str) -> str:
    key = edition.keys.get(decision, {}).get(step.scene)
    if key is None:
        return "what a person gives"
    share = credit(key, step.answer)
    points = edition.scenario.decisions[decision].points
    return _SHARES.get(share, "the full credit" if share == 1 else f"{share * points:.4g} of {points} points")


def _named(edition: CourseScenario, step: Answered) -> str:
    """The answer: the option chosen, or else the question it was given to."""
    item: Item | None = edition.scenario.scenes[step.scene].item
    assert item is not None, "a path holds answers to items"
    told = item.told(step.answer)
    if len(told) == 1 and not told[0].said:
        return f"'{_short(told[0].text)}'"
    return f"the answer to '{_short(item.prompt)}'"


def _short(text: str) -> str:
    words = " ".join(text.replace("*", "").split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3].rstrip()}..."
