import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ricordo.domain.errors import UnavailableError


class SqsDeadLetters:
    """`ports.dead_letters.DeadLetters` over a queue; a message is the letter as JSON with its reason."""

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def put(self, reason: str, letter: Mapping[str, str]) -> None:
        body = json.dumps({"reason": reason, **letter})
        try:
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)
        except (BotoCoreError, ClientError) as error:
            raise UnavailableError(f"The queue of dead letters took nothing: {type(error).__name__}.") from error
