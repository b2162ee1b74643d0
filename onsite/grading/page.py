"""The feedback page: what was chosen, what came of it, why, and the score. Never the key to what was not answered."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from onsite.build.road_map import RoadMap
from onsite.build.scenario_map import map_stylesheet
from onsite.grading.calibration import LEVELS, Level, calibration, in_words
from onsite.grading.practices import practice_scores, rests_on, to_read
from onsite.grading.scenarios import CourseScenario
from onsite.pages.where_to_read import Reading
from onsite.scenario.attempts import Attempt
from onsite.scenario.items import Item
from onsite.scenario.items.text import Text
from onsite.scenario.record import Record
from onsite.scenario.replay import Answered, road
from onsite.scenario.scoring import reaches
from onsite.scenario.story_parts import html

NO_RESPONSE = "No response."
"""What nbgrader itself notes where nothing was written. The page says so in words of its own."""


@dataclass(frozen=True)
class Grade:
    """What the gradebook holds for one decision: score (None while a person has yet to read it), worth, comment.

    extra: the part of the score that a person gave on top, so that a score may be more than it is worth.
    """

    score: float | None
    points: float
    comment: str = ""
    extra: float = 0.0


@dataclass(frozen=True)
class Chosen:
    """One part of an answer: the entry, what was said of it (empty: it was chosen), and the coaching on it."""

    text: Markup
    said: str
    coaching: Markup | None


@dataclass(frozen=True)
class DecisionFeedback:
    """One decision on the page, or (without a grade) an answer that is not scored.

    The texts are empty when the learner's path did not come to it.
    """

    title: str
    grade: Grade | None
    chosen: tuple[Chosen, ...] = ()
    written: str | None = None
    confidence: str | None = None
    consequence: Markup | None = None
    coaching: Markup | None = None
    rubric: tuple[tuple[int, Markup], ...] = ()


@dataclass(frozen=True)
class Stop:
    """A place on the learner's road: its title, and the decision taken there, if one was, by its place on the page."""

    title: str
    ending: bool
    decision: int | None = None


@dataclass(frozen=True)
class _Edition:
    """What does not differ between the learners who are graded by one version of a scenario."""

    scenario: CourseScenario
    rests_on: Mapping[str, Sequence[Reading]]
    map: RoadMap


class FeedbackPages:
    """The feedback pages of one scenario. What does not differ between learners is made once."""

    def __init__(self, scenario: CourseScenario, points: Mapping[str, Reading]) -> None:
        """points: the points of the course by id, with the pages on them."""
        self._scenario = scenario
        self._points = points
        self._editions: dict[int, _Edition] = {}

    def page(self, record: Record | None, grades: Mapping[str, Grade], learner: str, name: str = "") -> str:
        """The page as HTML that needs nothing else: no script, no request.

        name: the learner's where it is known, else it is headed with what they typed, or with their id.
        """
        today = self._scenario
        attempt = today.counted(record) if record else None
        edition = self._edition(today.edition(attempt))
        scenario, drawn = edition.scenario, edition.map
        shared = {
            "title": scenario.scenario.title,
            "learner": name or (record.learner if record else "") or learner,
            "attempt": attempt,
            "map_style": _map_style(),
            "drawing": None,
        }
        if attempt is None:
            return _template().render(shared)
        decisions = [_decision(scenario, name, grade, attempt) for name, grade in grades.items()]
        decisions += _unscored(scenario, drawn, attempt)
        practices = practice_scores(
            edition.rests_on,
            scenario,
            attempt,
            {name: (None if g.score is None else g.score - g.extra, g.points) for name, g in grades.items()},
        )
        ending = scenario.scenario.endings.get(attempt.replayed.ending or "")
        levels = _calibration(decisions)
        way = road(scenario.story, attempt.replayed)
        return _template().render(
            shared,
            standing=_standing(today, grades.values()),
            practices=practices,
            to_read=to_read(practices),
            decisions=decisions,
            ending=ending,
            debrief=_markup(ending.debrief) if ending else None,
            narrative=_markup(ending.narrative) if ending else None,
            forks=drawn.forks,
            drawing=drawn.marked(way) if ending and drawn.forks else None,
            stops=_stops(scenario, drawn, way, list(grades)) if drawn.forks else (),
            ways=drawn.ways,
            levels=levels,
            level_words=LEVELS,
            calibrated=in_words(levels),
            attempts=len(record.attempts()) if record else 0,
            given=len(record.attempts()[attempt.number - 1][1]) if record else 0,
            counts=today.scenario.counts,
            version=today.version,
        )

    def _edition(self, scenario: CourseScenario) -> _Edition:
        if scenario.version not in self._editions:
            made = _Edition(scenario, rests_on(scenario, self._points), RoadMap(scenario.story))
            self._editions[scenario.version] = made
        return self._editions[scenario.version]


