"""Ports made at their first use, so that a cold start pays for what its function asks and for nothing else."""

from collections.abc import Callable
from threading import Lock
from typing import Any, Final, Generic, TypeVar, cast

Made = TypeVar("Made")


class _AtFirstUse(Generic[Made]):
    """Stands for an object that is not made before somebody asks it something."""

    __slots__ = ("_lock", "_made", "_make")

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make: Final = make
        self._made: Made | None = None
        self._lock: Final = Lock()

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return getattr(self._made, name)


def at_first_use(make: Callable[[], Made]) -> Made:
    """Return what stands for the object that `make` makes; it is made once, with its imports, when it is first asked.

    What `make` raises, the first question raises, and so does every one after it until one succeeds.
    """
    return cast("Made", _AtFirstUse(make))


class HeldOpen:
    """What a process holds open, each opened at its first use, all let go of together."""

    def __init__(self) -> None:
        self._held: list[Any] = []

    def at_first_use(self, open_: Callable[[], Made]) -> Made:
        """Return what stands for what `open_` opens, something that has a `close`."""

        def opened() -> Made:
            held = open_()
            self._held.append(held)
            return held

        return at_first_use(opened)

    def close(self) -> None:
        """Close what was opened; each may be used again and then opens what it needs."""
        for held in self._held:
            held.close()
