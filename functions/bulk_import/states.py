"""What the steps of an import hand to each other, and what starts it.

| field | what it holds |
| --- | --- |
| `detail` | S3's `Object Created`, before the first cut |
| `file` | the dropped file as it was found: `key`, `size`, `version` |
| `chunks` | the page that is worked on: `start`, `end` and first `line` of each |
| `at` | where the next page begins, absent after the last |
| `results` | what came of the chunks of the page |
| `progress` | what came of all pages before |
| `error` | what a step failed with |
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from ricordo.domain.import_file import ImportFile

State = dict[str, Any]


def key_in(state: Mapping[str, Any]) -> str:
    """Return the key of the dropped file.

    EventBridge tells it plain; other ways that S3 tells of objects have it URL-encoded.
    """
    if "file" in state:
        return str(state["file"]["key"])
    key = str(state["detail"]["object"]["key"])
    return key if "/" in key else unquote_plus(key)


def file_in(state: Mapping[str, Any]) -> ImportFile:
    """Return the file as the first cut found it."""
    return ImportFile(**state["file"])
