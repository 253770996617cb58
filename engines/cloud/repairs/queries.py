"""JSONata, for which moto has no evaluator, with strings that hold quotes, and errors by their AWS name."""

import json
from collections.abc import Mapping
from typing import Any

from jsonata import JException, Jsonata
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.jsonata import jsonata

from engines.cloud.repairs.seams import replace_everywhere

_ERROR = StatesErrorNameType.StatesQueryEvaluationError


def install() -> None:
    """Repair evaluation, the variables handed to it and what comes of its errors."""
    jsonata._eval_jsonata = evaluate  # noqa: SLF001  the place moto keeps for an evaluator
    replace_everywhere(jsonata.encode_jsonata_variable_declarations, declarations)
    StringJSONata._eval_body = _naming_errors(StringJSONata._eval_body)  # noqa: SLF001  there is no other way in


def evaluate(expression: str) -> Any:
    """Evaluate an expression that needs no input: moto writes all of it into the expression."""
    try:
        return json.loads(json.dumps(Jsonata(expression).evaluate(None)))
    except (JException, TypeError, ValueError) as error:
        raise jsonata.JSONataException(_ERROR.to_name(), str(error)) from error


def declarations(bindings: Mapping[str, Any]) -> str:
    """Write variables down as JSONata; any string is quoted as JSON is."""
    return "".join(f"{name}:={json.dumps(bound, default=str)};" for name, bound in bindings.items())


def _naming_errors(eval_body: Any) -> Any:
    def named(self: StringJSONata, env: Any) -> None:
        try:
            eval_body(self, env)
        except jsonata.JSONataException as error:
            details = TaskFailedEventDetails(error=_ERROR.to_name(), cause=error.details)
            raise FailureEventException(
                FailureEvent(
                    env=env,
                    error_name=StatesErrorName(typ=_ERROR),
                    event_type=HistoryEventType.TaskFailed,
                    event_details=EventDetails(taskFailedEventDetails=details),
                )
            ) from error

    return named
