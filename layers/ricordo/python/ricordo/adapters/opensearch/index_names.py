"""How indexes are called."""

import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndexNames:
    """The aliases of one embedding model: vectors of two models never stand in one index.

    Attributes:
        serving: What searches and writes go to.
        next: What stands for an index that is being built to serve, while there is one.
    """

    serving: str

    @classmethod
    def of_model(cls, prefix: str, model_id: str) -> "IndexNames":
        """Name the aliases of a model, within what the engine takes for a name."""
        readable = re.sub(r"[^a-z0-9]+", "-", model_id.lower()).strip("-")[:40]
        return cls(f"{prefix}-{readable}-{hashlib.blake2b(model_id.encode(), digest_size=4).hexdigest()}")

    @property
    def next(self) -> str:
        return f"{self.serving}-next"

    @property
    def generations(self) -> str:
        """Match the indexes behind both."""
        return f"{self.serving}-v*"

    def generation(self, number: int) -> str:
        """Name an index."""
        return f"{self.serving}-v{number:06d}"

    def number(self, index: str) -> int:
        """Invert `generation`."""
        return int(index.removeprefix(f"{self.serving}-v"))
