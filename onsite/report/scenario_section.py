"""The section of the report on one scenario, for facilitators and authors."""

from collections.abc import Iterator, Sequence
from math import isnan

from onsite.report import advice, analysis, drawing
from onsite.report.advice import interval, number, percent
from onsite.report.blocks import UNDER, Figure, Folded, Section, Table
from onsite.report.choices import Chosen, ItemChoices
from onsite.report.cohort import Cohort
from onsite.report.drawing import short
from onsite.report.facts import ItemFacts, ScenarioFacts
from onsite.report.findings import Findings
from onsite.report.privacy import SMALLEST


def scenario_section(findings: Findings, facts: ScenarioFacts) -> Section:
    """The section on one scenario: the ways through it, its decisions in numbers, who chose what."""
    figures, found = findings.items[facts.slug], findings.choices[facts.slug]
    about = advice.about_alpha(figures)
    lead = [about.text]
    if not isnan(figures.alpha.value):
        lead[0] = (
            f"Cronbach's alpha is {number(figures.alpha.value)} (95% interval {interval(figures.alpha)}, "
            f"n = {figures.alpha.n}). {about.text}"
        )
    return Section(
        f"scenario-{facts.slug}",
        facts.title,
        tuple(lead),
        (
            *_flow(findings.cohort, facts),
            *_items(facts, figures),
            *([Folded("Who chose what", tuple(_choice_tables(facts, found)))] if found else ()),
        ),
    )


def _flow(cohort: Cohort, facts: ScenarioFacts) -> Iterator[Figure]:
    table = analysis.flow(cohort, facts.slug)
    titles = {name: item.title for name, item in facts.items.items()} | dict(facts.endings)
    titles[analysis.STOPPED] = "handed in before the end"
    rows = tuple(
        (titles.get(s, s), titles.get(t, t), str(n) if n >= SMALLEST else UNDER)
        for s, t, n in table.itertuples(index=False)
    )
    shown = table[table["n"] >= SMALLEST]
    if facts.straight or shown.empty:
        return
    yield Figure(
        drawing.flows(f"The ways people took through {facts.title}.", shown, titles, list(facts.endings)),
        f"The ways people took, from top to bottom; a band is as wide as its share of people. Ways of fewer than "
        f"{SMALLEST} "
        "people are left out.",
        Table("Ways", ("From", "To", "People"), rows),
    )


def _items(facts: ScenarioFacts, figures: analysis.Analysis) -> Iterator[Table]:
    if not figures.items:
        return
    advices = [advice.about_item(item) for item in figures.items]
    yield Table(
        "Item analysis. Facility: mean credit, 0 for those who did not come to it. Item-rest: correlation with "
        "the other "
        "decisions.",
        ("Decision", "Facility", "Came to it", "Item-rest", "95% interval", "What to do"),
        tuple(
            (facts.decisions[item.decision].title, number(item.facility), percent(item.met), number(item.rest.value),
             interval(item.rest), about.text)
            for item, about in zip(figures.items, advices, strict=True)
        ),
        {index: about.mark for index, about in enumerate(advices) if about.mark == "look"},
    )  # fmt: skip


def _choice_tables(facts: ScenarioFacts, found: Sequence[ItemChoices]) -> Iterator[Table]:
    for one in found:
        item = facts.items[one.scene]
        advices = [advice.about_option(chosen, one.asked) for chosen in one.chosen]
        yield Table(
            f"{short(item.title, 60)}: {short(item.prompt, 160)} ({one.asked} people)",
            ("Answer", "Credit" if item.options else "Key", "People", "Share", "Score elsewhere", "What to do"),
            tuple(
                (_words(item, chosen), _credit(item, chosen), UNDER if chosen.n is None else str(chosen.n),
                 percent(chosen.share), percent(chosen.rest), about.text)
                for chosen, about in zip(one.chosen, advices, strict=True)
            ),
            {index: about.mark for index, about in enumerate(advices) if about.mark},
        )  # fmt: skip


def _credit(item: ItemFacts, chosen: Chosen) -> str:
    if item.options:
        return f"{chosen.credit:g}" + (" (best)" if chosen.keyed else "")
    return "keyed" if chosen.keyed else "\u2013"


def _words(item: ItemFacts, chosen: Chosen) -> str:
    """An answer, or part of one, in words."""
    if item.options:
        return short(item.options[chosen.said].text, 200)
    if item.kind == "best_worst":
        which = "Most" if chosen.part == "best" else "Least"
        return f"{which} effective: {short(item.parts.get(chosen.said, chosen.said), 150)}"
    text = short(item.parts.get(chosen.part, chosen.part), 150)
    if item.kind == "select":
        return text
    if item.kind == "sort":
        return f"{text}: {item.parts.get(f'bin:{chosen.said}', chosen.said)}"
    return f"{text}: {'place' if item.kind == 'ranking' else 'rated'} {chosen.said}"
