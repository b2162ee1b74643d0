"""Hand-ins changed at random, graded among sound ones, and held against the oracle."""

import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oracle import No, Oracle
from wander import play

from onsite.grading.grade import grade
from onsite.grading.hands import Hands
from onsite.grading.roster import Person, Roster
from onsite.grading.scenarios import load_course_scenario
from onsite.paths import CoursePaths

SOUND = 5
"""Every so many hand-ins one is left as it is."""

ODD: list[Any] = [
    None, True, False, 0, -1, 1, 1.0, 4.0, 1e308, 10**30, 2**63, 0.1, "", " ", "\u2028", "a" * 300,
    "<script>alert(1)</script>", "=1+1", "@SUM(A1)", "../../etc/passwd", "/etc/passwd", "C:\\x", "\x00",
    "\u202egnp.exe", "\ud83d\ude00", "Zoë", "किरण", [], {}, [[]], {"a": {}}, ["x"],
    {"best": "friday", "worst": "friday"}, "${7*7}", "{{7*7}}", "%s", "\n", "nan",
]  # fmt: skip
RAW = [
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b'"\\ud800"', b"[" * 9 + b"]" * 9, b"1" * 5000, b"// x", b"0x1",
]  # fmt: skip


@dataclass
class Found:
    """What a trial found. wrong: hand-ins whose grade, or refusal, is not the oracle's."""

    graded: int = 0
    refused: int = 0
    aborts: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.graded} graded, {self.refused} refused; {len(self.aborts)} aborts, {len(self.wrong)} wrong grades, "
            f"{len(self.outside)} writes outside the records folders"
        )


def trial(course: CoursePaths, number: int, seed: int, workers: int = 1) -> Found:
    """Grade so many hand-ins, four of five of them changed at random, in folders and zips, all in one run."""
    chance = random.Random(seed)
    slugs = course.slugs()
    scenarios = [load_course_scenario(course.solutions / slug) for slug in slugs]
    oracles = [Oracle(course.solutions / slug / "scenario.yml") for slug in slugs]
    expected: dict[tuple[str, str], float | None] = {}
    sent = course.root.parent / "sent"
    sent.mkdir()
    with zipfile.ZipFile(sent / "all.zip", "w") as archive:
        for count in range(number):
            which = count % len(slugs)
            learner = f"p{count:06}"
            played = chance.choice([scenarios[which], *scenarios[which].kept.values()])
            data = json.dumps(play(played, chance, "")).encode()
            if count % SOUND:
                data = mutated(data, chance)
            try:
                score = oracles[which].score(data)
                # Whoever typed a name that is nobody's is not known by a folder alone.
                typed = json.loads(data.decode("utf-8-sig")).get("learner", "").strip()
                expected[learner, slugs[which]] = None if typed else score
            except No:
                expected[learner, slugs[which]] = None
            if count % 3:
                folder = (sent if count % 2 else course.inbox) / learner
                folder.mkdir(parents=True)
                (folder / "answers.json").write_bytes(data)
            else:
                archive.writestr(f"{learner}/answers.json", data)
    return run(course, sent, expected, workers)


def run(course: CoursePaths, sent: Path, expected: dict[tuple[str, str], float | None], workers: int) -> Found:
    """Grade, and compare with what is expected and with what lay there before."""
    found = Found()
    before = elsewhere(course)
    roster = Roster(Person(learner, learner) for learner, _ in expected)
    try:
        with Hands(workers) as hands:
            report = grade(course, sources=[sent], roster=roster, hands=hands)
    except Exception as error:
        found.aborts.append(repr(error))
        return found
    scores = {(result.learner, result.scenario): result.score for result in report.results}
    found.graded, found.refused = len(scores), len(report.refused) + len(report.unknown)
    for key, score in expected.items():
        got = scores.pop(key, None)
        if (got is None) != (score is None) or (got is not None and score is not None and abs(got - score) > 1e-6):
            found.wrong.append(f"{key}: {got}, expected {score}")
    found.wrong += [f"{key}: {score}, expected nothing" for key, score in scores.items()]
    found.outside = sorted(before.symmetric_difference(elsewhere(course)))
    return found


RECORDS = ("hand-ins", "submitted", "autograded", "feedback", "gradebook.db")


