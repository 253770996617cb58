"""EventBridge's rules: Lambda and Step Functions as targets, inputs, state, and where goes what cannot be delivered.

moto raises on both kinds of target, in the producer's request, and ignores the rest. Delivery here is at once, but as
on AWS it is none of the producer's business: a function that fails is invoked twice more, and what still fails goes to
the function's on-failure queue; what cannot be started goes to the target's dead-letter queue. Without one it is lost.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from jsonpath_ng.ext import parse
from moto.awslambda.utils import get_backend as functions_of
from moto.core.exceptions import ServiceException
from moto.events.models import Rule
from moto.sqs import sqs_backends
from moto.stepfunctions.responses import get_backend as state_machines_of
from moto.utilities.arns import parse_arn
from werkzeug.exceptions import HTTPException

Event = dict[str, Any]
RETRIES: Final = 2  # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_TEMPLATE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]+>')
_PLACE: Final = re.compile(r"<([^<>]+)>")


def install() -> None:
    """Repair rules for the rest of the process."""
    Rule.send_to_targets = _sending(Rule.send_to_targets)


def _sending(send_elsewhere: Any) -> Any:
    def send_to_targets(self: Any, original_event: Event, transform_input: bool = True) -> None:  # noqa: FBT001, FBT002  moto's
        if self.state == "DISABLED" or not _reaches(self, original_event):
            return
        told = _as_told(original_event, self.account_id)
        targets = self.targets
        for target in list(targets):
            if parse_arn(target["Arn"]).service in _DELIVERIES:
                _deliver(self, target, told)
            else:
                self.targets = [target]
                try:
                    send_elsewhere(self, original_event, transform_input)
                finally:
                    self.targets = targets

    return send_to_targets


def _reaches(rule: Any, event: Event) -> bool:
    """Tell whether an event is for a rule; services of AWS tell the default bus only."""
    of_aws = event["source"].startswith("aws.")
    return bool(rule.event_pattern.matches_event(event)) and not (of_aws and rule.event_bus_name != "default")


def _as_told(event: Event, account: str) -> Event:
    """Write an event as its targets get it."""
    told = {**event, "account": account}
    told.pop("ingestion-time", None)
    time = told["time"]
    if isinstance(time, int | float) or time.replace(".", "", 1).isdecimal():
        told["time"] = datetime.fromtimestamp(float(time), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if told["source"] == "aws.s3":
        told["detail"] = _object_told(told["detail"])
    return told


def _object_told(detail: Event) -> Event:
    """Name an object's fields as S3 does: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html."""
    stored = dict(detail["object"])
    stored["etag"] = stored.pop("eTag")
    if stored["version-id"] is None:
        del stored["version-id"]
    return {**detail, "object": stored}


def input_of(target: Mapping[str, Any], event: Event) -> str:
    """Write what a target is given of an event, as JSON."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_found(target["InputPath"], event))
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        found = {name: _found(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
        return _filled(transformer["InputTemplate"], found | {"aws.events.event.json": event})
    return json.dumps(event)


def _found(path: str, event: Event) -> Any:
    matches = parse(path).find(event)
    return matches[0].value if matches else None


def _filled(template: str, found: Mapping[str, Any]) -> str:
    """Put what was found in its places: JSON, or its plain text where the place is in a string."""

    def fill(match: re.Match[str]) -> str:
        text = match.group()
        if text.startswith("<"):
            return json.dumps(found.get(text[1:-1]))
        return _PLACE.sub(lambda place: json.dumps(_plain(found.get(place[1])))[1:-1], text)

    return _TEMPLATE.sub(fill, template)


def _plain(found: Any) -> str:
    if found is None:
        return ""
    return found if isinstance(found, str) else json.dumps(found)


def _deliver(rule: Any, target: Mapping[str, Any], event: Event) -> None:
    arn = parse_arn(target["Arn"])
    try:
        _DELIVERIES[arn.service](target, input_of(target, event))
    except (ServiceException, HTTPException):  # all but a few say that the target is not there
        dead_letters = target.get("DeadLetterConfig", {}).get("Arn")
        if dead_letters:
            attributes = {"RULE_ARN": rule.arn, "TARGET_ARN": target["Arn"], "ERROR_CODE": "NO_RESOURCE"}
            _send(dead_letters, json.dumps(event), attributes)


def _to_function(target: Mapping[str, Any], body: str) -> None:
    arn = parse_arn(target["Arn"])
    functions = functions_of(arn.account, arn.region)
    configured = functions.get_function(target["Arn"]).event_invoke_config
    settings = configured[0].config if configured else {}
    retries = settings.get("MaximumRetryAttempts", RETRIES)
    for _attempt in range(1 + retries):
        headers: dict[str, str] = {}
        answer = functions.invoke(target["Arn"], None, body, {}, headers)
        if "x-amz-function-error" not in headers:
            return
    on_failure = settings.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if on_failure:
        _send(on_failure, _invocation_record(target["Arn"], body, answer, 1 + retries))


def _invocation_record(function_arn: str, body: str, answer: bytes, invocations: int) -> str:
    """Tell of an event given up.

    See https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    context = {
        "functionArn": f"{function_arn}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": invocations,
    }
    return json.dumps(
        {
            "version": "1.0",
            "requestContext": context,
            "requestPayload": json.loads(body),
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": json.loads(answer),
        }
    )


def _to_state_machine(target: Mapping[str, Any], body: str) -> None:
    arn = parse_arn(target["Arn"])
    state_machines_of(arn.account, arn.region).start_execution(target["Arn"], None, body)


def _to_queue(target: Mapping[str, Any], body: str) -> None:
    _send(target["Arn"], body)


def _send(queue_arn: str, body: str, attributes: Mapping[str, str] | None = None) -> None:
    arn = parse_arn(queue_arn)
    typed = {name: {"DataType": "String", "StringValue": text} for name, text in (attributes or {}).items()}
    queues = sqs_backends[arn.account][arn.region]
    queues.send_message(queue_name=arn.resource_id, message_body=body, message_attributes=typed)


_DELIVERIES: Final = {"lambda": _to_function, "states": _to_state_machine, "sqs": _to_queue}
