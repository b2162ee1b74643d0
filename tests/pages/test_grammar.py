"""The grammar of practice pages: a sound page passes, and each departure is told."""

from pathlib import Path

import pytest

from onsite.pages.grammar import MOST, PARTS, grammar_findings
from onsite.pages.page import parse_page


@pytest.fixture
def told(points, tensions):
    def findings(text: str) -> list[str]:
        return [str(found) for found in grammar_findings(parse_page(text, Path("page.md")), text, points, tensions)]

    return findings


def test_a_sound_page_is_told_nothing(told, sound):
    assert told(sound) == []


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_is_told(told, sound, part):
    (found,) = told(sound.replace(f"## {part}\n", "")) or [""]
    assert part in found


def test_parts_in_another_order_are_told_with_the_line(told, sound):
    spoilt = sound.replace("## Why it works", "## X").replace("## In one sentence", "## Why it works")
    (found,) = told(spoilt)
    line = spoilt.splitlines().index("## Why it works") + 1
    assert found.startswith(f"page.md:{line}: Here stands the heading 'Why it works', where 'In one sentence' belongs.")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("minutes: 6\n", "", "The front matter lacks 'minutes'."),
        ("minutes: 6", "minutes: six", "The front matter lacks 'minutes'."),
        ("points: [P21, P03]\n", "", "The front matter lacks 'points'."),
        ("P21, P03", "P21, P99", "'P99' is not known under points."),
        ("[T06]", "[P06]", "'P06' is not known under tensions."),
        ("{assignment-note}", "{note}", "The page has 0 'assignment-note' blocks."),
        ("{try-it}", "{note}", "The page has 0 'try-it' blocks."),
        ("} The don't", "} Wrong", "The don't and the do do not stand side by side."),
        ("- Wait two", "## More\n\n- Wait two", "After the key points nothing follows, but here stands 'More'."),
        ("## The 11:20 ferry\n", "", "Here stands the heading 'Why it works', where 'In one sentence' belongs."),
    ],
)
def test_each_departure_is_told(told, sound, old, new, what):
    assert sound.count(old) == 1
    assert any(what in found for found in told(sound.replace(old, new))), told(sound.replace(old, new))


def test_pages_too_short_and_too_long_are_told_their_length(told, sound):
    short = told(sound.replace("And so they talk on. ", ""))
    assert len(short) == 1 and "Keep it between 500 and 900." in short[0]
    long = told(sound.replace("Somebody never stops.", "Word. " * MOST))
    assert len(long) == 1 and "words" in long[0]
