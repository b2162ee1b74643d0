"""The first screen: a few sentences on the cohort, and what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

import numpy as np

from onsite.report import advice, analysis
from onsite.report.advice import A_FEW, DIVIDED, FEW, number, percent
from onsite.report.drawing import short
from onsite.report.findings import Findings
from onsite.report.practices import listed
from onsite.report.privacy import SMALLEST


@dataclass(frozen=True)
class Summary:
    """A few sentences, and the next steps, the most useful first."""

    sentences: tuple[str, ...]
    steps: tuple[str, ...]


def summary_of(findings: Findings) -> Summary:
    """The summary of a cohort."""
    return Summary(tuple(_sentences(findings)), tuple(_steps(findings)))


def _sentences(findings: Findings) -> list[str]:
    cohort = findings.cohort
    plays = cohort.counted[cohort.counted["finished"]]
    scenarios = len({facts.story for facts in cohort.scenarios.values()})
    people, any_one = len(cohort.learners), int(plays["learner"].nunique())
    on_it = " on the roster" if people > cohort.plays["learner"].nunique() else ""
    told = f"{any_one} of {people} people{on_it} ({percent(any_one / people)}) have finished at least one scenario."
    if scenarios > 1:
        each = number(len(plays) / people, 1)
        told += f" {scenarios} scenarios have been begun; on average a person has finished {each} of them."
    sentences = [told]
    scores = analysis.person_scores(cohort).to_numpy()
    if len(scores) >= SMALLEST:
        q1, q3 = np.percentile(scores, [25, 75])
        sentences.append(
            f"On average they earned {percent(float(scores.mean()))} of the points, and the middle half of them "
            f"between {percent(q1)} and {percent(q3)}."
        )
    if findings.unread.texts:
        sentences.append(
            f"{waiting(findings.unread)} to be read. Their points are left out of the average; the gradebook's table "
            "(CSV) counts them as 0 for now, so scores are lower there."
        )
    practices, names = findings.practices.overall[findings.practices.firm], findings.practices.lines
    if len(practices) > 1:
        weak, strong = practices.index[0], practices.index[-1]
        sentences.append(
            f"All practices came out alike, at {percent(practices[weak])} of the credit."
            if percent(practices[weak]) == percent(practices[strong])
            else f"They are strongest in {names[strong].quoted} ({percent(practices[strong])} of the credit) and "
            f"weakest in {names[weak].quoted} ({percent(practices[weak])})."
        )
    gain = findings.gain
    # Once there are enough people to believe it.
    if gain is not None and gain.gain.n >= FEW and not isnan(gain.gain.low):
        sentences.append(advice.about_gain(gain).text)
    return sentences


def waiting(unread: analysis.Unread) -> str:
    """'3 written answers of 2 people wait'."""
    answers = "1 written answer" if unread.texts == 1 else f"{unread.texts} written answers"
    people = "1 person" if unread.people == 1 else f"{unread.people} people"
    return f"{answers} of {people} {'waits' if unread.texts == 1 else 'wait'}"


def _steps(findings: Findings) -> list[str]:
    cohort = findings.cohort
    steps = []
    if findings.unread.texts:
        steps.append(
            f"Read these first: {waiting(findings.unread)} for a mark in Formgrader. Then make this report again, "
            "since its figures may change."
        )
    subject = _subject(findings)
    if subject:
        names = listed([findings.practices.lines[line].quoted for line in subject])
        steps.append(
            f"Make {names} the subject of the next session, and give out those pages of the course beforehand."
        )
    steps += _opening(findings, {name for line in subject for name in findings.practices.lines[line].titles})
    looks = findings.looks
    if looks:
        first = cohort.scenarios[looks[0].scenario]
        title = first.decisions[looks[0].what].title if looks[0].what in first.decisions else looks[0].what
        steps.append(
            f"Ask the authors to look at {len(looks)} {'place' if len(looks) == 1 else 'places'} where the "
            "figures speak "
            f"against the key or the wording, first of all \u2018{title}\u2019 in \u2018{first.title}\u2019."
        )
    missing = len(cohort.learners) - int(cohort.counted.loc[cohort.counted["finished"], "learner"].nunique())
    if missing:
        one = "person who has" if missing == 1 else "people who have"
        steps.append(
            f"Ask the {missing} {one} not finished anything whether there was time, and whether the link worked."
        )
    return steps


def _subject(findings: Findings) -> list[str]:
    """The two weakest practices of which enough can be said, none that is as strong as the strongest."""
    found = findings.practices
    credit = found.overall[[line for line in found.firm if found.people[line] >= A_FEW]]
    return [line for line in credit.index[:2] if percent(credit[line]) != percent(credit.iloc[-1])]


def _opening(findings: Findings, subject: set[str]) -> Iterator[str]:
    """A decision that divides the room: one that speaks for the subject; else any, as a step of its own."""
    cohort = findings.cohort
    before = [slug for slug, facts in cohort.scenarios.items() if facts.test == "before"]
    splits = findings.splits[(findings.splits["n"] >= A_FEW) & (findings.splits["disagreement"] >= DIVIDED)]
    if not findings.practices.only_before:
        splits = splits[~splits["scenario"].isin(before)]
    about = [
        bool(subject & set(cohort.scenarios[slug].items[scene].practices))
        for slug, scene in zip(splits["scenario"], splits["scene"], strict=True)
    ]
    session = "it" if any(about) else "the next session"
    for _, row in (splits[about] if any(about) else splits).head(1).iterrows():
        facts = cohort.scenarios[row["scenario"]]
        most, next_ = row["shares"][:2]
        divided = (
            f"{percent(most)} chose one way and {percent(next_)} another"
            if most + next_ >= 0.6
            else f"no answer got more than {percent(most)}"
        )
        yield (
            f"Open {session} with \u2018{facts.asks(facts.items[row['scene']])}\u2019 "
            f"({short(facts.places[row['scene']], 60)}) from \u2018{facts.title}\u2019, where the room is divided: "
            f"{divided}."
        )
