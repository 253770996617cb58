"""A secret in Secrets Manager that may be changed while keys hashed with the one before are in use."""

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ricordo.domain.errors import UnavailableError

_HOLD_S: Final = 300.0
_ABSENT: Final = "ResourceNotFoundException"


class RotatedSecret:
    """The current value of a secret and, after a rotation, the previous one; read again every five minutes.

    Stages: docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
    """

    def __init__(self, client: Any, arn: str, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._arn = arn
        self._now_s = now_s
        self._values: Sequence[bytes] = ()
        self._read_at_s = 0.0
        self._lock = Lock()

    def values(self) -> Sequence[bytes]:
        """Return the values in force, the one for new keys first. What was read once is kept while the service is down.

        Raises:
            UnavailableError: the secret was never read and cannot be read now.
        """
        with self._lock:
            if not self._values or self._now_s() - self._read_at_s >= _HOLD_S:
                self._refresh()
            return self._values

    def _refresh(self) -> None:
        try:
            current, previous = self._read("AWSCURRENT"), self._read("AWSPREVIOUS")
        except UnavailableError:
            if not self._values:
                raise
            return
        if current is None:
            raise UnavailableError("The secret of the API keys does not exist.")
        self._values = (current,) if previous is None else (current, previous)
        self._read_at_s = self._now_s()

    def _read(self, stage: str) -> bytes | None:
        """Return the value of a stage, or None where there is none."""
        try:
            found = self._client.get_secret_value(SecretId=self._arn, VersionStage=stage)
        except ClientError as error:
            if error.response["Error"]["Code"] == _ABSENT:
                return None
            raise UnavailableError("The secret of the API keys cannot be read.") from error
        except BotoCoreError as error:
            raise UnavailableError("The secret of the API keys cannot be reached.") from error
        return str(found["SecretString"]).strip().encode()
