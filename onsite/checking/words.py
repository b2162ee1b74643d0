"""What `check` prints: lines for a terminal of 100 columns, or JSON."""

import textwrap
from collections.abc import Iterator
from typing import Any

from onsite.checking.course import Outcome
from onsite.scenario.errors import Finding
from onsite.scenario.examine import Examined
from onsite.scenario.fairness import Count
from onsite.scenario.figures import WORDS_A_MINUTE, Figures

WIDTH = 100
_LABEL = 14


def finding_lines(finding: Finding) -> list[str]:
    """A finding, its place alone at the start of the first line so that editors and terminals can jump there."""
    return textwrap.wrap(str(finding), WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def scenario_lines(examined: Examined) -> list[str]:
    """One scenario's figures."""
    title = f"{examined.slug}: {len(examined.findings)} findings"
    if examined.figures is None:
        return [f"{title}; no figures before its errors are mended"]
    return [title, *(line for label, text in _rows(examined.figures) for line in _row(label, text))]


def _row(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=f"  {label}".ljust(_LABEL), subsequent_indent=" " * _LABEL, break_on_hyphens=False
    )


def _rows(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "size", f"{figures.scenes} scenes, {figures.decisions} decisions, {figures.endings} endings"
    paths = "endless, since the story has a loop" if figures.paths is None else _large(figures.paths)
    yield "paths", f"{paths} (sequences of answers; a text counts as one answer)"
    about = "" if figures.exact_words else "at most "
    yield (
        "reading",
        f"{about}{figures.reading:.0f} of its {figures.minutes} minutes: {figures.words:,.0f} words on an average path "
        f"(every option equally likely), {WORDS_A_MINUTE} a minute",
    )
    chosen = f"; {figures.choice_guesser / figures.choice_points:.0%} of the choices" if figures.choice_points else ""
    yield "guesser", f"{_score(figures, figures.guesser)}{chosen}, on average, exact over all paths"
    robots = (
        f"{name} {_score(figures, walked.points)}{'' if walked.ending else ' (goes in circles)'}"
        for name, walked in figures.robots.items()
    )
    yield "robots", "; ".join(robots)
    if figures.left_out:
        yield "", f"Left out, since a person marks it: {', '.join(figures.left_out)}"
    yield "best option", f"the longest in {_count(figures.longest)}"
    if figures.places:
        place, count = min(figures.places.items(), key=lambda pair: pair[1].p)
        yield "", f"{place} in {_count(count)}"


def _score(figures: Figures, points: float) -> str:
    share = f" ({points / figures.machine_points:.0%})" if figures.machine_points else ""
    return f"{points:.3g} of {figures.machine_points}{share}"


def _count(count: Count) -> str:
    if count.of == 0:
        return "0 of 0 items: nothing to count"
    told = f"{len(count.hits)} of {count.of} items; chance {count.expected:.1f}, p = {count.p:.2g}"
    if count.mute:
        return f"{told}: too few items to tell from chance"
    return f"{told}, {'more than chance' if count.unfair else 'no more than chance'} (p < {count.level:.2g})"


def _large(number: int) -> str:
    """A whole number of any size: 231,414, or 1.2 x 10^36."""
    if number < 10**12:
        return f"{number:,}"
    digits = str(number)
    return f"{digits[0]}.{digits[1]} x 10^{len(digits) - 1}"


def course_as_json(outcome: Outcome) -> dict[str, Any]:
    """Everything as data for other programs. `paths` is a whole number of any size, or null for endless."""
    return {
        "findings": [_finding(finding) for finding in outcome.findings],
        "scenarios": {one.slug: _figures(one.figures) for one in outcome.examined},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "level": finding.level,
        "file": finding.file.as_posix() if finding.file is not None else None,
        "line": finding.line,
        "what": finding.what,
        "do": finding.do,
    }


def _figures(figures: Figures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {
        "scenes": figures.scenes,
        "decisions": figures.decisions,
        "endings": figures.endings,
        "points": figures.points,
        "situations": figures.situations,
        "paths": figures.paths,
        "words": round(figures.words, 1),
        "words_are_exact": figures.exact_words,
        "reading_minutes": round(figures.reading, 1),
        "declared_minutes": figures.minutes,
        "left_out": list(figures.left_out),
        "machine_points": figures.machine_points,
        "guesser": figures.guesser,
        "robots": {name: {"points": walked.points, "ending": walked.ending} for name, walked in figures.robots.items()},
        "best_is_longest": _tested(figures.longest),
        "best_stands": {place: _tested(count) for place, count in figures.places.items()},
    }


def _tested(count: Count) -> dict[str, Any]:
    return {
        "scenes": list(count.hits),
        "of": count.of,
        "expected": count.expected,
        "p": count.p,
        "level": count.level,
        "too_few_to_tell": count.mute,
    }
