"""Conditions on named state: `confidence >= 50 and promised == 1`."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict

_COMPARISON = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(<=|>=|==|!=|<|>)\s*(-?[0-9]{1,9})\s*")
OPERATORS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


Operator = Literal["<", "<=", ">", ">=", "==", "!="]


class Comparison(BaseModel):
    """One comparison of a state's current value with a whole number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    op: Operator
    value: int


Condition = tuple[Comparison, ...]
"""Comparisons that must all hold; the empty condition always holds."""


def parse_condition(text: str) -> Condition:
    """Parse comparisons joined by `and`.

    Raises ValueError with a sentence for the author when the text is anything else.
    """
    comparisons = []
    for part in re.split(r"\band\b", text):
        match = _COMPARISON.fullmatch(part)
        if match is None:
            raise ValueError(
                f"'{part.strip()}' is not a comparison. Write a state name, one of < <= > >= == !=, "
                "and a whole number; join several with 'and'."
            )
        name, op, value = match.groups()
        comparisons.append(Comparison(name=name, op=cast(Operator, op), value=int(value)))
    return tuple(comparisons)


def holds(condition: Sequence[Comparison], state: Mapping[str, int]) -> bool:
    """Whether every comparison of `condition` is true of `state`."""
    return all(OPERATORS[c.op](state[c.name], c.value) for c in condition)
