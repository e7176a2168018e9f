"""Options that mean the same in every command."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer


def today() -> date:
    """Return the UTC date; only the command line and Airflow know what day it is."""
    return datetime.now(UTC).date()


def as_date(text: str | date) -> date:
    """Read an ISO date; typer hands the default through as it is."""
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date like 2026-11-21") from None


AsOf = Annotated[
    date,
    typer.Option(
        "--as-of",
        parser=as_date,
        default_factory=today,
        metavar="DATE",
        help="Use what happened and was known before this date, 00:00 UTC.",
        show_default="today, UTC",
    ),
]
PopulationName = Annotated[str, typer.Option("--population", help="A population of churn.toml.")]
