"""Believable cohorts with known truth: people with ability and confidence, in groups, who play the real stories.

Whoever answers a choice picks an option by a nominal (softmax) model: the logit of option k is
(base + slope x ability) x (credit_k - 1/2) x 2 + appeal_k (Bock, R. D. (1972). Estimating item parameters and latent
ability when responses are scored in two or more nominal categories. Psychometrika, 37, 29-51). Parts of other items are
right with a logistic chance. The story itself decides which questions somebody meets.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from onsite.grading.scenarios import CourseScenario
from onsite.scenario.conditions import holds
from onsite.scenario.key import key_of
from onsite.scenario.replay import follow, settle
from onsite.scenario.schema import Scenario
from onsite.scenario.story import after, start_state, story_of

START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
WRITTEN = "Dear Ms Hoekstra, since nine the branches are at a standstill; at noon you hear from me again."


@dataclass(frozen=True)
class Person:
    """One learner. boldness: how much surer they feel than they have reason to be, 0 for none."""

    name: str
    group: str
    ability: float
    boldness: float


@dataclass
class Truth:
    """What the generator knows: by (scenario, decision) the chance-weighted credit of everybody who met a choice."""

    expected: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    answered: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def facility(self, scenario: str, decision: str) -> float:
        """The mean credit that the model expects of those who came to the decision."""
        credits = self.expected[scenario, decision]
        return sum(credits) / len(credits)


@dataclass(frozen=True)
class Plants:
    """What is wrong on purpose. noise: scenes where ability does not help; preferred: scene -> the option that the
    able choose, whatever the key says."""

    noise: frozenset[str] = frozenset()
    preferred: Mapping[str, str] = field(default_factory=dict)


def people(random: Random, count: int, shifts: Mapping[str, float]) -> list[Person]:
    """`count` people in the groups of `shifts` in turn, whose ability is normal around their group's shift."""
    groups = list(shifts)
    return [
        Person(
            f"p{number:05}",
            group := groups[number % len(groups)],
            random.gauss(shifts[group], 1.0),
            random.gauss(0.3, 0.5),
        )
        for number in range(count)
    ]


def straight_test(slug: str, seed: int, items: int = 20, test: str | None = None) -> CourseScenario:
    """A test of `items` questions worth 5 points each, one after the other, as a test before or after is."""
    random = Random(seed)
    told = {"consequence": "It is noted.", "coaching": "Because.", "cites": ["P06"]}
    points = [f"P{number:02}" for number in range(1, 23)]
    scenes: dict[str, Any] = {}
    for number in range(1, items + 1):
        credits = [1, 0.5, 0, 0]
        random.shuffle(credits)
        cites = [points[number % 6]]
        onward = f"q{number + 1}" if number < items else "done"
        options = [
            {"id": f"o{k}", "text": f"Answer {k} to question {number}.", "credit": credit, **told, "cites": cites}
            for k, credit in enumerate(credits)
        ]
        item = {"kind": "choice", "decision": f"d{number}", "prompt": f"Question {number}?", "options": options}
        scenes[f"q{number}"] = {
            "title": f"Question {number}",
            "narrative": ["You are asked."],
            "item": {**item, "confidence": number % 5 == 0},
            "next": onward,
        }
    scenario = Scenario.model_validate(
        {
            "format": 1, "version": 1, "title": slug.replace("-", " ").capitalize(), "summary": "Twenty questions.",
            "minutes": 20, "level": "test", "role": "You.", "setting": "Anywhere.", "objectives": ["Know."],
            "cast": [{"name": "Ana Silva", "position": "client", "cares_about": "time."}],
            "trains": ["P06", *points], "debrief": "after_grading", "test": test, "start": "q1", "scenes": scenes,
            "decisions": {f"d{n}": {"title": f"Question {n}", "points": 5} for n in range(1, items + 1)},
            "endings": {"done": {"title": "Done", "narrative": "Thank you.", "debrief": "That was it."}},
        }
    )  # fmt: skip
    return course_scenario(slug, scenario)


