"""Rules of the house that no single part can keep alone."""

import fnmatch
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from side_by_side import KERNELS, LONG

REPOSITORY = Path(__file__).parents[1]

# Put together here, so that this file does not name what it looks for.
REGISTRIES = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "yarnpkg" + ".com", "anaconda" + ".org"]
MIRROR_OPTIONS = ["--index" + "-url", "--extra-index" + "-url", "--find" + "-links"]
ROOTS = ["work", "root", "tmp/w", r"home/\w+"]
ABSOLUTE = re.compile(r"(?<![\w.~)>}\]*/-])/(?:" + "|".join(ROOTS) + r")/")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A tool of this environment, run on the repository."""
    tool = Path(sys.executable).with_name(command[0])
    return subprocess.run(
        [str(tool), *command[1:]],
        cwd=REPOSITORY,
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("lint-imports",)],
    ids=["ruff check", "ruff format", "mypy", "lint-imports"],
)
def test_the_house_tools_find_nothing(command):
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def ignored() -> list[str]:
    """The patterns of .gitignore."""
    lines = (REPOSITORY / ".gitignore").read_text("utf-8").splitlines()
    return [line.rstrip("/") for line in lines if line and not line.startswith("#")]


def committed_texts() -> Iterator[tuple[str, str]]:
    """Every text file that .gitignore does not leave out, by its path in the repository."""
    patterns = [".git", ".import_linter_cache", *ignored()]
    for folder, folders, names in os.walk(REPOSITORY):
        folders[:] = [name for name in folders if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]
        for name in names:
            path = Path(folder, name)
            if any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
                continue
            try:
                yield path.relative_to(REPOSITORY).as_posix(), path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in committed_texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_the_files_looked_through_are_those_of_the_repository():
    names = {name for name, _ in committed_texts()}
    assert {"README.md", "course.py", "onsite/cli.py", "solutions/outage/scenario.yml", "tests/test_house.py"} <= names
    assert not any(name.startswith((".venv/", "_build/", ".git/")) or "__pycache__" in name for name in names)


def test_no_file_names_a_package_registry_or_a_mirror():
    pattern = re.compile("|".join(map(re.escape, REGISTRIES + MIRROR_OPTIONS)))
    assert lines_with(pattern) == [], "where packages come from is the machine's own setting"


def test_no_file_names_a_path_of_the_machine_it_was_written_on():
    assert lines_with(ABSOLUTE) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("see /" + "work/main/x", True),
        ("'/" + "root/.cache/x'", True),
        ("path=/" + "home/someone/x", True),
        ("course.root/" + "work/x", False),
        ("work/outage/outage.ipynb", False),
        ("f'{base}/" + "work/x'", False),
        ("http://localhost:8888/lab/tree/" + "work/x", False),
    ],
)
def test_a_path_of_a_machine_is_told_from_one_within_the_course(line, found):
    assert bool(ABSOLUTE.search(line)) is found


def test_the_machinery_names_no_scenario():
    slugs = [path.parent.name for path in sorted((REPOSITORY / "solutions").glob("*/scenario.yml"))]
    assert len(slugs) >= 12
    # A slug that is an ordinary word may stand in a sentence, but not in quotes or in a path.
    named = "|".join(rf"(?<![\w-]){slug}(?![\w-])" if "-" in slug else rf"[\"'`/]{slug}[\"'`/]" for slug in slugs)
    assert [line for line in lines_with(re.compile(named)) if line.startswith("onsite/")] == []


def test_no_folder_of_tests_is_passed_over(pytestconfig):
    tests = REPOSITORY / "tests"
    folders = {path.relative_to(tests).parts for path in tests.rglob("test_*.py")}
    names = {name for parts in folders for name in parts[:-1]}
    passed_over = [
        name for name in names for rule in pytestconfig.getini("norecursedirs") if fnmatch.fnmatch(name, rule)
    ]
    assert passed_over == []


def test_the_files_said_to_take_long_and_to_start_kernels_are_those_there_are():
    tests = REPOSITORY / "tests"
    assert [name for name in (*KERNELS, *LONG) if not (tests / name).is_file()] == []
    # Put together, so that this file is not found itself.
    starts = re.compile(
        "|".join(["nb" + "val-lax", '"auto' + 'grade"', "Execute" + r"Preprocessor\(", "}/lab" + "/tree"])
    )
    texts = {path.relative_to(tests).as_posix(): path.read_text("utf-8") for path in tests.rglob("*.py")}
    found = {name for name, text in texts.items() if starts.search(text)}
    assert found == set(KERNELS), "tests that start kernels run one after another"
