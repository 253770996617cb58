"""JSONPath as Step Functions reads it.

A path that can name one place only gives what is there (moto: a list, after an index), any other gives a list (moto
fails where a filter finds nothing). See https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

import re
from functools import lru_cache
from typing import Any

from jsonpath_ng.ext import parse
from moto.stepfunctions.parser.asl.utils import json_path

from engines.cloud.repairs.seams import replace_everywhere

_INDEFINITE = re.compile(r"\*|\.\.|\[[^\]'\"]*[:,?]")
_parsed = lru_cache(1024)(parse)  # moto parses a path each time it is met


def install() -> None:
    """Repair it wherever paths are followed."""
    replace_everywhere(json_path.extract_json, extract_json)


def extract_json(path: str, data: Any) -> Any:
    """Follow a path."""
    found = [match.value for match in _parsed(path).find(data)]
    if _INDEFINITE.search(path):
        return found
    if not found:
        raise json_path.NoSuchJsonPathError(json_path=path, data=data)
    return found[0]
