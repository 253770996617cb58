"""What a cold start imports, and what of its time is ours."""

from math import inf
from pathlib import Path

import pytest
from support.cold_start import OF_GRAPH_LAYER, started

ROOT = Path(__file__).parents[2]
ENTRIES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (*(ROOT / "functions").glob("*/handler.py"), *(ROOT / "functions").glob("*/steps/*.py"))
    if path.stem != "__init__"
)
HEAVY = ("opensearchpy", "requests", *OF_GRAPH_LAYER, "onnxruntime", "tokenizers", "sqlite3")
GRAPH = "wss://graph.example:8182/gremlin"

FIRST_SEEN = """
import importlib
from ricordo.runtime.wiring import services

services()
for entry in {entries!r}:
    importlib.import_module(entry)
    for heavy in sorted({heavy!r} & sys.modules.keys()):
        print(heavy, entry)
"""


def test_no_cold_start_imports_what_few_requests_need() -> None:
    """Whatever a function's ports are: OpenSearch and the graph are imported by who asks them first, others never."""
    code = FIRST_SEEN.format(entries=ENTRIES, heavy=set(HEAVY))

    assert started(code, refused=(), RICORDO_GRAPH_URL=GRAPH)[0] == ""


ASKED = {
    "opensearchpy": "services().searching.index.nominate",
    "gremlin_python": "services().searching.graph.mentions",
}


@pytest.mark.parametrize("package", ASKED)
def test_a_port_is_imported_by_the_first_to_ask(package: str) -> None:
    """The search index needs nothing of the graph's layer."""
    code = f"from ricordo.runtime.wiring import services\n{ASKED[package]}\nprint({package!r} in sys.modules)"
    refused = OF_GRAPH_LAYER if package == "opensearchpy" else ()

    assert started(code, refused=refused, RICORDO_GRAPH_URL=GRAPH)[0] == "True\n"


OURS = """
import functions.api.handler
from ricordo.runtime.wiring import services

wired = services()
wired.events.get, wired.memories.get, wired.feed.pending
wired.searching.embedder.model_id, wired.workbench.embedder.model_id, wired.searching.index.nominate
wired.keys._table._client.meta
"""
THEIRS = """
import boto3, numpy, opensearchpy, pydantic
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from boto3.dynamodb import conditions

APIGatewayRestResolver(enable_validation=True)
boto3.client("dynamodb"), boto3.client("bedrock-runtime")
credentials = opensearchpy.Urllib3AWSV4SignerAuth(boto3.Session().get_credentials(), "eu-west-1", "es")
opensearchpy.OpenSearch("https://search.example", http_auth=credentials)
"""
MOST_OF_THEIRS = 1.4
ROUNDS = 6


def test_the_api_starts_in_little_more_than_its_packages_need() -> None:
    """With all ports made it takes at most 1.4 times the CPU of the third-party packages alone, each at its best."""
    ours = theirs = inf
    for _ in range(ROUNDS):
        ours, theirs = min(ours, started(OURS)[1]), min(theirs, started(THEIRS)[1])
        if ours <= MOST_OF_THEIRS * theirs:
            return
    pytest.fail(f"{ours:.3f} s of CPU, where its packages need {theirs:.3f} s")
