"""The feedback page: what was chosen, what came of it, why, and the score. Never the key to what was not answered."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from onsite.build.notebooks import grade_id
from onsite.grading.calibration import LEVELS, Level, calibration, in_words
from onsite.grading.scenarios import CourseScenario, load_course_scenario
from onsite.scenario.items.text import Text
from onsite.scenario.record import FILE_NAME, Record, read_record
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


class FeedbackExporter(Exporter):
    """nbgrader's feedback, written from the record and the gradebook instead of from the notebook's cells.

    nbgrader's own page shows the hidden tests, and with them the key.
    """

    @property
    def _notebook_extension(self) -> str:
        return ".html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # nbconvert's own HTML exporter returns text too
        self, nb: Any, resources: Any = None, **_: Any
    ) -> tuple[str, Any]:
        """Called by nbgrader for one learner's autograded notebook, of which only the place matters."""
        del nb
        resources = self._init_resources(resources)
        told = resources["nbgrader"]
        course = CourseDirectory(parent=self)
        source = Path(course.format_path(course.source_directory, ".", told["assignment"]))
        autograded = Path(course.format_path(course.autograded_directory, told["student"], told["assignment"]))
        scenario = load_course_scenario(source)
        record = read_record(autograded / FILE_NAME, scenario.slug)
        grades = _grades(told["db_url"], told["notebook"], told["assignment"], told["student"], scenario)
        return feedback_page(scenario, record, grades, told["student"]), resources


def _grades(db_url: str, notebook: str, assignment: str, student: str, scenario: CourseScenario) -> dict[str, Grade]:
    grades = {}
    with Gradebook(db_url) as gradebook:
        for decision, declared in scenario.scenario.decisions.items():
            where = (grade_id(decision), notebook, assignment, student)
            grade = gradebook.find_grade(*where)
            unread = grade.needs_manual_grade and grade.manual_score is None
            comment = ""
            if decision not in scenario.keys:
                comment = gradebook.find_comment(*where).comment or ""
            grades[decision] = Grade(None if unread else float(grade.score), float(declared.points), comment)
    return grades


def feedback_page(scenario: CourseScenario, record: Record | None, grades: dict[str, Grade], learner: str) -> str:
    """The page as HTML that needs nothing else: no script, no request."""
    attempt = scenario.counted(record) if record else None
    path = attempt.replayed.path if attempt else []
    ending = scenario.scenario.endings.get(attempt.replayed.ending or "") if attempt else None
    decisions = [_decision(scenario, name, grade, path) for name, grade in grades.items()]
    machine = [d.grade for d in decisions if d.grade.score is not None]
    waiting = [d.grade for d in decisions if d.grade.score is None]
    levels = _calibration(decisions)
    environment = Environment(loader=PackageLoader("onsite.grading"), autoescape=True, undefined=StrictUndefined)
    environment.filters["percent"] = lambda share: f"{100 * share:.0f}"
    environment.filters["points"] = lambda value: f"{value:g}" if float(value).is_integer() else f"{value:.1f}"
    return environment.get_template("feedback.html").render(
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


def _markup(markdown: str) -> Markup:
    return Markup(html(markdown))
