"""How long a call of an AWS service may take."""

from contextlib import closing

import pytest

from ricordo.local.gateway import TIMEOUT_S
from ricordo.runtime.aws_clients import client


@pytest.mark.parametrize("service", ["dynamodb", "s3", "sqs"])
def test_a_service_that_hangs_is_given_up_before_the_gateway_gives_up(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All attempts of a call and the longest pauses between them fit into the time of a request."""
    for name in ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "eu-central-1")
    with closing(client(service)) as made:
        config = made.meta.config
    attempts = config.retries["total_max_attempts"]
    pauses_s = sum(2**retry for retry in range(attempts - 1))

    assert attempts * max(config.connect_timeout, config.read_timeout) + pauses_s < TIMEOUT_S
