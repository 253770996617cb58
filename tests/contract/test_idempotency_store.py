"""What every idempotency store does."""

from datetime import datetime, timedelta

import pytest
from support.builders import OTHER_PROJECT, PROJECT
from support.clocks import START
from support.stores import Stores

from ricordo.domain.errors import IdempotencyConflictError
from ricordo.domain.ids import ProjectId
from ricordo.ports.idempotency_store import Answered, Claimed, InProgress

LEASE = timedelta(seconds=30)
WEEK = timedelta(days=7)


def claim(
    stores: Stores,
    *,
    at: datetime = START,
    fingerprint: str = "f1",
    key: str = "k",
    project: ProjectId = PROJECT,
) -> Claimed | InProgress | Answered:
    """Claim a key for half a minute."""
    return stores.idempotency.claim(project, key, fingerprint=fingerprint, now=at, until=at + LEASE)


def test_one_caller_claims_a_key(stores: Stores) -> None:
    """The first caller does the work, others see it is in progress until the lease ends."""
    assert claim(stores) == Claimed()
    assert claim(stores) == InProgress()
    assert claim(stores, at=START + LEASE - timedelta(microseconds=1)) == InProgress()


def test_a_completed_key_answers(stores: Stores) -> None:
    """Every later caller gets the answer, until it expires; then the key is new, for any request."""
    claim(stores)
    stores.idempotency.complete(PROJECT, "k", '{"answer": "é\\u0000"}', expires_at=START + WEEK)

    assert claim(stores, at=START + WEEK) == Answered('{"answer": "é\\u0000"}')
    assert claim(stores, at=START + WEEK + timedelta(microseconds=1), fingerprint="f2") == Claimed()


def test_a_released_key_is_free(stores: Stores) -> None:
    """After a refusal the key may be used again, for another request too."""
    claim(stores)
    stores.idempotency.release(PROJECT, "k")

    assert claim(stores, fingerprint="f2") == Claimed()


def test_release_does_not_forget_an_answer(stores: Stores) -> None:
    """A late release of a completed key changes nothing, and an unknown key is no error."""
    claim(stores)
    stores.idempotency.complete(PROJECT, "k", "done", expires_at=START + WEEK)
    stores.idempotency.release(PROJECT, "k")
    stores.idempotency.release(PROJECT, "unknown")

    assert claim(stores) == Answered("done")


def test_a_lease_that_ended_is_taken_over(stores: Stores) -> None:
    """The same request may be tried again after the first caller vanished; its lease is a new one."""
    claim(stores)

    assert claim(stores, at=START + LEASE) == Claimed()
    assert claim(stores, at=START + 2 * LEASE - timedelta(microseconds=1)) == InProgress()


@pytest.mark.parametrize("state", ["in progress", "abandoned", "answered"])
def test_another_request_under_the_same_key_is_a_conflict(stores: Stores, state: str) -> None:
    """A key belongs to the request it came with first."""
    claim(stores)
    if state == "answered":
        stores.idempotency.complete(PROJECT, "k", "done", expires_at=START + WEEK)
    at = START + 2 * LEASE if state == "abandoned" else START

    with pytest.raises(IdempotencyConflictError):
        claim(stores, at=at, fingerprint="f2")


def test_an_abandoned_key_is_forgotten_in_the_end(stores: Stores) -> None:
    """A claim whose caller vanished does not hold its key for ever."""
    claim(stores)

    assert claim(stores, at=START + 2 * WEEK, fingerprint="f2") == Claimed()


def test_keys_do_not_meet(stores: Stores) -> None:
    """Another key, and the same key of another project, are claimed by themselves."""
    claim(stores)
    stores.idempotency.complete(PROJECT, "k", "mine", expires_at=START + WEEK)

    assert claim(stores, key="K") == Claimed()
    assert claim(stores, project=OTHER_PROJECT, fingerprint="f2") == Claimed()
    stores.idempotency.release(OTHER_PROJECT, "k")
    assert claim(stores) == Answered("mine")
