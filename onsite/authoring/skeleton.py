"""A new scenario: a small complete story with notes, to be written over."""

import re
from importlib.resources import files
from pathlib import Path

from onsite.build.editor_schema import SCHEMA_LINE
from onsite.paths import CoursePaths
from onsite.points import read_points
from onsite.scenario.errors import OnsiteError
from onsite.scenario.load import FILE_NAME
from onsite.scenario.parts import SLUG_PATTERN


def new_scenario(course: CoursePaths, slug: str) -> Path:
    """Write solutions/<slug>/scenario.yml and return its path; the story in it passes the check.

    Raises OnsiteError when `slug` is no name for a scenario, its folder exists, or the course has no source points.
    """
    if not re.fullmatch(SLUG_PATTERN, slug):
        close = re.sub(r"[^a-z0-9]+", "-", slug.lower()).lstrip("-0123456789")[:50].strip("-")
        advice = f"for example {close}" if close else "for example missed-calls"
        raise OnsiteError(
            f"'{slug}' cannot be the name of a scenario: it starts with a letter and holds small letters, digits and "
            f"hyphens, at most 50. Take {advice}."
        )
    folder = course.solutions / slug
    if folder.exists():
        shown = folder.relative_to(course.root).as_posix()
        what = "already holds a scenario" if (folder / FILE_NAME).exists() else "already exists"
        raise OnsiteError(f"{shown}/ {what}, and nothing was changed. Choose another name, or remove it first.")
    points = read_points(course.points)
    if not points:
        raise OnsiteError(f"{course.points}: the course has no points that a scenario could train. Add one.")
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True)
        path.write_text(skeleton(slug, next(iter(points))), "utf-8", newline="\n")
    except OSError as error:
        raise OnsiteError(f"{path}: cannot be written ({error.strerror}). Check your rights there.") from error
    return path


def skeleton(slug: str, point: str) -> str:
    """The text of the new file; every answer cites the source point with the id `point`."""
    text = files("onsite.authoring").joinpath("templates", FILE_NAME).read_text("utf-8")
    title = slug.replace("-", " ").capitalize()
    # In quotes, since a name such as "no" or "12" would not be read as text.
    for mark, value in (("schema", SCHEMA_LINE), ("slug", slug), ("title", f'"{title}"'), ("point", point)):
        text = text.replace(f"@@{mark}", value)
    return text
