"""Work is cut so that processes stay with one kind of it while there is much, and finish together or are stopped."""

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onsite.grading.hands import Hands, portion
from onsite.scenario.errors import OnsiteError


def portions(left: int, workers: int) -> list[int]:
    found = []
    while left > 0:
        found.append(min(left, portion(left, workers, least=50, most=1000)))
        left -= found[-1]
    return found


@given(st.integers(1, 50_000), st.integers(2, 16))
def test_portions_shrink_towards_the_end_and_leave_nothing(left, workers):
    found = portions(left, workers)
    assert sum(found) == left
    assert found == sorted(found, reverse=True)
    assert all(part <= max(50, left // workers) for part in found), "nobody is left without work by one large portion"


def test_one_process_shows_how_far_it_has_come():
    assert set(portions(5_000, 1)) == {50}


def test_the_first_portions_of_a_cohort_are_whole_scenarios():
    assert portions(15_000, 2)[:8] == [1000] * 8


@pytest.mark.parametrize("kept", ["", "What was graded so far is kept."])
def test_a_process_that_is_ended_from_outside_is_said(kept):
    with Hands(2) as hands, pytest.raises(OnsiteError) as error:
        list(hands.do(os._exit, [1, 1], worth=True, kept=kept))
    assert f"want of memory. {f'{kept} ' if kept else ''}Close" in str(error.value)


@pytest.mark.skipif(os.name != "posix", reason="a group of processes gets a signal")
def test_ctrl_c_ends_all_processes_at_once_and_without_a_traceback():
    command = """
import signal
import time
from onsite.grading.hands import Hands
# Whoever starts tests in the background of a shell has this ignored from the start.
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    with Hands(2) as hands:
        for _ in hands.do(time.sleep, [0, 600, 600, 600], worth=True):
            print("begun", flush=True)
except KeyboardInterrupt:
    raise SystemExit(130)
"""
    with subprocess.Popen(
        [sys.executable, "-c", command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout
            assert process.stdout.readline() == "begun\n"
            os.killpg(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=60)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert err == ""
    assert process.returncode == 130
