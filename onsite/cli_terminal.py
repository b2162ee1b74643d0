"""What all commands do at the terminal: show lines and how far they have come, ask, take a number."""

import argparse
import os
import sys
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn, TextIO

from onsite.scenario.errors import OnsiteError

if TYPE_CHECKING:
    from tqdm import tqdm

FULL, BEGINNING = 30, 10
"""Of a list that is longer than the first, only so many lines as the second says are shown."""

_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Parts of names in many scripts, though Unicode counts them among the control characters."""


def show(*lines: str, file: TextIO | None = None) -> None:
    """Print lines, by default on stdout. They may hold names, paths and reasons that anybody may have chosen.

    So nothing in a line steers the terminal, turns the direction of writing or looks like a line of its own. A letter
    that the terminal does not know stops no command, nor does a reader who has gone.
    """
    file = file or sys.stdout
    encoding = file.encoding or "utf-8"
    for line in lines:
        shown = "".join(letter if _is_harmless(letter) else "\N{REPLACEMENT CHARACTER}" for letter in line)
        try:
            print(shown.encode(encoding, "replace").decode(encoding), file=file, flush=True)
        except BrokenPipeError:
            # `head` and its like leave when they have seen enough. What was begun is done to its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())


def _is_harmless(letter: str) -> bool:
    return letter.isprintable() or letter in _JOINERS or unicodedata.category(letter) == "Zs"


def show_text(text: str, file: TextIO | None = None) -> None:
    """Show a text of the course's own that may have several lines, such as an error."""
    show(*text.split("\n"), file=file)


def show_some(lines: Sequence[str], rest: str = "", file: TextIO | None = None) -> None:
    """Show a list, of a long one only the beginning. rest: what to say behind the number of those left out."""
    shown = len(lines) if len(lines) <= FULL else BEGINNING
    show(*lines[:shown], file=file)
    if shown < len(lines):
        show(f"... and {len(lines) - shown} more{rest}", file=file)


def asked(question: str) -> str:
    """What somebody types after `question`; nothing where they end the input instead."""
    try:
        return input(question).strip()
    except EOFError:
        show("")
        return ""


def workers(text: str) -> int:
    """The number of processes that somebody asked for, from 1. For argparse."""
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes; give 1 or more")
    return number


def not_installed(what: str, error: ModuleNotFoundError) -> OnsiteError:
    """What to say where a package is missing that only some commands need. what: the beginning of the sentence."""
    return OnsiteError(
        f"{what} the package {error.name}, which is not installed. Run the command through `python3 course.py`, which "
        "installs it."
    )


class Bar:
    """A bar on the terminal with the time that is left; nothing into a pipe."""

    def __init__(self, *, quiet: bool = False) -> None:
        """quiet: show nothing at all."""
        self._quiet = quiet
        self._bar: tqdm[NoReturn] | None = None
        self._shown = ("", 0)
        self._done = 0

    def __enter__(self) -> Callable[[str, int, int], None]:
        return self._show

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _show(self, what: str, done: int, of: int) -> None:
        from tqdm import tqdm

        # A bar that is switched off knows neither its name nor how far it has got.
        if self._bar is None or self._shown != (what, of):
            if self._bar is not None:
                self._bar.close()
            # None: only where somebody is watching.
            self._bar = tqdm(total=of or None, desc=what, disable=True if self._quiet else None, leave=False)
            self._shown, self._done = (what, of), 0
        self._bar.update(done - self._done)
        self._done = done
