"""The book's table of contents as modules with pages and scenarios, from `_toc.yml`."""

from dataclasses import dataclass
from pathlib import Path

from onsite.pages.page import read_page
from onsite.paths import CoursePaths
from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.story import read_story
from onsite.scenario.yaml_source import read_yaml


@dataclass(frozen=True)
class Entry:
    """A page or a scenario in the contents.

    doc: its name for Sphinx, from the course's root; keys: the names under which a learner's answers to it are kept;
    notes: (name, prompt in Markdown) of the notes on it; minutes: None where the page does not say.
    """

    doc: str
    title: str
    kind: str
    minutes: int | None
    keys: tuple[str, ...]
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Module:
    """A part of the contents."""

    title: str
    entries: tuple[Entry, ...]

    @property
    def sort(self) -> str:
        """What its entries are called: "scenario" where all of them are, else "page"."""
        return "scenario" if all(entry.kind == "scenario" for entry in self.entries) else "page"

    @property
    def minutes(self) -> int:
        """Minutes of all entries that say theirs."""
        return sum(entry.minutes or 0 for entry in self.entries)


def contents(course: CoursePaths) -> list[Module]:
    """The parts of the book in order. Raises ScenarioError for a `_toc.yml` of another shape or a missing page."""
    path = course.root / "_toc.yml"
    data = read_yaml(path).data
    parts = data.get("parts") if isinstance(data, dict) else None
    if not isinstance(parts, list):
        raise ScenarioError([Finding("The contents have no 'parts'.", "Restore the file from version control.", path)])
    return [
        Module(part.get("caption", ""), tuple(_entry(course, chapter["file"]) for chapter in part["chapters"]))
        for part in parts
    ]


def practice_key(doc: str, name: str = "") -> str:
    """The name under which the answers to a page's practice item are kept; `name` where a page has several."""
    return f"practice.{Path(doc).name}{'.' if name else ''}{name}"


def note_key(doc: str, name: str = "") -> str:
    """The name under which a note on a page is kept."""
    return f"note.{Path(doc).name}{'.' if name else ''}{name}"


def _entry(course: CoursePaths, doc: str) -> Entry:
    if Path(doc).parts[0] == course.exercises.name:
        slug = Path(doc).name
        story = read_story(course.exercises / slug / "story.json")
        return Entry(doc, story.title, "scenario", story.minutes, (slug,))
    page = read_page(course.root / f"{doc}.md")
    return Entry(
        doc,
        page.title,
        "page",
        page.minutes,
        tuple(practice_key(doc, block.argument) for block in page.tries),
        tuple((note_key(doc, block.argument), block.text) for block in page.notes),
    )
