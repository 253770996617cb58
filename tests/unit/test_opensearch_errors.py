"""Every failure of the client of OpenSearch is one of ours."""

import inspect

import pytest
from botocore.exceptions import BotoCoreError, NoCredentialsError
from opensearchpy import exceptions as theirs

from ricordo.adapters.opensearch.errors import ERRORS, translated
from ricordo.domain.errors import RicordoError, StoreFormatError, UnavailableError

EXCEPTIONS = [
    value
    for _, value in inspect.getmembers(theirs, inspect.isclass)
    if issubclass(value, Exception) and not issubclass(value, Warning)  # Python's own way to show those
]


def raised(error: BaseException) -> RicordoError:
    """Return what an error becomes."""
    with pytest.raises(RicordoError) as caught, translated():
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize("exception", [*EXCEPTIONS, BotoCoreError])
def test_every_exception_of_the_client_is_ours(exception: type[Exception]) -> None:
    """Each class of its module becomes an error of the domain, the closest line of the table first."""
    error = exception(500, "kind", {}) if issubclass(exception, theirs.TransportError) else exception()
    assert isinstance(raised(error), UnavailableError | StoreFormatError)


def test_the_closest_class_decides() -> None:
    """No line of the table stands behind one that would take its exceptions first."""
    lines = list(ERRORS)
    for place, exception in enumerate(lines):
        assert not any(issubclass(exception, before) for before in lines[:place])


def test_a_missing_index_and_missing_credentials_are_outages() -> None:
    """Reads go on without the index while it is set up."""
    assert isinstance(raised(theirs.NotFoundError(404, "index_not_found_exception", {})), UnavailableError)
    assert isinstance(raised(NoCredentialsError()), UnavailableError)


def test_faults_of_the_program_stay_what_they_are() -> None:
    """What is no failure of the index is not dressed up as one."""
    with pytest.raises(KeyError), translated():
        raise KeyError("k")


@pytest.mark.parametrize(
    "error",
    [
        theirs.RequestError(400, "mapper_parsing_exception", {"error": {"reason": "value: 'secret'"}}),
        theirs.RequestError(400, "<html>secret</html>", "secret"),
        theirs.TransportError(500, {"reason": "secret"}, None),
        theirs.SerializationError("secret", ValueError("secret")),
    ],
)
def test_an_error_does_not_quote_what_was_sent(error: Exception) -> None:
    """Neither our error nor the client's behind it tells the content of a memory."""
    ours = raised(error)
    assert "secret" not in str(ours)
    assert "secret" not in f"{ours.__cause__} {ours.__cause__!r}"
