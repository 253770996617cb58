"""A language model without language: it answers by a few plain rules, the same every time.

It reads the very request that an adapter sends, so it also proves that the request can be read.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

_BLOCK = re.compile(r"said_at: (\S{10})\S+ \(\w+\)\n<conversation>\n(.*)\n</conversation>(?:\n.*)?", re.DOTALL)
_GREETING = re.compile(r"(?:hi|hello|thanks)\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z]\w+")
_FIRST_PERSON = (("I am ", "{} is "), ("I ", "{} "), ("My ", "{}'s "))


def answer(request: str) -> dict[str, Any]:
    """Return the facts of a request: each sentence of its new messages that is no greeting and no question."""
    said_on, lines = read_request(request)
    return {"facts": [fact for line in lines if "context" not in line for fact in _facts(line, said_on)]}


def read_request(request: str) -> tuple[date, list[dict[str, Any]]]:
    """Return the day and the messages; nothing in a message ends the block it stands in."""
    assert request.count("<conversation>") == request.count("</conversation>") == 1
    block = _BLOCK.fullmatch(request)
    assert block
    return date.fromisoformat(block[1]), [json.loads(line) for line in block[2].split("\n")]


def _facts(line: dict[str, Any], said_on: date) -> Iterator[dict[str, Any]]:
    for sentence in re.split(r"(?<=[.!?])\s+", line["content"].strip()):
        if _GREETING.match(sentence) or sentence.endswith("?"):
            continue
        text = _retold(sentence, line.get("name") or line["role"].capitalize())
        day = (said_on - timedelta(days=1)).isoformat() if "yesterday" in text else ""
        yield {
            "text": text.replace("yesterday", f"on {day}"),
            "message_index": line["index"],
            "valid_from": day,
            "valid_to": day,
            "entities": [{"name": name, "type": "person"} for name in _NAME.findall(text)],
            "relations": [],
        }


def _retold(sentence: str, speaker: str) -> str:
    for first, third in _FIRST_PERSON:
        if sentence.startswith(first):
            return third.format(speaker) + sentence.removeprefix(first)
    return sentence
