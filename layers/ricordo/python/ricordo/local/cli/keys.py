"""`ricordo keys`: create, list, revoke and rotate API keys."""

from typing import TYPE_CHECKING, Annotated

import typer

from ricordo.domain.api_key import Token, parse_token
from ricordo.domain.errors import UnauthorizedError
from ricordo.domain.ids import KeyId
from ricordo.domain.moments import iso
from ricordo.domain.project import AccessRole, ApiKey
from ricordo.local.cli.session import opened_services
from ricordo.local.cli.terminal import note, show_json
from ricordo.runtime.first_start import first_project, key_file
from ricordo.runtime.key_secret import peppers_of, write_private
from ricordo.usecases.create_key import create_key, rotate_key

if TYPE_CHECKING:
    from ricordo.runtime.services import Services

app = typer.Typer(help="Create, list, revoke and rotate API keys.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
GivenKeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="The id, as `ricordo keys list` shows it.")]


@app.command()
def create(
    *,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "unnamed",
    role: Annotated[
        AccessRole, typer.Option(help="An owner's key may write, a reader's only read.")
    ] = AccessRole.OWNER,
    as_json: AsJson = False,
) -> None:
    """Create a key and print it; it cannot be shown again."""
    with opened_services() as services:
        token = create_key(
            first_project(services).project_id,
            name=name,
            role=role,
            keys=services.keys,
            projects=services.projects,
            pepper=peppers_of(services.settings)[0],
            clock=services.clock,
        )
    _show_token(token, as_json=as_json)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the keys, oldest first, without their secrets."""
    with opened_services() as services:
        keys = [_fields(key) for key in services.keys.list()]
    if as_json:
        show_json(keys)
        return
    row = "{:<16}  {:<6}  {:<20.20}  {:<20}  {}"
    typer.echo(row.format("ID", "ROLE", "NAME", "CREATED", "REVOKED"))
    for key in keys:
        typer.echo(
            row.format(
                key["id"],
                key["role"],
                key["name"],
                str(key["created_at"])[:19] + "Z",
                key["revoked_at"] or "-",
            )
        )


@app.command()
def revoke(key_id: GivenKeyId, *, as_json: AsJson = False) -> None:
    """Revoke a key; requests with it are refused from now on."""
    with opened_services() as services:
        services.keys.revoke(KeyId(key_id), at=services.clock.now())
        key = services.keys.get(KeyId(key_id))
        writers = [one for one in services.keys.list() if not one.revoked_at and one.role is AccessRole.OWNER]
    if as_json:
        show_json(_fields(key))
    else:
        typer.echo(f"Revoked {key_id}.")
    if not writers:
        note("No key that may write is left; make one with: ricordo keys create")


@app.command()
def rotate(key_id: GivenKeyId, *, as_json: AsJson = False) -> None:
    """Replace a key by a new one with its name and role, and print that."""
    with opened_services() as services:
        token = rotate_key(
            KeyId(key_id),
            keys=services.keys,
            projects=services.projects,
            pepper=peppers_of(services.settings)[0],
            clock=services.clock,
        )
        _keep_in_file(KeyId(key_id), token, services)
    _show_token(token, as_json=as_json)


def _keep_in_file(old: KeyId, token: Token, services: "Services") -> None:
    """Write the new token where the old one was kept."""
    place = key_file(services)
    try:
        kept = parse_token(place.read_text("utf-8").strip()).key_id
    except (FileNotFoundError, UnauthorizedError):
        return
    if kept == old:
        write_private(place, token.reveal())
        note(f"Wrote it to {place}")


def _show_token(token: Token, *, as_json: bool) -> None:
    if as_json:
        show_json({"id": token.key_id, "api_key": token.reveal()})
    else:
        typer.echo(token.reveal())


def _fields(key: ApiKey) -> dict[str, str | None]:
    return {
        "id": key.key_id,
        "name": key.name,
        "role": key.role.value,
        "created_at": iso(key.created_at),
        "revoked_at": iso(key.revoked_at) if key.revoked_at else None,
    }
