from typing import Any

import boto3
from botocore.config import Config

_CONNECT_TIMEOUT_S = 3.0


def bedrock_client(
    *,
    region: str | None = None,
    timeout_s: float = 30.0,
    connections: int = 16,
    endpoint_url: str | None = None,
    session: boto3.session.Session | None = None,
) -> Any:
    """Make a client for this package's adapters: it does not try again by itself, they do.

    A try may outlast the time left by `timeout_s`, the longest silence of the server. `connections` should be
    the parallel calls of all adapters that share the client. Region and credentials are found as boto3 finds
    them, unless they are given.
    """
    config = Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=timeout_s,
        max_pool_connections=connections,
        retries={"total_max_attempts": 1},
    )
    session = session or boto3.session.Session()
    return session.client("bedrock-runtime", region_name=region, endpoint_url=endpoint_url, config=config)
