"""Several processes that work beside each other, where there is enough to do. Light to import: each pays for it."""

import gc
import importlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
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
            if kind is KeyboardInterrupt:
                # Whoever waits for the end of it does not want to wait for what is in hand.
                for process in active_children():
                    process.terminate()
            self._pool.shutdown(cancel_futures=True)

    def get_ready(self, module: str, *, worth: bool) -> None:
        """Start the processes, if there will be any, and have them import `module` while this one does other things.

        worth: as in `do`.
        """
        workers = self.number(worth=worth)
        if workers > 1:
            for _ in range(workers):
                self._submit(workers, _import, module)

    def number(self, *, worth: bool) -> int:
        """How many processes work. worth: as in `do`."""
        return self._workers or (min(os.cpu_count() or 1, 8) if worth else 1)

    def do(
        self, work: Callable[[Job], Done], jobs: Sequence[Job], *, worth: bool, kept: str = ""
    ) -> Iterator[tuple[Job, Done]]:
        """Each job with what came of it, in order. worth: whether there is so much to do that more processes pay.

        kept: a sentence on what is kept when it ends early.

        Raises what `work` raises, and OnsiteError when a process is ended from outside.
        """
        workers = self.number(worth=worth)
        if workers <= 1 or not jobs:
            for job in jobs:
                yield job, work(job)
            return
        ahead = iter(jobs)
        running: list[tuple[Job, Future[Done]]] = []
        try:
            while True:
                # Never more in hand than keeps everybody busy: a cohort's outcomes are too many to hold.
                for job in islice(ahead, 3 * workers - len(running)):
                    running.append((job, self._submit(workers, work, job)))
                if not running:
                    return
                job, future = running.pop(0)
                yield job, future.result()
        except BrokenProcessPool as error:
            raise OnsiteError(
                f"A process that helped was ended from outside, perhaps for want of memory.{kept and ' '}{kept} Close "
                "other programs and run the same command again. `grade` and `report` need less with --workers 1."
            ) from error

    def _submit(self, workers: int, work: Callable[[Job], Done], job: Job) -> "Future[Done]":
        if self._pool is None:
            # Started afresh instead of forked: the same on every system, and no open database is shared.
            self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin)
        with _without_interrupts():
            return self._pool.submit(work, job)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl+C goes to every process of a command. One that is started in here leaves it to the one that started it."""
    if os.name != "posix":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it could not be kept away from the start
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
