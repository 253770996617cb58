"""Tasks keep their client of Lambda: moto makes one for each, which takes longer than most steps."""

from functools import cache
from typing import Any

from moto.core.models import botocore_stubber
from moto.settings import moto_server_port
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

_make = lambda_eval_utils.boto_client_for


def install() -> None:
    """Repair tasks that invoke functions."""
    lambda_eval_utils.boto_client_for = _client_for


def _client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    del state_credentials  # moto does not use them either
    return _kept(region, service, None if botocore_stubber.enabled else moto_server_port())


@cache
def _kept(region: str, service: str, _server_port: str | None) -> Any:
    return _make(region=region, service=service)
