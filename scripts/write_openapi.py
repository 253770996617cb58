"""Write `openapi.json` from the routes; a test compares the two."""

import json
from pathlib import Path

from functions.api.openapi import describe

FILE = Path(__file__).parent.parent / "openapi.json"


def text() -> str:
    """Return the document as it stands in the file."""
    return json.dumps(describe(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
