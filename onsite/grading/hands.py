"""Several processes that work beside each other, where there is enough to do. Light to import: each pays for it."""

import gc
import importlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self, TypeVar

from onsite.scenario.errors import OnsiteError

Job = TypeVar("Job")
Done = TypeVar("Done")


class Hands:
    """As many processes as were asked for, or as are worth it, started when there is enough to do."""

    def __init__(self, workers: int | None) -> None:
        """workers: None leaves it to the amount of work and the computer."""
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def get_ready(self, module: str, *, worth: bool) -> None:
        """Start the processes, if there will be any, and have them import `module` while this one does other things.

        worth: as in `do`.
        """
        workers = self.number(worth=worth)
        if workers > 1:
            for _ in range(workers):
                self._started(workers).submit(_import, module)

    def number(self, *, worth: bool) -> int:
        """How many processes work. worth: as in `do`."""
        return self._workers or (min(os.cpu_count() or 1, 8) if worth else 1)

    def do(self, work: Callable[[Job], Done], jobs: Sequence[Job], *, worth: bool) -> Iterator[tuple[Job, Done]]:
        """Each job with what came of it, in order. worth: whether there is so much to do that more processes pay.

        Raises what `work` raises, and OnsiteError when a process is ended from outside.
        """
        workers = self.number(worth=worth)
        if workers <= 1 or not jobs:
            for job in jobs:
                yield job, work(job)
            return
        pool = self._started(workers)
        ahead = iter(jobs)
        running: list[tuple[Job, Future[Done]]] = []
        try:
            while True:
                # Never more in hand than keeps everybody busy: a cohort's outcomes are too many to hold.
                for job in islice(ahead, 3 * workers - len(running)):
                    running.append((job, pool.submit(work, job)))
                if not running:
                    return
                job, future = running.pop(0)
                yield job, future.result()
        except BrokenProcessPool as error:
            raise OnsiteError(
                "A process that graded was ended from outside, perhaps for want of memory. What was graded so far is "
                "kept; run the same command again, with --workers 1 if it happens again."
            ) from error

    def _started(self, workers: int) -> ProcessPoolExecutor:
        if self._pool is None:
            # Started afresh instead of forked: the same on every system, and no open database is shared.
            self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin)
        return self._pool


def spare_the_collector() -> None:
    """Have this process look for garbage in rings less often.

    A cohort's records and grades are hundreds of thousands of objects that stay. To look through them after every 700
    new ones, as Python does by itself, took a tenth of a run.
    """
    gc.set_threshold(100_000, 20, 100)


def portion(left: int, workers: int, *, least: int, most: int) -> int:
    """How many of `left` things the next job should take: many while there are many, so that a process that has set
    itself up for one kind of them stays with it, and few in the end, so that all finish together.

    This is guided self-scheduling (Polychronopoulos and Kuck 1987), with half of an equal share. One process gets the
    least, since with it jobs only serve to show progress.
    """
    return least if workers <= 1 else min(most, max(least, left // (2 * workers)))


def _import(module: str) -> None:
    importlib.import_module(module)


def _begin() -> None:
    spare_the_collector()
    _leave_with_parent()


def _leave_with_parent() -> None:
    """End this worker as soon as the run that started it is gone: killed, it could not say so."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
