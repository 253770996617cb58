"""Stores that fail where a test says."""

from collections.abc import Callable
from typing import Any


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
    """Counts the calls to several stores together and fails one of them, before or after its effect."""

    def __init__(self, fails_at: int | None = None, *, after: bool = False, error: BaseException | None = None) -> None:
        self.names: list[str] = []
        self._fails_at = fails_at
        self._after = after
        self._error = error or Crash()

    def of(self, store: Any) -> Any:
        """Wrap a store."""
        return _Counted(store, self)

    def run(self, name: str, call: Callable[[], Any]) -> Any:
        """Make one call, or fail it."""
        is_last = len(self.names) == self._fails_at
        self.names.append(name)
        if is_last and not self._after:
            raise self._error
        answer = call()
        if is_last:
            raise self._error
        return answer


class _Counted:
    def __init__(self, store: Any, calls: CountedCalls) -> None:
        self._store = store
        self._calls = calls

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._store, name)
        return lambda *args, **kwargs: self._calls.run(name, lambda: method(*args, **kwargs))
