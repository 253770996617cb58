"""What most commands begin with."""

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ricordo.domain.errors import InvalidRequestError
from ricordo.runtime.settings import Settings, read_settings, variable_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ricordo.runtime.services import Services


def embedded_settings() -> Settings:
    """Read the settings of a command that is about the one file.

    Raises:
        InvalidRequestError: the profile has none.
    """
    settings = read_settings()
    if settings.profile != "embedded":
        raise InvalidRequestError("This command is for the embedded profile; AWS has backups and checks of its own.")
    return settings


@contextmanager
def opened_services(settings: Settings | None = None) -> "Iterator[Services]":
    """Wire the services of this installation; they log warnings only, unless told otherwise."""
    from ricordo.runtime.observability import logger  # noqa: PLC0415  heavy
    from ricordo.runtime.wiring import wire  # noqa: PLC0415  heavy

    if variable_of("log_level") not in os.environ:
        logger.setLevel("WARNING")
    services = wire(settings or read_settings())
    try:
        yield services
    finally:
        services.close()
