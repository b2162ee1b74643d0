"""The language of the course: spelling, reading ease, inclusive words, nothing taken from the source articles."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import readability
from prose import Prose, pages, stories

ROOT = Path(__file__).parents[1]
PAGES = list(pages(ROOT))
STORIES = list(stories(ROOT))
WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")

EASIEST_ALLOWED = 50
"""Flesch reading ease, of 0 to 100: 50 to 60 is fairly difficult, 60 to 70 plain English (Flesch 1948)."""


def named(prose: Prose) -> str:
    return str(prose.path.relative_to(ROOT))


# --- spelling -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unknown_words() -> set[str]:
    """Every lower-case word of the course that neither the dictionary nor our own list knows."""
    if shutil.which("hunspell") is None:
        message = "No hunspell found. Install it with its British dictionary (Debian: apt-get install hunspell-en-gb)."
        if os.environ.get("ONSITE_REQUIRE_TOOLS"):
            pytest.fail(message)
        pytest.skip(message)
    told = [*(prose.text for prose in (*PAGES, *STORIES)), " ".join(_strings())]
    # Names begin with a capital and are not for a dictionary; what follows one in a name is judged on its own.
    words = {word.replace("\u2019", "'") for text in told for word in WORD.findall(text) if word[0].islower()}
    own = set((ROOT / "tests" / "data" / "words.txt").read_text("utf-8").split())
    done = subprocess.run(
        ["hunspell", "-d", "en_GB", "-i", "utf-8", "-l"],
        input="\n".join(sorted(words - own)), capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    return set(done.stdout.split())


def _strings() -> list[str]:
    catalogue: dict[str, str] = json.loads((ROOT / "onsite/player/strings/en.json").read_text("utf-8"))
    return [re.sub(r"\{\w+\}", "", text) for text in catalogue.values()]


def test_every_word_is_spelt_as_the_dictionary_has_it(unknown_words):
    where = {
        word: [named(prose) for prose in (*PAGES, *STORIES) if re.search(rf"\b{re.escape(word)}\b", prose.text)]
        for word in sorted(unknown_words)
    }
    assert where == {}, "mend them, or enter words that are right in tests/data/words.txt"


def test_the_speller_finds_a_misspelt_word(unknown_words):
    del unknown_words  # only for the skip where there is no dictionary
    done = subprocess.run(
        ["hunspell", "-d", "en_GB", "-l"], input="recieve", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "recieve"


# --- reading ease ---------------------------------------------------------------------------------------


def ease(paragraphs: tuple[str, ...]) -> float:
    """Flesch reading ease by the library, which wants one sentence a line, its words apart."""
    lines = []
    for paragraph in paragraphs:
        for sentence in re.split(r"(?<=[.!?:])[\"'\u2019\u201d)]*\s+", paragraph):
            words = re.findall(r"[\w\u2019'-]+|[.,!?;:]", sentence)
            if len([word for word in words if word[0].isalnum()]) > 3:  # headings and "No." are not sentences
                lines.append(" ".join(words))
    grades = readability.getmeasures("\n".join(lines), lang="en")["readability grades"]
    return float(grades["FleschReadingEase"])


@pytest.mark.parametrize("prose", [*PAGES, *STORIES], ids=named)
def test_it_is_easy_enough_to_read(prose):
    if len(prose.paragraphs) > 5:
        assert ease(prose.paragraphs) >= EASIEST_ALLOWED


def test_a_contract_would_be_too_hard():
    hard = "Notwithstanding contractual obligations, remuneration adjustments necessitate authorisation."
    assert ease((hard,) * 3) < EASIEST_ALLOWED


# --- inclusive words --------------------------------------------------------------------------------------

EXCLUDING = {
    "he/she": "they", "s/he": "they", "his/her": "their", "mankind": "people", "manpower": "people",
    "man-hours": "hours", "man-days": "days", "chairman": "chair", "salesman": "salesperson", "guys": "everybody",
    "girls": "colleagues", "ladies": "colleagues", "master/slave": "primary/replica", "blacklist": "block list",
    "whitelist": "allow list", "sanity check": "check", "crazy": "odd", "insane": "odd", "lame": "weak",
    "third world": "name the country", "native speaker": "somebody who grew up with it", "foreigner": "name where from",
    "grandfathered": "exempt", "tribe": "group", "guru": "expert", "ninja": "expert", "dumb": "simple",
    "illegal alien": "", "gypped": "cheated", "housewife": "", "manned": "staffed", "unmanned": "unstaffed",
}  # fmt: skip
"""Words that leave people out or run them down, with what to write. Data; the test below reads it."""


def excluding(text: str) -> list[str]:
    low = text.lower().replace("\u2019", "'")
    return [
        f"{word}: write {better}"
        for word, better in EXCLUDING.items()
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", low)
    ]


@pytest.mark.parametrize("prose", [*PAGES, *STORIES], ids=named)
def test_its_words_leave_nobody_out(prose):
    assert excluding(prose.text) == []


def test_excluding_words_are_found():
    assert excluding("The chairman asked the guys for 3 man-days.") == [
        "man-days: write days", "chairman: write chair", "guys: write everybody",
    ]  # fmt: skip


# --- in our own words ---------------------------------------------------------------------------------------

RUN = 8


def runs(text: str) -> dict[str, str]:
    """Each run of eight words by its hash: the first 16 hex digits of SHA-256 of the lower-cased words."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"['\u2019`]", "", text.lower()))
    joined = (" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1))
    return {hashlib.sha256(run.encode()).hexdigest()[:16]: run for run in joined}


@pytest.fixture(scope="module")
def of_the_articles() -> set[str]:
    """Hashes of all runs of eight words in the five articles the course began from."""
    return set((ROOT / "tests" / "data" / "article-shingles.txt").read_text("ascii").split())


CONTENT = sorted(
    path
    for folder in ("book", "solutions", "onsite/player/strings")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".md", ".yml", ".json"}
)


@pytest.mark.parametrize("path", CONTENT, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_run_of_eight_words_stands_in_a_source_article(path, of_the_articles):
    found = runs(path.read_text("utf-8"))
    assert [found[digest] for digest in found.keys() & of_the_articles] == []


def test_the_hashes_are_made_as_the_test_makes_them(of_the_articles):
    assert len(of_the_articles) > 4000
    assert list(runs("One, two three: four five six seven EIGHT")) == [
        hashlib.sha256(b"one two three four five six seven eight").hexdigest()[:16]
    ]
