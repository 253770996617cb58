from collections.abc import Callable, Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError
from botocore.session import Session

Sign = Callable[[str], Mapping[str, str]]


def unsigned(url: str) -> Mapping[str, str]:  # noqa: ARG001  a Sign
    """Return no headers: for a server without IAM authentication."""
    return {}


def signing(region: str, credentials: Credentials | None = None) -> Sign:
    """Return what signs the handshake to a URL with SigV4, by default with the process's own credentials.

    A signature holds for minutes and connections open at any time, so each is signed as it opens.
    https://docs.aws.amazon.com/neptune/latest/userguide/iam-auth-connecting-gremlin-python.html
    """
    credentials = credentials or Session().get_credentials()

    def sign(url: str) -> Mapping[str, str]:
        if credentials is None:
            raise NoCredentialsError
        request = AWSRequest("GET", url.replace("ws", "http", 1))
        SigV4Auth(credentials.get_frozen_credentials(), "neptune-db", region).add_auth(request)
        return dict(request.headers.items())

    return sign
