"""The feedback page: what was chosen, what came of it, why, and the score. Never the key to what was not answered."""

import functools
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from onsite.grading.calibration import LEVELS, Level, calibration, in_words
from onsite.grading.scenarios import CourseScenario
from onsite.scenario.items.text import Text
from onsite.scenario.record import Record
from onsite.scenario.replay import Answered
from onsite.scenario.story_parts import html


@dataclass(frozen=True)
class Grade:
    """What the gradebook holds for one decision: score (None while a person has yet to read it), worth, comment."""

    score: float | None
    points: float
    comment: str = ""


@dataclass(frozen=True)
class Chosen:
    """One part of an answer: the entry, what was said of it (empty: it was chosen), and the coaching on it."""

    text: Markup
    said: str
    coaching: Markup | None


@dataclass(frozen=True)
class DecisionFeedback:
    """One decision on the page. The texts are empty when the learner's path did not come to it."""

    title: str
    grade: Grade
    chosen: tuple[Chosen, ...] = ()
    written: str | None = None
    confidence: str | None = None
    consequence: Markup | None = None
    coaching: Markup | None = None
    rubric: tuple[tuple[int, Markup], ...] = ()


def feedback_page(scenario: CourseScenario, record: Record | None, grades: dict[str, Grade], learner: str) -> str:
    """The page as HTML that needs nothing else: no script, no request."""
    attempt = scenario.counted(record) if record else None
    path = attempt.replayed.path if attempt else []
    ending = scenario.scenario.endings.get(attempt.replayed.ending or "") if attempt else None
    decisions = [_decision(scenario, name, grade, path) for name, grade in grades.items()]
    machine = [d.grade for d in decisions if d.grade.score is not None]
    waiting = [d.grade for d in decisions if d.grade.score is None]
    levels = _calibration(decisions)
    return _template().render(
        title=scenario.scenario.title,
        learner=(record.learner if record and record.learner else learner),
        decisions=decisions,
        score=sum(g.score or 0.0 for g in machine),
        graded_points=sum(g.points for g in machine),
        points=scenario.scenario.points,
        pass_points=scenario.scenario.pass_mark * scenario.scenario.points / 100,
        waiting_points=sum(g.points for g in waiting),
        ending=ending,
        debrief=_markup(ending.debrief) if ending else None,
        narrative=_markup(ending.narrative) if ending else None,
        levels=levels,
        level_words=LEVELS,
        calibrated=in_words(levels),
        attempt=attempt,
        attempts=len(record.attempts()) if record else 0,
        counts=scenario.scenario.counts,
        version=scenario.scenario.version,
    )


def _decision(scenario: CourseScenario, name: str, grade: Grade, path: list[Answered]) -> DecisionFeedback:
    title = scenario.scenario.decisions[name].title
    for step in path:
        item = scenario.scenario.scenes[step.scene].item
        if item is None or item.decision != name:
            continue
        outcome = item.outcome_of(step.answer)
        return DecisionFeedback(
            title,
            grade,
            chosen=tuple(
                Chosen(_markup(part.text), part.said, _markup(part.coaching) if part.coaching else None)
                for part in item.told(step.answer)
            ),
            written=str(step.answer) if isinstance(item, Text) else None,
            confidence=step.confidence if item.confidence else None,
            consequence=_markup(outcome.consequence),
            coaching=_markup(outcome.coaching),
            rubric=tuple((c.points, _markup(c.criterion)) for c in item.rubric) if isinstance(item, Text) else (),
        )
    return DecisionFeedback(title, grade)


def _calibration(decisions: list[DecisionFeedback]) -> list[Level]:
    return calibration(
        (decision.confidence, decision.grade.score / decision.grade.points)
        for decision in decisions
        if decision.confidence is not None and decision.grade.score is not None
    )


@functools.lru_cache(maxsize=4096)
def _markup(markdown: str) -> Markup:
    # An author's text, of which a scenario has some hundred, and never a learner's.
    return Markup(html(markdown))


@functools.cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("onsite.grading"), autoescape=True, undefined=StrictUndefined)
    environment.filters["percent"] = lambda share: f"{100 * share:.0f}"
    environment.filters["points"] = lambda value: f"{value:g}" if float(value).is_integer() else f"{value:.1f}"
    return environment.get_template("feedback.html")
