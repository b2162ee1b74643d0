"""The static site, by Jupyter Book."""

import os
import subprocess
import sys
from collections.abc import Callable

from onsite.build.derived import derive
from onsite.build.fingerprint import is_current, remember
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

# Jupyter Book 1 cannot be run with -m, and its script may not be on the path.
_RUN = "from jupyter_book.cli.main import main; main()"

Progress = Callable[[str], None]


def build(course: CoursePaths, say: Progress, *, force: bool = False) -> bool:
    """Derive what is out of date and build the site into _build/html. True when there was something to do.

    Raises ScenarioError for a scenario that does not pass the check, and OnsiteError with Jupyter
    Book's own words when a page does not build without warnings.
    """
    if not force and is_current(course):
        return False
    say("Checking the scenarios and making the notebooks ...")
    for path in derive(course, say):
        say(f"  wrote {path.relative_to(course.root)}")
    say("Building the book ...")
    _jupyter_book(course, say)
    remember(course)
    return True


def _jupyter_book(course: CoursePaths, say: Progress) -> None:
    command = [sys.executable, "-c", _RUN, "build", ".", "--all", "-W", "-n", "--keep-going"]
    environment = {**os.environ, "PYTHONPATH": str(course.root), "PYDEVD_DISABLE_FILE_VALIDATION": "1", "NO_COLOR": "1"}
    output: list[str] = []
    with subprocess.Popen(
        command, cwd=course.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            output.append(line)
            if line.startswith(("reading sources", "writing output")):
                say("  " + line.strip())
    if process.returncode != 0 or not (course.site / "index.html").is_file():
        raise OnsiteError("The book did not build:\n" + "".join(_told(output)).rstrip())


def _told(output: list[str]) -> list[str]:
    """The lines of Jupyter Book's output that say what is wrong."""
    told = [line for line in output if "WARNING" in line or "ERROR" in line]
    start = next((number for number, line in enumerate(output) if "Exception occurred" in line), None)
    return told or (output[start : start + 4] if start is not None else output[-20:])
