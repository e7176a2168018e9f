"""Training and promotion."""

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf, PopulationName
from pipelines.wiring import wire

DEFAULT = "subscribers"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    app.command()(train)
    app.command()(promote)


def train(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Train on matured labels and register the result; the first model becomes champion."""
    with output.stage(f"training {population} at {as_of}"):
        trained = wire().train(population, as_of)
    output.stdout.print(str(trained), markup=False)


def promote(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Make the challenger champion, if it beats the champion on the same later rows."""
    output.stdout.print(str(wire().promote(population, as_of)), markup=False)
