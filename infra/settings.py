"""What a stage is: one frozen model, one file a stage under `stages/`, nothing looked up and nothing from the shell."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal, Self

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from pydantic import BaseModel, ConfigDict, Field, model_validator

SERVICE: Final = "ricordo"
STAGES: Final = Path(__file__).parent / "stages"
_RETENTION: Final = {
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SearchEngine(StrEnum):
    """What kind of OpenSearch holds the index."""

    DOMAIN = "domain"
    SERVERLESS = "serverless"


class SearchSettings(_Frozen):
    """The search engine; instance, nodes and volume are a domain's, units a collection's.

    Attributes:
        engine: A domain, or a collection of OpenSearch Serverless.
        instance: Type of a domain's nodes.
        nodes: How many of them; two or more lie in two zones.
        volume_gb: Disk of each node.
        most_units: Compute units (OCU) a collection may grow to, for searches and for writes each.
    """

    engine: SearchEngine = SearchEngine.DOMAIN
    instance: str = "t3.small.search"
    nodes: int = Field(1, ge=1, le=10)
    volume_gb: int = Field(10, ge=10)
    most_units: int = Field(4, ge=2)


class GraphSettings(_Frozen):
    """The graph; a stage without one loses what the graph adds to a search, nothing else.

    Attributes:
        enabled: Whether there is one. Neptune Serverless cannot sleep: it costs about 117 USD a month idle.
        least_units: Capacity units (NCU) it shrinks to.
        most_units: Units it may grow to.
        readers: Instances besides the writer, each in another zone.
    """

    enabled: bool = False
    least_units: float = Field(1.0, ge=1, le=128)
    most_units: float = Field(2.5, ge=2.5, le=128)
    readers: int = Field(0, ge=0, le=15)


class StageSettings(_Frozen):
    """One stage.

    Attributes:
        stage: Its name; part of every name and the prefix of the API's paths.
        retain: Keep table, bucket, secret, key, index and graph when the stage is destroyed, and guard them.
        customer_key: Encrypt with a key of the account's own instead of AWS's.
        vpc: Put search, graph and the functions that speak to them into a network of their own.
        waf: Put a web application firewall before the API.
        log_days: How long logs are kept: 7, 14, 30, 90 or 365.
        key_cache_s: How long API Gateway may trust a key it has checked: a revoked key lives so much longer at most.
        requests_per_s: Requests a second the API takes in the long run; more is a 429.
        burst_requests: Requests it takes at once.
        cors_origin: Web origin whose pages may call the API, or `*`; empty for none.
        domain_name: A name of the API's own, e.g. `memory.example.com`; its DNS record is the owner's to set.
        certificate_arn: ACM certificate for that name, in the stage's region.
        alarm_email: Who is told of alarms; empty for nobody.
        consolidate_hour: Hour (UTC) of the nightly consolidation.
        embedder_model: Bedrock model that makes vectors.
        embedder_dimensions: Length of its vectors.
        extractor: `rules`, or `bedrock` for a model.
        extractor_model: The model's id, or that of an inference profile.
        search: The search engine.
        graph: The graph.
    """

    stage: str = Field(pattern=r"^[a-z][a-z0-9]{1,11}$")
    retain: bool = False
    customer_key: bool = False
    vpc: bool = False
    waf: bool = False
    log_days: Literal[7, 14, 30, 90, 365] = 14
    key_cache_s: int = Field(60, ge=0, le=3600)
    requests_per_s: int = Field(50, ge=1)
    burst_requests: int = Field(100, ge=1)
    cors_origin: str = Field("", pattern=r"^(\*|https?://[A-Za-z0-9.:-]+)?$")
    domain_name: str = ""
    certificate_arn: str = ""
    alarm_email: str = ""
    consolidate_hour: int = Field(3, ge=0, le=23)
    embedder_model: str = "amazon.titan-embed-text-v2:0"
    embedder_dimensions: Literal[256, 512, 1024] = 1024
    extractor: Literal["rules", "bedrock"] = "rules"
    extractor_model: str = ""
    search: SearchSettings = SearchSettings()
    graph: GraphSettings = GraphSettings()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.extractor == "bedrock" and not self.extractor_model:
            raise ValueError('extractor = "bedrock" needs extractor_model')
        if bool(self.domain_name) is not bool(self.certificate_arn):
            raise ValueError("domain_name and certificate_arn go together")
        if self.vpc and self.search.engine is SearchEngine.SERVERLESS:
            raise ValueError("a collection is reached without a network: vpc = true goes with a domain")
        return self

    @property
    def prefix(self) -> str:
        """What names of this stage begin with."""
        return f"{SERVICE}-{self.stage}"

    @property
    def removal(self) -> RemovalPolicy:
        """What becomes of what holds memories when its stack goes."""
        return RemovalPolicy.RETAIN if self.retain else RemovalPolicy.DESTROY

    @property
    def retention(self) -> logs.RetentionDays:
        """How long logs are kept."""
        return _RETENTION[self.log_days]


def stage_names() -> list[str]:
    """Return the stages there are files of."""
    return sorted(path.stem for path in STAGES.glob("*.toml"))


def read_stage(name: str) -> StageSettings:
    """Read a stage's file.

    Raises:
        ValueError: there is no such stage, or its file says something that cannot be.
    """
    path = STAGES / f"{name}.toml"
    if name not in stage_names():
        raise ValueError(f"There is no stage {name!r}; there are {', '.join(stage_names())}.")
    return StageSettings.model_validate({"stage": name, **tomllib.loads(path.read_text("utf-8"))})
