"""Write many documents: in requests the engine takes, each item judged by itself."""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from opensearchpy import OpenSearch
from opensearchpy.exceptions import TransportError

from ricordo.adapters.opensearch.errors import translated
from ricordo.adapters.opensearch.target import Target
from ricordo.domain.errors import IndexMissingError, ProjectionError, UnavailableError
from ricordo.domain.ids import MemoryId

_MOST_BYTES: Final = 5_000_000  # a collection takes 10 MiB at most
_MOST_OPERATIONS: Final = 500
_TRIES: Final = 4
_FIRST_PAUSE_S: Final = 0.2
_REFUSED: Final = frozenset({400, 413})
_MISSING: Final = 404
_CONFLICT: Final = 409
_BUSY: Final = 429
_FAULT: Final = 500


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of action, with its document if it has one."""

    memory_id: MemoryId
    action: Mapping[str, Any]
    document: Mapping[str, object] | None = None

    @property
    def lines(self) -> bytes:
        """How it is sent."""
        parts = [self.action] if self.document is None else [self.action, self.document]
        return b"".join(
            json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
            for part in parts
        )


class BulkWriter:
    """Sends operations to an index by its alias."""

    def __init__(self, client: OpenSearch, target: Target, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._params = {"require_alias": "true"} if target.checks_aliases else {}
        self._sleep = sleep

    def write(self, alias: str, operations: Sequence[Operation]) -> None:
        """Carry out operations; that a later version is there already is a success.

        Raises:
            IndexMissingError: nothing has this alias.
            UnavailableError: some were not carried out, and may be later.
            ProjectionError: all were, but for those it names.
        """
        refused: dict[MemoryId, str] = {}
        for chunk in _chunks(operations):
            refused |= self._write_chunk(alias, chunk)
        if refused:
            kinds = ", ".join(sorted(set(refused.values())))
            raise ProjectionError(f"The search index refused {len(refused)} memories ({kinds}).", frozenset(refused))

    def _write_chunk(self, alias: str, chunk: Sequence[tuple[Operation, bytes]]) -> dict[MemoryId, str]:
        """Write until nothing is left that may yet succeed; return what was refused for good, and why."""
        refused: dict[MemoryId, str] = {}
        for attempt in range(_TRIES):
            if attempt:
                self._sleep(_FIRST_PAUSE_S * 2**attempt * random.uniform(0.5, 1))  # noqa: S311  no secret
            left = []
            for sent, item in zip(chunk, self._send(alias, chunk), strict=True):
                if _may_succeed_later(item["status"]):
                    left.append(sent)
                elif "error" in item and item["status"] in _REFUSED:
                    refused[sent[0].memory_id] = item["error"]["type"]  # its reason may quote the memory
                elif "error" in item and item["status"] != _CONFLICT:
                    raise _of_index(item)
            if not left:
                return refused
            chunk = left
        raise UnavailableError("The search index is too busy to take all of a write.")

    def _send(self, alias: str, chunk: Sequence[tuple[Operation, bytes]]) -> list[Mapping[str, Any]]:
        """Return what became of each operation; a request refused whole for lack of room fails them all alike."""
        with translated():
            try:
                answer = self._client.bulk(
                    index=alias, body=b"".join(lines for _, lines in chunk), params=dict(self._params)
                )
            except TransportError as error:
                if isinstance(error.status_code, int) and _may_succeed_later(error.status_code):
                    return [{"status": error.status_code}] * len(chunk)
                raise
        return [next(iter(item.values())) for item in answer["items"]]


def _may_succeed_later(status: int) -> bool:
    return status == _BUSY or status >= _FAULT


def _of_index(item: Mapping[str, Any]) -> UnavailableError:
    """Return the error of an item that says nothing against its memory: no index, no room, no right."""
    if item["status"] == _MISSING:
        return IndexMissingError("The search index does not exist.")
    return UnavailableError(f"The search index takes no writes ({item['error']['type']}).")


def _chunks(operations: Sequence[Operation]) -> Iterator[list[tuple[Operation, bytes]]]:
    chunk: list[tuple[Operation, bytes]] = []
    size = 0
    for operation in operations:
        lines = operation.lines
        if chunk and (len(chunk) == _MOST_OPERATIONS or size + len(lines) > _MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((operation, lines))
        size += len(lines)
    if chunk:
        yield chunk
