"""The section of the report on one scenario, for facilitators and authors."""

from collections.abc import Iterator, Mapping, Sequence
from math import isnan

import pandas as pd

from onsite.report import advice, analysis, drawing
from onsite.report.advice import interval, number, percent
from onsite.report.blocks import NOT_TOLD, UNDER, Figure, Folded, Section, Table
from onsite.report.choices import Chosen, ItemChoices
from onsite.report.drawing import short
from onsite.report.facts import ItemFacts, ScenarioFacts
from onsite.report.findings import Findings
from onsite.report.privacy import SMALLEST


def scenario_section(findings: Findings, facts: ScenarioFacts) -> Section:
    """The section on one scenario: the ways through it, its decisions in numbers, who chose what."""
    figures, found = findings.items[facts.slug], findings.choices[facts.slug]
    return Section(
        f"scenario-{facts.slug}",
        facts.title,
        (_about_ways(findings, facts), _about_alpha(figures)),
        (
            *_flow(findings, facts),
            *_items(facts, figures),
            *([Folded("Who chose what", tuple(_choice_tables(facts, found)))] if found else ()),
        ),
    )


def _about_alpha(figures: analysis.Analysis) -> str:
    about = advice.about_alpha(figures).text
    if isnan(figures.alpha.value):
        return about
    return (
        f"Cronbach's alpha is {number(figures.alpha.value)} (95% interval {interval(figures.alpha)}, "
        f"n = {figures.alpha.n}). {about}"
    )


def _about_ways(findings: Findings, facts: ScenarioFacts) -> str:
    """How many came to an end, and what there is to see of the ways there."""
    row = findings.completion.loc[facts.slug]
    ended = f"Of {row['started']} people who began, {row['finished']} came to an ending."
    if facts.straight:
        return f"{ended} There is one way through it, the same for everybody."
    if findings.ways[facts.slug].table["n"].sum() == 0:
        return f"{ended} So few people took each way that the ways are not shown."
    return ended


def _flow(findings: Findings, facts: ScenarioFacts) -> Iterator[Figure]:
    if facts.straight:
        return
    found = findings.ways[facts.slug]
    shown = found.table[found.table["n"] > 0]
    if shown.empty:
        return
    titles = {**facts.places, analysis.STOPPED: "handed in before the end"}
    about = "about " if found.rounded else ""
    rows = tuple(
        (titles.get(s, s), titles.get(t, t), f"{about}{n}" if n else UNDER)
        for s, t, n in found.table.itertuples(index=False)
    )
    rounded = " The other numbers are rounded, so that nobody can be worked out." if found.rounded else ""
    yield Figure(
        drawing.flows(
            f"The ways people took through {facts.title}. {most_taken(shown, titles)}",
            found.table,
            titles,
            list(facts.endings),
            size=found.places,
            total=found.total,
        ),
        f"The ways people took, from top to bottom; a band is as wide as its share of people. Ways of fewer than "
        f"{SMALLEST} people are left out.{rounded}",
        Table("Ways", ("From", "To", "People"), rows),
    )


def most_taken(shown: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """The way that most people took at each place, from the first place on, in words."""
    ahead = {s: t for s, t, _ in reversed(list(shown.itertuples(index=False)))}
    targets = set(shown["target"])
    place = next((s for s in shown["source"] if s not in targets), str(shown["source"].iloc[0]))
    way = [place]
    while (place := ahead.get(place, "")) and place not in way:
        way.append(place)
    return f"Most went on from each place like this: {'; '.join(short(titles.get(one, one), 40) for one in way)}."


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
            f"{short(facts.places[one.scene], 60)}: {short(item.prompt, 160)} ({one.asked} people)",
            ("Answer", "Credit" if item.options else "Key", "People", "Share", "Score elsewhere", "What to do"),
            tuple(
                (in_words(item, chosen), _credit(item, chosen), _people(chosen),
                 percent(chosen.share), percent(chosen.rest), about.text)
                for chosen, about in zip(one.chosen, advices, strict=True)
            ),
            {index: about.mark for index, about in enumerate(advices) if about.mark},
        )  # fmt: skip


def _people(chosen: Chosen) -> str:
    if chosen.n is None:
        return UNDER if chosen.about else NOT_TOLD
    return f"about {chosen.n}" if chosen.about else str(chosen.n)


def _credit(item: ItemFacts, chosen: Chosen) -> str:
    if item.options:
        return f"{chosen.credit:g}" + (" (best)" if chosen.keyed else "")
    return "keyed" if chosen.keyed else "\u2013"


def in_words(item: ItemFacts, chosen: Chosen) -> str:
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
