from collections.abc import Callable
from datetime import timedelta

from ricordo.domain.errors import IdempotencyConflictError
from ricordo.domain.ids import ProjectId
from ricordo.domain.limits import IDEMPOTENCY_DAYS
from ricordo.ports.clock import Clock
from ricordo.ports.idempotency_store import Answered, Claimed, IdempotencyStore

LEASE = timedelta(seconds=30)
PATIENCE = timedelta(seconds=20)
_PAUSE_S = 0.02


def answer_once(
    operation: Callable[[], str],
    *,
    project_id: ProjectId,
    key: str,
    fingerprint: str,
    store: IdempotencyStore,
    clock: Clock,
) -> str:
    """Run an operation once for an `Idempotency-Key` and give every caller the same answer, for seven days.

    A caller that comes while the first is at work waits for its answer. An operation that raises changes
    nothing, so the key is free again.

    Raises:
        IdempotencyConflictError: the key belongs to another request, or the first one does not end in time.
    """
    patience_ends = clock.now() + PATIENCE
    while True:
        now = clock.now()
        claim = store.claim(project_id, key, fingerprint=fingerprint, now=now, until=now + LEASE)
        if isinstance(claim, Answered):
            return claim.answer
        if isinstance(claim, Claimed):
            break
        if now >= patience_ends:
            raise IdempotencyConflictError("A request with this Idempotency-Key is still at work; try again.")
        clock.sleep(_PAUSE_S)
    try:
        answer = operation()
    except BaseException:
        store.release(project_id, key, claim)
        raise
    store.complete(project_id, key, claim, answer, expires_at=clock.now() + timedelta(days=IDEMPOTENCY_DAYS))
    return answer
