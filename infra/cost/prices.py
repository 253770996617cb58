"""The prices, each with where it comes from."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

REGION: Final = "us-east-1"
_TABLE: Final = Path(__file__).with_name("prices.toml")


class Price(BaseModel):
    """What one unit costs.

    Attributes:
        seen: When it was last read, as exactly as is known; empty if it was written from memory.
        origin: Where it was read: quoted from AWS's price list, on AWS's own page, or on a page of others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    usd: float
    unit: str
    service: str
    seen: str = ""
    origin: Literal["price list", "AWS", "others", "memory"] = "memory"


@cache
def prices() -> Mapping[str, Price]:
    """Read the table of prices."""
    return {name: Price(**fields) for name, fields in tomllib.loads(_TABLE.read_text("utf-8")).items()}
