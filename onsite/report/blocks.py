"""What a page of the report is made of: sections with figures and tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from onsite.report.privacy import SMALLEST

UNDER = f"under {SMALLEST}"
"""What stands where a number of people is too small to be shown."""

NOT_TOLD = "not told"
"""What stands where it is too small, or would tell one that is."""


@dataclass(frozen=True)
class Table:
    """A table: the first cell of each row names it. marks: by row, "look" or "wait" where a reader should stop."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A drawing, what to see in it, and the same as a table."""

    svg: str
    caption: str
    table: Table


@dataclass(frozen=True)
class Folded:
    """Tables behind a line that opens them."""

    title: str
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Section:
    """A question that a manager asks, the answer in a sentence or two, and what it rests on."""

    id: str
    heading: str
    lead: tuple[str, ...]
    blocks: tuple[Figure | Table | Folded, ...] = ()
