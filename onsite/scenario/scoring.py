"""What answers are worth. One small pure function per rule."""

from collections.abc import Mapping, Sequence

from onsite.scenario.replay import Answered

SceneKey = Mapping[str, float]
"""Credit (0 to 1) by option id, for one choice item."""


def choice_credit(key: SceneKey, answer: str) -> float:
    """Credit of a choice: the effectiveness its author gave the chosen option, 0 to 1.

    0 for an option the key does not know. Source: the design's table of item kinds (SJT, "most effective").
    """
    return min(1.0, max(0.0, float(key.get(answer, 0.0))))


def decision_points(path: Sequence[Answered], key: Mapping[str, SceneKey], points: float) -> float:
    """Points earned for one decision on one path: credit x points, from 0.0 to `points`, a plain float.

    `key` maps each scene whose item fills this decision to that item's key. The first such scene on
    the path counts; 0.0 when the path met none of them.
    """
    for step in path:
        if step.scene in key:
            return float(points) * choice_credit(key[step.scene], step.answer)
    return 0.0
