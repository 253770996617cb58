"""What a stage uses, priced: a month when nobody asks, a million adds, a million searches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from infra.cost import usage
from infra.cost.prices import Price
from infra.cost.usage import HOURS, MEMORIES, NIGHTS, SECONDS, Figure
from infra.functions import entries, size_of, workflows
from infra.settings import SearchEngine, StageSettings

MILLION: Final = 1_000_000
_KB_A_GB: Final = 1_000_000
_MB_A_GB: Final = 1024
_DAYS_A_MONTH: Final = HOURS / 24


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of something that has a price."""

    price: str
    amount: float


def total(lines: Iterable[Line], prices: Mapping[str, Price]) -> float:
    """Return the USD of some lines."""
    return sum(by_service(lines, prices).values())


def by_service(lines: Iterable[Line], prices: Mapping[str, Price]) -> dict[str, float]:
    """Return the USD of some lines by service, the most first.

    Raises:
        KeyError: a stage uses what has no price yet, e.g. another instance or model.
    """
    sums: defaultdict[str, float] = defaultdict(float)
    for line in lines:
        sums[prices[line.price].service] += line.amount * prices[line.price].usd
    return dict(sorted(sums.items(), key=lambda one: -one[1]))


def idle(stage: StageSettings) -> list[Line]:
    """Return what a month costs when nobody asks."""
    sweeps = (("sweep", usage.SWEEPS), ("sweep.vectors", usage.VECTOR_SWEEPS))
    calls = sum(times.amount for _, times in sweeps)
    return [
        *_engine_at_rest(stage),
        *_graph_at_rest(stage),
        *_watch(stage),
        *_fences(stage),
        Line("secret", 1),
        *(line for name, times in sweeps for line in _calls(name, SECONDS[name], times.amount)),
        Line("table read", calls * usage.SWEEP_READS.amount),
        Line("schedule", calls + NIGHTS),
        Line("standard transition", NIGHTS * usage.NIGHT_TRANSITIONS.amount),
        Line("trace", calls),
        *_logged(stage, calls * usage.FUNCTION_LOG_KB.amount),
    ]


def million_adds(stage: StageSettings) -> list[Line]:
    """Return what a million adds in a month cost, each carried out by the ingest workflow and projected."""
    memories = MEMORIES.amount
    writes = usage.WRITES_AN_ADD.amount + usage.WRITES_A_MEMORY.amount * memories
    reads = usage.READS_AN_ADD.amount + usage.READS_A_MEMORY.amount * memories
    seconds = _add_seconds(stage)
    workflow_s = sum(figure.amount for name, figure in seconds.items() if name.startswith("ingest."))
    consumers = [name for name in seconds if name.startswith("project_changes.")]
    logged = usage.WORKFLOW_LOG_KB.amount + usage.FUNCTION_LOG_KB.amount * (usage.STEPS.amount + len(consumers))
    return [
        *_requests(stage, "api, an add"),
        *(line for name, figure in seconds.items() for line in _calls(name, figure)),
        Line("table write", writes * MILLION),
        Line("table read", reads * MILLION),
        *_kept(stage),
        Line("express request", MILLION),
        Line("express second", workflow_s * usage.EXPRESS_GB.amount * MILLION),
        Line("bus event", memories * MILLION),
        *_embeddings(stage, memories, usage.MEMORY_TOKENS.amount * memories),
        *_extraction(stage),
        *_logged(stage, logged * MILLION),
        *_awake(stage, usage.INDEX_UNITS),
        *_graph_requests(stage, usage.GRAPH_REQUESTS_A_MEMORY.amount * memories),
    ]


def million_searches(stage: StageSettings) -> list[Line]:
    """Return what a million searches in a month cost."""
    return [
        *_requests(stage, "api, a search"),
        Line("table read", usage.READS_A_SEARCH.amount * MILLION),
        Line("transfer", usage.ANSWER_KB.amount * MILLION / _KB_A_GB),
        *_embeddings(stage, 1, usage.SEARCH_TOKENS.amount),
        *_awake(stage, usage.SEARCH_UNITS),
        *_graph_requests(stage, usage.GRAPH_REQUESTS_A_SEARCH.amount),
    ]


def alarms(stage: StageSettings) -> int:
    """Return how many metrics the alarms of a stage watch: one a function, a workflow and a consumer, and the rest."""
    return int(usage.ALARMS.amount) + len(_functions(stage)) + len(workflows()) + consumers_of(stage)


def consumers_of(stage: StageSettings) -> int:
    """Return how many follow the stream."""
    return 2 if stage.graph.enabled else 1


def _functions(stage: StageSettings) -> list[str]:
    return [name for name in _memory_gb() if stage.graph.enabled or name != "project_changes.graph"]


@cache
def _memory_gb() -> Mapping[str, float]:
    return {name: size_of(entry).memory_mb / _MB_A_GB for name, entry in entries().items()}


