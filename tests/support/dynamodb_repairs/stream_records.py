"""Stream records as AWS writes them: one a change, none where nothing changed, in the region of the table.

moto's own would call a mapped Lambda inside the writer's request; `atomic_writes` keeps it from writing any.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamRecord, StreamShard
from moto.dynamodb.models.utilities import dynamo_to_dict
from support.aws_guard.item_values import item_size

IMAGES = {"NEW_IMAGE": ("NewImage",), "OLD_IMAGE": ("OldImage",), "NEW_AND_OLD_IMAGES": ("NewImage", "OldImage")}


def add_record(shard: StreamShard, old: Item | None, new: Item | None, *, by: Mapping[str, str] | None = None) -> None:
    """Add the record of a change, if there was one; `by` is who made it, where that was not a caller."""
    changed = new if new is not None else old
    if changed is None or (old is not None and new is not None and old.attrs == new.attrs):
        return
    table = shard.table
    images = {"NewImage": new, "OldImage": old}
    view = table.stream_specification["StreamViewType"] if table.stream_specification else "KEYS_ONLY"
    shown = {name: _attributes(item) for name in IMAGES.get(view, ()) if (item := images[name]) is not None}
    keys = {name: value for name, value in _attributes(changed).items() if name in table.table_key_attrs}
    record = {
        "eventID": uuid.uuid4().hex,
        "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": table.region_name,
        "dynamodb": {
            "ApproximateCreationDateTime": utcnow().replace(microsecond=0),
            "Keys": keys,
            **shown,
            "SequenceNumber": str(len(shard.items) + shard.starting_sequence_number),
            "SizeBytes": item_size(keys) + sum(map(item_size, shown.values())),
            "StreamViewType": view,
        },
        **({"userIdentity": dict(by)} if by else {}),
    }
    shard.items.append(_kept(record))


def _attributes(item: Item) -> dict[str, Any]:
    attributes: dict[str, Any] = dynamo_to_dict(dict(item.attrs))
    return attributes


def _kept(record: dict[str, Any]) -> StreamRecord:
    """Return moto's record with our content; its own constructor would build another."""
    kept = StreamRecord.__new__(StreamRecord)
    kept.record = record
    return kept
