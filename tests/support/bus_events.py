"""Events as EventBridge delivers them, one a file under `events/`, and the schema of those we take in.

`python -m support.bus_events`, run in `tests/`, writes them anew.
"""

import json
from pathlib import Path
from typing import Any

from support.events import FOLDER

from ricordo.runtime.add_fields import OWNER_FIELDS, AddBody

PROJECT = "proj_events"
EVENT_ID = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"
SCHEMA = Path(__file__).parents[2] / "docs" / "events" / "memory_add_requested.schema.json"


def bus_event(event_id: str, source: str, detail_type: str, detail: object, *resources: str) -> dict[str, Any]:
    """Build an event; it was sent at a fixed time."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": detail_type,
        "source": source,
        "account": "123456789012",
        "time": "2026-03-09T14:02:11Z",
        "region": "eu-central-1",
        "resources": list(resources),
        "detail": detail,
    }


def add_requested(detail: object, *, project: str = PROJECT, event_id: str = EVENT_ID) -> dict[str, Any]:
    """Build the event that asks for an add."""
    return bus_event(event_id, f"ricordo.client.{project}", "MemoryAddRequested", detail)


def object_created(key: str, size: int = 5_120, bucket: str = "ricordo-bodies") -> dict[str, Any]:
    """Build the event that tells of a file in the bucket.

    Shape: docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {
            "key": key,
            "size": size,
            "etag": "b1946ac92492d2347c6235b4d2611184",
            "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
            "sequencer": "00617F08299329D189",
        },
        "request-id": "N4N7GDK58NMKJ12R",
        "requester": "123456789012",
        "source-ip-address": "203.0.113.7",
        "reason": "PutObject",
    }
    return bus_event(
        "17793124-05d4-b198-2fde-7ededc63b103", "aws.s3", "Object Created", detail, f"arn:aws:s3:::{bucket}"
    )


def receive_events() -> dict[str, dict[str, Any]]:
    """Return one payload for each case the receiver distinguishes."""
    ana = {"user_id": "ana"}
    said = {"messages": [{"role": "user", "content": "I moved to Lisbon in May."}], **ana}
    return {
        "conversation": add_requested({**said, "metadata": {"channel": "support"}, "run_id": "call-17"}),
        "verbatim": add_requested({**said, "infer": False, "timestamp": "2026-03-01", "project_id": PROJECT}),
        "without_owner": add_requested({"messages": "I moved to Lisbon in May."}),
        "without_messages": add_requested(ana),
        "for_another_project": add_requested({**said, "project_id": "proj_other"}),
        "of_an_unknown_project": add_requested(said, project="proj_unknown"),
    }


def bulk_import_events() -> dict[str, dict[str, Any]]:
    """Return one payload for each way a file may be named."""
    return {
        "created": object_created(f"imports/{PROJECT}/2026/notes.jsonl"),
        "created_key_encoded": object_created(f"imports%2F{PROJECT}%2Fold+notes%2B.jsonl"),
        "created_without_project": object_created("imports/notes.jsonl"),
    }


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the detail of a `MemoryAddRequested`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **AddBody.model_json_schema(),
        "title": "MemoryAddRequested",
        "description": "The detail of an event that asks for an add: the fields of the API's add. An owner is needed.",
        "anyOf": [*({"required": [name]} for name in OWNER_FIELDS), {"required": ["filters"]}],
    }


def write() -> None:
    """Write every payload, and the schema, to its file."""
    files = {FOLDER / "receive" / f"{name}.json": event for name, event in receive_events().items()}
    files |= {FOLDER / "bulk_import" / f"{name}.json": event for name, event in bulk_import_events().items()}
    for path, content in {**files, SCHEMA: schema()}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    write()
