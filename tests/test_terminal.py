"""What commands print: names that anybody may have chosen, on any terminal."""

import io
import subprocess
import sys

import pytest

from onsite.cli_terminal import BEGINNING, FULL, show, show_some, show_text


def printed(*lines: str, encoding: str = "utf-8") -> str:
    data = io.BytesIO()
    file = io.TextIOWrapper(data, encoding, newline="\n")
    show(*lines, file=file)
    return data.getvalue().decode(encoding)


@pytest.mark.parametrize(
    "name",
    [
        "Zoë O'Brien",
        "李小龍",
        "山田\u3000太郎",
        "M.\u00a0Dupont",
        "محمد",
        "نمی\u200cروم",
        "ක්\u200dෂ",
        "👩\u200d🔧",
        "e\u0301",
    ],
)
def test_a_name_is_shown_as_it_is(name):
    assert printed(name) == f"{name}\n"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b[2J\x1b]0;owned\x07Ana", "�[2J�]0;owned�Ana"),
        ("Ana\rEverything agrees", "Ana�Everything agrees"),
        ("Ana\nEverything agrees", "Ana�Everything agrees"),
        ("Ana\u2028Bo", "Ana�Bo"),
        ("\u202eanA", "�anA"),
        ("\u2067Ana\u2069", "�Ana�"),
        ("Ana\x9b31m", "Ana�31m"),
        ("Ana\udcff", "Ana�"),
    ],
)
def test_nothing_in_a_name_steers_the_terminal(name, shown):
    assert printed(name) == f"{shown}\n"


def test_a_letter_that_the_terminal_does_not_know_stops_nothing():
    assert printed("Zoë 李", encoding="cp1252") == "Zoë ?\n"


def test_a_text_of_several_lines_keeps_them(capsys):
    show_text("one\ntwo")
    assert capsys.readouterr().out == "one\ntwo\n"


@pytest.mark.parametrize(("number", "shown"), [(FULL, FULL), (FULL + 1, BEGINNING + 1), (1000, BEGINNING + 1)])
def test_a_long_list_says_how_long_it_is(number, shown, capsys):
    show_some([f"line {at}" for at in range(number)], "; see the file.")
    out = capsys.readouterr().out.splitlines()
    assert len(out) == shown
    assert (out[-1] == f"... and {number - BEGINNING} more; see the file.") == (number > FULL)


def test_a_reader_who_leaves_early_stops_no_command():
    """As in `course.py grade --all | head`."""
    command = "from onsite.cli_terminal import show; import sys\nshow(*['x' * 1000] * 1000)\nsys.exit(7)"
    with subprocess.Popen(
        [sys.executable, "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 7
