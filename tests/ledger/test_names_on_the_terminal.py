"""The commands about records meet names that their terminal does not know, or that would steer it."""

import io
import sys

import pytest

from onsite.ledger.history import bring_up_to_date

LEARNER = "李小龍"
NAME = "\x1b]0;done\x07李小龍\nEverything agrees"


@pytest.fixture
def li(graded):
    graded.course.roster.write_text(
        f'id,name\n{LEARNER},"{NAME}"\nana-sousa,Ana Sousa\nbo-li,Bo Li\n', "utf-8", newline=""
    )
    graded.hand_in(LEARNER, LEARNER, report=2.0, estimate=5.0, note=1.0)
    bring_up_to_date(graded.course, "graded")
    return graded


@pytest.mark.usefixtures("li")
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["history"], 0),
        (["history", LEARNER], 0),
        (["history", f"{LEARNER}\x1b[2J"], 1),
        (["certificate", LEARNER], 1),
        (["export-person", LEARNER], 0),
        (["erase-person", LEARNER], 1),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_no_name_stops_a_command_or_steers_the_terminal(command, monkeypatch, arguments, status):
    printed = {name: io.TextIOWrapper(io.BytesIO(), "cp1252", newline="\n") for name in ("stdout", "stderr")}
    for name, file in printed.items():
        monkeypatch.setattr(sys, name, file)
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert command(*arguments) == status
    said = b"".join(file.buffer.getvalue() for file in printed.values())
    assert said
    assert b"\x1b" not in said
    assert b"\nEverything agrees" not in said
    assert b"???" in said
