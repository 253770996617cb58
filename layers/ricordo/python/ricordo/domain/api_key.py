"""Tokens of the form `m0-<key id>-<secret>` and how they are checked.

The key id (16 hex digits) finds the row; the secret (256 random bits) is compared by a keyed hash,
HMAC-SHA-256 (RFC 2104), so that neither the database nor a backup of it can be used to call the API.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from ricordo.domain.errors import UnauthorizedError
from ricordo.domain.ids import KeyId

_TOKEN = re.compile(r"m0-([0-9a-f]{16})-([0-9A-Za-z_]{20,128})")


@dataclass(frozen=True, slots=True)
class Token:
    """A token split into its parts; its repr hides the secret."""

    key_id: KeyId
    secret: str

    def __repr__(self) -> str:
        return f"Token(key_id={self.key_id!r})"

    def reveal(self) -> str:
        """Return the token as the client sends it."""
        return f"m0-{self.key_id}-{self.secret}"


def new_token() -> Token:
    """Draw a token from the system's source of randomness."""
    return Token(KeyId(secrets.token_hex(8)), secrets.token_hex(32))


def parse_token(text: str) -> Token:
    """Read a token.

    Raises:
        UnauthorizedError: `text` has not the form of one.
    """
    match = _TOKEN.fullmatch(text)
    if match is None:
        raise UnauthorizedError("Invalid API key. Create one with `ricordo keys create`.")
    return Token(KeyId(match[1]), match[2])


def hash_secret(secret: str, *, pepper: bytes) -> str:
    """Return the hex HMAC-SHA-256 of a secret under the installation's pepper."""
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


def is_secret_of(secret: str, secret_hash: str, *, pepper: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(hash_secret(secret, pepper=pepper), secret_hash)
