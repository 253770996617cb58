"""Keys: created once, known by their hash alone, rotated and revoked."""

import pytest
from support.builders import PROJECT, a_project
from support.house import House

from ricordo.domain.api_key import Token
from ricordo.domain.errors import KeyNotFoundError, ProjectNotFoundError, UnauthorizedError
from ricordo.domain.ids import KeyId, ProjectId
from ricordo.domain.project import AccessRole, Principal
from ricordo.usecases.authenticate import authenticate
from ricordo.usecases.create_key import create_key, rotate_key

PEPPER, OLD_PEPPER = b"new pepper", b"old pepper"


def create(house: House, pepper: bytes = PEPPER, project_id: ProjectId = PROJECT) -> Token:
    """Create a reader's key."""
    house.stores.projects.create(a_project())
    return create_key(
        project_id,
        name="laptop",
        role=AccessRole.READER,
        keys=house.stores.keys,
        projects=house.stores.projects,
        pepper=pepper,
        clock=house.clock,
    )


def caller(house: House, token_text: str) -> Principal:
    """Find out who calls."""
    return authenticate(token_text, keys=house.stores.keys, peppers=[PEPPER, OLD_PEPPER])


def test_a_key_names_its_caller(house: House) -> None:
    """The principal carries project, org and role of the key; the secret itself is nowhere in the store."""
    token = create(house)

    assert caller(house, token.reveal()) == Principal(token.key_id, PROJECT, "org-1", AccessRole.READER)
    assert token.secret not in str(house.stores.keys.list())


def test_a_key_hashed_with_an_older_pepper_is_known(house: House) -> None:
    """Peppers can be rotated while keys live."""
    assert caller(house, create(house, OLD_PEPPER).reveal()).project_id == PROJECT


def test_a_key_hashed_with_a_foreign_pepper_is_unknown(house: House) -> None:
    """A copied database is no use without the pepper."""
    with pytest.raises(UnauthorizedError):
        caller(house, create(house, b"foreign").reveal())


def test_refusals_do_not_tell_why(house: House) -> None:
    """Malformed, unknown, wrong and revoked keys are refused in the same words."""
    token = create(house)
    revoked = create(house)
    house.stores.keys.revoke(revoked.key_id, at=house.clock.now())
    refused = {
        "not a token",
        "",
        Token(KeyId("0" * 16), token.secret).reveal(),
        Token(token.key_id, "x" * 64).reveal(),
        revoked.reveal(),
        token.reveal() + "\n",
    }

    messages = set()
    for text in refused:
        with pytest.raises(UnauthorizedError) as caught:
            caller(house, text)
        messages.add(caught.value.message)

    assert len(messages) == 1


def test_a_rotated_key_is_replaced(house: House) -> None:
    """The new key does what the old one did, which is refused from now on."""
    old = create(house)

    new = rotate_key(
        old.key_id, keys=house.stores.keys, projects=house.stores.projects, pepper=PEPPER, clock=house.clock
    )

    assert caller(house, new.reveal()).role is AccessRole.READER
    with pytest.raises(UnauthorizedError):
        caller(house, old.reveal())


def test_keys_need_a_project_and_rotation_a_key(house: House) -> None:
    """Nothing is created for what does not exist."""
    with pytest.raises(ProjectNotFoundError):
        create(house, project_id=ProjectId("unknown"))
    with pytest.raises(KeyNotFoundError):
        rotate_key(
            KeyId("unknown"),
            keys=house.stores.keys,
            projects=house.stores.projects,
            pepper=PEPPER,
            clock=house.clock,
        )
