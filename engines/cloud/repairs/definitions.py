"""A definition is parsed once: moto parses it at each start, which takes longer than a short execution.

What comes of it holds no state; all that changes is in an execution's environment.
"""

from functools import lru_cache

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser


def install() -> None:
    """Repair the parser."""
    AmazonStateLanguageParser.parse = staticmethod(lru_cache(256)(AmazonStateLanguageParser.parse))
