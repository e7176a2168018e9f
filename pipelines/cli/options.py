"""Options that mean the same in every command."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

# Wide enough for any business, and far from where adding a horizon leaves the calendar.
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


def today() -> date:
    """Return the UTC date; only the command line and Airflow know what day it is."""
    return datetime.now(UTC).date()


def as_date(text: str | date) -> date:
    """Read an ISO date; typer hands the default through as it is."""
    if isinstance(text, date):
        return text
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date like 2026-11-21") from None
    if not FIRST <= found <= LAST:
        raise typer.BadParameter(f"{text!r} is not a date from {FIRST} to {LAST}")

    return found


def not_after_today(context: typer.Context, value: date | None) -> date | None:
    """Refuse a date after today's in UTC, unless `churn --future` says that it is meant."""
    if value is None or value <= today() or context.find_root().params["is_future"]:
        return value
    words = f"churn --future {context.info_name} …"

    raise typer.BadParameter(f"{value} is after today, {today()} UTC; if that is meant: {words}")


def as_population(name: str) -> str:
    """Return the name of a population of churn.toml; ConfigError with the list for any other."""
    from pipelines import settings  # noqa: PLC0415  `--help` reads none

    settings.load().population(name)

    return name


AsOf = Annotated[
    date,
    typer.Option(
        "--as-of",
        parser=as_date,
        callback=not_after_today,
        default_factory=today,
        metavar="DATE",
        help="Use what happened and was known before this date, 00:00 UTC; such as 2026-11-21.",
        show_default="today, UTC",
    ),
]
PopulationName = Annotated[
    str,
    typer.Option(
        "--population", callback=as_population, metavar="NAME", help="A population of churn.toml."
    ),
]
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE…",
        help="csv, parquet, json or xlsx (book.xlsx#Sheet), a folder of them, "
        "a database's URL#table, warehouse#schema.table.",
    ),
]
