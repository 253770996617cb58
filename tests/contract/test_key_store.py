"""What every key store does."""

from datetime import timedelta

import pytest
from support.builders import OTHER_PROJECT, a_key
from support.clocks import START
from support.stores import Stores

from ricordo.domain.errors import KeyNotFoundError
from ricordo.domain.ids import KeyId
from ricordo.domain.project import AccessRole

LATER = START + timedelta(days=1)


def test_a_key_is_read_back(stores: Stores) -> None:
    """A key comes back as it was added."""
    key = a_key(role=AccessRole.READER, project_id=OTHER_PROJECT, name="Zoë's laptop")

    stores.keys.add(key)

    assert stores.keys.get(key.key_id) == key


def test_an_unknown_key_is_an_error(stores: Stores) -> None:
    """Absent is an error, for reading and for revoking."""
    with pytest.raises(KeyNotFoundError):
        stores.keys.get(KeyId("unknown"))
    with pytest.raises(KeyNotFoundError):
        stores.keys.revoke(KeyId("unknown"), at=START)


def test_revoking_keeps_the_first_time(stores: Stores) -> None:
    """A revoked key is still there, with the time of its first revocation."""
    stores.keys.add(a_key())

    stores.keys.revoke(a_key().key_id, at=START)
    stores.keys.revoke(a_key().key_id, at=LATER)

    assert stores.keys.get(a_key().key_id) == a_key(revoked_at=START)


def test_keys_are_listed_oldest_first(stores: Stores) -> None:
    """All keys come in the order of their creation, revoked ones included."""
    stores.keys.add(a_key("b" * 16, created_at=LATER))
    stores.keys.add(a_key("c" * 16))
    stores.keys.add(a_key("a" * 16))
    stores.keys.revoke(KeyId("a" * 16), at=LATER)

    assert [key.key_id[0] for key in stores.keys.list()] == ["a", "c", "b"]
