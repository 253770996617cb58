"""Independent waits at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context


class SideBySide:
    """Runs tasks on threads that live as long as the process; what one raises is raised when all have ended."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "side by side")

    def __call__(self, tasks: Sequence[Callable[[], object]]) -> None:
        *others, last = tasks
        running = [self._threads.submit(copy_context().run, task) for task in others]
        try:
            last()
        finally:
            faults = [future.exception() for future in running]
        for fault in faults:
            if fault is not None:
                raise fault

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown()
