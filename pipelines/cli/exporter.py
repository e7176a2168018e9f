"""The command that tells Prometheus how the nights are."""

from typing import Annotated

import typer

from pipelines.wiring import service
from pipelines.wiring.installation import migrated


def register(app: typer.Typer) -> None:
    """Add the command of this module to *app*."""
    app.command()(exporter)


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
