"""How long the site takes: from nothing, and when nothing has changed.

    .venv/bin/python benchmarks/build.py

A copy of the course without any derived file is built in a folder of its own, then built again unchanged.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("book", "solutions", "_config.yml", "_toc.yml", "nbgrader_config.py", "requirements.txt")


def main() -> None:
    """Print one line for each of the two builds."""
    with tempfile.TemporaryDirectory(prefix="onsite-build-") as folder:
        course = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, course / name, ignore=shutil.ignore_patterns("*.ipynb", "story.json", ".*"))
            else:
                shutil.copyfile(source, course / name)
        first, again = timed_build(course), timed_build(course)
        pages = len(list((course / "_build" / "html").rglob("*.html")))
    print(f"from nothing {first:5.1f} s   ({pages} pages; aim: under 90 s)")
    print(f"unchanged    {again:5.1f} s   (aim: under 5 s)")


def timed_build(course: Path) -> float:
    """Seconds that one build takes. Stops the benchmark when it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "onsite", "build"],
        cwd=course, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(f"the course did not build:\n{done.stdout}\n{done.stderr}")
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
