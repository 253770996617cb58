"""The composition root: which adapters stand behind the ports, by profile."""

from functools import cache

from ricordo.domain.errors import InvalidRequestError
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings, read_settings


@cache
def services() -> Services:
    """Wire this process's ports as the environment says, once."""
    return wire(read_settings())


def wire(settings: Settings) -> Services:
    """Wire the ports of a profile; only its own adapters are imported.

    Raises:
        InvalidRequestError: there is no such profile, or a setting of it is missing.
        StoreFormatError: the store is not ours, or newer than this program.
    """
    if settings.profile == "embedded":
        from ricordo.runtime.embedded_profile import wire_embedded  # noqa: PLC0415  the other profile has no need

        return wire_embedded(settings)
    if settings.profile == "aws":
        try:
            from ricordo.runtime.aws_profile import wire_aws  # noqa: PLC0415  the other profile has no need
        except ModuleNotFoundError as error:
            raise InvalidRequestError(f"The aws profile needs {error.name}: pip install 'ricordo[aws]'.") from error
        return wire_aws(settings)
    raise InvalidRequestError(f"RICORDO_PROFILE={settings.profile!r} is unknown; use 'embedded' or 'aws'.")
