"""The first screen: three or four sentences on the cohort, and what to do next."""

from dataclasses import dataclass
from math import isnan

import numpy as np

from onsite.report import advice, analysis
from onsite.report.advice import A_FEW, FEW, percent
from onsite.report.drawing import short
from onsite.report.findings import Findings
from onsite.report.privacy import SMALLEST


@dataclass(frozen=True)
class Summary:
    """Three or four sentences, and the next steps, the most useful first."""

    sentences: tuple[str, ...]
    steps: tuple[str, ...]


def summary_of(findings: Findings) -> Summary:
    """The summary of a cohort."""
    return Summary(tuple(_sentences(findings)), tuple(_steps(findings)))


def _sentences(findings: Findings) -> list[str]:
    cohort = findings.cohort
    plays = cohort.counted[cohort.counted["finished"]]
    scenarios = sum(not facts.older for facts in cohort.scenarios.values())
    people, any_one = len(cohort.learners), int(plays["learner"].nunique())
    told = (
        f"{any_one} of {people} people ({percent(any_one / people)}) have finished at least one scenario; together "
        f"they have finished {percent(len(plays) / (people * scenarios))} of all there is to play."
    )
    sentences = [told]
    scores = analysis.person_scores(cohort).to_numpy()
    if len(scores) >= SMALLEST:
        q1, q3 = np.percentile(scores, [25, 75])
        sentences.append(
            f"On average they earned {percent(float(scores.mean()))} of the points, and the middle half of them "
            f"between {percent(q1)} and {percent(q3)}."
        )
    practices = findings.practices.overall
    if len(practices) > 1:
        weak, strong = practices.index[0], practices.index[-1]
        sentences.append(
            f"All practices came out alike, at {percent(practices[weak])} of the credit."
            if percent(practices[weak]) == percent(practices[strong])
            else f"They are strongest in \u2018{cohort.practices[strong]}\u2019 ({percent(practices[strong])} of the "
            f"credit) and weakest in \u2018{cohort.practices[weak]}\u2019 ({percent(practices[weak])})."
        )
    gain = findings.gain
    # Once there are enough people to believe it.
    if gain is not None and gain.gain.n >= FEW and not isnan(gain.gain.low):
        sentences.append(advice.about_gain(gain).text)
    return sentences


def _steps(findings: Findings) -> list[str]:
    cohort = findings.cohort
    steps = []
    practices = findings.practices.overall[findings.practices.people >= A_FEW]
    session = "the next session"
    if len(practices) > 1 and percent(practices.iloc[0]) != percent(practices.iloc[-1]):
        names = " and ".join(f"\u2018{cohort.practices[line]}\u2019" for line in practices.index[:2])
        steps.append(f"Make {names} the subject of {session}, and give out those pages of the course beforehand.")
        session = "it"
    splits = findings.splits[findings.splits["n"] >= A_FEW]
    if len(splits):
        row = splits.iloc[0]
        facts = cohort.scenarios[row["scenario"]]
        item = facts.items[row["scene"]]
        most, next_ = row["shares"][:2]
        divided = (
            f"{percent(most)} chose one way and {percent(next_)} another"
            if most + next_ >= 0.6
            else f"no answer got more than {percent(most)}"
        )
        steps.append(
            f"Open {session} with \u2018{facts.asks(item)}\u2019 ({short(item.title, 60)}) from "
            f"\u2018{facts.title}\u2019, where the room is divided: {divided}."
        )
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
