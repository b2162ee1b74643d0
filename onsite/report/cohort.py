"""The cohort table: who played what, how each attempt went, and every answer in it. Plain columns, from any source.

Three tables, in pandas with categories, so that a million answers take some tens of megabytes:

- `learners`, one row per person: `group` (category; "" where nobody said).
- `plays`, one row per attempt: `learner` (row of learners), `scenario`, `attempt` (from 1), `counted` (the graded
  one), `last`, `finished`, `ending` (missing when unfinished), `score` (0 to 1 of the points marked so far), `seconds`
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

from onsite.report.facts import ScenarioFacts

LEVELS = ("low", "middle", "high")


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


@dataclass(frozen=True)
class Reply:
    """One answer, as `CohortBuilder.add` takes it. credit: 0 to 1, None while unread or when nothing is scored."""

    scene: str
    option: str
    credit: float | None
    decision: str | None = None
    confidence: str | None = None


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
    """Collects attempts one after the other and makes a Cohort of them. Each number costs its four or eight bytes."""

    def __init__(self, scenarios: Iterable[ScenarioFacts], practices: Mapping[str, str]) -> None:
        self._scenarios = {facts.slug: facts for facts in scenarios}
        self._practices = dict(practices)
        self._learners: dict[str, int] = {}
        self._groups = _Column()
        self._of_play = {name: array("i") for name in ("learner", "attempt")}
        self._flags = {name: array("b") for name in ("counted", "last", "finished")}
        self._numbers = {name: array("d") for name in ("score", "seconds")}
        self._scenario, self._ending = _Column(), _Column()
        self._play, self._position, self._fills, self._credit = array("i"), array("h"), array("b"), array("f")
        self._names = {name: _Column() for name in ("scenario", "scene", "decision", "option", "confidence")}

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
        last: bool = True,
        ending: str | None = None,
        seconds: float | None = None,
    ) -> int:
        """Enter one attempt, and return its row. ending: None when it was not played to an end."""
        play = len(self._scenario.codes)
        facts = self._scenarios[scenario]
        filled: set[str] = set()
        earned, unread = 0.0, 0.0
        columns = self._names
        for position, reply in enumerate(replies):
            fills = reply.decision is not None and reply.decision not in filled
            if fills and reply.decision is not None:
                filled.add(reply.decision)
                points = facts.decisions[reply.decision].points
                if reply.credit is None:
                    unread += points
                else:
                    earned += points * reply.credit
            self._play.append(play)
            self._position.append(position)
            self._fills.append(fills)
            self._credit.append(float("nan") if reply.credit is None else reply.credit)
            columns["scenario"].add(scenario)
            columns["scene"].add(reply.scene)
            columns["decision"].add(reply.decision)
            columns["option"].add(reply.option)
            columns["confidence"].add(reply.confidence)
        marked = facts.points - unread
        self._scenario.add(scenario)
        self._ending.add(ending)
        self._of_play["learner"].append(self.learner(learner))
        self._of_play["attempt"].append(attempt)
        for name, value in (("counted", counted), ("last", last), ("finished", ending is not None)):
            self._flags[name].append(value)
        self._numbers["score"].append(earned / marked if marked else float("nan"))
        self._numbers["seconds"].append(float("nan") if seconds is None else seconds)
        return play

    def build(self, without: Iterable[int] = ()) -> Cohort:
        """The cohort, plays of the rows `without` left out."""
        plays = pd.DataFrame(
            {name: np.asarray(values, dtype=np.int32) for name, values in self._of_play.items()}
            | {name: np.asarray(values, dtype=np.int8).astype(bool) for name, values in self._flags.items()}
            | {name: np.asarray(values, dtype=np.float64) for name, values in self._numbers.items()}
        ).assign(scenario=self._scenario.categories(), ending=self._ending.categories())
        answers = pd.DataFrame(
            {
                "play": np.asarray(self._play, dtype=np.int32),
                "position": np.asarray(self._position, dtype=np.int16),
                "fills": np.asarray(self._fills, dtype=np.int8).astype(bool),
                "credit": np.asarray(self._credit, dtype=np.float32).astype(np.float64),
                **{name: column.categories() for name, column in self._names.items()},
            }
        )
        answers["confidence"] = answers["confidence"].cat.set_categories(list(LEVELS), ordered=True)
        learners = pd.DataFrame({"group": self._groups.categories()})
        out = np.zeros(len(plays), dtype=bool)
        out[list(without)] = True
        if out.any():
            row = np.cumsum(~out) - 1
            kept = ~out[answers["play"].to_numpy()]
            answers = answers[kept].assign(play=row[answers["play"].to_numpy()[kept]].astype(np.int32))
            answers = answers.reset_index(drop=True)
            plays = plays[~out].reset_index(drop=True)
        return Cohort(self._scenarios, self._practices, learners, plays, answers)
