"""The client: signed requests, short waits, and nothing of what is sent in the log."""

import logging
from typing import Any, Final

from botocore.session import Session
from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth
from urllib3 import Timeout

from ricordo.adapters.opensearch.errors import translated
from ricordo.domain.errors import UnavailableError

_CONNECT_TIMEOUT_S: Final = 1.0
_WRITE_TIMEOUT_S: Final = 30.0


def open_client(url: str, *, signing: tuple[str, str] | None = None, connections: int = 8) -> OpenSearch:
    """Return a client for one endpoint.

    `signing` names the region and the service, `es` for a domain and `aoss` for Serverless; None signs nothing. A
    request whose connection broke is sent once more; one that took too long is not, so that callers get their
    answer in time.

    Raises:
        UnavailableError: there are no credentials to sign with.
    """
    logging.getLogger("opensearch").setLevel(logging.WARNING)  # below that it writes bodies, texts and vectors
    with translated():
        return OpenSearch(
            url,
            http_auth=None if signing is None else _signer(*signing),
            timeout=patience(_WRITE_TIMEOUT_S),
            max_retries=1,
            retry_on_timeout=False,
            retry_on_status=(),
            pool_maxsize=connections,
        )


def patience(seconds: float) -> Timeout:
    """Return how long to wait for an answer; whoever does not even take a connection is given up sooner."""
    return Timeout(connect=min(seconds, _CONNECT_TIMEOUT_S), read=seconds)


def _signer(region: str, service: str) -> Any:
    """Sign with the credentials of the process, which refresh themselves."""
    credentials = Session().get_credentials()
    if credentials is None:
        raise UnavailableError("There are no credentials for the search index.")
    return Urllib3AWSV4SignerAuth(credentials, region, service)
