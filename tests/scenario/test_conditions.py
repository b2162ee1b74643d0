"""Conditions: what is one, and when it holds."""

import operator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onsite.scenario.conditions import Comparison, holds, parse_condition

OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trust >= 50", [("trust", ">=", 50)]),
        ("trust>=50", [("trust", ">=", 50)]),
        ("  trust   <  -5 ", [("trust", "<", -5)]),
        ("a == 1 and b_2 != 0", [("a", "==", 1), ("b_2", "!=", 0)]),
        ("sand > 1 and band < 2", [("sand", ">", 1), ("band", "<", 2)]),
        ("a < 999999999", [("a", "<", 999_999_999)]),
        ("a > 1\nand b > 2", [("a", ">", 1), ("b", ">", 2)]),
    ],
)
def test_comparisons_joined_by_and_are_read(text, expected):
    assert [(c.name, c.op, c.value) for c in parse_condition(text)] == expected


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", ""),
        ("trust", "trust"),
        ("trust = 1", "trust = 1"),
        ("trust => 1", "trust => 1"),
        ("trust > 1.5", "trust > 1.5"),
        ("trust > x", "trust > x"),
        ("1 < trust", "1 < trust"),
        ("Trust > 1", "Trust > 1"),
        ("trust > 1 or told == 1", "trust > 1 or told == 1"),
        ("trust > 1 and", ""),
        ("trust > 1 and and told == 1", ""),
        ("trust > 1; told == 1", "trust > 1; told == 1"),
        ("trust > 1 < 2", "trust > 1 < 2"),
        ("trust > 1000000000", "trust > 1000000000"),
        ("trust > \u0661", "trust > \u0661"),
        ("__import__('os') == 1", "__import__('os') == 1"),
    ],
)
def test_anything_else_is_refused_with_what_to_write_instead(text, named):
    with pytest.raises(ValueError, match="is not a comparison") as caught:
        parse_condition(text)
    assert str(caught.value) == (
        f"'{named}' is not a comparison. Write a state name, one of < <= > >= == !=, "
        "and a whole number; join several with 'and'."
    )


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("value", [49, 50, 51])
def test_each_operator_compares_at_its_boundary(op, value):
    assert holds(parse_condition(f"trust {op} 50"), {"trust": value}) is OPERATORS[op](value, 50)


def test_all_comparisons_must_hold():
    condition = parse_condition("a >= 1 and b == 0")
    assert [holds(condition, {"a": a, "b": b}) for a, b in ((1, 0), (0, 0), (1, 1), (0, 1))] == [
        True, False, False, False,
    ]  # fmt: skip


def test_the_empty_condition_always_holds():
    assert holds((), {}) is True


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b_c", "z9"]), st.sampled_from(list(OPERATORS)), st.integers(-99, 99)),
        min_size=1,
        max_size=4,
    ),
    st.fixed_dictionaries({name: st.integers(-99, 99) for name in ("a", "b_c", "z9")}),
)
def test_reading_what_was_written_gives_the_same_and_holds_as_arithmetic_says(parts, state):
    condition = parse_condition(" and ".join(f"{name} {op} {value}" for name, op, value in parts))
    assert condition == tuple(Comparison(name=name, op=op, value=value) for name, op, value in parts)
    assert holds(condition, state) == all(OPERATORS[op](state[name], value) for name, op, value in parts)
