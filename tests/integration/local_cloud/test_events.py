"""Events that reach functions and workflows by rules, and what becomes of those that do not."""

import json
from typing import Any

import pytest
from support.small_account import Account

from engines.cloud import executions

RULE = "rule"
EVENT = {"Source": "ricordo.acme", "DetailType": "Asked", "Detail": json.dumps({"name": 'a "b"', "n": [1, 2]})}


def rule(account: Account, target: str, pattern: dict[str, Any] | None = None, **settings: Any) -> None:
    """Have events reach a target."""
    events = account.moto.client("events")
    events.put_rule(Name=RULE, EventPattern=json.dumps(pattern or {"source": [{"prefix": "ricordo."}]}))
    events.put_targets(Rule=RULE, Targets=[{"Id": RULE, "Arn": target, **settings}])


def put(account: Account, **fields: str) -> None:
    """Put an event, which is always taken."""
    answer = account.moto.client("events").put_events(Entries=[EVENT | fields])
    assert answer["FailedEntryCount"] == 0


def listener(account: Account) -> list[Any]:
    """Make a function `listen` that keeps what it hears."""
    heard: list[Any] = []
    account.function("listen", lambda event, _context: heard.append(event))
    return heard


def queue(account: Account) -> tuple[str, str]:
    """Make a queue; return its address and its ARN."""
    sqs = account.moto.sqs
    url = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def letters(account: Account, url: str) -> list[dict[str, Any]]:
    """Take the messages out of a queue."""
    answer = account.moto.sqs.receive_message(
        QueueUrl=url, MessageAttributeNames=["All"], MaxNumberOfMessages=10, WaitTimeSeconds=0
    )
    return list(answer.get("Messages", []))


def arn_of(account: Account, name: str) -> str:
    """Return the ARN of a function."""
    found = account.moto.client("lambda").get_function(FunctionName=name)
    return str(found["Configuration"]["FunctionArn"])


def test_function_hears_the_event(account: Account) -> None:
    """All of it, its time as text, its account named."""
    heard = listener(account)
    rule(account, arn_of(account, "listen"))
    put(account)
    put(account, Source="other.acme")
    (event,) = heard
    assert (event["source"], event["detail-type"]) == ("ricordo.acme", "Asked")
    assert event["detail"] == {"name": 'a "b"', "n": [1, 2]}
    assert event["account"] == "123456789012"
    assert event["time"].endswith("Z")
    assert "ingestion-time" not in event


def test_workflow_is_started(account: Account) -> None:
    """Each event starts an execution of its own."""
    machine = account.machine({"StartAt": "end", "States": {"end": {"Type": "Succeed"}}})
    rule(account, machine, InputPath="$.detail")
    put(account)
    put(account)
    started = [execution.wait() for execution in executions(machine)]
    assert [execution.output for execution in started] == [{"name": 'a "b"', "n": [1, 2]}] * 2


@pytest.mark.parametrize(
    ("settings", "heard"),
    [
        ({"Input": '{"fixed": 1}'}, {"fixed": 1}),
        ({"InputPath": "$.detail.n"}, [1, 2]),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"name": "$.detail.name", "n": "$.detail.n", "none": "$.detail.none"},
                    "InputTemplate": '{"name": <name>, "said": "it is <name>", "n": <n>, "none": <none>}',
                }
            },
            {"name": 'a "b"', "said": 'it is a "b"', "n": [1, 2], "none": None},
        ),
    ],
    ids=["Input", "InputPath", "InputTransformer"],
)
def test_target_is_given_what_it_asks_for(account: Account, settings: dict[str, Any], heard: Any) -> None:
    """A constant, a part, or JSON made of parts, with strings quoted where they are not in one."""
    told = listener(account)
    rule(account, arn_of(account, "listen"), **settings)
    put(account)
    assert told == [heard]


def test_disabled_rule_rests(account: Account) -> None:
    """Nothing is delivered until it is enabled."""
    heard = listener(account)
    rule(account, arn_of(account, "listen"))
    account.moto.client("events").disable_rule(Name=RULE)
    put(account)
    assert heard == []


def test_undeliverable_event_goes_to_the_dead_letters(account: Account) -> None:
    """The producer never hears of a target that is gone; its queue gets the event and says where it was to go."""
    url, arn = queue(account)
    heard = listener(account)
    gone = arn_of(account, "listen")
    account.moto.client("lambda").delete_function(FunctionName="listen")
    rule(account, gone, DeadLetterConfig={"Arn": arn})
    put(account)
    (letter,) = letters(account, url)
    assert json.loads(letter["Body"])["source"] == "ricordo.acme"
    attributes = {name: one["StringValue"] for name, one in letter["MessageAttributes"].items()}
    assert attributes["TARGET_ARN"] == gone
    assert attributes["RULE_ARN"].endswith("rule/rule")
    assert attributes["ERROR_CODE"] == "NO_RESOURCE"
    assert heard == []


def test_function_that_fails_is_asked_again(account: Account) -> None:
    """Twice more; then its on-failure queue tells what was asked and what it said."""
    url, arn = queue(account)
    fails = account.function("fail", lambda _event, _context: 1 / 0)
    account.moto.client("lambda").put_function_event_invoke_config(
        FunctionName="fail", DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    rule(account, fails)
    put(account)
    assert len(account.functions.invocations) == 3
    (letter,) = letters(account, url)
    told = json.loads(letter["Body"])
    assert told["requestPayload"]["source"] == "ricordo.acme"
    assert told["responsePayload"]["errorType"] == "ZeroDivisionError"


def test_stored_object_is_told_on_the_default_bus(account: Account) -> None:
    """A bucket that may tells of what is put into it, by name as it is; other buses hear nothing."""
    heard = listener(account)
    s3, events = account.moto.s3, account.moto.client("events")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    stored = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"object": {"key": [{"prefix": "imports/"}]}},
    }
    rule(account, arn_of(account, "listen"), stored)
    events.create_event_bus(Name="own")
    events.put_rule(Name="own", EventBusName="own", EventPattern=json.dumps(stored))
    events.put_targets(Rule="own", EventBusName="own", Targets=[{"Id": "own", "Arn": arn_of(account, "listen")}])
    s3.put_object(Bucket="bucket", Key="imports/unheard", Body=b"1")
    s3.put_bucket_notification_configuration(
        Bucket="bucket", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    s3.put_object(Bucket="bucket", Key="imports/a b+c.jsonl", Body=b"123")
    s3.put_object(Bucket="bucket", Key="exports/a", Body=b"1")
    (event,) = heard
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    assert event["detail"]["bucket"] == {"name": "bucket"}
    assert (event["detail"]["object"]["key"], event["detail"]["object"]["size"]) == ("imports/a b+c.jsonl", 3)
    assert len(event["detail"]["object"]["etag"]) == 32
