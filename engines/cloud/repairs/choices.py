"""A Choice that looks where there is nothing fails with States.Runtime, unless it asks whether there is something."""

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_operator_type import (
    ComparisonOperatorType,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_variable import ComparisonVariable
from moto.stepfunctions.parser.asl.component.state.choice.comparison.variable import NoSuchVariable
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

_ERROR = StatesErrorNameType.StatesRuntime


def install() -> None:
    """Repair it; moto takes the default instead."""
    ComparisonVariable._eval_body = _compare  # noqa: SLF001  there is no other way in


def _compare(self: ComparisonVariable, env: Any) -> None:
    self.variable.eval(env)
    operator = getattr(self.comparison_function, "operator_type", None)
    if isinstance(env.stack[-1], NoSuchVariable) and operator != ComparisonOperatorType.IsPresent:
        cause = "Invalid path: the choice state's condition path references an invalid value."
        raise FailureEventException(
            FailureEvent(
                env=env,
                error_name=StatesErrorName(typ=_ERROR),
                event_type=HistoryEventType.TaskFailed,
                event_details=EventDetails(
                    taskFailedEventDetails=TaskFailedEventDetails(error=_ERROR.to_name(), cause=cause)
                ),
            )
        )
    self.comparison_function.eval(env)
