import zlib
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr, ConditionBase

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.expressions import Change, Delete, Put
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.errors import IdempotencyConflictError
from ricordo.domain.ids import ProjectId
from ricordo.domain.moments import to_micros
from ricordo.ports.idempotency_store import Answered, Claimed, InProgress

_ABANDONED = timedelta(days=7)
_MAX_ANSWER_BYTES = 350 * 1024
_ANSWERED = Attr("answer").exists()
_UNANSWERED = Attr("answer").not_exists()


class DynamoDBIdempotencyStore:
    """`ports.idempotency_store.IdempotencyStore` over the one table.

    A row that has ended counts as gone, whether DynamoDB has removed it yet or not.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(
        self, project_id: ProjectId, key: str, *, fingerprint: str, now: datetime, until: datetime
    ) -> Claimed | InProgress | Answered:
        row = {
            **keys.idempotency(project_id, key)._asdict(),
            "kind": "answer",
            "format": 1,
            "fingerprint": fingerprint,
            "until_us": to_micros(until),
            "ttl": _ttl(until + _ABANDONED),
        }
        try:
            self._table.write(Put(row, _is_free(fingerprint, now)))
        except ConditionNotMetError as error:
            standing = error.rows[0] or row
        else:
            return Claimed(until)
        if standing["fingerprint"] != fingerprint:
            raise IdempotencyConflictError(
                "This Idempotency-Key was used for another request; take a new key for a new request."
            )
        if "answer" in standing:
            return Answered(zlib.decompress(standing["answer"]).decode())
        return InProgress()

    def complete(self, project_id: ProjectId, key: str, claimed: Claimed, answer: str, *, expires_at: datetime) -> None:
        packed = zlib.compress(answer.encode())
        if len(packed) > _MAX_ANSWER_BYTES:
            return  # the claim ends, and the request sent again finds what was made under its derived ids
        kept = {"answer": packed, "until_us": to_micros(expires_at), "ttl": _ttl(expires_at)}
        self._write(Change(keys.idempotency(project_id, key), _is_held(claimed), set=kept))

    def release(self, project_id: ProjectId, key: str, claimed: Claimed) -> None:
        self._write(Delete(keys.idempotency(project_id, key), _is_held(claimed)))

    def _write(self, write: Change | Delete) -> None:
        try:
            self._table.write(write)
        except ConditionNotMetError:
            return  # taken over, or answered


def _is_free(fingerprint: str, now: datetime) -> ConditionBase:
    """Ask that there is no row, or one that has ended: an answer with its time, an abandoned claim a week later.

    Until then a claim that ended is free for its own request alone, so that another one under its key is refused.
    """
    until = Attr("until_us")
    return (
        Attr("pk").not_exists()
        | (_ANSWERED & until.lt(to_micros(now)))
        | (_UNANSWERED & until.lt(to_micros(now - _ABANDONED)))
        | (_UNANSWERED & until.lte(to_micros(now)) & Attr("fingerprint").eq(fingerprint))
    )


def _is_held(claimed: Claimed) -> ConditionBase:
    return _UNANSWERED & Attr("until_us").eq(to_micros(claimed.until))


def _ttl(end: datetime) -> int:
    """Return when DynamoDB may remove a row: seconds since 1970, never before the end."""
    return to_micros(end) // 1_000_000 + 1