def course_scenario(slug: str, scenario: Scenario) -> CourseScenario:
    """A scenario with everything derived from it, without a folder."""
    return CourseScenario(slug, scenario, story_of(slug, scenario), key_of(scenario))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


class Player:
    """Plays one scenario as anybody would."""

    def __init__(self, course: CourseScenario, seed: int, plants: Plants | None = None, slope: float = 1.0) -> None:
        self.course, self.story = course, course.story
        self.plants, self.slope, self.base = plants or Plants(), slope, 0.6
        random = Random(f"{seed}/{course.slug}")
        self.appeal: dict[tuple[str, str], float] = {}
        for scene, one in course.scenario.scenes.items():
            for _, parts in one.item.lists() if one.item else ():
                for part in parts:
                    self.appeal[scene, part.id] = random.gauss(0, 0.5)
        self._ahead: dict[tuple[str, tuple[int, ...], str], tuple[str | None, dict[str, int]]] = {}

    def attempt(
        self, random: Random, person: Person, truth: Truth | None, lift: float = 0.0
    ) -> Iterator[dict[str, Any]]:
        """The answers of one attempt, as events without times. `lift` is added to the ability."""
        state = start_state(self.story)
        place = settle(self.story, self.story.start, state)
        filled: set[str] = set()
        while place is not None and place not in self.story.endings:
            item = self.course.scenario.scenes[place].item
            assert item is not None
            first = item.decision is not None and item.decision not in filled
            answer, chance, expected = self._answer(random, place, item, state, person.ability + lift)
            event: dict[str, Any] = {"type": "answer", "scene": place, "answer": answer}
            if item.confidence:
                felt = chance + 0.25 * person.boldness + random.gauss(0, 0.15)
                event["confidence"] = "high" if felt > 0.65 else "middle" if felt > 0.4 else "low"
            yield event
            if first and item.decision is not None:
                filled.add(item.decision)
                if truth is not None and expected is not None:
                    truth.expected.setdefault((self.course.slug, item.decision), []).append(expected)
            place, state = self._next(place, state, answer)

    def _next(self, place: str, state: dict[str, int], answer: Any) -> tuple[str | None, dict[str, int]]:
        key = (place, tuple(state.values()), answer if isinstance(answer, str) else "")
        if key not in self._ahead:
            item = self.story.scenes[place].item
            outcome = item.outcome_of(answer, state) if item else None
            assert outcome is not None, (place, answer)
            now = after(self.story, state, outcome.effects)
            self._ahead[key] = settle(self.story, follow(outcome.goto, now), now), now
        return self._ahead[key]

    def _answer(
        self, random: Random, place: str, item: Any, state: dict[str, int], ability: float
    ) -> tuple[Any, float, float | None]:
        """(answer, the chance it would be given a good one, expected credit or None where not worked out)."""
        pull = 0.0 if place in self.plants.noise else self.base + self.slope * ability
        appeal = self.appeal
        if item.kind == "choice":
            offered = [option for option in item.options if not option.when or holds(option.when, state)]
            best = max(option.credit for option in item.options)
            liked = self.plants.preferred.get(place)
            value = {
                option.id: (1.0 if option.id == liked else 0.25 if option.credit == best else 0.0)
                if liked
                else option.credit
                for option in offered
            }
            weights = [math.exp(2 * pull * (value[o.id] - 0.5) + appeal[place, o.id]) for o in offered]
            total = sum(weights)
            picked = random.choices(offered, weights)[0]
            good = sum(w for w, o in zip(weights, offered, strict=True) if value[o.id] >= 0.75) / total
            return picked.id, good, sum(w * o.credit for w, o in zip(weights, offered, strict=True)) / total
        if item.kind == "text":
            return WRITTEN, 0.5, None

        def right(part: Any) -> float:
            return _logistic(pull + appeal[place, part.id])

        if item.kind == "sort":
            bins = [one.id for one in item.bins]
            chances = [right(statement) for statement in item.statements]
            answer = {
                statement.id: statement.bin
                if random.random() < chance
                else random.choice([one for one in bins if one != statement.bin])
                for statement, chance in zip(item.statements, chances, strict=True)
            }
            share = sum(chances) / len(chances)
            return answer, share, share
        if item.kind == "rating":
            return (
                {
                    r.id: r.rating
                    if random.random() < right(r)
                    else min(5, max(1, r.rating + random.choice((-2, -1, 1, 2))))
                    for r in item.responses
                },
                _logistic(pull),
                None,
            )
        if item.kind == "select":
            keen = {o.id: (2 * pull if o.keyed else 0) + appeal[place, o.id] + random.gauss(0, 1) for o in item.options}
            return sorted(keen, key=lambda name: -keen[name])[: item.choose], _logistic(pull), None
        if item.kind == "ranking":
            order = item.reference()
            keen = {name: -pull * at + random.gauss(0, 1.5) for at, name in enumerate(order)}
            return sorted(keen, key=lambda name: -keen[name]), _logistic(pull), None
        assert item.kind == "best_worst", item.kind
        names = [option.id for option in item.options]
        weights = [math.exp((pull if name == item.best else 0) + appeal[place, name]) for name in names]
        best_one = random.choices(names, weights)[0]
        left = [name for name in names if name != best_one]
        weights = [math.exp((pull if name == item.worst else 0) + appeal[place, name]) for name in left]
        return {"best": best_one, "worst": random.choices(left, weights)[0]}, _logistic(pull), None


