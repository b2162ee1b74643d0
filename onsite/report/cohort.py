"""The cohort table: who played what, how each attempt went, and every answer in it. Plain columns, from any source.

Three tables, in pandas with categories, so that a million answers take some tens of megabytes:

- `learners`, one row per person: `group` (category; "" where nobody said).
- `plays`, one row per attempt: `learner` (row of learners), `scenario`, `attempt` (from 1), `counted` (the graded
  one), `finished`, `ending` (missing when unfinished), `score` (0 to 1 of the points marked so far), `seconds`
  (missing when its times cannot be believed).
- `answers`, one row per answer: `play` (row of plays), `scenario`, `scene`, `decision` (missing when it fills none),
  `fills` (whether it is the one that scores its decision), `option` (see `facts.code_of`), `confidence` (missing,
  low, middle, high), `credit` (0 to 1; missing while a person has yet to read it, or when nothing is scored),
  `position` (its place in the attempt, from 0).

Nobody's name is in it, nor anything that somebody wrote.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from onsite.report.facts import Reply, ScenarioFacts

LEVELS = ("low", "middle", "high")

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Cohort:
    """The three tables (see the module), the scenarios they speak of, and the practices' titles by id."""

    scenarios: Mapping[str, ScenarioFacts]
    practices: Mapping[str, str]
    learners: pd.DataFrame
    plays: pd.DataFrame
    answers: pd.DataFrame

    @property
    def counted(self) -> pd.DataFrame:
        """The plays that are graded, one per learner and scenario."""
        return self.plays[self.plays["counted"]]

    def counted_answers(self, scenario: str | None = None) -> pd.DataFrame:
        """The answers of the graded plays, with `learner` and `group` beside them."""
        plays = self.counted if scenario is None else self.counted[self.counted["scenario"] == scenario]
        chosen = self.answers[self.answers["play"].isin(plays.index)]
        learner = self.plays["learner"].to_numpy()[chosen["play"].to_numpy()]
        return chosen.assign(learner=learner, group=self.learners["group"].array[learner])

    def tests(self) -> tuple[str, str] | None:
        """The tests before and after the course; None unless there is exactly one of each.

        An older version is neither: the two of a pair are of one kind.
        """
        before, after = (
            [slug for slug, facts in self.scenarios.items() if facts.test == which and not facts.older]
            for which in ("before", "after")
        )
        return (before[0], after[0]) if len(before) == len(after) == 1 else None

    def begun(self) -> "Cohort":
        """The same cohort without the scenarios that nobody has begun."""
        played = set(self.plays["scenario"].unique())
        scenarios = {slug: facts for slug, facts in self.scenarios.items() if slug in played}
        return Cohort(scenarios, self.practices, self.learners, self.plays, self.answers)

    def groups(self) -> list[str]:
        """The groups that have members, in alphabetical order."""
        return sorted(str(name) for name in self.learners["group"].unique())

    def with_groups(self, names: Mapping[str, str]) -> "Cohort":
        """The same cohort with groups renamed; several may become one."""
        renamed = self.learners["group"].astype(object).map(lambda name: names.get(name, name)).astype("category")
        return Cohort(self.scenarios, self.practices, self.learners.assign(group=renamed), self.plays, self.answers)

    def scores(self, scenario: str) -> pd.DataFrame:
        """Credit by decision (columns, in the story's order) of every finished graded play (rows, by learner).

        A decision that the play did not come to is 0, as in the grade. A decision that a person marks has no column
        while some of its texts are unread.
        """
        plays = self.counted
        plays = plays[(plays["scenario"] == scenario) & plays["finished"]]
        filled = self.answers[self.answers["fills"] & self.answers["play"].isin(plays.index)]
        unread = set(filled.loc[filled["credit"].isna(), "decision"].astype(str))
        names = [name for name in self.scenarios[scenario].decisions if name not in unread]
        filled = filled[filled["decision"].isin(names)]
        columns = {name: index for index, name in enumerate(names)}
        matrix = np.zeros((len(plays), len(names)))
        row = pd.Index(plays.index).get_indexer(filled["play"])
        # A decision's code among the categories, turned into its column.
        by_code = np.array([columns.get(name, -1) for name in filled["decision"].cat.categories], dtype=int)
        matrix[row, by_code[filled["decision"].cat.codes.to_numpy()]] = filled["credit"].to_numpy()
        return pd.DataFrame(matrix, index=plays["learner"].to_numpy(), columns=names)


@dataclass
class _Column:
    """A column of names, kept as numbers."""

    codes: "array[int]" = field(default_factory=lambda: array("i"))
    names: dict[str, int] = field(default_factory=dict)

    def add(self, name: str | None) -> None:
        self.codes.append(-1 if name is None else self.names.setdefault(name, len(self.names)))

    def categories(self) -> Any:
        return pd.Categorical.from_codes(np.asarray(self.codes, dtype=np.int32), categories=list(self.names))


