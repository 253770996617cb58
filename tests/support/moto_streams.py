"""Reading a stream from where moto keeps it: its own answers take longer than all else a test of a consumer does."""

from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodbstreams.models import dynamodbstreams_backends
from support.moto_cloud import REGION


class MotoStreams:
    """A client of `dynamodbstreams` whose records come without a request, binary as base64 text."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_records(self, *, ShardIterator: str, Limit: int = 1000) -> dict[str, Any]:  # noqa: N803  as boto3 spells it
        """Return the next records."""
        backend = dynamodbstreams_backends[DEFAULT_ACCOUNT_ID][REGION]
        answer: dict[str, Any] = backend.get_records(ShardIterator, Limit)
        return answer