def record_of(
    random: Random,
    player: Player,
    person: Person,
    truth: Truth | None = None,
    *,
    lift: float = 0.0,
    again: float = 0.25,
) -> dict[str, Any]:
    """One person's record of one scenario: an attempt, with the chance `again` a second that goes better.

    One in twenty stops half-way; one in fifteen goes to lunch; one in a hundred has a clock that runs wild.
    """
    now = START + timedelta(seconds=random.randrange(20 * 86400))
    wild = random.random() < 0.01
    events: list[dict[str, Any]] = []
    pace = random.lognormvariate(0, 0.35)
    for number in range(2 if random.random() < again else 1):
        version = player.course.scenario.version
        events.append({"type": "start", "version": version, "at": _stamp(now)})
        answers = list(player.attempt(random, person, truth if number == 0 else None, lift + 0.8 * number))
        if number == 0 and random.random() < 0.05 and len(answers) > 2:
            answers = answers[: len(answers) // 2]
        lunch = random.randrange(len(answers)) if random.random() < 1 / 15 else -1
        for index, event in enumerate(answers):
            now += timedelta(seconds=pace * random.lognormvariate(4.2, 0.6) + (4000 if index == lunch else 0))
            stamp = f"{random.randrange(1970, 2999)}-01-01T00:00:00Z" if wild else _stamp(now)
            events.append({**event, "at": stamp})
    return {
        "format": 1, "scenario": player.course.slug, "id": f"{player.course.slug}-{person.name}"[:64].ljust(8, "0"),
        "learner": person.name, "events": events, "drafts": {},
    }  # fmt: skip


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_cohort(
    folder: Path,
    players: Sequence[Player],
    cohort: Sequence[Person],
    seed: int,
    *,
    lifts: Mapping[str, float] | None = None,
    missing: float = 0.1,
) -> Truth:
    """Write a hand-in for each person and scenario, but for the share `missing`, into `folder`. Returns the truth.

    lifts: by scenario, what is added to everybody's ability (a post-test after a course).
    """
    random, truth = Random(seed), Truth()
    folder.mkdir(parents=True, exist_ok=True)
    for person in cohort:
        for player in players:
            if random.random() < missing:
                continue
            lift = (lifts or {}).get(player.course.slug, 0.0)
            found = record_of(random, player, person, truth, lift=lift)
            path = folder / f"{person.name}-{player.course.slug}.json"
            path.write_text(json.dumps(found), "utf-8")
    return truth


def write_roster(path: Path, cohort: Sequence[Person]) -> None:
    """The roster of a cohort."""
    lines = [f"{p.name},Person {p.name},{p.name}@example.org,{p.group}" for p in cohort]
    path.write_text("\n".join(["id,name,email,group", *lines, ""]), "utf-8")
