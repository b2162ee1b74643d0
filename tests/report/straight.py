"""A cohort straight from a matrix of scores, as published data come: right and wrong answers to one test."""

from collections.abc import Sequence

import numpy as np

from onsite.report.cohort import Cohort, CohortBuilder
from onsite.report.facts import DecisionFacts, ItemFacts, OptionFacts, Reply, ScenarioFacts

PRACTICES = {"P01": "Communicate", "P06": "Keep them informed"}


def test_of(items: int, slug: str = "test") -> ScenarioFacts:
    """A straight test of so many items, each with a right and a wrong option."""
    return ScenarioFacts(
        slug=slug,
        title=slug.capitalize(),
        minutes=10,
        decisions={f"d{n}": DecisionFacts(f"Decision {n}", 1.0) for n in range(1, items + 1)},
        items={
            f"q{n}": ItemFacts(
                scene=f"q{n}", title=f"Question {n}", kind="choice", prompt="Which?", decision=f"d{n}",
                practices=("P01",) if n % 2 else ("P06",),
                options={"right": OptionFacts("The right one.", 1.0), "wrong": OptionFacts("The wrong one.", 0.0)},
                parts={}, keyed=frozenset(),
            )
            for n in range(1, items + 1)
        },
        endings={"done": "Done"},
        straight=True,
    )  # fmt: skip


def cohort_of(
    scores: np.ndarray, groups: Sequence[str] | None = None, *, met: np.ndarray | None = None, slug: str = "test"
) -> Cohort:
    """People (rows) who answered items (columns) right (1) or wrong (0); `met` says which questions they came to."""
    builder = CohortBuilder([test_of(scores.shape[1], slug)], PRACTICES)
    for row, answers in enumerate(scores):
        builder.learner(f"p{row}", groups[row] if groups is not None else "")
        replies = [
            Reply(f"q{n}", "right" if score else "wrong", float(score), f"d{n}")
            for n, score in enumerate(answers, 1)
            if met is None or met[row, n - 1]
        ]
        builder.add(f"p{row}", slug, replies, ending="done", seconds=600.0)
    return builder.build()
