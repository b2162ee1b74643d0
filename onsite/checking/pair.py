"""The test before the course and the one after it: a course has both, once each, or neither."""

from collections.abc import Iterator, Mapping

from onsite.paths import CoursePaths
from onsite.scenario.errors import Finding
from onsite.scenario.load import FILE_NAME
from onsite.scenario.schema import Scenario
from onsite.scenario.yaml_source import Source, read_yaml

OTHER = {"before": "after", "after": "before"}


def pair_findings(course: CoursePaths, scenarios: Mapping[str, Scenario]) -> Iterator[Finding]:
    """What is wrong with the pair: two of one sort is an error, one without the other a warning."""
    found = {which: [slug for slug, one in scenarios.items() if one.test == which] for which in OTHER}
    for which, slugs in found.items():
        for slug in slugs[1:]:
            yield _source(course, slug).finding(
                ("test",),
                f"'{slugs[0]}' too says 'test: {which}', and the report can compare only one with the other test.",
                "Leave the line out of all but one of them.",
            )
        if slugs and not found[OTHER[which]]:
            yield _source(course, slugs[0]).warning(
                ("test",),
                f"No scenario says 'test: {OTHER[which]}', so the report has nothing to compare this one with.",
                "Write the line into the other test, or leave it out here.",
            )


def _source(course: CoursePaths, slug: str) -> Source:
    return read_yaml(course.solutions / slug / FILE_NAME)