def _calls(function: str, seconds: Figure, times: float = MILLION) -> list[Line]:
    gb_seconds = _memory_gb()[function] * seconds.amount
    return [Line("lambda request", times), Line("lambda second", times * gb_seconds)]


def _requests(stage: StageSettings, kind: str) -> list[Line]:
    """Return a million requests: gateway, firewall, authorizer, function, their logs and traces."""
    checked = usage.CHECKED_KEYS.amount * MILLION
    logged = usage.REQUEST_LOG_KB.amount + (usage.FIREWALL_LOG_KB.amount if stage.waf else 0)
    return [
        Line("api request", MILLION),
        *([Line("firewall request", MILLION)] if stage.waf else []),
        *_calls("authorize", SECONDS["authorize"], checked),
        Line("table read", usage.READS_A_KEY.amount * checked),
        *_calls("api", SECONDS[kind]),
        Line("trace", usage.TRACES.amount * MILLION),
        *_logged(stage, logged * MILLION),
    ]


def _add_seconds(stage: StageSettings) -> dict[str, Figure]:
    """Return how long each function that an add calls behind the API takes."""
    by = "a model" if stage.extractor == "bedrock" else "rules"
    plain = ("begin", "embed", "reconcile", "commit", "finish")
    consumers = ["project_changes.index", *(["project_changes.graph"] if stage.graph.enabled else [])]
    return {
        "ingest.extract": SECONDS[f"ingest.extract, by {by}"],
        **{name: SECONDS[name] for name in (*(f"ingest.{step}" for step in plain), *consumers)},
    }


def _kept(stage: StageSettings) -> list[Line]:
    """Return what storing a million adds costs in a month, and in each month after it."""
    stored = usage.STORED_KB.amount * MILLION / _KB_A_GB
    memories = MEMORIES.amount * MILLION / _KB_A_GB
    is_collection = stage.search.engine is SearchEngine.SERVERLESS
    return [
        Line("table storage", stored),
        Line("table backup", stored),
        *([Line("search storage", usage.INDEXED_KB.amount * memories)] if is_collection else []),
        *([Line("graph storage", usage.GRAPH_KB.amount * memories)] if stage.graph.enabled else []),
    ]


def _embeddings(stage: StageSettings, vectors: float, tokens: float) -> list[Line]:
    traffic = vectors * usage.EMBEDDING_KB.amount * MILLION / _KB_A_GB
    return [
        Line(stage.embedder_model, tokens * MILLION),
        *([Line("endpoint traffic", traffic)] if stage.vpc else []),
    ]


def _extraction(stage: StageSettings) -> list[Line]:
    if stage.extractor != "bedrock":
        return []
    return [
        Line(f"{stage.extractor_model} in", usage.PROMPT_TOKENS.amount * MILLION),
        Line(f"{stage.extractor_model} out", usage.ANSWER_TOKENS.amount * MILLION),
    ]


def _logged(stage: StageSettings, kb: float) -> list[Line]:
    gb = kb / _KB_A_GB
    return [Line("log", gb), Line("log storage", gb * stage.log_days / _DAYS_A_MONTH)]


def _engine_at_rest(stage: StageSettings) -> list[Line]:
    search = stage.search
    if search.engine is SearchEngine.SERVERLESS:
        return [Line("search unit", usage.SEARCH_UNITS.amount * usage.NIGHT_AWAKE_HOURS.amount * NIGHTS)]
    return [
        Line(search.instance, search.nodes * HOURS),
        Line("search volume", search.nodes * search.volume_gb),
    ]


def _awake(stage: StageSettings, units: Figure) -> list[Line]:
    """Return a collection's units for the whole month: a million, evenly spread, never let it sleep."""
    is_collection = stage.search.engine is SearchEngine.SERVERLESS
    return [Line("search unit", units.amount * HOURS)] if is_collection else []


def _graph_at_rest(stage: StageSettings) -> list[Line]:
    if not stage.graph.enabled:
        return []
    return [Line("graph unit", (1 + stage.graph.readers) * stage.graph.least_units * HOURS)]


def _graph_requests(stage: StageSettings, each: float) -> list[Line]:
    return [Line("graph request", each * MILLION)] if stage.graph.enabled else []


def _watch(stage: StageSettings) -> list[Line]:
    metrics = usage.METRICS.amount + usage.GATEWAY_METRICS.amount
    metrics += usage.STREAM_METRICS.amount * consumers_of(stage)
    return [Line("alarm", alarms(stage)), Line("dashboard", 1), Line("metric", metrics)]


def _fences(stage: StageSettings) -> list[Line]:
    """Return key, firewall and network, where the stage has them."""
    endpoints = usage.ENDPOINTS.amount * usage.ZONES.amount
    return [
        *([Line("key", 1)] if stage.customer_key else []),
        *([Line("firewall", 1), Line("firewall rule", usage.FIREWALL_RULES.amount)] if stage.waf else []),
        *([Line("endpoint hour", endpoints * HOURS)] if stage.vpc else []),
    ]
