"""The commands that answer programs between two nights, and monitors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from pipelines.wiring import service
from pipelines.wiring.installation import migrated


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    for command in (serve, exporter):
        app.command()(command)


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 is every one of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes one that is free.")] = 8500,
    tls_certificate: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="PEM; with its chain."),
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="PEM; its key.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Answer of now what the night of this date would; else of the day that comes.",
        ),
    ] = None,
) -> None:
    """
    Answer programs by HTTP until SIGTERM: published scores, and scores of what they send.

    One process; start more of them behind a proxy. Who asks needs a key (`churn keys`).
    """
    if (tls_certificate is None) != (tls_key is None):
        raise typer.BadParameter("--tls-certificate and --tls-key go together")
    found = migrated("serve")
    from pipelines.api import parts, server  # noqa: PLC0415  it takes a second

    made = parts.made(
        service.collaborators(found),
        found.settings.service,
        [*found.settings.populations],
        found.settings.tiers,
        is_for_everyone=found.settings.reasons.for_everyone,
        tonight=lambda: as_of.date() if as_of else datetime.now(UTC).date() + timedelta(days=1),
    )
    server.serve(made, host=host, port=port, certificate=tls_certificate, key=tls_key)


def exporter(
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 is every one of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes one that is free.")] = 8501,
) -> None:
    """
    Tell Prometheus of the nights until SIGTERM: age and tiers of lists, gates, drift, outcomes.

    Nothing it tells is about one customer. It asks for no key: keep it where monitors are.
    """
    found = migrated("exporter")
    from pipelines.api.exporter import server  # noqa: PLC0415  it takes a moment

    server.serve(service.night_figures(found), host=host, port=port)
