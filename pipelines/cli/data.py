"""Commands that bring data in, and try what is made of it: migrate, load-demo, import, test."""

from datetime import date
from typing import Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf, PopulationName, as_date, not_after_today, today
from pipelines.wiring import data, model
from pipelines.wiring.installation import installation, migrated


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    app.command()(migrate)
    app.command("load-demo")(load_demo)
    app.command("import", no_args_is_help=True)(import_records)
    app.command("test")(unit_tests)


def migrate() -> None:
    """Create or upgrade the tables."""
    found = installation("migrate")
    applied = data.migrate(found)
    output.stdout.print(f"applied: {', '.join(applied)}" if applied else "nothing to apply")
    for champion in model.record_checksums(found):
        output.stdout.print(f"{champion} is the champion on record", markup=False)
    superuser = data.superuser(found)
    if superuser is not None:
        output.warn(
            f"CHURN_DATABASE_URL logs in as {superuser}, a superuser, who may read files and run "
            "programs of the server",
            next_step="log in as a user who owns the database and has CREATEROLE, see "
            "docs/roles.md",
        )


def load_demo(
    as_of: AsOf,
    customers: Annotated[int, typer.Option(min=100, help="Customers there ever were.")] = 20_000,
    months: Annotated[
        int, typer.Option(min=6, max=240, help="Months of history before --as-of.")
    ] = 18,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same rows.")] = 7,
    drift_from: Annotated[
        date | None,
        typer.Option(parser=as_date, metavar="DATE", help="Behaviour changes from this date."),
    ] = None,
    nulls_from: Annotated[
        date | None,
        typer.Option(parser=as_date, metavar="DATE", help="A source column is NULL from here."),
    ] = None,
) -> None:
    """Generate a subscription business and load its records."""
    if drift_from is not None and nulls_from is not None:
        raise typer.BadParameter("--drift-from and --nulls-from exclude each other")
    with output.stage(f"{customers:,} customers × {months} months until {as_of}"):
        loaded = data.load_demo(
            migrated("load-demo"),
            customers=customers,
            months=months,
            seed=seed,
            until=as_of,
            drift_from=drift_from,
            nulls_from=nulls_from,
        )
    output.table(["table", "rows"], sorted(loaded.rows.items()))
    if not loaded.was_loaded:
        output.stdout.print("the same data was loaded before; nothing changed")
    if loaded.erased_rows:
        output.stdout.print(f"{loaded.erased_rows:,} rows of erased customers left out")


def import_records(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A population of sources/NAME.toml."),
    ],
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE…",
            help="Where its table lies, of several TABLE=SOURCE.",
            show_default="as declared",
        ),
    ] = None,
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of",
            parser=as_date,
            callback=not_after_today,
            metavar="DATE",
            help="First day its rows may be used, where they do not say when they were known.",
            show_default="today, UTC",
        ),
    ] = None,
) -> None:
    """
    Bring records in, once and again. What is there already changes nothing.

    A population is what its declaration says: the rows of a snapshot count as known the day
    before --as-of, those of a log when they happened, or when they came late. Rows that are none
    of their table are refused, and told.
    """
    found = installation("import")
    declared = data.declaration(found, name)
    overrides = _overrides([table.name for table in declared.tables], sources or [])
    for imported in data.import_records(migrated("import"), declared, as_of or today(), overrides):
        output.stdout.print(str(imported), markup=False)


def unit_tests(population: PopulationName = "subscribers") -> None:
    """Run the unit tests of a population's dbt models, in a schema that goes away again."""
    with output.stage(f"unit tests of {population}"):
        passed = data.unit_tests(migrated("test"), population)
    for name in passed:
        output.item(name)
    output.stdout.print(f"{len(passed)} unit tests hold")


def _overrides(tables: list[str], sources: list[str]) -> dict[str, str]:
    """Return the source that was named for each table, if one was."""
    found: dict[str, str] = {}
    for source in sources:
        table, mark, rest = source.partition("=")
        if not mark or table not in tables:
            table, rest = tables[0], source
            if len(tables) > 1:
                raise typer.BadParameter(
                    f"there are {len(tables)} tables: say TABLE=SOURCE for {', '.join(tables)}"
                )
        if table in found:
            raise typer.BadParameter(f"{table} has one source, and two are named")
        found[table] = rest

    return found
