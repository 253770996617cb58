"""What functions may do, beside what they were seen to do: all that they need, and nothing more without a reason."""

from collections.abc import Mapping
from typing import Final

import pytest
from support.busy_days import BusyDays
from support.needed_permissions import compared, matches
from support.policies import Permission
from support.recorded_permissions import recording
from support.requested_actions import Asked
from support.templates import STAGES, Synthesized, synthesized
from support.whole_cloud import open_whole_cloud

from infra.functions import entries

# Functions, actions, and why these are allowed although no function asks for them here.
BEYOND: Final = (
    ("*", "logs:CreateLogStream", "Lambda writes the function's log under its role"),
    ("*", "logs:PutLogEvents", "Lambda writes the function's log under its role"),
    ("*", "xray:Put*", "Lambda sends traces under the function's role"),
    ("*", "ec2:*NetworkInterface*", "Lambda makes the interfaces of a function that stands in a network"),
    ("*", "ec2:*PrivateIpAddresses", "Lambda makes the interfaces of a function that stands in a network"),
    ("*", "ec2:DescribeSubnets", "Lambda makes the interfaces of a function that stands in a network"),
    ("*", "kms:De*", "services open what is encrypted with the stage's key for whoever may use the key"),
    ("*", "kms:*crypt*", "services encrypt with the stage's key for whoever may use the key"),
    ("*", "kms:GenerateDataKey", "services encrypt with the stage's key for whoever may use the key"),
    ("*", "s3:ListBucket", "without it S3 says of a missing object that it is forbidden"),
    ("api", "s3:DeleteObject", "removes a text again whose row was not written after all: another request came first"),
    ("bulk_import.take", "s3:DeleteObject", "as in api"),
    ("receive", "s3:DeleteObject", "as in api"),
    ("ingest.begin", "s3:DeleteObject", "as in api, when the lease was lost"),
    ("ingest.extract", "s3:DeleteObject", "as in api, when the lease was lost"),
    ("ingest.fail", "s3:DeleteObject", "as in api, when the lease was lost"),
    ("project_changes.*", "dynamodb:*Stream*", "Lambda reads the stream under the consumer's role"),
    ("project_changes.*", "dynamodb:GetRecords", "Lambda reads the stream under the consumer's role"),
    ("project_changes.*", "dynamodb:GetShardIterator", "Lambda reads the stream under the consumer's role"),
    ("project_changes.*", "sqs:SendMessage", "Lambda names records that were given up under the consumer's role"),
    ("receive", "sqs:SendMessage", "Lambda sets aside events that were given up under the function's role"),
    ("sweep.vectors", "dynamodb:GetItem", "reads a row again that changed under it"),
    ("api", "aoss:DescribeIndex", "searches name an alias"),
    ("provision", "aoss:UpdateIndex", "which of them a change of aliases needs is not documented"),
    ("provision", "aoss:*CollectionItems", "which of them a change of aliases needs is not documented"),
    ("provision", "es:ESHttp*", "one grant for indexes and their aliases, to the function operators call"),
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[Asked]]:
    """What every function asked for in a few days."""
    with open_whole_cloud(tmp_path_factory.mktemp("house")) as cloud, recording(cloud) as recorder:
        BusyDays(recorder).pass_by()
        return recorder.asked


def test_every_function_was_seen_at_work(asked: Mapping[str, set[Asked]]) -> None:
    """None of them is allowed things without having been asked to do anything."""
    assert set(asked) == set(entries())


def test_whatever_a_function_asks_for_is_allowed(asked: Mapping[str, set[Asked]], stage: Synthesized) -> None:
    """In every stage, on the very resources it is told of."""
    assert compared(stage, asked).missing() == []


def test_what_is_allowed_beyond_that_has_a_reason(asked: Mapping[str, set[Asked]], stage: Synthesized) -> None:
    """What no function asked for is in the table above, or is not allowed."""
    unused = compared(stage, asked).unused()
    assert [(function, one) for function, one in unused if not _reasons(function, one)] == []


def test_every_reason_is_needed(asked: Mapping[str, set[Asked]]) -> None:
    """The table explains nothing that is not there."""
    unused = [each for name in STAGES for each in compared(synthesized(name), asked).unused()]
    given = {reason for function, permission in unused for reason in _reasons(function, permission)}
    assert given == set(BEYOND)


def test_a_permission_taken_away_is_missed(asked: Mapping[str, set[Asked]]) -> None:
    """Each one alone, of every function that has it, unless the table has another reason for it."""
    whole = compared(synthesized("prod"), asked)
    spare = whole.unused()
    for function, permissions in whole.allowed.items():
        for permission in permissions:
            if (function, permission) not in spare:
                missed = whole.without(function, permission).missing()
                assert {name for name, _ in missed} == {function}, (function, permission)


def _reasons(function: str, permission: Permission) -> list[tuple[str, str, str]]:
    return [reason for reason in BEYOND if matches(reason[0], function) and matches(reason[1], permission.action)]
