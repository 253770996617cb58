"""What an add and a search use, and what a stage uses when nobody asks; each figure with where it comes from.

*Counted* figures were taken in this process from the requests and rows of this version: a user's conversation of two
messages that gives two memories of 60 characters, with vectors of 1,024 numbers and one owner;
`tests/integration/cloud/test_request_counts.py` holds the requests fast. *Read* figures stand in the code of the
functions or of the stage. *Assumed* ones nobody has measured in an account yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from infra.functions import steps_of

HOURS: Final = 730.0  # of a month
MINUTES: Final = HOURS * 60
NIGHTS: Final = HOURS / 24


class Source(StrEnum):
    """Where a figure comes from."""

    COUNTED = "counted"
    READ = "read"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the model."""

    amount: float
    what: str
    source: Source


def _counted(amount: float, what: str) -> Figure:
    return Figure(amount, what, Source.COUNTED)


def _read(amount: float, what: str) -> Figure:
    return Figure(amount, what, Source.READ)


def _assumed(amount: float, what: str) -> Figure:
    return Figure(amount, what, Source.ASSUMED)


MEMORIES: Final = _assumed(2, "memories an add makes")
WRITES_AN_ADD: Final = _counted(
    42, "write units of an add: owner, event, episode, facts, and each renewal of its lease with an index"
)
WRITES_A_MEMORY: Final = _counted(19, "write units of a memory: its transaction, and that it is projected")
READS_AN_ADD: Final = _counted(20, "read units of an add, consistent")
READS_A_MEMORY: Final = _counted(8.5, "read units of a memory: what decides before it is stored, and both projections")
READS_A_SEARCH: Final = _counted(190, "read units of a search among hundreds: all it nominates and their neighbours")
READS_A_KEY: Final = _counted(1, "read units of a key that is checked")
STORED_KB: Final = _counted(10, "KB that an add and its memories take in the table and its indexes")
INDEXED_KB: Final = _assumed(10, "KB that a memory takes in a collection")
GRAPH_KB: Final = _assumed(2, "KB that a memory takes in the graph")

CHECKED_KEYS: Final = _assumed(0.05, "share of requests whose key is not known from the last minute")
SEARCH_TOKENS: Final = _assumed(15, "tokens of a question")
MEMORY_TOKENS: Final = _assumed(20, "tokens of a memory")
PROMPT_TOKENS: Final = _assumed(
    1300, "tokens a model is given to extract from: 3,900 characters of rules, the messages"
)
ANSWER_TOKENS: Final = _assumed(150, "tokens it answers with")
EMBEDDING_KB: Final = _assumed(15, "KB in which Bedrock sends a vector")
ANSWER_KB: Final = _assumed(8, "KB of a search's answer")
GRAPH_REQUESTS_A_SEARCH: Final = _assumed(5, "reads of the graph's disk in a search")
GRAPH_REQUESTS_A_MEMORY: Final = _assumed(20, "reads and writes of it for a memory")

REQUEST_LOG_KB: Final = _assumed(2, "KB a request logs: the gateway's line, the function's lines")
FIREWALL_LOG_KB: Final = _assumed(1.5, "KB the firewall logs of a request")
FUNCTION_LOG_KB: Final = _assumed(1, "KB another call of a function logs")
WORKFLOW_LOG_KB: Final = _assumed(18, "KB the ingest workflow logs: 40 entries, without what was said")
TRACES: Final = _assumed(1, "share of requests traced: at a million a month nearly each is the first of its second")

STEPS: Final = _read(len(steps_of("ingest")) - 1, "functions the ingest workflow calls for an add; `fail` is the other")
SWEEPS: Final = _read(MINUTES, "sweeps a month, one a minute")
VECTOR_SWEEPS: Final = _read(MINUTES / 5, "sweeps for missing vectors a month")
SWEEP_READS: Final = _read(4, "read units of a sweep that finds nothing: one query a shard")
NIGHT_TRANSITIONS: Final = _assumed(20, "transitions of a night, with one project in which little changed")
NIGHT_AWAKE_HOURS: Final = _assumed(0.5, "hours the nightly comparison keeps a collection awake that sleeps else")
SEARCH_UNITS: Final = _assumed(2, "units of a collection that is searched: two workers, as AWS documents, of one each")
INDEX_UNITS: Final = _assumed(1, "units of a collection that is written to: one worker")

ZONES: Final = _read(2, "zones of a network")
ENDPOINTS: Final = _read(5, "interface endpoints of a network")
FIREWALL_RULES: Final = _read(4, "rules of the firewall")
METRICS: Final = _read(4, "custom metrics, embedded in the logs or taken from them")
GATEWAY_METRICS: Final = _assumed(10, "detailed metrics of the API: five a method")
STREAM_METRICS: Final = _assumed(6, "metrics of a consumer of the stream")
ALARMS: Final = _read(8, "metrics of alarms besides those of functions, workflows and consumers")

SECONDS: Final[Mapping[str, Figure]] = {
    "api, an add": _assumed(0.06, "seconds the API takes to accept an add"),
    "api, a search": _assumed(0.15, "seconds the API takes for a search, most of it waiting for Bedrock and the index"),
    "authorize": _assumed(0.02, "seconds to check a key"),
    "ingest.begin": _assumed(0.03, "seconds to claim an add"),
    "ingest.extract, by rules": _assumed(0.06, "seconds to extract by rules"),
    "ingest.extract, by a model": _assumed(2.0, "seconds to extract by a model, waiting"),
    "ingest.embed": _assumed(0.2, "seconds to embed"),
    "ingest.reconcile": _assumed(0.03, "seconds to reconcile"),
    "ingest.commit": _assumed(0.1, "seconds to commit"),
    "ingest.finish": _assumed(0.05, "seconds to finish"),
    "project_changes.index": _assumed(0.1, "seconds to project an add's memories to the index"),
    "project_changes.graph": _assumed(0.15, "seconds to project them to the graph"),
    "sweep": _assumed(0.03, "seconds of a sweep that finds nothing"),
    "sweep.vectors": _assumed(0.05, "seconds of a sweep for vectors that finds nothing"),
}
EXPRESS_GB: Final = _read(0.0625, "GB Step Functions charges a small execution for")


def figures() -> list[Figure]:
    """Return all figures, in their order here."""
    return [value for value in globals().values() if isinstance(value, Figure)] + list(SECONDS.values())
