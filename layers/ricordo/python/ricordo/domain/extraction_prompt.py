"""What a model is asked when it extracts facts.

The instructions are a file, `prompts/extract_v1.md`; a change of wording is a new file. The conversation is
given as data: JSON, one line a message, in which no text can end the block it stands in.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, Final

from ricordo.domain.episode_windows import Line, Window
from ricordo.domain.graph import EntityType
from ricordo.domain.moments import iso

INSTRUCTIONS: Final = "extract_v1"


@dataclass(frozen=True, slots=True)
class Prompt:
    """Instructions for the system's part, and the request of the user's part."""

    system: str
    request: str


def prompt_for(window: Window, said_at: datetime, *, complaint: str | None = None) -> Prompt:
    """Ask for the facts of a window; `complaint` says what was wrong with the answer before."""
    lines = [*(_line(line, is_context=True) for line in window.context), *map(_line, window.lines)]
    parts = [f"said_at: {iso(said_at)} ({said_at:%A})", "<conversation>", *lines, "</conversation>"]
    if complaint:
        parts.append(f"Your answer before this one was refused: {complaint} Answer again, with all facts.")
    return Prompt(_instructions(), "\n".join(parts))


def answer_schema(*, is_closed: bool) -> dict[str, Any]:
    """Return the JSON Schema of an answer.

    Closed objects, which name their properties and allow no other, are what OpenAI's strict mode wants;
    Amazon Nova takes no other keyword than type, properties and required.
    https://docs.aws.amazon.com/nova/latest/userguide/tool-use-definition.html
    """
    text = {"type": "string"}
    entity_type = {"type": "string", "enum": [kind.value for kind in EntityType]}

    def listed(properties: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": "array", "items": _object(properties, is_closed=is_closed)}

    facts = listed(
        {
            "text": text,
            "message_index": {"type": "integer"},
            "valid_from": text,
            "valid_to": text,
            "entities": listed({"name": text, "type": entity_type}),
            "relations": listed({"source": text, "type": text, "target": text}),
        }
    )
    return _object({"facts": facts}, is_closed=is_closed)


def _object(properties: Mapping[str, Any], *, is_closed: bool) -> dict[str, Any]:
    opened = {"type": "object", "properties": dict(properties), "required": list(properties)}
    return {**opened, "additionalProperties": False} if is_closed else opened


@cache
def _instructions() -> str:
    return resources.files("ricordo.domain").joinpath("prompts", f"{INSTRUCTIONS}.md").read_text("utf-8")


def _line(line: Line, *, is_context: bool = False) -> str:
    fields = {"index": line.index, "role": line.role.value, "name": line.name, "content": line.content}
    given = {key: value for key, value in fields.items() if value is not None} | (
        {"context": True} if is_context else {}
    )
    # No text may look like the end of the block.
    return json.dumps(given, ensure_ascii=False).replace("<", "\\u003c")
