"""How errors leave over HTTP, and which bodies are read."""

import json
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ricordo.domain import errors
from ricordo.domain.errors import AccessDeniedError, InvalidRequestError, RicordoError, UnauthorizedError
from ricordo.domain.ids import KeyId, ProjectId
from ricordo.domain.project import AccessRole, Principal
from ricordo.runtime.http import (
    MAX_JSON_DEPTH,
    STATUS,
    error_answer,
    principal_from,
    read_json,
    require_project,
    require_writer,
    status_of,
)

OWNER = Principal(KeyId("k1"), ProjectId("p1"), "o1", AccessRole.OWNER)


def subclasses(of: type[RicordoError]) -> Iterator[type[RicordoError]]:
    """Yield every class below one."""
    for child in of.__subclasses__():
        yield child
        yield from subclasses(child)


ALL = sorted(subclasses(RicordoError), key=lambda error: error.__name__)


@pytest.mark.parametrize("error", ALL)
def test_every_error_has_a_status(error: type[RicordoError]) -> None:
    """Each class stands in the table, itself or by an ancestor, and is one of `domain/errors.py`."""
    assert any(ancestor in STATUS for ancestor in error.__mro__)
    assert error.__module__ == errors.__name__


def test_codes_are_unique() -> None:
    """Clients match on codes, so that no two classes share one."""
    assert len({error.code for error in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidFilterError, 400),
        (errors.InvalidMomentError, 400),
        (errors.MissingScopeError, 400),
        (errors.RequestTooLargeError, 413),
        (errors.UnauthorizedError, 401),
        (errors.AccessDeniedError, 403),
        (errors.MemoryNotFoundError, 404),
        (errors.VersionConflictError, 409),
        (errors.ImmutableMemoryError, 409),
        (errors.IdempotencyConflictError, 409),
        (errors.StoreBusyError, 503),
        (errors.EmbedderUnavailableError, 503),
        (errors.LeaseLostError, 503),
        (errors.StoreFormatError, 500),
        (RicordoError, 500),
    ],
)
def test_statuses(error: type[RicordoError], status: int) -> None:
    """The statuses are those mem0's clients turn into their classes."""
    assert status_of(error("said")) == HTTPStatus(status)


@pytest.mark.parametrize(
    ("error", "path", "body"),
    [
        (
            InvalidRequestError,
            "/v3/memories/add/",
            {"error": "400 Bad Request", "details": {"message": "said"}},
        ),
        (AccessDeniedError, "/v3/memories/add/", {"error": "said"}),
        (errors.InvalidFilterError, "/v3/memories/search/", {"filters": ["said"]}),
        (errors.OwnerNotFoundError, "/v2/entities/user/a/", {"message": "said"}),
        (errors.MemoryNotFoundError, "/v1/memories/x/", {"error": "said"}),
    ],
)
def test_bodies_carry_the_platforms_keys(error: type[RicordoError], path: str, body: dict[str, object]) -> None:
    """`detail` and `code` always, beside them what the Platform sends on that route."""
    assert error_answer(error("said"), path).body == {"detail": "said", "code": error.code, **body}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": ' + "9" * 5000 + "}",
        '"\\ud800"',
        '{"\\udfff": 1}',
        "[" * 100_000,
        "[" * (MAX_JSON_DEPTH + 1) + "]" * (MAX_JSON_DEPTH + 1),
        "\ufeff{}",
    ],
    ids=lambda text: text[:20],
)
def test_what_no_store_could_hold_is_refused(text: str) -> None:
    """A body that is no JSON, or holds what cannot be stored again, is the caller's to mend."""
    with pytest.raises(InvalidRequestError):
        read_json(text)


def test_the_depth_allowed_is_read() -> None:
    """Nesting up to the limit passes."""
    text = "[" * MAX_JSON_DEPTH + "]" * MAX_JSON_DEPTH
    assert json.dumps(read_json(text)) == text


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_json_survives(value: object) -> None:
    """Whatever JSON can say and a store can hold comes back as it was."""
    assert read_json(json.dumps(value)) == value
    assert read_json(json.dumps(value, ensure_ascii=False)) == value


def test_the_caller_is_read_from_the_authorizers_context() -> None:
    """All four facts are needed; without them nobody is anybody."""
    told = {"key_id": "k1", "project_id": "p1", "org_id": "o1", "role": "owner"}
    assert principal_from(told) == OWNER
    for missing in told:
        with pytest.raises(UnauthorizedError):
            principal_from({name: value for name, value in told.items() if name != missing})
    with pytest.raises(UnauthorizedError):
        principal_from({**told, "role": "emperor"})


@pytest.mark.parametrize("project_id", [None, "", "p1"])
def test_the_keys_own_project_may_be_named(project_id: object) -> None:
    """Clients that name no project, or the right one, pass."""
    require_project(OWNER, project_id)


@pytest.mark.parametrize("project_id", ["p2", " p1", 1, ["p1"]])
def test_another_project_may_not_be_named(project_id: object) -> None:
    """The project comes from the key alone."""
    with pytest.raises(AccessDeniedError):
        require_project(OWNER, project_id)


def test_a_reader_may_not_write() -> None:
    """A reader's key reads."""
    require_writer(OWNER)
    with pytest.raises(AccessDeniedError):
        require_writer(Principal(KeyId("k2"), ProjectId("p1"), "o1", AccessRole.READER))
