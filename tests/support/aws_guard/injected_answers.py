"""Answers AWS gives now and then and an emulator never: errors, lost answers, batches done in part."""

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse

STATUS = {"InternalServerError": 500, "InternalFailure": 500, "ServiceUnavailable": 503}
CLIENT_FAULT = 400


@dataclass(slots=True)
class Injection:
    """An answer waiting to be given, `left` times."""

    operation: str
    left: int
    given: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, operation: str) -> bool:
        """Say whether this answers the operation now, and count it."""
        with self.lock:
            if operation != self.operation or self.left <= 0:
                return False
            self.left -= 1
            self.given += 1
            return True


@dataclass(slots=True)
class InjectedError(Injection):
    """An error; when `after_effect`, the request has its effect and only its answer is lost."""

    code: str = ""
    reasons: Sequence[str] = ()
    after_effect: bool = False

    def response(self, url: str) -> AWSResponse:
        """Build the answer as it comes over the wire; for services that speak JSON."""
        body: dict[str, Any] = {"__type": f"com.amazonaws#{self.code}", "message": f"{self.code}, injected by a test"}
        if self.reasons:
            body["CancellationReasons"] = [{"Code": code, "Message": code} for code in self.reasons]
        headers = {"content-type": "application/x-amz-json-1.0", "x-amzn-errortype": self.code}
        return AWSResponse(url, STATUS.get(self.code, CLIENT_FAULT), headers, _Body(json.dumps(body).encode()))


@dataclass(slots=True)
class PartialBatch(Injection):
    """A batch of which only the first `done` entries are carried out."""

    done: int = 1


class _Body(io.BytesIO):
    """A body that can be read as urllib3's are."""

    def stream(self, **_kwargs: Any) -> Iterator[bytes]:
        yield self.read()


_errors: list[InjectedError] = []
_partial: list[PartialBatch] = []


@contextmanager
def inject(
    operation: str, code: str, *, times: int = 1, reasons: Sequence[str] = (), after_effect: bool = False
) -> Iterator[Injection]:
    """Make the next answers of an operation an error, which botocore's own retries meet too.

    `reasons` are the codes of a TransactionCanceledException, one an action. With `after_effect` the request is
    carried out first (by the emulator in this process): what a client sees when an answer gets lost.
    """
    error = InjectedError(operation, times, code=code, reasons=reasons, after_effect=after_effect)
    with _waiting(_errors, error):
        yield error


@contextmanager
def leave_unprocessed(operation: str, *, done: int = 1, times: int = 1) -> Iterator[Injection]:
    """Make the next BatchGetItem or BatchWriteItem carry out only its first `done` entries and name the rest."""
    batch = PartialBatch(operation, times, done=done)
    with _waiting(_partial, batch):
        yield batch


@contextmanager
def _waiting(among: list[Any], injection: Injection) -> Iterator[None]:
    among.append(injection)
    try:
        yield
    finally:
        among.remove(injection)


def next_error(operation: str) -> InjectedError | None:
    """Take the error that answers the operation now, if there is one."""
    return next((error for error in _errors if error.take(operation)), None)


def carry_out(operation: str, request: Mapping[str, Any], call: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Any:
    """Make a call; of a batch perhaps only a part."""
    batch = next((batch for batch in _partial if batch.take(operation)), None)
    if batch is None:
        return call(request)
    first, rest = _split(request["RequestItems"], batch.done)
    answer = call({**request, "RequestItems": first})
    answer["UnprocessedKeys" if operation == "BatchGetItem" else "UnprocessedItems"] = rest
    return answer


def _split(batches: Mapping[str, Any], done: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split the entries of a batch behind the first `done`."""
    first: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for table, batch in batches.items():
        entries = batch["Keys"] if isinstance(batch, Mapping) else batch
        for part, chosen in ((first, entries[:done]), (rest, entries[done:])):
            if chosen:
                part[table] = {**batch, "Keys": chosen} if isinstance(batch, Mapping) else chosen
        done -= min(done, len(entries))
    return first, rest
