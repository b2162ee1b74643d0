"""Whether anything a learner receives holds the key.

Looked for are nbgrader's hidden tests, the word `credit` as a key, the credits of a scene beside the ids of its
options, and, under `debrief: after_grading`, any sentence of coaching, debrief, rubric or model answer.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from onsite.scenario.errors import Finding
from onsite.scenario.items.text import Text
from onsite.scenario.schema import Scenario

MARKERS = ("### BEGIN HIDDEN", "### END HIDDEN")
SUFFIXES = {".html", ".htm", ".ipynb", ".json", ".js", ".md", ".txt", ".py", ".yml", ".yaml", ".xml", ".csv"}
MOST_BYTES = 20_000_000
SENTENCE = 6
"""Words that must follow one another before they count as a leaked sentence; fewer could be chance."""

_QUOTE = r"""(?:\\?["']|&quot;|&\#34;|&\#x27;)"""
_CREDIT = re.compile(rf"\bcredit(?:{_QUOTE}\s*:|\s*[:=]\s*[\d.])")
_PAIR = re.compile(rf"\b([a-z][a-z0-9-]*){_QUOTE}?\s*[:=,]\s*(?:\[\s*)?(?={_QUOTE}?(\d+(?:\.\d+)?|[a-z][a-z0-9-]*))")
_REMEDY = "Run `python3 course.py build`. If this stays, do not hand the file out, and report it."
_TAG = re.compile(r"<[^<>]*>")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")

Pairs = dict[str, list[tuple[str, str]]]
"""By scene, the names and values that stand side by side where its key is written down."""


@dataclass(frozen=True)
class Received:
    """A file that learners receive, and the slug of its scenario (None: a page of no one scenario)."""

    path: Path
    slug: str | None


def received_files(folder: Path, slug: str | None) -> Iterator[Received]:
    """The texts in a folder that learners receive. Their own answers and hidden files are not looked at."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        inside = path.relative_to(folder)
        own = inside.name.startswith("answers") or any(part.startswith(".") for part in inside.parts)
        if path.suffix in SUFFIXES and not own and path.is_file():
            yield Received(path, slug)


def leaks(
    scenarios: Mapping[str, Scenario],
    files: Iterable[Received],
    older: Mapping[str, Sequence[Scenario]] | None = None,
) -> Iterator[Finding]:
    """Every sort of key material found in the files, once a file and sort, on the line of its first place.

    older: kept versions by slug; their keys must not be found either.
    """
    older = older or {}
    secrets = _Secrets(scenarios, older)
    pairs = {slug: [_pairs(one) for one in (scenario, *older.get(slug, ()))] for slug, scenario in scenarios.items()}
    for file in files:
        if file.path.stat().st_size > MOST_BYTES:
            yield Finding("The file is too large to be searched for the key.", "Look at it by hand.", file.path)
            continue
        text = file.path.read_text("utf-8", errors="replace")
        for what, at in _in_text(text, pairs.get(file.slug or "", ())):
            yield Finding(what, _REMEDY, file.path, text.count("\n", 0, at) + 1)
        for what, line in secrets.in_text(text):
            yield Finding(what, _REMEDY, file.path, line)


def _in_text(text: str, keys: Sequence[Pairs]) -> Iterator[tuple[str, int]]:
    marker = min((at for marker in MARKERS if (at := text.find(marker)) >= 0), default=-1)
    if marker >= 0:
        yield "A hidden test stands in a file that learners receive.", marker
    if not keys:
        return  # a page that explains the format may well name its keys
    if found := _CREDIT.search(text):
        yield "The key word 'credit' stands in a file that learners receive.", found.start()
    credited: dict[tuple[str, str], int] = {}
    for found in _PAIR.finditer(text) if any(keys) else ():
        credited.setdefault((found[1], _value(found[2])), found.start())
    found_in = {
        scene: min(credited[pair] for pair in credits)
        for pairs in keys
        for scene, credits in pairs.items()
        if all(pair in credited for pair in credits)
    }
    if found_in:
        yield f"The key of {', '.join(found_in)} stands in a file that learners receive.", min(found_in.values())


def _pairs(scenario: Scenario) -> Pairs:
    keys = {name: scene.item.key() for name, scene in scenario.scenes.items() if scene.item is not None}
    return {name: list(_side_by_side(key)) for name, key in keys.items() if key is not None}


def _side_by_side(key: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names with their values, names of lists with the first in them, and each in a list with the next."""
    for name, value in key.items():
        if name in ("kind", "choose"):
            continue
        if isinstance(value, Mapping):
            yield from ((inner, _value(told)) for inner, told in value.items())
        elif isinstance(value, list):
            yield from zip([name, *value], value, strict=False)
        else:
            yield name, _value(value)


def _value(value: object) -> str:
    """Numbers written alike: 1, 1.0 and 1.00 are one."""
    try:
        return f"{float(str(value)):g}"
    except ValueError:
        return str(value)


class _Secrets:
    """The sentences of all scenarios that keep their coaching back, ready to be found in one pass over a text."""

    def __init__(self, scenarios: Mapping[str, Scenario], older: Mapping[str, Sequence[Scenario]]) -> None:
        self._starts: dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] = {}
        for slug, scenario in scenarios.items():
            keeping = [one for one in (scenario, *older.get(slug, ())) if one.debrief == "after_grading"]
            if not keeping:
                continue
            texts = [*_told(scenario)]
            if scenario not in keeping:  # what today's version tells anyway is no secret of an older one
                texts += [text for text, _ in _kept_back(scenario)]
            shown = " ".join(" ".join(_words(text)) for text in texts)
            for one in keeping:
                self._add(slug, one, shown)

    def _add(self, slug: str, scenario: Scenario, shown: str) -> None:
        for text, what in _kept_back(scenario):
            for sentence in _sentences(text):
                if len(sentence) >= SENTENCE and " ".join(sentence) not in shown:
                    told = f"A sentence of the {what} of '{slug}', kept back until grading,"
                    self._starts.setdefault(sentence[:SENTENCE], []).append((sentence, told))

    def in_text(self, text: str) -> Iterator[tuple[str, int | None]]:
        if not self._starts:
            return
        words = _words(_plain(text))
        told: set[str] = set()
        for index, start in enumerate(zip(*(islice(words, n, None) for n in range(SENTENCE)), strict=False)):
            for sentence, what in self._starts.get(start, ()):
                if what not in told and tuple(words[index : index + len(sentence)]) == sentence:
                    told.add(what)
                    yield f'{what} stands here: "{" ".join(sentence[:8])} ...".', _line(text, sentence)


def _told(scenario: Scenario) -> Iterator[str]:
    """What a learner reads anyway."""
    yield from (scenario.role, scenario.setting, scenario.summary, *scenario.objectives)
    for scene in scenario.scenes.values():
        yield from (passage.text for passage in scene.narrative)
        if scene.item is not None:
            yield scene.item.prompt
            yield from (outcome.consequence for _, outcome in scene.item.outcomes())
            yield from (getattr(part, "text", "") for _, parts in scene.item.lists() for part in parts)
    yield from (ending.narrative for ending in scenario.endings.values())


def _kept_back(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for scene in scenario.scenes.values():
        if scene.item is not None:
            yield from ((outcome.coaching, "coaching") for _, outcome in scene.item.outcomes())
            yield from ((entry.coaching, "coaching") for _, entry in scene.item.entries())
        if isinstance(scene.item, Text):
            yield scene.item.model, "model answer"
            yield from ((criterion.criterion, "rubric") for criterion in scene.item.rubric)
    yield from ((ending.debrief, "debrief") for ending in scenario.endings.values())


def _sentences(text: str) -> Iterator[tuple[str, ...]]:
    for sentence in re.split(r"(?<=[.!?:])\s+|\n\s*\n|\n\s*[-*>]\s", text):
        if words := tuple(_words(sentence)):
            yield words


def _plain(text: str) -> str:
    """A file's text without JSON escapes, entities and tags, so that only words are left to compare."""
    if "\\" in text:
        text = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else " " if m[2] in "nrt" else m[2], text)
    return _TAG.sub(" ", html.unescape(text))


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _line(text: str, sentence: tuple[str, ...]) -> int | None:
    """The line on which a sentence begins, where its first words stand together there."""
    found = re.search(r"[^\w]+".join(map(re.escape, sentence[:3])), text, re.IGNORECASE)
    return text.count("\n", 0, found.start()) + 1 if found else None
