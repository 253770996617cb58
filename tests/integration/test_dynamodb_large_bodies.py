"""Texts that are too large for a row of DynamoDB lie in S3."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from support.aws_guard import inject, recorded_calls
from support.builders import PROJECT, a_fact, an_episode, an_event
from support.clocks import START
from support.dynamodb_stores import BUCKET, create_bucket, moto_stores
from support.event_steps import LEASE, accepted, claimed
from support.moto_cloud import moto_cloud
from support.stores import Stores

from ricordo.adapters.dynamodb.large_bodies import BODY, INLINE_BYTES, LargeBodies
from ricordo.domain.episode import Message, Role
from ricordo.domain.errors import LeaseLostError, StoreBusyError, StoreFormatError, UnavailableError
from ricordo.domain.event import EventResult, EventStatus
from ricordo.domain.ids import EventId, MemoryId, ProjectId

EVENT = EventId("event-1")


def noise(seed: int = 0) -> str:
    """Return a text that stays large when compressed."""
    return random.Random(seed).randbytes(INLINE_BYTES).hex()  # noqa: S311  no secret


@pytest.fixture
def s3() -> Iterator[Any]:
    """S3 with the bucket, empty."""
    with moto_cloud() as cloud:
        create_bucket(cloud)
        yield cloud.s3


@pytest.fixture
def bodies(s3: Any) -> LargeBodies:
    """Large texts in it."""
    return LargeBodies(s3, BUCKET)


@pytest.fixture
def stores() -> Iterator[Stores]:
    """The stores over DynamoDB, empty."""
    with moto_stores() as opened:
        yield opened


def objects(s3: Any) -> list[str]:
    """Return the names of all objects."""
    return [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def objects_of(stores: Stores) -> list[str]:
    """Return the names of all objects that these stores have written."""
    return objects(stores.events._bodies._client)  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "té\0 🍵", "a" * 10_000_000])
def test_what_is_small_when_compressed_takes_no_request(bodies: LargeBodies, text: str) -> None:
    """Ten megabytes of repetition stay in the row."""
    with recorded_calls() as calls:
        body = bodies.keep(PROJECT, EVENT, "episode", text)
        assert bodies.read(body) == text

    assert isinstance(body, bytes)
    assert calls == []


def test_what_is_large_is_an_object_of_its_event(bodies: LargeBodies, s3: Any) -> None:
    """Its name says project, event and part; the same text again is the same object."""
    body = bodies.keep(PROJECT, EVENT, "episode", noise())

    assert bodies.keep(PROJECT, EVENT, "episode", noise()) == body
    assert objects(s3) == [body]
    assert str(body).startswith("bodies/proj-a/event-1/episode-")
    assert bodies.read(body) == noise()


def test_objects_of_different_owners_never_meet(bodies: LargeBodies, s3: Any) -> None:
    """Ids that hold separators, dots or anything else do not name another's object."""
    pairs = [("a/b", "c"), ("a", "b/c"), ("..", "c"), (".", "c"), ("é" * 500, "c"), ("é" * 501, "c"), ("~", "c")]
    for project_id, event_id in pairs:
        bodies.keep(ProjectId(project_id), EventId(event_id), "episode", noise())

    names = objects(s3)
    assert len(names) == len(pairs)
    assert all(name.count("/") == 3 and name.isascii() and len(name) < 200 for name in names)


def test_a_forgotten_row_s_object_is_deleted(bodies: LargeBodies, s3: Any) -> None:
    """Its object goes; a row without one, or forgotten twice, is no error."""
    row = {BODY: bodies.keep(PROJECT, EVENT, "episode", noise())}
    kept = bodies.keep(PROJECT, EVENT, "facts-1", noise())

    bodies.forget(row)
    bodies.forget(row)
    bodies.forget({BODY: b"inline"})
    bodies.forget({})

    assert objects(s3) == [kept]
    with pytest.raises(StoreFormatError, match="is not there"):
        bodies.read(row[BODY])


def test_a_bucket_that_is_not_there_is_told(bodies: LargeBodies, s3: Any) -> None:
    """A wrong setting is no passing fault."""
    s3.delete_bucket(Bucket=BUCKET)

    with pytest.raises(StoreFormatError, match="NoSuchBucket"):
        bodies.keep(PROJECT, EVENT, "episode", noise())


def test_without_s3_large_texts_are_unavailable_and_small_ones_are_not() -> None:
    """Nothing listens at the port: writing, reading and deleting say so."""
    client = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:9",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1, s3={"addressing_style": "path"}),
    )
    bodies = LargeBodies(client, BUCKET)

    for call in (
        lambda: bodies.keep(PROJECT, EVENT, "episode", noise()),
        lambda: bodies.read("bodies/a"),
        lambda: bodies.forget({BODY: "bodies/a"}),
    ):
        with pytest.raises(UnavailableError):
            call()
    assert bodies.read(bodies.keep(PROJECT, EVENT, "episode", "small")) == "small"


def test_an_event_accepted_before_leaves_no_second_object(stores: Stores) -> None:
    """What another add under the same event id said is not kept; the same add again is."""
    event = an_event()
    episode = an_episode(event, noise())
    stores.events.accept(event, episode)
    (kept,) = objects_of(stores)

    assert not stores.events.accept(event, an_episode(event, noise(1)))
    assert not stores.events.accept(replace(event, request={"again": True}), episode)

    assert objects_of(stores) == [kept]
    assert stores.events.get(PROJECT, event.event_id).messages == episode.messages


def test_a_lost_lease_leaves_no_object(stores: Stores) -> None:
    """What a worker wrote after another took over is deleted again; what that one wrote stays."""
    event = accepted(stores)
    old = claimed(stores, event)
    new = claimed(stores, event, at=2 * LEASE)
    facts = [a_fact(noise())]
    ended = replace(new.event, status=EventStatus.SUCCEEDED, results=(EventResult(MemoryId("m"), noise()),))

    with pytest.raises(LeaseLostError):
        stores.events.keep_facts(old.lease, facts, {})
    assert objects_of(stores) == []
    stores.events.keep_facts(new.lease, facts, {})
    stores.events.keep_facts(new.lease, [a_fact(noise(1))], {})
    stores.events.finish(new.lease, ended)
    kept = objects_of(stores)
    for lease in (old.lease, new.lease):
        with pytest.raises(LeaseLostError):
            stores.events.finish(lease, ended)

    assert objects_of(stores) == kept
    assert len(kept) == 2
    assert stores.events.kept_facts(new.lease) == (facts, {})
    assert stores.events.get(PROJECT, event.event_id).results == ended.results


def test_an_add_whose_answer_is_lost_is_not_lost(stores: Stores) -> None:
    """The same add sent again finds the event with what was said, large as it is."""
    messages = (Message(Role.USER, noise()),)
    event = an_event(messages=messages, created_at=START)
    with (
        inject("TransactWriteItems", "InternalServerError", times=50, after_effect=True),
        pytest.raises(StoreBusyError),
    ):
        stores.events.accept(event, an_episode(event, messages=messages))

    assert not stores.events.accept(event, an_episode(event, messages=messages))
    assert stores.events.get(PROJECT, event.event_id) == event
