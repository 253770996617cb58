"""The committed description of the API is the one the routes give, and it is valid."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from functions.api.handler import app
from functions.api.openapi import describe
from ricordo.domain import limits
from ricordo.domain.filter_grammar import ALLOWED_FIELDS

FILE = Path(__file__).parent.parent.parent / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The committed document."""
    read: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return read


def test_the_file_is_what_the_routes_say(document: dict[str, Any]) -> None:
    """Whoever changes a route runs `make openapi`."""
    assert document == describe()


def test_it_is_valid_openapi(document: dict[str, Any]) -> None:
    """The document is OpenAPI 3.1, and every schema in it is JSON Schema 2020-12."""
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document).validate()
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})


def test_every_route_is_described(document: dict[str, Any]) -> None:
    """Each route has an operation with an id of its own, and every answer has a schema."""
    routes = {(route.method.lower(), route.openapi_path) for route in (*app._static_routes, *app._dynamic_routes)}
    operations = {
        (method, path if path == "/health" else path.rstrip("/")): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    assert set(operations) == routes
    assert len({operation["operationId"] for operation in operations.values()}) == len(operations)
    for operation in operations.values():
        assert "422" not in operation["responses"]
        for answer in operation["responses"].values():
            assert answer["content"]["application/json"]["schema"]


def test_links_lead_to_operations_and_their_parameters(document: dict[str, Any]) -> None:
    """Every link names an operation that exists and parameters that it has."""
    operations = {
        operation["operationId"]: operation for item in document["paths"].values() for operation in item.values()
    }
    for operation in operations.values():
        for link in operation["responses"]["200"].get("links", {}).values():
            names = {parameter["name"] for parameter in operations[link["operationId"]]["parameters"]}
            assert set(link["parameters"]) <= names


def test_limits_are_the_true_ones(document: dict[str, Any]) -> None:
    """The bounds in the document are those of `domain/limits.py`."""
    schemas = document["components"]["schemas"]
    text, _, messages = schemas["AddBody"]["properties"]["messages"]["anyOf"]
    assert text["maxLength"] == limits.MAX_CONTENT_CHARS
    assert messages["maxItems"] == limits.MAX_MESSAGES
    assert schemas["SearchBody"]["properties"]["query"]["maxLength"] == limits.MAX_QUERY_CHARS
    assert schemas["SearchBody"]["properties"]["top_k"]["anyOf"][0]["maximum"] == limits.MAX_TOP_K
    assert schemas["BatchDeleteBody"]["properties"]["memories"]["maxItems"] == limits.MAX_BATCH
    assert set(schemas["Filters"]["properties"]) == set(ALLOWED_FIELDS)
