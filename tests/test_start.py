"""course.py itself: the one file that must speak to any Python, on any machine."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

OLD_PYTHON = "import sys; sys.version_info = (3, 8, 0); sys.argv = ['course.py']; exec(open('course.py').read())"


def test_an_old_python_is_told_what_it_needs(repository: Path):
    done = subprocess.run(
        [sys.executable, "-c", "__file__ = 'course.py'; " + OLD_PYTHON],
        cwd=repository, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "needs Python 3.11 or later; this is 3.8" in done.stderr
    assert "Traceback" not in done.stderr


def test_its_syntax_is_read_by_old_pythons_too(repository: Path):
    source = (repository / "course.py").read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 4))
    too_new = [n for n in ast.walk(tree) if isinstance(n, (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Starred))]
    assert not too_new, "course.py uses syntax that Python 2.7 or 3.5 cannot read, so it could not say what is missing"


@pytest.mark.skipif(os.name == "nt", reason="the test pretends with a POSIX shell script")
def test_without_a_network_the_first_run_says_what_to_do(repository: Path, tmp_path: Path):
    for name in ("course.py", "requirements.txt", "pyproject.toml"):
        shutil.copyfile(repository / name, tmp_path / name)
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "",
        "PIP_NO_INPUT": "1", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "course.py"],
        cwd=tmp_path, env={**os.environ, **nowhere}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1
    assert "The first run needs a network" in done.stderr
    assert "Run the same command again" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_the_report_brings_the_packages_for_statistics(repository: Path):
    """A learner's laptop is spared them."""
    listed = {name: (repository / f"{name}.txt").read_text("utf-8") for name in ("requirements", "requirements-report")}
    for package in ("pandas==", "scipy==", "matplotlib=="):
        assert package not in listed["requirements"]
        assert package in listed["requirements-report"]
