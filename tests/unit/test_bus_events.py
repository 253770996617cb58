"""Payloads of the bus are what their builder says, and the schema says which the receiver takes."""

import json

from jsonschema import Draft202012Validator
from support import bus_events, events


def test_payloads_and_schema_are_what_is_built() -> None:
    """The files are written by `python -m support.bus_events` and by nobody's hand."""
    assert events.read("receive") == bus_events.receive_events()
    assert events.read("bulk_import") == bus_events.bulk_import_events()
    assert json.loads(bus_events.SCHEMA.read_text("utf-8")) == bus_events.schema()


def test_the_schema_refuses_what_names_no_owner_or_says_nothing() -> None:
    """Whatever else is wrong with an event is not in its detail."""
    schema = Draft202012Validator(bus_events.schema())

    refused = {name for name, event in bus_events.receive_events().items() if not schema.is_valid(event["detail"])}

    assert refused == {"without_owner", "without_messages"}
