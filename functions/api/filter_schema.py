"""The filter language of `domain/filter_grammar.py` as JSON Schema, for the API's description."""

from typing import Any

from ricordo.domain.scope import MAX_OWNER_ID_CHARS

Schema = dict[str, Any]
LATEST_UNIX_S = 253_402_300_799

OWNER: Schema = {
    "anyOf": [
        {"type": "string", "minLength": 1, "maxLength": MAX_OWNER_ID_CHARS, "pattern": r"\S"},
        {"type": "integer"},
    ]
}
TIME: Schema = {
    "anyOf": [
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        {"type": "number", "minimum": 0, "maximum": LATEST_UNIX_S},
    ]
}
_TEXT: Schema = {"type": "string", "minLength": 1}
_SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}


def _some(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 1}


def _operators(**operators: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {name.rstrip("_"): operand for name, operand in operators.items()},
        "additionalProperties": False,
        "minProperties": 1,
    }


_OWNER_CONDITION: Schema = {"anyOf": [OWNER, _operators(eq=OWNER, ne=OWNER, in_=_some(OWNER))]}
_TIME_CONDITION: Schema = {"anyOf": [TIME, _operators(gt=TIME, gte=TIME, lt=TIME, lte=TIME, ne=TIME, in_=_some(TIME))]}
_KEYWORD_CONDITION: Schema = {"anyOf": [_TEXT, _operators(contains=_TEXT, icontains=_TEXT)]}
_METADATA_CONDITION: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"anyOf": [_SCALAR, _operators(eq=_SCALAR, ne=_SCALAR, contains=_TEXT)]},
}
_AGAIN: Schema = {"$ref": "#/components/schemas/Filters"}

FILTERS: Schema = {
    "title": "Filters",
    "description": (
        "Conditions side by side are ANDed. An owner (user_id, agent_id, app_id or run_id) must be named"
        ' outside of NOT; "*" is any owner. At most 24 levels and 1,000 conditions.'
    ),
    "type": "object",
    "properties": {
        "AND": _some(_AGAIN),
        "OR": _some(_AGAIN),
        "NOT": {"anyOf": [_AGAIN, _some(_AGAIN)]},
        **dict.fromkeys(("user_id", "agent_id", "app_id", "run_id"), _OWNER_CONDITION),
        **dict.fromkeys(("created_at", "updated_at", "timestamp", "expiration_date"), _TIME_CONDITION),
        **dict.fromkeys(("keywords", "keywords_search", "text"), _KEYWORD_CONDITION),
        "categories": {"anyOf": [_TEXT, _some(_TEXT), _operators(in_=_some(_TEXT), contains=_TEXT)]},
        "metadata": _METADATA_CONDITION,
        "memory_ids": {"anyOf": [_some(_TEXT), _operators(in_=_some(_TEXT))]},
    },
    "additionalProperties": False,
    "examples": [
        {"user_id": "ana"},
        {
            "AND": [
                {"user_id": "ana"},
                {"metadata": {"source": "mail"}},
                {"created_at": {"gte": "2026-01-01"}},
            ]
        },
    ],
}
