"""`course.py grade` as somebody at a terminal, or the course's own server, runs it."""

import json
import subprocess
import sys

import pytest
from records import drop, record

from onsite.paths import CoursePaths

SLUG = "locked-door"


@pytest.mark.parametrize("options", [(), ("--json",), ("--alone",)], ids=lambda options: " ".join(options) or "plain")
def test_several_hand_ins_are_graded_and_told_without_a_traceback(course: CoursePaths, options: tuple[str, ...]):
    """Into a pipe, where no bar is drawn."""
    for name in ("bo", "cy"):
        drop(course.inbox, name, record(SLUG, [("corridor", "push"), ("stairs", "shrug")], learner=name))
    done = subprocess.run(
        [sys.executable, "-m", "onsite", "grade", *options],
        cwd=course.root, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
    if "--json" in options:
        assert json.loads(done.stdout.splitlines()[-1]) == {"refused": {}}
    else:
        assert f"bo  {SLUG}  5 of 20" in done.stdout
