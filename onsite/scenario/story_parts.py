"""The pieces that `story.json` is made of, whatever the kind of item, and Markdown made into HTML."""

from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict

from onsite.scenario.parts import Branch, Entry, Outcome, Route

_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False, "typographer": True})
    .enable(["replacements", "smartquotes"])
    .disable(["link", "reference", "image", "autolink", "html_inline", "html_block"])
)


def html(markdown: str) -> str:
    """Markdown as HTML; raw HTML, links and images in it are shown as the text they are."""
    return str(_MARKDOWN.render(markdown)).strip()


class StoryPart(BaseModel):
    """A piece of a story: unknown keys are errors, so that no credit can ride along."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StoryOutcome(StoryPart):
    """What an answer leads to. `coaching` is None when it is kept for the feedback after grading."""

    consequence: str
    effects: dict[str, int]
    goto: tuple[Branch, ...]
    coaching: str | None = None


class StoryEntry(StoryPart):
    """One of the things an item asks about. `coaching` as in StoryOutcome."""

    id: str
    html: str
    coaching: str | None = None


def story_outcome(outcome: Outcome, onward: Route, told: bool) -> dict[str, object]:
    """The fields of a StoryOutcome; `onward` is the scene's `next`, `told` whether coaching goes along."""
    return {
        "consequence": html(outcome.consequence),
        "effects": outcome.effects,
        "goto": outcome.goto or onward,
        "coaching": html(outcome.coaching) if told else None,
    }


def story_entries(entries: tuple[Entry, ...], told: bool) -> tuple[StoryEntry, ...]:
    """The entries as the player shows them: in the author's order, without what the key says of them."""
    return tuple(
        StoryEntry(id=entry.id, html=html(entry.text), coaching=html(entry.coaching) if told else None)
        for entry in entries
    )
