"""How several processes share the tests between them.

A file's tests stay together, so that what its fixtures make is made once. The files that take longest come first, so
that no process is left with a long one in the end.
"""

import os

import pytest

MOST_PROCESSES = 4
"""More would spend more time on starting than they save."""

KERNELS = (
    "test_derived.py", "grading/test_like_nbgrader.py", "grading/test_harm.py", "grading/test_grade.py",
    "report/test_report_command.py", "browser/test_notebook.py",
)  # fmt: skip
"""One process runs all of these. Jupyter chooses a kernel's ports some time before the kernel takes them, so of two
that start at once one may find its ports taken. The file that needs the course built comes last: by then it is."""

LONG = (
    "browser/test_accessibility.py", "browser/test_kinds.py", "browser/test_page.py", "browser/test_report.py",
    "browser/test_preview_page.py", "browser/test_practice.py", "grading/test_grade_command.py", "test_house.py",
    "scenario/test_fuzz.py", "ledger/test_grading.py", "test_course.py",
)  # fmt: skip
"""What takes more than ten seconds, the longest first."""

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""Which of the processes this is: gw0, gw1 ...; empty when there is only one."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many processes `-n auto` means: one for each core for the whole suite, none beside this for a part of it."""
    if config.args_source is not config.ArgsSource.TESTPATHS or config.option.keyword or config.option.lf:
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_PROCESSES) if cores > 1 else 0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Hands out whole files, in the order in which they come."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0].removeprefix("tests/")
            return "kernels" if file in KERNELS else file

    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring what takes long to the front."""
    if WORKER:
        first = {f"tests/{file}": place for place, file in enumerate([*KERNELS, *LONG])}
        items.sort(key=lambda item: first.get(item.nodeid.partition("::")[0], len(first)))
