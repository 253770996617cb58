"""What the failures of a Gremlin server and of the way to it mean to us."""

import inspect
from types import ModuleType

import aiohttp
import botocore.exceptions
import pytest
from botocore.session import Session

from ricordo.adapters.neptune.errors import (
    CONFLICTS,
    ERRORS,
    FINAL,
    MOVED,
    ConnectionLostError,
    HandshakeRefusedError,
    TraversalRefusedError,
    code_of,
    translated,
)
from ricordo.domain.errors import RicordoError, UnavailableError

# What the two packages name besides, and a client of web sockets or of signatures does not meet.
OTHERS = {
    "aiohttp": {"EofStream", "WSMessageTypeError", "WebSocketError"},
    "botocore.exceptions": {"ClientError", "EventStreamError", "MissingServiceIdError", "UndefinedModelAttributeError"},
}


def exceptions_of(module: ModuleType) -> dict[str, type[Exception]]:
    """Return the exceptions a module names, warnings aside."""
    named = inspect.getmembers(module, inspect.isclass)
    return {
        name: kind
        for name, kind in named
        if issubclass(kind, Exception) and not issubclass(kind, Warning) and kind.__module__ != "builtins"
    }


@pytest.mark.parametrize("module", [aiohttp, botocore.exceptions], ids=lambda module: module.__name__)
def test_every_exception_of_the_vendors_is_decided_about(module: ModuleType) -> None:
    """Each is caught by the table, or known not to come out."""
    unmapped = {name for name, kind in exceptions_of(module).items() if not issubclass(kind, tuple(ERRORS))}

    assert len(exceptions_of(module)) > 20
    assert unmapped == OTHERS[module.__name__]


def test_every_error_neptune_names_is_decided_about() -> None:
    """Final is what AWS's own model of the service calls the sender's fault and not worth a retry."""
    operation = Session().get_service_model("neptunedata").operation_model("ExecuteGremlinQuery")
    final = {
        shape.name
        for shape in operation.error_shapes
        if shape.metadata["error"].get("senderFault") and "retryable" not in shape.metadata
    }

    assert len(final) > 9
    assert final - CONFLICTS <= FINAL
    assert {shape.name for shape in operation.error_shapes} & FINAL == final - CONFLICTS


def test_a_code_means_one_thing() -> None:
    """No refusal is both final and worth another try."""
    assert not FINAL & (CONFLICTS | MOVED)
    assert not CONFLICTS & MOVED


@pytest.mark.parametrize(
    ("message", "attributes", "code"),
    [
        (
            '{"detailedMessage":"Ana","code":"ConcurrentModificationException"}',
            {},
            "ConcurrentModificationException",
        ),
        ("Conflict: Ana", {"exceptions": ["org.apache.TransactionException"]}, "TransactionException"),
        ("a", {"exceptions": ["java.lang.RuntimeException", "org.TransactionException"]}, "TransactionException"),
        ("a", {"exceptions": ["java.lang.RuntimeException", "java.lang.Error"]}, "RuntimeException"),
        ('{"message":"no code"}', {}, "599"),
        ("[]", None, "599"),
        (None, {"exceptions": []}, "599"),
    ],
)
def test_a_server_refuses_by_a_code(message: str | None, attributes: dict[str, object] | None, code: str) -> None:
    """Neptune's is in the message, TinkerPop's beside it; failing both the status is one."""
    assert code_of({"code": 599, "message": message, "attributes": attributes}) == code


@pytest.mark.parametrize(
    "error",
    [
        TraversalRefusedError("X"), HandshakeRefusedError(403), ConnectionLostError(), TimeoutError(),
        ConnectionRefusedError(), aiohttp.ServerDisconnectedError(), botocore.exceptions.NoCredentialsError(),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_a_failure_is_raised_as_ours(error: Exception) -> None:
    """Every failure means that the graph is not there; what happened is its cause."""
    with pytest.raises(UnavailableError) as caught, translated():
        raise error

    assert caught.value.__cause__ is error
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("error", [ValueError("ours"), KeyError("ours")])
def test_a_fault_of_the_program_passes_as_it_is(error: Exception) -> None:
    """What a retry cannot heal is not dressed up as unavailable."""
    with pytest.raises(type(error)) as caught, translated():
        raise error

    assert caught.value is error
    assert not isinstance(caught.value, RicordoError)
