"""Stores that fail where a test says."""

from collections.abc import Callable
from typing import Any, NoReturn


class Crash(BaseException):
    """The process ends here: nothing that comes after runs, and nothing catches it."""


class FailingStore:
    """Wraps a store; every call raises."""

    def __init__(self, store: Any, error: BaseException) -> None:
        self._store = store
        self._error = error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*_args: Any, **_kwargs: Any) -> Any:
            raise self._error

        return fail


class CountedCalls:
    """Counts the calls to several stores together and fails one of them, before or after its effect.

    A crash is the last of them: what the ending process still tries has no effect.
    """

    def __init__(self, fails_at: int | None = None, *, after: bool = False, error: BaseException | None = None) -> None:
        self.names: list[str] = []
        self._fails_at = fails_at
        self._after = after
        self._error = error or Crash()
        self._has_crashed = False

    def of(self, store: Any) -> Any:
        """Wrap a store."""
        return _Counted(store, self)

    def run(self, name: str, call: Callable[[], Any]) -> Any:
        """Make one call, or fail it."""
        if self._has_crashed:
            raise self._error
        is_last = len(self.names) == self._fails_at
        self.names.append(name)
        if is_last and not self._after:
            self._fail()
        try:
            return call()
        finally:
            if is_last:
                self._fail()

    def _fail(self) -> NoReturn:
        self._has_crashed = isinstance(self._error, Crash)
        raise self._error


class _Counted:
    def __init__(self, store: Any, calls: CountedCalls) -> None:
        self._store = store
        self._calls = calls

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._store, name)
        return lambda *args, **kwargs: self._calls.run(name, lambda: method(*args, **kwargs))


class Interruption:
    """Does something in the middle of another's work: just before the call at `place` of one method, counted from 0."""

    def __init__(self, method: str, act: Callable[[], object], *, place: int = 0) -> None:
        self._method = method
        self._act = act
        self._left = place

    def of(self, store: Any) -> Any:
        """Wrap a store."""
        return _Interrupted(store, self)

    def before(self, method: str) -> None:
        """Take notice of a call that is about to be made."""
        if method != self._method:
            return
        self._left -= 1
        if self._left == -1:
            self._act()


class _Interrupted:
    def __init__(self, store: Any, interruption: Interruption) -> None:
        self._store = store
        self._interruption = interruption

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._store, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._interruption.before(name)
            return method(*args, **kwargs)

        return call
