"""The index as data: its settings and its fields."""

from typing import Any, Final

from ricordo.adapters.opensearch.target import Target

MAPPING_VERSION: Final = 1  # raise it with any change below: an index of another one has to be built anew
_TOKEN: Final = {"type": "keyword", "doc_values": False}  # only ever looked for
_KEYWORD: Final = {"type": "keyword"}
_NUMBER: Final = {"type": "long"}
_FIELDS: Final = {
    "project": _TOKEN,
    "memory_id": _KEYWORD,
    "version": _NUMBER,
    "place": _KEYWORD,
    "user_id": _KEYWORD,
    "agent_id": _KEYWORD,
    "app_id": _KEYWORD,
    "run_id": _KEYWORD,
    "state": _TOKEN,
    "created_us": _NUMBER,
    "updated_us": _NUMBER,
    "expires_us": _NUMBER,  # start of the expiration; absent where there is none
    "ends_us": _NUMBER,  # end of it, or the end of time
    "categories": _KEYWORD,
    "metadata": _TOKEN,
    "words": {"type": "text", "analyzer": "whitespace", "index_options": "freqs"},
}
# A deletion must be remembered for longer than a write can be late; the engine's own 60 s are too short for that.
_SETTINGS: Final = {"gc_deletes": "1h", "refresh_interval": "1s"}


def describe(model_id: str, dimensions: int) -> dict[str, object]:
    """Return what an index says of itself, to be compared when it is opened."""
    return {"mapping": MAPPING_VERSION, "model_id": model_id, "dimensions": dimensions}


def index_body(
    target: Target, model_id: str, dimensions: int, *, shards: int = 1, replicas: int | None = None
) -> dict[str, Any]:
    """Return the body that creates the index of one embedding model.

    Texts and vectors are searched and never given back: `_source` holds only what tells whose document it is. Vectors
    are unit vectors, so the inner product orders them by cosine; faiss knows the cosine itself only from 2.19 on.
    """
    settings: dict[str, Any] = {"knn": True}
    if target.takes_settings:
        settings |= _SETTINGS | {"number_of_shards": shards}
        if replicas is not None:
            settings["number_of_replicas"] = replicas
    vector = {
        "type": "knn_vector",
        "dimension": dimensions,
        "method": {"name": "hnsw", "engine": target.engine, "space_type": "innerproduct"},
    }
    return {
        "settings": {"index": settings},
        "mappings": {
            "dynamic": "strict",
            "_meta": {"ricordo": describe(model_id, dimensions)},
            "_source": {"includes": ["project", "memory_id", "version"]},
            "properties": _FIELDS | {"vector": vector},
        },
    }