@dataclass(frozen=True)
class Standing:
    """Where somebody stands, in points: earned of what was graded, what waits for a reader, the pass mark, the most."""

    earned: float
    graded: float
    waiting: float
    pass_mark: float
    most: float

    @property
    def against_the_mark(self) -> str:
        """How far from the pass mark, in a sentence."""
        if reaches(self.earned, self.pass_mark):
            return "You have reached it."
        if reaches(self.earned + self.waiting, self.pass_mark):
            return "What you wrote decides whether you reach it."
        if self.waiting:
            return "It is out of reach this time."
        return f"You are {_points(self.pass_mark - self.earned)} points below it."


def _standing(scenario: CourseScenario, grades: Iterable[Grade]) -> Standing:
    grades = list(grades)
    return Standing(
        earned=sum(grade.score for grade in grades if grade.score is not None),
        graded=sum(grade.points for grade in grades if grade.score is not None),
        waiting=sum(grade.points for grade in grades if grade.score is None),
        pass_mark=scenario.scenario.pass_points,
        most=scenario.scenario.points,
    )


def _stops(scenario: CourseScenario, drawn: RoadMap, way: Sequence[str], decisions: Sequence[str]) -> tuple[Stop, ...]:
    """The road as a list. A scene that waits for its answer still is a stop without a decision."""
    stops = []
    for name in way:
        scene = scenario.scenario.scenes.get(name)
        decision = scene.item.decision if scene and scene.item else None
        number = decisions.index(decision) + 1 if decision in decisions else None
        stops.append(Stop(drawn.title(name), scene is None, number))
    if stops and not stops[-1].ending:
        stops[-1] = replace(stops[-1], decision=None)
    return tuple(stops)


def _decision(scenario: CourseScenario, name: str, grade: Grade, attempt: Attempt) -> DecisionFeedback:
    title = scenario.scenario.decisions[name].title
    for step in attempt.replayed.path:
        item = scenario.scenario.scenes[step.scene].item
        if item is not None and item.decision == name:
            return _told(title, grade, item, step)
    return DecisionFeedback(title, replace(grade, comment="") if grade.comment == NO_RESPONSE else grade)


def _unscored(scenario: CourseScenario, drawn: RoadMap, attempt: Attempt) -> Iterator[DecisionFeedback]:
    """The answers that moved the story and were not scored, in the order they were given."""
    for step in attempt.replayed.path:
        item = scenario.scenario.scenes[step.scene].item
        if item is not None and item.decision is None:
            yield _told(drawn.title(step.scene), None, item, step)


def _told(title: str, grade: Grade | None, item: Item, step: Answered) -> DecisionFeedback:
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


def _calibration(decisions: list[DecisionFeedback]) -> list[Level]:
    return calibration(
        (decision.confidence, (decision.grade.score - decision.grade.extra) / decision.grade.points)
        for decision in decisions
        if decision.confidence is not None and decision.grade is not None and decision.grade.score is not None
    )


@functools.lru_cache(maxsize=4096)
def _markup(markdown: str) -> Markup:
    # An author's text, of which a scenario has some hundred, and never a learner's.
    return Markup(html(markdown))


def _points(value: float) -> str:
    return f"{value:g}" if float(value).is_integer() else f"{value:.1f}"


@functools.cache
def _map_style() -> Markup:
    return Markup(map_stylesheet())


@functools.cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("onsite.grading"), autoescape=True, undefined=StrictUndefined)
    environment.filters["percent"] = lambda share: f"{100 * share:.0f}"
    environment.filters["points"] = _points
    environment.filters["width"] = lambda part, whole: f"{100 * min(max(part / whole, 0.0), 1.0):.1f}"
    return environment.get_template("feedback.html")
