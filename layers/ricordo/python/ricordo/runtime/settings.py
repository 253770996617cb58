"""What an operator may set, all by environment variables; the README has the same table."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from ricordo.domain.errors import InvalidRequestError

_DEFAULT_LOG_LEVEL = "INFO"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process, each read from `RICORDO_<NAME>`.

    Attributes:
        profile: Which adapters are wired; `embedded` is one file on one machine.
        data_dir: Folder of the database, the first API key and the hashing secret.
        host: Address the local server listens on.
        port: Its port.
        processes: Handler processes of the local server for reads; each answers one request at a time.
        write_processes: The same for writes, at a lower priority.
        synchronous_messages: A verbatim add of more messages is carried out in the background.
        embedder_threads: Threads one embedding may use.
        vector_cache_mb: Memory for vectors, in each handler process.
        log_level: Least severe level that is logged.
        cors_origin: Web origin whose pages may read answers, or `*`; empty for none.
        key_secret: Hashing secret of API keys; empty means the file `key-secret` in the data folder.
        key_secret_previous: The secret before, while keys hashed with it are still in use.
        key_secret_arn: ARN of a secret of Secrets Manager that holds both, where `key_secret` is empty.
        embedder: What makes vectors: `builtin` (a model in this process), `bedrock` or `openai`.
        embedder_model: The model's name there; empty is the adapter's own choice.
        embedder_dimensions: Length of its vectors, where a model offers several; 0 is its own choice.
        extractor: What finds statements: `rules` (in this process), `bedrock` or `openai`.
        extractor_model: The model's name there.
        openai_url: Base address of a server that speaks OpenAI's API, e.g. `http://127.0.0.1:11434/v1`.
        openai_api_key: Its key, if it wants one.
        table: DynamoDB table of the `aws` profile.
        bucket: S3 bucket for what is too large for a row of it.
        opensearch_url: Address of its OpenSearch; `https` is signed, `http` is not.
        opensearch_target: `domain`, or `serverless` for a collection of OpenSearch Serverless.
        graph_url: Address of its Neptune, `wss` is signed; empty means there is no graph.
        dead_letter_queue: Address of the SQS queue for stream records that cannot be projected.
        event_bus: Name of the EventBridge bus that is told of changes; empty means nobody is.
        ingest_machine: ARN of the state machine that carries out adds; empty means a worker of `ricordo serve` does.
        forget_machine: The same for deletions of all memories of an owner.
    """

    profile: str = "embedded"
    data_dir: Path = Path(".ricordo")
    host: str = "127.0.0.1"
    port: int = 8765
    processes: int = 2
    write_processes: int = 1
    synchronous_messages: int = 100
    embedder_threads: int = 1
    vector_cache_mb: int = 128
    log_level: str = _DEFAULT_LOG_LEVEL
    cors_origin: str = ""
    key_secret: str = ""
    key_secret_previous: str = ""
    key_secret_arn: str = ""
    embedder: str = "builtin"
    embedder_model: str = ""
    embedder_dimensions: int = 0
    extractor: str = "rules"
    extractor_model: str = ""
    openai_url: str = ""
    openai_api_key: str = ""
    table: str = "ricordo"
    bucket: str = "ricordo"
    opensearch_url: str = ""
    opensearch_target: str = "domain"
    graph_url: str = ""
    dead_letter_queue: str = ""
    event_bus: str = ""
    ingest_machine: str = ""
    forget_machine: str = ""

    @property
    def database_path(self) -> Path:
        """The one file that holds everything."""
        return self.data_dir / "ricordo.db"


_BOUNDS: Mapping[str, tuple[int, int]] = {
    "port": (0, 65_535),
    "processes": (1, 64),
    "write_processes": (1, 64),
    "embedder_threads": (1, 64),
    "embedder_dimensions": (0, 4096),
}
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "profile": ("embedded", "aws"),
    "log_level": _LOG_LEVELS,
    "embedder": ("builtin", "bedrock", "openai"),
    "extractor": ("rules", "bedrock", "openai"),
    "opensearch_target": ("domain", "serverless"),
}


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"RICORDO_{name.upper()}"


def log_level(environ: Mapping[str, str] = os.environ) -> str:
    """Return the level to log at, needed before settings are read; one that is none is left to `read_settings`."""
    level = environ.get(variable_of("log_level"), "").upper()
    return level if level in _LOG_LEVELS else _DEFAULT_LOG_LEVEL


def cors_origin(environ: Mapping[str, str] = os.environ) -> str:
    """Return the web origin whose pages may read answers, asked of every answer; none of the others is read for it."""
    return environ.get(variable_of("cors_origin"), "")


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; what is not set keeps its default.

    Raises:
        InvalidRequestError: a value cannot be read; the message names the variable.
    """
    given: dict[str, str | int | Path] = {}
    for setting in fields(Settings):
        text = environ.get(variable_of(setting.name), "")
        if text:
            given[setting.name] = _read(setting.name, text, type(setting.default))
    return Settings(**given)  # type: ignore[arg-type]  # read by the type of each default


def _read(name: str, text: str, kind: type) -> str | int | Path:
    if issubclass(kind, int):
        return _read_number(name, text)
    if name in _CHOICES:
        return _read_choice(name, text)
    return Path(text) if issubclass(kind, Path) else text


def _read_choice(name: str, text: str) -> str:
    for choice in _CHOICES[name]:
        if choice.lower() == text.lower():
            return choice
    raise InvalidRequestError(f"{variable_of(name)} must be one of {', '.join(_CHOICES[name])}.")


def _read_number(name: str, text: str) -> int:
    least, most = _BOUNDS.get(name, (0, 10**9))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise InvalidRequestError(
            f"{variable_of(name)} must be a whole number from {least} to {most}, not {text[:32]!r}."
        )
    return int(text)
