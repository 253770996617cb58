"""What every idempotency store does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

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


def claimed(stores: Stores, *, at: datetime = START, **what: Any) -> Claimed:
    """Claim a key that is free."""
    claim_at = claim(stores, at=at, **what)
    assert claim_at == Claimed(at + LEASE)
    return claim_at


def complete(stores: Stores, claim_of_key: Claimed, answer: str, key: str = "k") -> None:
    """Answer a claim; the answer ends a week after the start."""
    stores.idempotency.complete(PROJECT, key, claim_of_key, answer, expires_at=START + WEEK)


def test_one_caller_claims_a_key(stores: Stores) -> None:
    """The first caller does the work, others see it is in progress until the lease ends."""
    claimed(stores)
    assert claim(stores) == InProgress()
    assert claim(stores, at=START + LEASE - timedelta(microseconds=1)) == InProgress()


def test_a_completed_key_answers(stores: Stores) -> None:
    """Every later caller gets the answer, until it expires; then the key is new, for any request."""
    complete(stores, claimed(stores), '{"answer": "é\\u0000"}')

    assert claim(stores, at=START + WEEK) == Answered('{"answer": "é\\u0000"}')
    claimed(stores, at=START + WEEK + timedelta(microseconds=1), fingerprint="f2")


def test_a_long_answer_comes_back(stores: Stores) -> None:
    """Three long memories fit into an answer."""
    answer = " ".join(str(number) for number in range(100_000))
    complete(stores, claimed(stores), answer)

    assert claim(stores) == Answered(answer)


def test_a_released_key_is_free(stores: Stores) -> None:
    """After a refusal the key may be used again, for another request too."""
    stores.idempotency.release(PROJECT, "k", claimed(stores))

    claimed(stores, fingerprint="f2")


def test_release_does_not_forget_an_answer(stores: Stores) -> None:
    """A late release of a completed key changes nothing, and an unknown key is no error."""
    mine = claimed(stores)
    complete(stores, mine, "done")
    stores.idempotency.release(PROJECT, "k", mine)
    stores.idempotency.release(PROJECT, "unknown", mine)

    assert claim(stores) == Answered("done")


def test_a_lease_that_ended_is_taken_over(stores: Stores) -> None:
    """The same request may be tried again after the first caller vanished; its lease is a new one."""
    claimed(stores)

    claimed(stores, at=START + LEASE)
    assert claim(stores, at=START + 2 * LEASE - timedelta(microseconds=1)) == InProgress()


def test_who_was_taken_over_changes_nothing(stores: Stores) -> None:
    """Neither the answer nor the refusal of a caller whose lease has ended meets the next caller's claim."""
    slow = claimed(stores)
    quick = claimed(stores, at=START + LEASE)

    stores.idempotency.release(PROJECT, "k", slow)
    complete(stores, slow, "slow")
    assert claim(stores, at=START + LEASE) == InProgress()

    complete(stores, quick, "quick")
    complete(stores, slow, "slow")
    assert claim(stores, at=START + LEASE) == Answered("quick")


def test_a_lease_that_nobody_took_over_still_holds(stores: Stores) -> None:
    """A slow caller's answer counts while no other does the work."""
    slow = claimed(stores)
    complete(stores, slow, "slow")

    assert claim(stores, at=START + 2 * LEASE) == Answered("slow")


def test_an_answer_to_no_claim_is_not_kept(stores: Stores) -> None:
    """Without a claim there is nothing to complete."""
    complete(stores, Claimed(START + LEASE), "done")

    claimed(stores)


@pytest.mark.parametrize("state", ["in progress", "abandoned", "answered"])
def test_another_request_under_the_same_key_is_a_conflict(stores: Stores, state: str) -> None:
    """A key belongs to the request it came with first."""
    mine = claimed(stores)
    if state == "answered":
        complete(stores, mine, "done")
    at = START + 2 * LEASE if state == "abandoned" else START

    with pytest.raises(IdempotencyConflictError):
        claim(stores, at=at, fingerprint="f2")


def test_an_abandoned_key_is_forgotten_in_the_end(stores: Stores) -> None:
    """A claim whose caller vanished does not hold its key for ever."""
    claimed(stores)

    claimed(stores, at=START + 2 * WEEK, fingerprint="f2")


def test_keys_do_not_meet(stores: Stores) -> None:
    """Another key, and the same key of another project, are claimed by themselves."""
    complete(stores, claimed(stores), "mine")

    claimed(stores, key="K")
    theirs = claimed(stores, project=OTHER_PROJECT, fingerprint="f2")
    stores.idempotency.release(OTHER_PROJECT, "k", theirs)
    assert claim(stores) == Answered("mine")


def test_one_of_many_claims_a_key(stores: Stores) -> None:
    """Of eight callers at once one does the work."""
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: claim(stores), range(8)))

    assert outcomes.count(Claimed(START + LEASE)) == 1
    assert outcomes.count(InProgress()) == 7
