"""What Bedrock's failures mean to us."""

import traceback

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from support.bedrock import OPERATIONS, CannedBedrock, Refusal, errors_of, text_answer
from support.builders import an_episode, an_event
from support.clocks import FrozenClock
from support.meters import CountingMeter

from ricordo.adapters.bedrock import errors
from ricordo.adapters.bedrock.embedder import TitanEmbedder
from ricordo.adapters.bedrock.errors import CODES, FAILURES, translated
from ricordo.adapters.bedrock.extractor import ConverseExtractor
from ricordo.domain.errors import EmbedderUnavailableError, UnavailableError
from ricordo.domain.model_calls import CallFailedError

DECLARED = sorted({(operation, code) for operation in OPERATIONS for code in errors_of(operation)})
TRANSIENT = {
    "ThrottlingException", "ModelNotReadyException", "ModelTimeoutException", "InternalServerException",
    "ServiceUnavailableException",
}  # fmt: skip
REQUEST = {"endpoint_url": "https://bedrock", "error": "whatever", "provider": "sso", "cred_var": "key"}


def failure(kind: type[Exception]) -> Exception:
    """Build one of botocore's exceptions."""
    if kind is ResponseParserError:
        return ResponseParserError("unreadable")
    return kind(**REQUEST, error_msg="whatever", actual_bytes=1, expected_bytes=2)


def tries(bedrock: CannedBedrock, answered: object, *, code: str = "extractor_unavailable") -> int:
    """Return how often a call is made that always fails like this, before the episode is handed back."""
    bedrock.script.extend([answered] * 20)
    clock = FrozenClock()
    extractor = ConverseExtractor(bedrock.client, model_id="m", clock=clock, meter=CountingMeter())
    with pytest.raises(UnavailableError) as caught:
        extractor.extract(an_episode(an_event(), "I keep bees."))
    assert caught.value.code == code
    return len(bedrock.requests)


def test_every_error_the_service_declares_is_decided_about() -> None:
    """The table has each error of both operations, by the service's own description."""
    assert len(DECLARED) > 15
    assert {code for _, code in DECLARED} <= set(CODES)
    assert {code for code, meaning in CODES.items() if meaning.is_transient} == TRANSIENT | {"TooManyRequestsException"}


@pytest.mark.parametrize("code", sorted(errors_of("Converse")))
def test_an_error_makes_the_extractor_unavailable(code: str) -> None:
    """The add is kept and tried later; only what may pass in a moment is tried at once, and a throttle is named."""
    named = "throttled" if CODES[code].is_throttling else "extractor_unavailable"
    assert tries(CannedBedrock(), Refusal(code), code=named) == (5 if code in TRANSIENT else 1)


@pytest.mark.parametrize("code", sorted(errors_of("InvokeModel")))
def test_an_error_makes_the_embedder_unavailable(code: str) -> None:
    """Memories are stored without vectors, and searches say so."""
    bedrock = CannedBedrock()
    bedrock.script.extend([Refusal(code)] * 20)
    embedder = TitanEmbedder(bedrock.client, clock=FrozenClock(), meter=CountingMeter())

    with pytest.raises(EmbedderUnavailableError) as caught:
        embedder.embed(["I keep bees."])

    assert caught.value.message == CODES[code].message
    assert isinstance(caught.value.__cause__, CallFailedError)
    assert len(bedrock.requests) == (5 if code in TRANSIENT else 1)


@pytest.mark.parametrize(("kind", "meaning"), FAILURES)
def test_a_failure_on_the_way_is_ours(kind: type[Exception], meaning: errors.Meaning) -> None:
    """Each class is found before a wider one, and decides about another try."""
    error = failure(kind)

    with pytest.raises(CallFailedError) as caught, translated():
        raise error

    assert caught.value.meaning == meaning
    assert caught.value.__cause__ is error
    assert tries(CannedBedrock(), failure(kind)) == (5 if meaning.is_transient else 1)


@pytest.mark.parametrize(("status", "meaning"), [(503, errors.DOWN), (418, errors.INVALID)])
def test_of_an_unknown_code_the_status_decides(status: int, meaning: errors.Meaning) -> None:
    """A new code of the service's is at least told to be its fault or ours."""
    response = {"Error": {"Code": "New", "Message": "?"}, "ResponseMetadata": {"HTTPStatusCode": status}}

    with pytest.raises(CallFailedError) as caught, translated():
        raise ClientError(response, "Converse")  # type: ignore[arg-type]  # the rest of the metadata matters to nobody

    assert caught.value.meaning is meaning


@pytest.mark.parametrize("error", [exceptions.ParamValidationError(report="?"), ValueError("ours")])
def test_a_fault_of_the_program_passes_as_it_is(error: Exception) -> None:
    """What no later try heals is not dressed up as unavailable."""
    with pytest.raises(type(error)) as caught, translated():
        raise error

    assert caught.value is error


@pytest.mark.parametrize(("code", "advice"), [
    ("AccessDeniedException", "allow bedrock:InvokeModel"), ("ResourceNotFoundException", "check the model's id"),
    ("ValidationException", "inference profile"), ("ServiceQuotaExceededException", "Service Quotas"),
])  # fmt: skip
def test_what_the_operator_can_mend_says_how(code: str, advice: str) -> None:
    """A model that is not enabled, or not there, is told apart from one that is down."""
    assert advice in CODES[code].message


@pytest.mark.parametrize("answered", [
    Refusal("ThrottlingException"), exceptions.ReadTimeoutError(endpoint_url="https://bedrock"),
    text_answer({"text": "I keep bees, too."}),
])  # fmt: skip
def test_no_error_repeats_what_was_said(answered: object) -> None:
    """Neither the message nor the chain behind it holds a word of the conversation."""
    bedrock = CannedBedrock()
    bedrock.script.extend([answered] * 20)
    extractor = ConverseExtractor(bedrock.client, model_id="m", clock=FrozenClock(), meter=CountingMeter())

    with pytest.raises(UnavailableError) as caught:
        extractor.extract(an_episode(an_event(), "I keep bees."))

    told = traceback.format_exception_only(caught.value)
    chain: BaseException | None = caught.value
    while chain := chain.__cause__ or chain.__context__:
        told += traceback.format_exception_only(chain)
    assert len(told) > 1
    assert "bees" not in "".join(told)
