"""What a hand-in is worth, worked out again from the scenario file by other means: shares no code with the grader.

Slow and plain on purpose. It reads scenario.yml with a YAML parser and nothing of `onsite`.
"""

import json
import operator
import re
from pathlib import Path
from typing import Any

import yaml

COMPARE = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
SLUG = re.compile(r"[a-z][a-z0-9-]{0,49}")
# White space and line ends of ECMAScript.
BLANK = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


class No(Exception):
    """The file is no record."""


class Oracle:
    """Knows one scenario, and the versions of it that were kept."""

    def __init__(self, path: Path, slug: str = "") -> None:
        self.slug = slug or path.parent.name
        self.told = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
        self.older = {int(one.stem): Oracle(one, self.slug) for one in path.parent.glob("versions/*.yml")}

    def score(self, data: bytes) -> float:
        """The machine-graded points of a hand-in. Raises No for what is no record of this scenario."""
        record = self.record(data)
        attempts: list[tuple[int, list[dict[str, Any]]]] = []
        for event in record["events"]:
            if event["type"] == "start":
                attempts.append((event["version"], []))
            else:
                attempts[-1][1].append(event)
        played = [(version, *self.on_its_version(version, answers)) for version, answers in attempts]
        whole = [one for one in played if one[3] or one[0] == one[1].told["version"]]
        for _, by, path, _ in whole or played:
            return sum(by.worth(name, told["points"], path) for name, told in by.told["decisions"].items())
        return 0.0

    def on_its_version(
        self, version: int, answers: list[dict[str, Any]]
    ) -> tuple["Oracle", list[tuple[dict[str, Any], Any]], bool]:
        """By which version an attempt is measured, the items met on it with the answers, and whether all fitted."""
        own = self.older.get(version)
        if own is None:
            return self, *self.play(answers)
        path, fits = own.play(answers)
        now, fits_now = self.play(answers)
        if not fits and (fits_now or len(now) > len(path)):
            return self, now, fits_now
        return own, path, fits

    # --- the story ---

    def play(self, answers: list[dict[str, Any]]) -> tuple[list[tuple[dict[str, Any], Any]], bool]:
        """The items met with the answers to them, and whether every answer fitted."""
        state = {name: told["start"] for name, told in self.told["state"].items()}
        place = self.rest(self.told["start"], state)
        path = []
        for given in answers:
            if place in self.told["endings"]:
                break
            scene = self.told["scenes"][place]
            item = scene["item"]
            clock = scene.get("clock", {"most": 0, "effects": {}})
            ticks = given.get("ticks") or 0
            if given["scene"] != place or ticks > clock["most"]:
                return path, False
            now = dict(state)
            for _ in range(ticks):
                self.add(now, clock["effects"])
            outcome = self.outcome(item, given["answer"], now)
            if outcome is None:
                return path, False
            state = now
            self.add(state, outcome.get("effects", {}))
            path.append((item, given["answer"]))
            place = self.rest(self.way(outcome.get("goto") or scene["next"], state), state)
        return path, True

    def rest(self, place: str, state: dict[str, int]) -> str:
        while place not in self.told["endings"] and "item" not in self.told["scenes"][place]:
            place = self.way(self.told["scenes"][place]["next"], state)
        return place

    def way(self, route: Any, state: dict[str, int]) -> str:
        if isinstance(route, str):
            return route
        return next(branch["goto"] for branch in route if self.holds(branch.get("when", ""), state))

    def holds(self, when: str, state: dict[str, int]) -> bool:
        for part in when.split(" and ") if when else []:
            name, sign, number = part.split()
            if not COMPARE[sign](state[name], int(number)):
                return False
        return True

    def add(self, state: dict[str, int], effects: dict[str, int]) -> None:
        for name, change in effects.items():
            told = self.told["state"][name]
            state[name] = max(told["min"], min(told["max"], state[name] + change))

    def outcome(self, item: dict[str, Any], answer: Any, state: dict[str, int]) -> dict[str, Any] | None:
        kind = item["kind"]
        if kind == "choice":
            for option in item["options"]:
                if type(answer) is str and option["id"] == answer and self.holds(option.get("when", ""), state):
                    return dict(option)
            return None
        ids = [one["id"] for one in item.get("options") or item.get("responses") or item.get("statements") or []]
        good = False
        if kind == "text":
            good = type(answer) is str and answer.strip(BLANK) != "" and len(answer) <= 8000
        elif kind == "best_worst":
            good = type(answer) is dict and set(answer) == {"best", "worst"}
            good = good and all(type(one) is str and one in ids for one in answer.values())
            good = good and answer["best"] != answer["worst"]
        elif kind == "rating":
            good = type(answer) is dict and set(answer) == set(ids)
            good = good and all(type(one) in (int, float) and one in (1, 2, 3, 4, 5) for one in answer.values())
        elif kind == "sort":
            bins = [one["id"] for one in item["bins"]]
            good = type(answer) is dict and set(answer) == set(ids)
            good = good and all(type(one) is str and one in bins for one in answer.values())
        elif kind in ("select", "ranking"):
            good = type(answer) is list and all(type(one) is str and one in ids for one in answer)
            good = good and len(answer) == len({*answer})
            good = good and (len(answer) == len(ids) if kind == "ranking" else len(answer) > 0)
        return item if good else None

    def worth(self, decision: str, points: float, path: list[tuple[dict[str, Any], Any]]) -> float:
        for item, answer in path:
            if item.get("decision") == decision:
                return 0.0 if item["kind"] == "text" else round(points * self.share(item, answer), 6)
        return 0.0

    def share(self, item: dict[str, Any], answer: Any) -> float:
        kind = item["kind"]
        if kind == "choice":
            return float(next(one["credit"] for one in item["options"] if one["id"] == answer))
        if kind == "best_worst":
            return (answer["best"] == item["best"]) / 2 + (answer["worst"] == item["worst"]) / 2
        if kind == "rating":
            off = [abs(one["rating"] - answer[one["id"]]) for one in item["responses"]]
            return sum({0: 4, 1: 3, 2: 2, 3: 1}.get(one, 0) for one in off) / (4 * len(off))
        if kind == "sort":
            return sum(answer[one["id"]] == one["bin"] for one in item["statements"]) / len(item["statements"])
        if kind == "select":
            keyed = {one["id"] for one in item["options"] if one["keyed"]}
            return len(keyed & {*answer}) / item["choose"] if len(answer) <= item["choose"] else 0.0
        out = [abs(answer.index(one) - place) for place, one in enumerate(item["order"])]
        return (20 - sum(out)) / 20

    # --- the record ---

    def record(self, data: bytes) -> dict[str, Any]:
        """The record in the file, or No."""

        def need(good: bool) -> None:
            if not good:
                raise No

        need(len(data) <= 256_000)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise No from None
        # Depth by brackets outside of strings.
        depth = most = 0
        for bracket in re.sub(r'"(?:[^"\\]|\\.)*(?:"|$)', "", text, flags=re.DOTALL):
            depth += (bracket in "[{") - (bracket in "]}")
            most = max(most, depth)
        need(most <= 8)
        try:
            value = json.loads(text)
        except ValueError:
            raise No from None
        need("\\ud" not in json.dumps(value).lower() or _pairs(value))
        need(_finite(value))
        need(type(value) is dict and {"scenario", "events"} <= set(value))
        need(set(value) <= {"format", "scenario", "id", "learner", "events", "drafts"})
        need(type(value.get("format")) in (int, float) and value["format"] == 1)
        need(value["scenario"] == self.slug)
        need(type(value.get("id")) is str and re.fullmatch(r"[A-Za-z0-9-]{8,64}", value["id"]) is not None)
        learner = value.get("learner", "")
        need(type(learner) is str and len(learner.strip()) <= 200)
        need(type(value["events"]) is list)
        for number, event in enumerate(value["events"]):
            need(type(event) is dict and event.get("type") in ("start", "answer"))
            need(type(event.get("at", "")) is str and len(event.get("at", "")) <= 40)
            if event["type"] == "start":
                need(set(event) <= {"type", "version", "at"} and _whole(event.get("version"), 1, 100_000))
            else:
                need(number > 0 and set(event) <= {"type", "scene", "answer", "at", "confidence", "ticks"})
                need("answer" in event and _slug(event.get("scene")))
                need(event.get("confidence") in (None, "low", "middle", "high"))
                need(event.get("ticks") is None or _whole(event["ticks"], 0, 20))
        drafts = value.get("drafts", {})
        need(type(drafts) is dict)
        need(all(_slug(name) and type(text) is str and len(text) <= 16_000 for name, text in drafts.items()))
        return dict(value)


def _whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _slug(value: Any) -> bool:
    return type(value) is str and SLUG.fullmatch(value) is not None


def _pairs(value: Any) -> bool:
    """Whether no string holds half a character."""
    if type(value) is str:
        return not any(0xD800 <= ord(letter) <= 0xDFFF for letter in value)
    if type(value) is list:
        return all(map(_pairs, value))
    if type(value) is dict:
        return all(_pairs(name) and _pairs(inner) for name, inner in value.items())
    return True


def _finite(value: Any) -> bool:
    if type(value) is float:
        return abs(value) < float("inf")
    if type(value) is list:
        return all(map(_finite, value))
    return all(map(_finite, value.values())) if type(value) is dict else True
