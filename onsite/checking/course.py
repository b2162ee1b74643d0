"""Checking a whole course: its scenarios, then everything its learners receive."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from onsite.checking.pages import page_findings
from onsite.checking.pair import pair_findings
from onsite.paths import CoursePaths
from onsite.points import read_citable
from onsite.scenario.errors import Finding
from onsite.scenario.examine import Examined, examine
from onsite.scenario.kept import examine_kept
from onsite.scenario.leaks import Received, leaks, received_files


@dataclass(frozen=True)
class Outcome:
    """What was found in a course. Files are named from the course's folder."""

    examined: list[Examined]
    findings: list[Finding]

    @property
    def errors(self) -> list[Finding]:
        """The findings that stop the build."""
        return [finding for finding in self.findings if finding.level == "error"]

    def verdict(self) -> str:
        """The outcome in one line."""
        errors = len(self.errors)
        warnings = len(self.findings) - errors
        return f"{_of(len(self.examined), 'scenario')}: {_of(errors, 'error')}, {_of(warnings, 'warning')}."


def check_course(course: CoursePaths, tell: Callable[[Examined], None]) -> Outcome:
    """Examine every scenario, calling `tell` after each, and every page; search what learners receive for the key."""
    known = read_citable(course.points)
    examined = []
    for slug in course.slugs():
        examined.append(examine(course.solutions / slug / "scenario.yml", known))
        tell(examined[-1])
    scenarios = {one.slug: one.scenario for one in examined if one.scenario is not None}
    findings = [finding for one in examined for finding in one.findings]
    findings += pair_findings(course, scenarios)
    findings += page_findings(course)
    older = {slug: [*examine_kept(course.solutions / slug, one)[0].values()] for slug, one in scenarios.items()}
    findings += leaks(scenarios, received(course), older)
    return Outcome(examined, [_from_root(course, finding) for finding in findings])


def received(course: CoursePaths) -> Iterator[Received]:
    """Every text that learners get: the released folders, and the site if it is built."""
    for slug in course.slugs():
        yield from received_files(course.exercises / slug, slug)
        yield from received_files(course.site / "exercises" / slug, slug)
    for file in received_files(course.site, None):
        if file.path.relative_to(course.site).parts[:1] != ("exercises",):
            yield file


def _from_root(course: CoursePaths, finding: Finding) -> Finding:
    if finding.file is None or not finding.file.is_relative_to(course.root):
        return finding
    return replace(finding, file=finding.file.relative_to(course.root))


def _of(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
