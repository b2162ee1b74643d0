"""Grading while the server runs: one at a time, in a process of its own, so that the pages stay quick."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable

from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

TIMEOUT_SECONDS = 120


class Grader:
    """Runs `onsite grade --alone` after a hand-in. Hand-ins that come meanwhile are graded in the next run."""

    def __init__(self, course: CoursePaths, run: Callable[[CoursePaths], dict[str, str]] | None = None) -> None:
        """`run` grades the inbox and returns what could not be graded, as message by file name."""
        self._course = course
        self._run = run or run_grade
        self._lock = threading.Lock()
        self._waiting: set[str] = set()
        self._failed: dict[str, str] = {}
        self._thread: threading.Thread | None = None

    def submit(self, receipt: str) -> None:
        """Grade the hand-in with this receipt soon."""
        with self._lock:
            self._waiting.add(receipt)
            self._failed.pop(receipt, None)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True, name="onsite-grader")
                self._thread.start()

    def state(self, receipt: str) -> tuple[str, str]:
        """('waiting', ''), ('failed', message) or ('done', '')."""
        with self._lock:
            if receipt in self._waiting:
                return "waiting", ""
            if receipt in self._failed:
                return "failed", self._failed[receipt]
        return "done", ""

    def _work(self) -> None:
        while True:
            with self._lock:
                batch = set(self._waiting)
                if not batch:
                    self._thread = None
                    return
            failures: dict[str, str] = {}
            try:
                refused = self._run(self._course)
                failures = {r: m for name, m in refused.items() for r in batch if r in name}
            except OnsiteError as error:
                failures = {receipt: str(error) for receipt in batch}
            with self._lock:
                self._waiting -= batch
                self._failed |= failures


def run_grade(course: CoursePaths) -> dict[str, str]:
    """Grade the inbox in a new process. Raises OnsiteError with its message when that fails."""
    command = [sys.executable, "-m", "onsite", "grade", "--alone", "--json"]
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=course.root,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise OnsiteError("Grading took too long and was stopped. Your answers are handed in; try again.") from error
    try:
        refused = json.loads(done.stdout.splitlines()[-1])["refused"]
    except (ValueError, KeyError, IndexError) as error:
        lines = done.stderr.strip().splitlines()
        raise OnsiteError(lines[-1] if lines else "Grading stopped without saying why.") from error
    return {str(name): str(message) for name, message in refused.items()}