def elsewhere(course: CoursePaths) -> set[str]:
    """Every file around and in the course, outside the folders for records, with its size and date."""
    top = course.root.parent
    return {
        f"{path.relative_to(top)} {path.lstat().st_size} {path.lstat().st_mtime_ns}"
        for path in top.rglob("*")
        if not path.is_dir()
        and not (path.is_relative_to(course.root) and path.relative_to(course.root).parts[0].startswith(RECORDS))
    }


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The hand-in after one to three changes of its bytes or of its parts."""
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        data = chance.choice(CHANGES)(data, chance)
    return data


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _bytes(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.randrange(4)) + data[at + chance.randrange(4) :]


def _twice(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.choices(range(len(data) + 1), k=2))
    return data[:end] + data[start:end] + data[end:]


def _wrapped(data: bytes, chance: random.Random) -> bytes:
    others = [b"\xef\xbb\xbf" + data, b" " * 300_000 + data, b"[" + data + b"]", data + data, b"[" * 100_000]
    return chance.choice(others)


def _raw(data: bytes, chance: random.Random) -> bytes:
    """A value replaced by something that Python's parser may take and JSON does not know."""
    at = data.find(b": ", chance.randrange(len(data) + 1))
    return data if at < 0 else data[: at + 2] + chance.choice(RAW) + data[at + 3 :]


def _parts(change: Callable[[Any, random.Random], None]) -> Callable[[bytes, random.Random], bytes]:
    def changed(data: bytes, chance: random.Random) -> bytes:
        try:
            value = json.loads(data)
            change(value, chance)
            return json.dumps(value).encode()
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
            return data

    return changed


def _places(value: Any) -> list[tuple[Any, Any]]:
    inner: list[tuple[Any, Any]] = list(enumerate(value)) if isinstance(value, list) else []
    if isinstance(value, dict):
        inner = list(value.items())
    return [found for key, part in inner for found in [(value, key), *_places(part)]]


def _replace(value: Any, chance: random.Random) -> None:
    holder, key = chance.choice(_places(value))
    holder[key] = chance.choice(ODD)


def _remove(value: Any, chance: random.Random) -> None:
    holder, key = chance.choice(_places(value))
    del holder[key]


def _add(value: Any, chance: random.Random) -> None:
    holder = chance.choice([value, *value["events"]])
    holder[chance.choice(["extra", "score", "ticks", "confidence", "version", "__proto__"])] = chance.choice(ODD)


def _swap(value: Any, chance: random.Random) -> None:
    events = value["events"]
    one, other = chance.choices(range(len(events)), k=2)
    events[one], events[other] = events[other], events[one]


def _repeat(value: Any, chance: random.Random) -> None:
    events = value["events"]
    events.insert(chance.randrange(len(events) + 1), dict(chance.choice(events)))


def _answer(value: Any, chance: random.Random) -> None:
    """Somebody else's answer, or a part of the answer changed: nearly right."""
    events = [event for event in value["events"] if event["type"] == "answer"]
    event, other = chance.choices(events, k=2)
    if chance.random() < 0.3 or not isinstance(event["answer"], (list, dict)):
        event["answer"] = other["answer"]
    else:
        holder, key = chance.choice(_places(event["answer"]))
        holder[key] = chance.choice([*ODD, *[holder[k] for h, k in _places(event["answer"]) if h is holder]])


def _times(value: Any, chance: random.Random) -> None:
    for event in value["events"]:
        event["at"] = chance.choice(["1970-01-01T00:00:00Z", "9999-12-31", "yesterday", "", "2026-13-45", "-1"])


def _version(value: Any, chance: random.Random) -> None:
    chance.choice(value["events"])["version"] = chance.choice([1, 2, 3, 100_000, 100_001])


def _ticks(value: Any, chance: random.Random) -> None:
    chance.choice(value["events"])["ticks"] = chance.choice([0, 1, 4, 6, 7, 20, 21])


CHANGES: list[Callable[[bytes, random.Random], bytes]] = [
    _cut, _bytes, _twice, _wrapped, _raw,
    *map(_parts, (_replace, _replace, _remove, _add, _swap, _repeat, _answer, _answer, _times, _version, _ticks)),
]  # fmt: skip
