"""Course folders of the scenarios that the tests have."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from onsite.paths import CoursePaths

REPOSITORY = Path(__file__).parents[1]
TINY_SLUG, KINDS_SLUG = "locked-door", "all-kinds"
SCENARIOS = {
    TINY_SLUG: REPOSITORY / "tests" / "data" / "tiny.yml",
    KINDS_SLUG: REPOSITORY / "tests" / "data" / "all_kinds.yml",
}


def make_course(folder: Path, slugs: Iterable[str] = (TINY_SLUG,)) -> CoursePaths:
    """A course in `folder` with these of SCENARIOS, as their author wrote them: nothing is derived yet."""
    course = CoursePaths(folder)
    for source, target in (
        *((SCENARIOS[slug], course.solutions / slug / "scenario.yml") for slug in slugs),
        (REPOSITORY / "book" / "source-points.yml", course.points),
        (REPOSITORY / "nbgrader_config.py", course.root / "nbgrader_config.py"),
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return course
