"""The report as one HTML page that needs nothing else: no script, no request."""

from collections.abc import Iterator, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from onsite.report.advice import A_FEW, FEW
from onsite.report.facts import ScenarioFacts
from onsite.report.findings import Findings
from onsite.report.privacy import SMALLEST
from onsite.report.scenario_section import scenario_section
from onsite.report.sections import cohort_sections
from onsite.report.summary import summary_of


def report_page(
    findings: Findings, *, title: str = "Cohort report", made_on: str = "", left_out: Sequence[str] = ()
) -> str:
    """The whole page. left_out: sentences on what could not be read."""
    environment = Environment(
        loader=PackageLoader("onsite.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = lambda block: type(block).__name__.lower()
    environment.filters["svg"] = Markup
    enough = findings.people >= SMALLEST
    played = list(_played(findings))
    return environment.get_template("report.html").render(
        title=title,
        made_on=made_on,
        people=findings.people,
        expected=len(findings.cohort.learners),
        smallest=SMALLEST,
        a_few=A_FEW,
        few=FEW,
        enough=enough,
        summary=summary_of(findings) if enough else None,
        sections=list(cohort_sections(findings)) if enough else [],
        scenarios=[scenario_section(findings, facts) for facts in played] if enough else [],
        hardly_played=", ".join(facts.title for facts in findings.cohort.scenarios.values() if facts not in played),
        left_out=left_out,
    )


def _played(findings: Findings) -> Iterator[ScenarioFacts]:
    began = findings.completion["started"]
    yield from (facts for slug, facts in findings.cohort.scenarios.items() if began[slug] >= SMALLEST)
