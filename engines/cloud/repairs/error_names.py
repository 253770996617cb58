"""States.ALL matches all errors but the two that end an execution.

See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType

_NEVER_ALL = {StatesErrorNameType.StatesStatesDataLimitExceeded.to_name(), StatesErrorNameType.StatesRuntime.to_name()}


def install() -> None:
    """Repair retriers and catchers."""
    ErrorEqualsDecl._eval_body = _sparing_the_last(ErrorEqualsDecl._eval_body)  # noqa: SLF001  no other way in


def _sparing_the_last(eval_body: Any) -> Any:
    def matches(self: ErrorEqualsDecl, env: Any) -> None:
        error = getattr(env.stack[-1], "error_name", None)
        named = {getattr(name, "error_name", None) for name in self.error_names}
        if error in _NEVER_ALL and error not in named:
            env.stack[-1] = False
        else:
            eval_body(self, env)

    return matches
