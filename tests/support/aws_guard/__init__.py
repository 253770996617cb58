"""A guard at every AWS client: it refuses what AWS would refuse, records calls and gives rare answers.

It works with any backend, since it stands in the client.
"""

from support.aws_guard.hooks import install, unguarded
from support.aws_guard.injected_answers import inject, leave_unprocessed
from support.aws_guard.limits import RefusedRequestError
from support.aws_guard.recorded import Call, recorded_calls

__all__ = ["Call", "RefusedRequestError", "inject", "install", "leave_unprocessed", "recorded_calls", "unguarded"]
