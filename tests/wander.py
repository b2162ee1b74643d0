"""Learners who wander through a scenario at random."""

import random
import uuid
from typing import Any

from onsite.grading.scenarios import CourseScenario
from onsite.scenario.items.base import StoryItemPart
from onsite.scenario.replay import replay

WORDS = ["We", "found", "the cause", "at ten", "and told", "the client;", "Über-long", "naïve?", "<b>No</b>."]


def wander(scenario: CourseScenario, chance: random.Random) -> list[tuple[str, Any]]:
    """One way to an ending: (scene, a valid answer) for each scene that asks."""
    answers: list[tuple[str, Any]] = []
    while (here := replay(scenario.story, answers)).scene is not None:
        item = scenario.story.scenes[here.scene].item
        assert item is not None, "replay rests where there is an item"
        answers.append((here.scene, answer_to(item, here.state, chance)))
    return answers


def play(scenario: CourseScenario, chance: random.Random, learner: str) -> dict[str, Any]:
    """The record of one learner who plays to an ending, now and then stops before it, now and then plays twice."""
    events: list[dict[str, Any]] = []
    for _ in range(2 if chance.random() < 0.1 else 1):
        stop = chance.randrange(1, 4) if chance.random() < 0.05 else None
        events.append({"type": "start", "version": scenario.scenario.version, "at": "2026-11-22T09:00:00Z"})
        for number, (scene, answer) in enumerate(wander(scenario, chance)[:stop], 1):
            at = f"2026-11-22T09:{number:02}:00Z"
            events.append({"type": "answer", "scene": scene, "answer": answer, "at": at})
    return {
        "format": 1, "scenario": scenario.slug, "id": str(uuid.UUID(int=chance.getrandbits(128))), "learner": learner,
        "events": events, "drafts": {},
    }  # fmt: skip


def answer_to(item: StoryItemPart, state: dict[str, int], chance: random.Random) -> Any:
    """Some valid answer to an item of any kind."""
    told: Any = item
    if told.kind == "choice":
        return chance.choice([option.id for option in told.ways(state)])
    if told.kind == "text":
        return " ".join(chance.choices(WORDS, k=chance.randrange(5, 120)))
    ids = [entry.id for entry in told.entries()]
    if told.kind == "best_worst":
        best, worst = chance.sample(ids, 2)
        return {"best": best, "worst": worst}
    if told.kind == "rating":
        return {one: chance.randint(1, 5) for one in ids}
    if told.kind == "select":
        return chance.sample(ids, told.choose)
    if told.kind == "sort":
        return {one: chance.choice(told.bins).id for one in ids}
    assert told.kind == "ranking"
    return chance.sample(ids, len(ids))
