"""The learner's own copies of the notebooks: the released ones stay as they are, and answers have a place."""

import hashlib
import shutil
from datetime import UTC, datetime

from onsite.paths import CoursePaths

_MADE_FROM = ".made-from"


def prepare_work(course: CoursePaths) -> None:
    """Copy each released notebook and story to work/<slug>/, again when a new release came.

    A notebook of an older release is kept under another name: somebody may have written notes in it.
    answers.json is never touched.
    """
    for slug in course.slugs():
        released = [course.exercises / slug / name for name in (f"{slug}.ipynb", "story.json")]
        if not all(path.is_file() for path in released):
            continue
        folder = course.work / slug
        folder.mkdir(parents=True, exist_ok=True)
        made_from = hashlib.sha256(b"".join(path.read_bytes() for path in released)).hexdigest()
        marker = folder / _MADE_FROM
        if marker.is_file() and marker.read_text("utf-8") == made_from and (folder / f"{slug}.ipynb").is_file():
            continue
        if (folder / f"{slug}.ipynb").is_file():
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            (folder / f"{slug}.ipynb").rename(folder / f"{slug}.until-{stamp}.ipynb")
        for path in released:
            shutil.copyfile(path, folder / path.name)
        marker.write_text(made_from, "utf-8")
