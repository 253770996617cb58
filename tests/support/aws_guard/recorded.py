"""Recording the calls that clients make."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a client; its own retries are not counted again."""

    service: str
    operation: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Recorder:
    client: Any
    calls: list[Call]


_recorders: list[_Recorder] = []


@contextmanager
def recorded_calls(client: Any = None) -> Iterator[list[Call]]:
    """Yield a list that grows by every call of the client, or of all clients."""
    recorder = _Recorder(client, [])
    _recorders.append(recorder)
    try:
        yield recorder.calls
    finally:
        _recorders.remove(recorder)


def record(client: Any, operation: str, params: Mapping[str, Any]) -> None:
    """Note a call in every list that grows by it."""
    for recorder in _recorders:
        if recorder.client in (None, client):
            service = client.meta.service_model.service_name
            recorder.calls.append(Call(service, operation, copy.deepcopy(params)))
