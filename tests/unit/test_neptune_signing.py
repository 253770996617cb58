"""How a handshake with Neptune is signed."""

import hashlib
import hmac
import re

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError

from ricordo.adapters.neptune.signing import signing, unsigned

URL = "wss://cluster.example:8182/gremlin"


def expected_signature(secret: str, date: str, token: str | None) -> str:
    """Compute SigV4 by its description: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html."""
    headers = {"host": "cluster.example:8182", "x-amz-date": date}
    if token is not None:
        headers["x-amz-security-token"] = token
    listed = "".join(f"{name}:{said}\n" for name, said in headers.items())
    canonical = ["GET", "/gremlin", "", listed, ";".join(headers), hashlib.sha256(b"").hexdigest()]
    scope = f"{date[:8]}/eu-west-1/neptune-db/aws4_request"
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}".encode(), "sha256").hex()


@pytest.mark.parametrize("token", [None, "session-token"])
def test_a_handshake_is_signed_for_the_cluster(token: str | None) -> None:
    """The signature is that of a GET on the host and port, for the service neptune-db."""
    headers = signing("eu-west-1", Credentials("AKID", "secret", token))(URL)

    said = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=AKID/\d{8}/eu-west-1/neptune-db/aws4_request,"
        r" SignedHeaders=([a-z;-]+), Signature=([0-9a-f]{64})",
        headers["Authorization"],
    )
    assert said is not None
    assert said[2] == expected_signature("secret", headers["X-Amz-Date"], token)
    assert headers.get("X-Amz-Security-Token") == token


def test_each_handshake_is_signed_with_the_credentials_of_its_time() -> None:
    """A role's credentials change; a signature is made when a connection opens."""
    credentials = Credentials("AKID", "secret", "first")
    sign = signing("eu-west-1", credentials)
    first = sign(URL)
    credentials.token = "second"

    assert (first["X-Amz-Security-Token"], sign(URL)["X-Amz-Security-Token"]) == ("first", "second")


def test_without_credentials_there_is_no_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a signature is wanted and cannot be made, nothing is sent."""
    monkeypatch.setattr("ricordo.adapters.neptune.signing.Session.get_credentials", lambda _: None)

    with pytest.raises(NoCredentialsError):
        signing("eu-west-1")(URL)


def test_a_server_without_iam_gets_no_signature() -> None:
    """A local server is asked as it is."""
    assert unsigned(URL) == {}
