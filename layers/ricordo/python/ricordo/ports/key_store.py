from datetime import datetime
from typing import Protocol

from ricordo.domain.ids import KeyId
from ricordo.domain.project import ApiKey


class KeyStore(Protocol):
    """API keys, as keyed hashes."""

    def add(self, key: ApiKey) -> None:
        """Write a new key."""
        ...

    def get(self, key_id: KeyId) -> ApiKey:
        """Return a key, revoked ones included.

        Raises:
            KeyNotFoundError: no such key.
        """
        ...

    def list(self) -> list[ApiKey]:
        """Return all keys, oldest first."""
        ...

    def revoke(self, key_id: KeyId, *, at: datetime) -> None:
        """Mark a key as revoked; revoking twice keeps the first time.

        Raises:
            KeyNotFoundError: no such key.
        """
        ...
