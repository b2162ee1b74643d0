"""How long `course.py check` takes with the size of a course: 25, 50 and 100 scenarios of 60 scenes each.

Run with the tests' environment (`python3 course.py test` sets it up):

    .venv/bin/python benchmarks/check.py

The scenarios are made here, the same ones in every run: valid, branching at every choice, with three meters and two
flags asked for by options, routes and passages, and each with a story.json that learners would receive. Timed is the
whole command in a process of its own, start-up included. `--profile` says where the time of one scenario goes.
"""

import argparse
import cProfile
import json
import os
import pstats
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from onsite.points import read_points
from onsite.scenario.examine import examine
from onsite.scenario.load import load_scenario
from onsite.scenario.story import story_of

SIZES = (25, 50, 100)
ROUNDS = 3
STAGES = 15
POINTS = ("P01", "P06", "R02")
WORDS = (
    "account answer before bench bridge call change client coffee colleague count cupboard date desk door early error "
    "estimate evening figure first floor folder half hand hold hour house invoice key late ledger letter line list "
    "machine meeting minute morning name night noon note number office open order page paper part people phone place "
    "plan plain price promise question queue quick quiet reason record repair report room screen second send service "
    "short site slow stairs start status step stock store supplier table team test thing ticket time train turn under "
    "update visit wait walk week window word work write year"
).split()


