"""Migrations, loads and imports, feature builds, and read-only questions."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import ConfigError, FeaturesMissing
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.adapters.warehouse.read_only_query import Answer
    from pipelines.domain.features.contract import FeatureContract
    from pipelines.domain.imports.declared import Declared
    from pipelines.domain.imports.imported import ImportedTable
    from pipelines.domain.inspection.report import Inspection
    from pipelines.steps.data.build_features import FeatureReport
    from pipelines.steps.data.load_demo import LoadReport


def migrate(installation: Installation) -> list[str]:
    """Apply the migrations that are new; the embedded server gets the user who asks questions."""
    from pipelines.adapters.local import postgres
    from pipelines.adapters.warehouse import migrations, reader_login

    applied = migrations.apply(
        installation.warehouse, installation.settings.root / "sql" / "migrations"
    )
    if installation.settings.database_url is None:
        home = installation.settings.home
        reader_login.ensure(f"{postgres.superuser_url(home)}/churn", postgres.state_folder(home))

    return applied


def unit_tests(installation: Installation, population: str) -> list[str]:
    """Run the unit tests of a population's models; return their names."""
    installation.settings.population(population)
    tested = installation.dbt_of(population).unit_tests(f"path:models/{population}")

    return sorted(node.name for node in tested.nodes)


def superuser(installation: Installation) -> str | None:
    """Return whom CHURN_DATABASE_URL logs in as, if that user may do anything on the server."""
    return installation.warehouse.superuser() if installation.settings.database_url else None


def ask(installation: Installation, query: str) -> "Answer":
    """Run one read-only query."""
    from pipelines.adapters.warehouse import read_only_query

    return read_only_query.ask(installation.reader_url, query)


def report(installation: Installation, name: str) -> "Answer":
    """Run the query of `sql/reports/NAME.sql`."""
    path = installation.settings.root / "sql" / "reports" / f"{name}.sql"

    return ask(installation, path.read_text("utf-8"))


def inspect(
    installation: Installation,
    sources: Sequence[str],
    *,
    as_of: date,
    label: str | None,
    most_rows: int,
) -> "Inspection":
    """Look at the tables of some sources; the warehouse is one, and not touched otherwise."""
    from pipelines.adapters.sources import source
    from pipelines.steps.data.inspect import inspect

    opened = [
        table
        for name in sources
        for table in source.opened(name, warehouse=lambda: installation.reader_url)
    ]

    return inspect(sources=opened, as_of=as_of, label=label, most_rows=most_rows)


def save_page(inspection: "Inspection", path: Path) -> None:
    """Write what was found as one HTML page."""
    from pipelines.adapters.files import inspection_page

    inspection_page.save(inspection, path)


def declared(installation: Installation) -> list[str]:
    """Return the populations whose sources a person has declared, by name."""
    from pipelines.adapters.files import declarations

    return declarations.names(installation.settings.project)


def declaration(installation: Installation, population: str) -> "Declared":
    """
    Return what *population* is declared to be made of.

    Raises:
        ConfigError: It is not, or what it says is not legal.
    """
    from pipelines.adapters.files import declarations

    if population in installation.settings.populations and population not in declared(installation):
        raise ConfigError(
            f"{population} declares nothing that is to be loaded: its models read tables that are "
            "in the warehouse",
            next_step=f"churn run --population {population}",
        )

    return declarations.read(installation.settings.project, population)


def import_records(
    installation: Installation,
    declared: "Declared",
    as_of: date,
    overrides: Mapping[str, str],
) -> "list[ImportedTable]":
    """
    Load the tables of a declared population.

    Args:
        installation: Whose warehouse.
        declared: The population.
        as_of: First day the rows may be used, where they do not say when they were known.
        overrides: Name of a table to the SOURCE it is read from, instead of the one declared.
    """
    from pipelines.adapters.loads.declared_tables import WarehouseDeclaredTables
    from pipelines.adapters.sources import source
    from pipelines.steps.data.import_records import import_records

    project = installation.settings.project
    named = {table.name: source.declared(table.origin, project) for table in declared.tables}

    return import_records(
        declared=declared,
        sources={
            name: source.only(where, warehouse=lambda: installation.reader_url)
            for name, where in {**named, **overrides}.items()
        },
        as_of=as_of,
        refused_rows_pct=installation.settings.imports.refused_rows_pct,
        raw=installation.raw,
        tables=WarehouseDeclaredTables(installation.warehouse),
        locks=installation.warehouse,
    )


