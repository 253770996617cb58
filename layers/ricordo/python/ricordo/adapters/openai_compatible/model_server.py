import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import urllib3
from urllib3.exceptions import InvalidHeader, LocationParseError
from urllib3.util import Retry, Timeout, parse_url

from ricordo.adapters.openai_compatible.errors import GARBLED, INVALID, SLOW, meaning_of, translated
from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.model_calls import Attempts, CallFailedError

_CONNECT_TIMEOUT_S: Final = 5.0
_CHUNK_BYTES: Final = 65_536
_MOST_BYTES: Final = 64 * 1024 * 1024
_REFUSALS: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


class RequestRefusedError(CallFailedError):
    """The server will not take the request; `parameter` is the one it names."""

    def __init__(self, parameter: str | None) -> None:
        super().__init__(INVALID)
        self.parameter = parameter


class ModelServer:
    """A server that speaks OpenAI's HTTP API, in the cloud or on this machine.

    Redirects are not followed: the key and the text go to the address the operator gave, and nowhere else.
    """

    def __init__(self, base_url: str, *, api_key: str = "", timeout_s: float = 60.0, connections: int = 8) -> None:
        """Take the URL up to and with the version, e.g. `http://127.0.0.1:11434/v1`.

        `timeout_s` bounds the server's silence; how long a call may take in all is for its `Attempts` to say.

        Raises:
            InvalidRequestError: the URL is none of HTTP.
        """
        self._base_url = _checked(base_url)
        self._timeout_s = timeout_s
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._pool = urllib3.PoolManager(maxsize=connections, retries=False)

    def post(self, path: str, body: Mapping[str, object], attempts: Attempts) -> dict[str, Any]:
        """Send a request, again where that may help, and return the JSON object of the answer.

        Raises:
            CallFailedError: there is no answer, or none that can be read.
            RequestRefusedError: the server refuses the request itself.
        """
        sent = json.dumps(body).encode()
        status, received = attempts.make(lambda: self._post(f"{self._base_url}/{path}", sent, attempts))
        answer = _object_in(received)
        if status in _REFUSALS:
            raise RequestRefusedError(_parameter_in(answer))
        if answer is None:
            raise CallFailedError(GARBLED)
        return answer

    def close(self) -> None:
        """Close idle connections."""
        self._pool.clear()

    def _post(self, url: str, body: bytes, attempts: Attempts) -> tuple[int, bytes]:
        patience_s = min(self._timeout_s, max(attempts.time_left_s(), 0.001))
        timeout = Timeout(connect=min(patience_s, _CONNECT_TIMEOUT_S), read=patience_s)
        with translated():
            response = self._pool.request(
                "POST", url, body=body, headers=self._headers, timeout=timeout, redirect=False, preload_content=False
            )
            try:
                received = _read(response, attempts)
            except BaseException:
                response.close()
                raise
            response.release_conn()
        if response.status not in (HTTPStatus.OK, *_REFUSALS):
            retry_after_s = _retry_after_s(response.headers.get("Retry-After"))
            raise CallFailedError(meaning_of(response.status), retry_after_s=retry_after_s)
        return response.status, received


def _read(response: urllib3.BaseHTTPResponse, attempts: Attempts) -> bytes:
    """Read the body to its end; the time left ends a trickle, which no timeout of the socket would."""
    received = bytearray()
    while chunk := response.read1(_CHUNK_BYTES):
        received += chunk
        if attempts.time_left_s() <= 0:
            raise CallFailedError(SLOW)
        if len(received) > _MOST_BYTES:
            raise CallFailedError(GARBLED)
    return bytes(received)


def _checked(base_url: str) -> str:
    try:
        url = parse_url(base_url)
    except LocationParseError as error:
        raise InvalidRequestError("The model server's URL cannot be read.") from error
    if url.scheme not in ("http", "https") or not url.host or url.auth or url.query or url.fragment:
        raise InvalidRequestError(
            "The model server's URL must be like https://host/v1: http or https, without user, query or fragment."
        )
    return base_url.rstrip("/")


def _object_in(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _parameter_in(answer: Mapping[str, object] | None) -> str | None:
    """Return the parameter that an error of OpenAI's form is about."""
    error = (answer or {}).get("error")
    parameter = error.get("param") if isinstance(error, dict) else None
    return parameter if isinstance(parameter, str) else None


def _retry_after_s(header: str | None) -> float:
    """Read a `Retry-After`, seconds or a date; one that is neither asks for nothing."""
    try:
        return Retry().parse_retry_after(header) if header else 0.0
    except InvalidHeader:
        return 0.0
