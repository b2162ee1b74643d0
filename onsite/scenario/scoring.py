"""What answers are worth. Each kind's rule is a small pure function beside its models, in onsite.scenario.items."""

from collections.abc import Mapping, Sequence
from typing import Any

from onsite.scenario.items import CREDIT
from onsite.scenario.replay import Answered

SceneKey = Mapping[str, Any]
"""The key of one item: its `kind`, and what that kind's rule needs by name."""


def credit(key: SceneKey, answer: object) -> float:
    """The credit of `answer` by the rule of the key's kind: a plain float from 0.0 to 1.0.

    Whatever is not an answer of that kind is worth 0.0.
    """
    rule = CREDIT[key["kind"]]
    return float(rule(answer, **{name: value for name, value in key.items() if name != "kind"}))


def decision_points(path: Sequence[Answered], key: Mapping[str, SceneKey], points: float) -> float:
    """Points earned for one decision on one path: credit x points, from 0.0 to `points`, a plain float.

    Rounded to six places, so that a gradebook shows 1.2 and not 1.2000000000000002.

    `key` maps each scene whose item fills this decision to that item's key. The first such scene on
    the path counts; 0.0 when the path met none of them.
    """
    for step in path:
        if step.scene in key:
            return round(float(points) * credit(key[step.scene], step.answer), 6)
    return 0.0


def reaches(points: float, mark: float) -> bool:
    """Whether so many points reach a mark. Each decision's are rounded to six places: a sum a hair below is on it."""
    return points >= mark - 1e-5
