"""`docs/cost.md`, written from the figures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from infra.cost import cost
from infra.cost.prices import REGION, Price, prices
from infra.cost.usage import figures
from infra.settings import StageSettings, read_stage, stage_names

_ORDER: Final = ("dev", "test", "prod")
_COLUMNS: Final[Mapping[str, Callable[[StageSettings], list[cost.Line]]]] = {
    "idle, a month": cost.idle,
    "a million adds": cost.million_adds,
    "a million searches": cost.million_searches,
}
_ORIGINS: Final = {
    "price list": "a page that quotes AWS's price list",
    "AWS": "AWS's page",
    "others": "a page that quotes AWS",
    "memory": "**from memory**",
}
# What to change in a stage's file, and of which stage the difference is shown.
_LEVERS: Final[Sequence[tuple[str, str, Mapping[str, Any]]]] = (
    ("`[graph] enabled = false`", "prod", {"graph": {"enabled": False}}),
    ("`[graph] readers = 0`", "prod", {"graph": {"enabled": True, "readers": 0}}),
    ("`[search] nodes = 1`", "prod", {"search": {"instance": "r7g.large.search", "nodes": 1, "volume_gb": 100}}),
    ('`extractor = "rules"`', "prod", {"extractor": "rules"}),
    ("`vpc = false` and no graph", "prod", {"vpc": False, "graph": {"enabled": False}}),
    ("`waf = false`", "prod", {"waf": False}),
    ('`[search] engine = "serverless"`', "dev", {"search": {"engine": "serverless"}}),
)
_PAGE: Final = """\
# What it costs

Written by `make cost` from [`infra/cost`](../infra/cost) and the files of the stages; do not edit it. USD, list prices
of {region}, without free tiers, discounts and taxes. **Look the prices up on AWS's pages before you rely on them**: of
the {count} below {confirmed} were seen at the date told, the others are from memory. No figure is from a bill.

{summary}

A million a month is one every 2.6 seconds. Adds are inferred ones of two messages that make two memories. Storage is
counted for one month and stays to be paid. Where the search engine is a collection, most of the price of a million is
that it is awake all month: the second million costs little more, and a million within a day a thirtieth of it.

## By service

{services}

## What drives it

{drivers}

## What to change

In the file of the stage, under `infra/stages`:

{levers}

What else there is: a search that nominates less would read less of the table; fewer renewals of an add's lease would
write less; a level below `ALL` would save half of an add's logs; a domain's nodes are cheaper when reserved for a year.
A key checked less often (`key_cache_s`) saves next to nothing, and a revoked one would live longer.

Left out: traffic between zones, calls of KMS and Secrets Manager (keys and secrets are cached), the rotations of the
customer key (a dollar a month more for each of the first two), S3 (only long messages and imports lie there), cold
starts, failures, and clients that poll for the end of an event (each poll is a request).

## Prices

{prices}

## Figures of use

*Counted* in this process from requests and rows ([requests](../tests/integration/cloud/test_request_counts.py)),
*read* from the code, or *assumed*: nobody has measured those in an account yet.

{figures}
"""


def page() -> str:
    """Return the page."""
    stages = [read_stage(name) for name in sorted(stage_names(), key=_rank)]
    confirmed = sum(1 for price in prices().values() if price.seen)
    return _PAGE.format(
        region=REGION,
        count=len(prices()),
        confirmed=confirmed,
        summary=_summary(stages),
        services="\n\n".join(_services(stage) for stage in stages),
        drivers="\n".join(f"- **{stage.stage}**: {_driver(stage)}." for stage in stages),
        levers=_levers(),
        prices=_table(
            ("service", "what", "USD", "per", "seen", "where"), [_price_row(*named) for named in prices().items()]
        ),
        figures=_table(("figure", "what", ""), [(f"{one.amount:,g}", one.what, one.source) for one in figures()]),
    )


def summary(stage: StageSettings) -> list[float]:
    """Return the three sums of a stage: idle, a million adds, a million searches."""
    return [cost.total(lines(stage), prices()) for lines in _COLUMNS.values()]


def usd(amount: float) -> str:
    """Write an amount no more exactly than it is known."""
    return f"{amount:,.0f}" if abs(amount) >= 10 else f"{amount:.2f}"  # noqa: PLR2004


def _rank(stage: str) -> tuple[int, str]:
    return (_ORDER.index(stage) if stage in _ORDER else len(_ORDER), stage)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _summary(stages: Sequence[StageSettings]) -> str:
    rows = [(stage.stage, *(f"**{usd(amount)}**" for amount in summary(stage)), _made_of(stage)) for stage in stages]
    return _table(("stage", *_COLUMNS, "made of"), rows)


def _made_of(stage: StageSettings) -> str:
    search = stage.search
    engine = (
        f"{search.nodes} x {search.instance}" if search.engine == "domain" else "a collection that sleeps when idle"
    )
    graph = f"Neptune, {1 + stage.graph.readers} x {stage.graph.least_units:g} NCU" if stage.graph.enabled else ""
    extraction = stage.extractor_model if stage.extractor == "bedrock" else "extraction by rules"
    fences = [
        name
        for name, there in {"network": stage.vpc, "firewall": stage.waf, "own key": stage.customer_key}.items()
        if there
    ]
    return ", ".join(part for part in (engine, graph, extraction, *fences) if part)


def _services(stage: StageSettings) -> str:
    columns = [cost.by_service(lines(stage), prices()) for lines in _COLUMNS.values()]
    names = sorted(
        {name for column in columns for name in column}, key=lambda name: -sum(one.get(name, 0) for one in columns)
    )
    rows = [(name, *(usd(column[name]) if name in column else "" for column in columns)) for name in names]
    sums = ("**all**", *(f"**{usd(amount)}**" for amount in summary(stage)))
    return f"### {stage.stage}\n\n" + _table(("service", *_COLUMNS), [*rows, sums])


def _driver(stage: StageSettings) -> str:
    told = []
    for name, lines in _COLUMNS.items():
        sums = cost.by_service(lines(stage), prices())
        whole = sum(sums.values())
        most = ", ".join(f"{service} {100 * part / whole:.0f} %" for service, part in list(sums.items())[:3])
        told.append(f"{name}: {most}")
    return "; ".join(told)


def _levers() -> str:
    rows = []
    for change, name, fields in _LEVERS:
        before = read_stage(name)
        after = StageSettings.model_validate({**before.model_dump(), **fields})
        saved = [now - then for then, now in zip(summary(before), summary(after), strict=True)]
        rows.append((change, name, *(f"{'+' if one > 0 else ''}{usd(one)}" if round(one, 2) else "" for one in saved)))
    return _table(("change", "in", *_COLUMNS), rows)


def _price_row(name: str, price: Price) -> tuple[str, ...]:
    amount = f"{price.usd:.12f}".rstrip("0").rstrip(".")
    return price.service, name, amount, price.unit, price.seen or "to be looked up", _ORIGINS[price.origin]
