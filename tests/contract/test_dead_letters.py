"""What every place for dead letters does."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import pytest
from support.aws_guard import inject
from support.moto_cloud import moto_cloud

from ricordo.adapters.builtin.dead_letters import KeptDeadLetters
from ricordo.adapters.sqs.dead_letters import SqsDeadLetters
from ricordo.domain.errors import UnavailableError
from ricordo.ports.dead_letters import DeadLetters

LETTER = {"project_id": "p1", "memory_id": "m\u00e9 'quoted'", "version": "3"}


class Box(NamedTuple):
    """A place for letters, and what lies in it."""

    letters: DeadLetters
    read: Callable[[], list[Mapping[str, str]]]


@pytest.fixture(params=["memory", "sqs"])
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    """An empty place of each kind."""
    if request.param == "memory":
        kept = KeptDeadLetters()
        yield Box(kept, lambda: kept.letters)
        return
    with moto_cloud() as cloud:
        url = cloud.sqs.create_queue(QueueName="dead-letters")["QueueUrl"]

        def read() -> list[Mapping[str, str]]:
            received = cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            return [json.loads(message["Body"]) for message in received.get("Messages", [])]

        yield Box(SqsDeadLetters(cloud.sqs, url), read)


def test_a_letter_is_kept_with_its_reason(box: Box) -> None:
    """What was put is there, word for word."""
    box.letters.put("refused", LETTER)

    assert box.read() == [{"reason": "refused", **LETTER}]


def test_every_letter_is_kept(box: Box) -> None:
    """Equal letters are two."""
    box.letters.put("refused", LETTER)
    box.letters.put("refused", LETTER)

    assert len(box.read()) == 2


def test_memory_holds_the_last_thousand() -> None:
    """What a process keeps does not grow without end."""
    letters = KeptDeadLetters()
    for number in range(1002):
        letters.put("refused", {"version": str(number)})

    assert [letter["version"] for letter in letters.letters] == [str(number) for number in range(2, 1002)]


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "ServiceUnavailable", "AccessDenied"])
def test_a_letter_the_queue_does_not_take_is_told(code: str) -> None:
    """Whatever it answers, the work stays where it is, and the letter may be put again."""
    with moto_cloud() as cloud:
        letters = SqsDeadLetters(cloud.sqs, cloud.sqs.create_queue(QueueName="dead-letters")["QueueUrl"])

        with inject("SendMessage", code, times=9), pytest.raises(UnavailableError):
            letters.put("refused", LETTER)
        letters.put("refused", LETTER)