class Author:
    """Writes scenarios of 60 scenes; the same number gives the same scenario."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(number)

    def prose(self, low: int, high: int) -> str:
        """A text of low to high words, in sentences of ten."""
        words = self.random.choices(WORDS, k=self.random.randint(low, high))
        sentences = [" ".join(words[at : at + 10]) for at in range(0, len(words), 10)]
        return ". ".join(sentences) + "."

    def scenario(self) -> str:
        """The text of one scenario.yml."""
        return "\n".join([*self.opening(), *(line for stage in range(STAGES) for line in self.stage(stage)), *ENDINGS])

    def opening(self) -> Iterator[str]:
        """Everything above the scenes."""
        yield from ("format: 1", "version: 1", f"title: Generated {self.random.randint(1000, 9999)}")
        yield from (f"summary: {self.prose(20, 30)}", "minutes: 40", "level: generated")
        yield from (f"role: {self.prose(20, 40)}", f"setting: {self.prose(40, 80)}")
        yield "cast: [{name: A, position: b, cares_about: c}]"
        yield from ("objectives: [Wait.]", f"trains: [{', '.join(POINTS)}]", "debrief: on_completion", "state:")
        yield "  trust: {label: Trust, start: 50, min: 0, max: 100}"
        yield "  minutes: {label: Minutes, start: 0, min: 0, max: 240, better: lower}"
        yield "  energy: {label: Energy, start: 80, min: 0, max: 100}"
        yield "  promised: {label: Promised, start: 0, min: 0, max: 1, shown: false}"
        yield "  warned: {label: Warned, start: 0, min: 0, max: 1, shown: false}"
        yield "decisions:"
        yield from (f"  d{stage}: {{title: Decision {stage}, points: 5}}" for stage in range(STAGES))
        yield from ("start: main0", "scenes:")

    def stage(self, stage: int) -> Iterator[str]:
        """Four scenes: a choice, the same after a mistake, an aside without points, and a passage to the next stage."""
        onward = f"main{stage + 1}" if stage + 1 < STAGES else "sorting"
        yield from self.scene(f"main{stage}", stage, best=1.0)
        # Somebody comes to the second scene of a stage only when trust ran low, which is asked in every third one.
        if stage % 3 == 1:
            yield from self.scene(f"strained{stage}", stage, best=0.5)
        else:
            yield from (f"  look{stage}:", f"    narrative: {self.prose(50, 120)}", f"    next: tell{stage}")
        yield from (f"  aside{stage}:", f"    narrative: {self.prose(30, 60)}", "    item:", "      kind: choice")
        yield from (f"      prompt: {self.prose(5, 10)}", "      options:")
        for option in range(2):
            look = f"tell{stage}" if stage % 3 == 1 else f"look{stage}"
            yield from self.option(option, 0.5 + option / 2, {"energy": 5 - 10 * option}, look)
        yield from (f"  tell{stage}:", "    narrative:", f"      - {self.prose(20, 50)}")
        if stage == 3:
            yield from ("      - when: energy < 70", f"        text: {self.prose(15, 30)}")
        yield "    next:"
        if stage + 1 < STAGES and stage % 3:
            yield f"      - {{goto: {onward}}}"
        elif stage + 1 < STAGES:
            yield from (f"      - {{when: trust < 50, goto: strained{stage + 1}}}", f"      - {{goto: {onward}}}")
        else:
            yield "      - {when: trust < 30, goto: shut}"
            yield "      - {when: trust >= 60 and minutes <= 120, goto: open}"
            yield "      - {goto: late}"

    def scene(self, name: str, stage: int, best: float) -> Iterator[str]:
        """A scored choice of four options; the best stands anywhere."""
        yield from (f"  {name}:", "    narrative:", f"      - {self.prose(50, 120)}")
        if stage % 5 == 4:
            yield from ("      - when: warned == 1", f"        text: {self.prose(15, 30)}")
        yield from (
            "    item:",
            "      kind: choice",
            f"      decision: d{stage}",
            f"      prompt: {self.prose(5, 12)}",
        )
        yield "      options:"
        at = self.random.randrange(4)
        for option in range(4):
            strong = option == at
            credit = best if strong else best * self.random.choice((0, 0.2, 0.4))
            trust = 10 if strong else -20 if option == (at + 3) % 4 else self.random.choice((-20, -10, 0, 10))
            effects = {"trust": trust, "minutes": self.random.choice((0, 10, 20)) if not strong else 10}
            if option == (at + 1) % 4 and stage % 4 == 1:
                effects["promised"] = 1
            if option == (at + 2) % 4 and stage % 5 == 2:
                effects["warned"] = 1
            gated = "promised == 1" if stage % 4 == 3 and option == (at + 1) % 4 and stage > 1 else ""
            yield from self.option(option, credit, effects, f"{'tell' if strong else 'aside'}{stage}", gated)

    def option(self, number: int, credit: float, effects: dict[str, int], goto: str, when: str = "") -> Iterator[str]:
        """One option of a choice."""
        yield from (f"        - id: o{number}", f"          text: {self.prose(15, 35)}")
        if when:
            yield f"          when: {when}"
        yield from (f"          consequence: {self.prose(30, 60)}", f"          coaching: {self.prose(30, 60)}")
        yield f"          credit: {credit:g}"
        yield f"          cites: [{self.random.choice(POINTS)}]"
        yield f"          effects: {{{', '.join(f'{name}: {change}' for name, change in effects.items())}}}"
        yield f"          goto: {goto}"


ENDINGS = (
    "endings:",
    "  open: {title: Open, narrative: Coffee., debrief: You told her.}",
    "  late: {title: Late, narrative: Cold coffee., debrief: You told her late.}",
    "  shut: {title: Shut, narrative: Silence., debrief: You did not tell her.}",
    "",
)


def make_course(root: Path, count: int) -> None:
    """A course of `count` generated scenarios, with what its learners would receive."""
    (root / "book").mkdir(parents=True)
    (root / "nbgrader_config.py").touch()
    (root / "book" / "source-points.yml").write_bytes((REPOSITORY / "book" / "source-points.yml").read_bytes())
    for number in range(count):
        slug = f"generated-{number:03}"
        path = root / "solutions" / slug / "scenario.yml"
        path.parent.mkdir(parents=True)
        path.write_text(Author(number).scenario(), "utf-8")
        story = root / "exercises" / slug / "story.json"
        story.parent.mkdir(parents=True)
        story.write_text(story_of(slug, load_scenario(path)).to_json(), "utf-8")


def timed(root: Path) -> tuple[float, float, dict[str, object]]:
    """Seconds of one `check`, those of them on a processor, and what it said."""
    command = [sys.executable, "-m", "onsite", "check", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    start, busy = time.perf_counter(), processor_seconds()
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    seconds, busy = time.perf_counter() - start, processor_seconds() - busy
    told = json.loads(done.stdout)
    errors = [finding for finding in told["findings"] if finding["level"] == "error"]
    if errors:
        sys.exit(f"a generated scenario has errors: {errors[:3]}")
    return seconds, busy, told["scenarios"]


def processor_seconds() -> float:
    """What the commands started so far have spent on a processor."""
    spent = os.times()
    return spent.children_user + spent.children_system


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="Time `course.py check` on generated courses.")
    parser.add_argument("--profile", action="store_true", help="say where the time of one scenario goes")
    profile = parser.parse_args().profile
    with tempfile.TemporaryDirectory(prefix="onsite-bench-") as folder:
        if profile:
            make_course(Path(folder) / "one", 1)
            show_profile(Path(folder) / "one")
            return
        print(
            f"Fastest of {ROUNDS} runs of the whole command; processor time does not count what else the machine did.\n"
        )
        print(f"{'scenarios':>9}{'seconds':>10}{'processor':>11}{'processor per scenario':>24}")
        scenarios: dict[str, object] = {}
        for size in SIZES:
            root = Path(folder) / str(size)
            make_course(root, size)
            seconds, busy, scenarios = min((timed(root) for _ in range(ROUNDS)), key=lambda run: run[0])
            print(f"{size:9}{seconds:10.2f}{busy:11.2f}{busy / size:24.3f}", flush=True)
        figures = [found for found in scenarios.values() if isinstance(found, dict)]
        for name in ("scenes", "situations", "paths", "words"):
            low, high = min(f[name] for f in figures), max(f[name] for f in figures)
            print(f"\n{name} in one scenario: {low:.4g} to {high:.4g}", end="")
        print()


def show_profile(root: Path) -> None:
    """The functions in which the check of one scenario spends its time."""
    known = read_points(root / "book" / "source-points.yml")
    path = next(root.glob("solutions/*/scenario.yml"))
    profiler = cProfile.Profile()
    profiler.runcall(examine, path, known)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
