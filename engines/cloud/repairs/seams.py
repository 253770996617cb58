"""Exchange a function of moto wherever a module of it holds the name."""

import sys
from collections.abc import Callable
from typing import Any


def replace_everywhere(original: Callable[..., Any], replacement: Callable[..., Any]) -> None:
    """Put `replacement` where moto's modules hold `original` under its own name."""
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and vars(module).get(original.__name__) is original:
            setattr(module, original.__name__, replacement)