class CohortBuilder:
    """Collects attempts one after the other and makes a Cohort of them.

    Each distinct answer is kept once and costs four bytes wherever somebody gave it.
    """

    def __init__(self, scenarios: Iterable[ScenarioFacts], practices: Mapping[str, str]) -> None:
        self._scenarios = {facts.slug: facts for facts in scenarios}
        self._practices = dict(practices)
        self._learners: dict[str, int] = {}
        self._groups, self._scenario, self._ending = _Column(), _Column(), _Column()
        self._learner, self._attempt, self._length = array("i"), array("i"), array("i")
        self._counted, self._seconds = array("b"), array("d")
        self._answers = array("i")
        self._replies: dict[Reply, int] = {}

    def learner(self, name: str, group: str = "") -> int:
        """The row of a person, entered on first mention; `group` counts then."""
        if name not in self._learners:
            self._learners[name] = len(self._learners)
            self._groups.add(group)
        return self._learners[name]

    def add(
        self,
        learner: str,
        scenario: str,
        replies: Sequence[Reply],
        *,
        attempt: int = 1,
        counted: bool = True,
        ending: str | None = None,
        seconds: float | None = None,
    ) -> None:
        """Enter one attempt. ending: None when it was not played to an end."""
        known = self._replies
        self._answers.extend([known.setdefault(reply, len(known)) for reply in replies])
        self._length.append(len(replies))
        self._scenario.add(scenario)
        self._ending.add(ending)
        self._learner.append(self.learner(learner))
        self._attempt.append(attempt)
        self._counted.append(counted)
        self._seconds.append(float("nan") if seconds is None else seconds)

    def build(self) -> Cohort:
        """The cohort of everything that was entered."""
        length = np.asarray(self._length, dtype=np.int64)
        play_of_all = np.repeat(np.arange(len(length)), length)
        starts = np.cumsum(length) - length
        answers = self._answer_table(
            np.asarray(self._answers, dtype=np.int64),
            play_of_all,
            np.arange(len(play_of_all)) - np.repeat(starts, length),
        )
        plays = pd.DataFrame(
            {
                "learner": np.asarray(self._learner, dtype=np.int32),
                "attempt": np.asarray(self._attempt, dtype=np.int32),
                "counted": np.asarray(self._counted, dtype=np.int8).astype(bool),
                "seconds": np.asarray(self._seconds, dtype=np.float64),
                "scenario": self._scenario.categories(),
                "ending": self._ending.categories(),
            }
        )
        plays["finished"] = plays["ending"].notna()
        plays["score"] = self._scores(plays, answers)
        learners = pd.DataFrame({"group": self._groups.categories()})
        return Cohort(self._scenarios, self._practices, learners, plays, answers)

    def _answer_table(self, codes: Codes, play: Codes, position: Codes) -> pd.DataFrame:
        replies = list(self._replies)

        def column(names: list[str | None], fixed: Sequence[str] | None = None) -> Any:
            # Each distinct answer's name becomes a category; then everybody's answers are looked up at once.
            of_reply = pd.Categorical(names, categories=fixed, ordered=fixed is not None)
            return pd.Categorical.from_codes(
                of_reply.codes[codes] if len(replies) else [], categories=of_reply.categories, ordered=fixed is not None
            )

        credit = np.array([np.nan if reply.credit is None else reply.credit for reply in replies], dtype=np.float64)
        decision = column([reply.decision for reply in replies])
        # The first answer of a play to fill a decision is the one that scores it.
        fills = np.zeros(len(codes), dtype=bool)
        filling = np.flatnonzero(decision.codes >= 0)
        keys = play[filling] * (len(decision.categories) + 1) + decision.codes[filling]
        fills[filling[np.unique(keys, return_index=True)[1]]] = True
        return pd.DataFrame(
            {
                "play": play.astype(np.int32),
                "position": position.astype(np.int16),
                "fills": fills,
                "credit": credit[codes] if replies else np.zeros(0),
                "scene": column([reply.scene for reply in replies]),
                "decision": decision,
                "option": column([reply.option for reply in replies]),
                "confidence": column([reply.confidence for reply in replies], LEVELS),
                "scenario": pd.Categorical.from_codes(
                    np.asarray(self._scenario.codes, dtype=np.int32)[play], categories=list(self._scenario.names)
                ),
            }
        )

    def _scores(self, plays: pd.DataFrame, answers: pd.DataFrame) -> Any:
        """Share of the points marked so far, by play."""
        filled = answers[answers["fills"]]
        scenarios, decisions = filled["scenario"].cat, filled["decision"].cat
        points = np.array(
            [
                [
                    facts.decisions[name].points if name in (facts := self._scenarios[slug]).decisions else 0.0
                    for name in decisions.categories
                ]
                for slug in scenarios.categories
            ]
        ).reshape(len(scenarios.categories), len(decisions.categories))
        worth = points[scenarios.codes.to_numpy(), decisions.codes.to_numpy()] if len(filled) else np.zeros(0)
        credit, play = filled["credit"].to_numpy(), filled["play"].to_numpy()
        unread = np.isnan(credit)
        earned = np.bincount(play, np.where(unread, 0.0, worth * credit), minlength=len(plays))
        waiting = np.bincount(play, np.where(unread, worth, 0.0), minlength=len(plays))
        most = np.array([self._scenarios[slug].points for slug in plays["scenario"].cat.categories])
        marked = (most[plays["scenario"].cat.codes.to_numpy()] if len(plays) else np.zeros(0)) - waiting
        return np.divide(earned, marked, out=np.full(len(plays), np.nan), where=marked > 0)
