"""Tokens: their form, their secrecy, their check."""

import pytest

from ricordo.domain.api_key import Token, hash_secret, is_secret_of, new_token, parse_token
from ricordo.domain.errors import UnauthorizedError
from ricordo.domain.ids import KeyId

KEY_ID = "0123456789abcdef"
SECRET = "s" * 64


def test_a_new_token_is_read_back() -> None:
    """A token survives being written down, and no two are equal."""
    token = new_token()

    assert parse_token(token.reveal()) == token
    assert token.reveal().startswith("m0-")
    assert new_token() != token


def test_a_token_does_not_show_its_secret() -> None:
    """Neither repr nor str of a token can leak into a log."""
    token = Token(KeyId(KEY_ID), SECRET)

    assert SECRET not in f"{token} {token!r} {[token]}"


@pytest.mark.parametrize("text", [
    "", "m0-", f"m0-{KEY_ID}", f"m0-{KEY_ID}-", f"m0-{KEY_ID}-short", f"m1-{KEY_ID}-{SECRET}",
    f"m0-{KEY_ID}-{SECRET}\n",
    f" m0-{KEY_ID}-{SECRET}", f"m0-{KEY_ID.upper()}-{SECRET}", f"m0-{KEY_ID}-{SECRET}é",
    f"m0-{KEY_ID}-{'s' * 129}",
    f"Token m0-{KEY_ID}-{SECRET}", f"m0-{KEY_ID[:-1]}-{SECRET}",
])  # fmt: skip
def test_anything_else_is_no_token(text: str) -> None:
    """The form is checked before anything is looked up."""
    with pytest.raises(UnauthorizedError):
        parse_token(text)


def test_a_secret_is_known_by_its_keyed_hash() -> None:
    """Another secret or another pepper does not fit; the hash is HMAC-SHA-256 (RFC 4231, test case 2)."""
    kept = hash_secret(SECRET, pepper=b"pepper")

    assert is_secret_of(SECRET, kept, pepper=b"pepper")
    assert not is_secret_of("t" * 64, kept, pepper=b"pepper")
    assert not is_secret_of(SECRET, kept, pepper=b"other")
    assert (
        hash_secret("what do ya want for nothing?", pepper=b"Jefe")
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
