"""Commands about the keys of programs that ask the service: `churn keys …`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import as_population
from pipelines.domain.access.keys import EVERY, ROUTES
from pipelines.wiring import service
from pipelines.wiring.installation import migrated

LEGAL_ROUTES = (*ROUTES, EVERY)

group = typer.Typer(help="Keys of programs that ask the service.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    for command in (create, revoke):
        group.command()(command)
    group.command("list")(list_)
    app.add_typer(group, name="keys")


def as_route(name: str) -> str:
    """Read a kind of route."""
    if name not in LEGAL_ROUTES:
        raise typer.BadParameter(f"{name!r} is no kind of route; legal: {', '.join(LEGAL_ROUTES)}")

    return name


def as_whom(name: str) -> str:
    """Read whom a key is for: a population of churn.toml, or everybody."""
    return name if name == EVERY else as_population(name)


def create(
    name: Annotated[str, typer.Argument(help="Who or what it is for.", metavar="NAME")],
    populations: Annotated[
        list[str],
        typer.Option(
            "--population",
            parser=as_whom,
            metavar="NAME",
            help="A population it may ask about, or *; again for more.",
        ),
    ],
    routes: Annotated[
        list[str],
        typer.Option(
            "--route",
            parser=as_route,
            metavar="KIND",
            help=f"What it may ask: {', '.join(ROUTES)} or *; again for more.",
        ),
    ],
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days until it expires.")] = 90,
    per_hour: Annotated[
        int, typer.Option(min=1, max=2_000_000_000, help="Requests let in an hour.")
    ] = 10_000,
) -> None:
    """Make a key, and show it this once; nobody can tell it again."""
    if not name.strip() or not name.isprintable() or len(name) > 200:
        raise typer.BadParameter("a name is 1 to 200 letters, digits, signs and spaces")
    key, shown = service.create_key(
        migrated("keys"),
        name=name.strip(),
        routes=routes,
        populations=populations,
        requests_an_hour=per_hour,
        expires_at=datetime.now(UTC) + timedelta(days=days),
    )
    output.stdout.print(shown, markup=False)
    output.stderr.print(
        f"key {key.api_key_id} for {', '.join(key.routes)} of {', '.join(key.populations)}, "
        f"{key.requests_an_hour:,} requests an hour, until {key.expires_at:%Y-%m-%d %H:%M} UTC. "
        "Keep it where secrets are: it is shown this once.",
        markup=False,
    )


def list_() -> None:
    """List the keys there ever were; never what their holders show."""
    now = datetime.now(UTC)
    columns = (
        *("key", "name", "state", "routes", "populations", "an hour", "created", "by", "expires"),
    )
    rows = [
        (
            key.api_key_id,
            key.name,
            key.state(now),
            ", ".join(key.routes),
            ", ".join(key.populations),
            key.requests_an_hour,
            f"{key.created_at:%Y-%m-%d}",
            key.created_by,
            f"{key.expires_at:%Y-%m-%d}",
        )
        for key in service.keys(migrated("keys"))
    ]
    output.table(columns, rows)


def revoke(
    number: Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="As `list` has it.")],
) -> None:
    """Refuse a key from its next request on; it stays listed."""
    key = service.revoke_key(migrated("keys"), number)
    if key is None:
        raise typer.BadParameter(f"there is no key {number}; `churn keys list` has those there are")
    output.stdout.print(f"key {key.api_key_id} ({key.name}) is revoked", markup=False)