def load_demo(
    installation: Installation,
    *,
    customers: int,
    months: int,
    seed: int,
    until: date,
    drift_from: date | None = None,
    nulls_from: date | None = None,
) -> "LoadReport":
    """Load a generated business, with a change planted where one is asked for."""
    from pipelines.demo import PlantedDrift
    from pipelines.domain.imports.declared import LOADED
    from pipelines.steps.data.load_demo import load_demo

    read = installation.settings.warehouse.raw_schema
    if read != LOADED:
        raise ConfigError(
            f"the generated business is loaded into {LOADED}, and raw_schema of [warehouse] says "
            f"that {read} is read",
            next_step=f'set raw_schema = "{LOADED}" in churn.toml for the time of the demo',
        )

    planted = None
    if drift_from is not None:
        planted = PlantedDrift(drift_from, "behaviour")
    elif nulls_from is not None:
        planted = PlantedDrift(nulls_from, "nulls")

    return load_demo(
        customers=customers,
        months=months,
        seed=seed,
        until=until,
        drift=planted,
        raw=installation.raw,
        locks=installation.warehouse,
    )


def demo_until(installation: Installation) -> date | None:
    """Return the first day that is not part of the loaded demo business, or None."""
    from pipelines.steps.data.load_demo import SOURCE

    loads = installation.raw.loads(SOURCE)

    return date.fromisoformat(loads[0].details["until"]) if loads else None


def build_features(
    installation: Installation, population: str, as_ofs: Sequence[date], known_at: date
) -> "FeatureReport":
    """Build the features of some dates, and the labels known at *known_at*."""
    from pipelines.adapters.service.now_functions import WarehouseNowFunctions
    from pipelines.steps.data.build_features import build_features

    return build_features(
        population=population,
        config=installation.settings.population(population),
        as_ofs=as_ofs,
        known_at=known_at,
        builder=installation.dbt_of(population),
        features=installation.features,
        functions=WarehouseNowFunctions(
            installation.warehouse, installation.settings.warehouse.models_schema
        ),
        locks=installation.warehouse,
    )


def build_training_snapshots(
    installation: Installation, population: str, as_of: date
) -> "FeatureReport | None":
    """
    Build the past snapshots a training at *as_of* would use, and of a log the week before it.

    Without that week no day is like the nights of a new model, and any other weekday is drift.
    Those that are there and were built to the features as they are declared now stay.
    """
    from pipelines.domain.training import snapshots

    config = installation.settings.population(population)
    label_days = config.gap_days + config.horizon_days
    latest = as_of - timedelta(days=label_days)
    wanted = set(
        snapshots.wanted(
            latest,
            every_days=config.snapshot_every_days,
            count=config.snapshots,
            label_days=label_days,
            by=config.split,
            on=table_days(installation, population, latest),
        )
    )
    is_log = population in declared(installation) and not config.is_told_at_once
    if is_log and config.snapshots_on is None:
        wanted |= {*snapshots.week_before(as_of)}
    there = wanted & set(installation.features.built(population))
    promised = contract(installation, population).fingerprint if there else None
    stale = {
        day
        for day in there
        if installation.features.contract(population, day).fingerprint != promised
    }
    missing = sorted(wanted - there | stale)

    return build_features(installation, population, missing, as_of) if missing else None


def table_days(installation: Installation, population: str, until: date) -> list[date] | None:
    """
    Return the days a training of *population* may take, up to *until*; None where any will do.

    Raises:
        FeaturesMissing: Its table has none.
    """
    from pipelines.adapters.warehouse import feature_tables
    from pipelines.domain.imports.declared import schema_of

    on = installation.settings.population(population).snapshots_on
    if on is None:
        return None
    schema, _, table = on.table.rpartition(".")
    found = feature_tables.days(
        installation.warehouse,
        schema=schema or schema_of(table, installation.settings.warehouse.raw_schema),
        table=table,
        column=on.column,
        is_raw=not schema,
        until=until,
    )
    if not found:
        raise FeaturesMissing(
            f"{on.table} has no {on.column} up to {until}, and [populations.{population}] "
            "snapshots_on says that a training takes no other days",
            next_step="choose a later --as-of, or take snapshots_on out of churn.toml",
        )

    return found


def contract(installation: Installation, population: str) -> "FeatureContract":
    """Return the feature contract as dbt declares it now."""
    model = installation.settings.population(population).feature_model

    return installation.dbt_of(population).contract(model)
