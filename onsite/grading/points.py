"""What nbgrader's gradebook makes of a machine's points and a person's."""


def points_given(auto: float | None, manual: float | None, extra: float | None, *, waits: bool) -> float | None:
    """The points of one decision: a person's before the machine's, and extra credit on top.

    waits: whether a person has yet to look at it; then there are none before somebody gives some, and the result is
    None. The rule is that of nbgrader.api.Grade.score.
    """
    if manual is None and (auto is None or waits):
        return None
    return float((manual if manual is not None else auto) or 0.0) + float(extra or 0.0)


def still_waits(auto: float | None, manual: float | None, *, marked_for_reading: bool) -> bool:
    """Whether a person has yet to read: a text, also one that is another than they gave points for.

    marked_for_reading: nbgrader's needs_manual_grade. What a person gave in place of the machine's points stands, even
    where nbgrader asks them to look again.
    """
    return marked_for_reading and (manual is None or auto is None)
