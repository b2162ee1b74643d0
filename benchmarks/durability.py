"""Nothing that was shown as saved is ever lost: kill the kernel, then the browser, at random moments over many answers.

    .venv/bin/python benchmarks/durability.py [answers]

The kernel is a real one, spoken to over its sockets as a notebook front end does; it dies by SIGKILL. The browser is a
real Chromium on the real page, killed with all its processes by SIGKILL, and started again on the same profile. Before
each kill the script notes how many answers the player had shown as saved; afterwards it counts what is still there.
The random numbers are seeded, so a run can be repeated; the moments of death still differ with the machine.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser.conftest import QUIET, _chromium
from browser.play import hook, wait_ready
from serving import copy_course, start_server

ANSWERS = 1000
SEED = 20261122
# The longest a victim lives, in answers: short lives mean many deaths.
LONGEST_LIFE = 30


def main() -> None:
    """Run both parts and print what was lost."""
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else ANSWERS
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="onsite-durability-") as folder:
        report("kernel", answers, *kill_kernels(Path(folder) / "kernel", answers, chance))
        report("browser", answers, *kill_browsers(Path(folder) / "browser", answers, chance))


def report(victim: str, answers: int, kills: int, lost: int, seconds: float) -> None:
    """One line a part."""
    print(f"{victim:8} {answers:5} answers, {kills:4} kills, {lost} lost that were shown as saved  ({seconds:.0f} s)")


class Notebook:
    """A kernel with the player in it, spoken to as a front end would."""

    def __init__(self, folder: Path) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder), stderr=2)
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.client.execute("from onsite.player import ScenarioPlayer; widget = ScenarioPlayer.here(); widget")
        self.comm, self.state = self._opened()

    def _opened(self) -> tuple[str, dict[str, Any]]:
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            content = message["content"]
            if message["msg_type"] == "comm_open" and "story" in content["data"].get("state", {}):
                return content["comm_id"], content["data"]["state"]

    def answer(self, record: dict[str, Any]) -> None:
        """Set the widget's record, as the player does on each answer."""
        data = {"method": "update", "state": {"record": record}, "buffer_paths": []}
        message = self.client.session.msg("comm_msg", {"comm_id": self.comm, "data": data})
        self.client.shell_channel.send(message)

    def saved(self, seconds: float) -> int | None:
        """The number of events shown as saved, when the kernel says so within `seconds`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.client.get_iopub_msg(timeout=left)
            except Exception:  # the queue is empty: nothing was said in time
                return None
            state = message["content"].get("data", {}).get("state", {}) if message["msg_type"] == "comm_msg" else {}
            if "saved" in state:
                return int(state["saved"]["count"])
        return None

    def kill(self) -> None:
        """SIGKILL, at once."""
        os.kill(self.manager.provisioner.pid, signal.SIGKILL)
        self.client.stop_channels()
        self.manager.cleanup_resources()


def kill_kernels(folder: Path, answers: int, chance: random.Random) -> tuple[int, int, float]:
    """Answer in notebooks whose kernels die; returns kills, answers lost though shown as saved, seconds."""
    begin = time.monotonic()
    folder.mkdir()
    story = Path(__file__).parents[1] / "exercises" / "outage" / "story.json"
    shutil.copyfile(story, folder / "story.json")
    start = json.loads(story.read_text("utf-8"))["start"]
    path = folder / "answers.json"
    given = kills = lost = 0
    while given < answers:
        notebook = Notebook(folder)
        record = notebook.state["record"] or {
            "format": 1, "scenario": "outage", "id": "durability-1", "learner": "", "events": [], "drafts": {},
        }  # fmt: skip
        shown = len(record["events"])
        for _ in range(min(chance.randint(1, LONGEST_LIFE), answers - given)):
            answer = {"type": "answer", "scene": start, "answer": "two-minutes", "at": ""}
            begun = [] if record["events"] else [{"type": "start", "version": 1, "at": ""}]
            record = {**record, "events": [*record["events"], *begun, answer]}
            notebook.answer(record)
            given += 1
            # Sometimes it is allowed to finish, sometimes it dies in the middle of saving.
            shown = notebook.saved(chance.choice([5.0, 5.0, 5.0, chance.uniform(0, 0.02)])) or shown
        time.sleep(chance.uniform(0, 0.01))
        notebook.kill()
        kills += 1
        kept = len(json.loads(path.read_text("utf-8"))["events"]) if path.exists() else 0
        lost += max(0, shown - kept)
    return kills, lost, time.monotonic() - begin


def kill_browsers(folder: Path, answers: int, chance: random.Random) -> tuple[int, int, float]:
    """Answer in a page whose browser dies; returns kills, answers lost though shown as saved, seconds."""
    begin = time.monotonic()
    process, server = start_server(copy_course(folder))
    profile = folder / "profile"
    given = kills = lost = 0
    try:
        with sync_playwright() as playwright:
            while given < answers:
                context = playwright.chromium.launch_persistent_context(
                    profile, executable_path=_chromium(), args=[*QUIET, "--no-sandbox"]
                )
                page = context.new_page()
                page.goto(server.scenario)
                wait_ready(page)
                shown = 0
                for _ in range(min(chance.randint(1, LONGEST_LIFE), answers - given)):
                    given += one_answer(page, chance)
                    shown = shown_as_saved(page)
                page.wait_for_timeout(chance.uniform(0, 50))
                kill_tree(profile)
                kills += 1
                with contextlib.suppress(PlaywrightError):  # it is dead, as it should be
                    context.close()
                context = playwright.chromium.launch_persistent_context(
                    profile, executable_path=_chromium(), args=[*QUIET, "--no-sandbox"]
                )
                page = context.new_page()
                page.goto(server.scenario)
                wait_ready(page)
                lost += max(0, shown - stored_events(page))
                context.close()
    finally:
        process.terminate()
        process.wait(20)
    return kills, lost, time.monotonic() - begin


def one_answer(page: Page, chance: random.Random) -> int:
    """Take one step as a person would; 1 when it was an answer."""
    while True:
        if hook(page, "ending").count():
            hook(page, "again").click()
        elif hook(page, "continue").count():
            hook(page, "continue").click()
        else:
            break
    if hook(page, "text").count():
        hook(page, "text").fill("Down from 08:51, back since ten.")
    else:
        options = hook(page, "item").locator("input[type=radio]:visible")  # the others are not offered now
        options.nth(chance.randrange(options.count())).check()
    hook(page, "decide").click()
    return 1


def shown_as_saved(page: Page) -> int:
    """How many events the player calls saved at this moment."""
    hook(page, "saved").and_(page.locator('[data-state="saved"]')).wait_for()
    return stored_events(page)


def stored_events(page: Page) -> int:
    """How many events the page would resume from."""
    return int(page.evaluate("(JSON.parse(localStorage.getItem('onsite:outage')) || {events: []}).events.length"))


def kill_tree(profile: Path) -> None:
    """SIGKILL every process of the browser that runs on `profile`, children first: no time to tidy up."""
    mine = [
        p for p in psutil.process_iter(["cmdline"]) if any(str(profile) in part for part in p.info["cmdline"] or [])
    ]
    family = {child for parent in mine for child in [*parent.children(recursive=True), parent]}
    for victim in family:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(list(family), timeout=10)


if __name__ == "__main__":
    main()
