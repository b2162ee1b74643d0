"""Small stories made at random: state, clamping, conditions on options, routes and passages."""

from random import Random

from onsite.scenario.schema import Scenario

FEEDBACK = {"consequence": "c", "coaching": "c", "cites": ["P06"]}
NAMES = {"a": (0, 6, 3), "b": (-2, 2, 0), "c": (0, 1, 0)}


def condition(random: Random) -> str:
    name = random.choice(list(NAMES))
    low, high, _ = NAMES[name]
    return f"{name} {random.choice(['<', '<=', '>', '>=', '==', '!='])} {random.randint(low - 1, high + 1)}"


def random_scenario(seed: int, scenes: int = 6) -> Scenario:
    """A story without loops whose every answer leads on; not every scene need be reachable."""
    random = Random(seed)
    places = [f"s{n}" for n in range(scenes)]

    def route(after: int) -> object:
        ahead = [*places[after + 1 :], "good", "bad"]
        branches = [{"when": condition(random), "goto": random.choice(ahead)} for _ in range(random.randrange(3))]
        return [*branches, {"goto": ahead[0]}]

    def option(number: int, after: int) -> dict[str, object]:
        effects = {name: random.randint(-3, 3) for name in NAMES if random.random() < 0.6}
        found: dict[str, object] = {"id": f"o{number}", "text": "w " * random.randint(1, 9), **FEEDBACK}
        if number and random.random() < 0.4:
            found["when"] = condition(random)
        return {**found, "credit": random.choice([0, 0.25, 1]), "effects": effects, "goto": route(after)}

    made: dict[str, object] = {}
    for number, place in enumerate(places):
        narrative = ["told", {"when": condition(random), "text": "more words here"}]
        if number and random.random() < 0.25:
            made[place] = {"narrative": narrative, "next": route(number)}
            continue
        item = {
            "kind": "choice",
            "prompt": "p",
            "decision": f"d{number}",
            "options": [option(n, number) for n in range(random.randint(2, 3))],
        }
        made[place] = {"narrative": narrative, "item": item}
    return Scenario.model_validate(
        {
            "format": 1, "version": 1, "title": "t", "summary": "s", "minutes": 1, "level": "l", "role": "r",
            "setting": "s", "cast": [{"name": "n", "position": "p", "cares_about": "c"}], "objectives": ["o"],
            "trains": ["P06"], "debrief": "on_completion", "start": "s0", "scenes": made,
            "state": {n: {"label": n, "min": low, "max": high, "start": at} for n, (low, high, at) in NAMES.items()},
            "decisions": {f"d{n}": {"title": "t", "points": n + 1} for n in range(scenes)},
            "endings": {n: {"title": n, "narrative": "two words", "debrief": "d"} for n in ("good", "bad")},
        }
    )  # fmt: skip
