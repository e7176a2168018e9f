"""Getting data in, building features from it, and asking."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.adapters.warehouse.read_only_query import Answer
    from pipelines.domain.features.contract import FeatureContract
    from pipelines.steps.build_features import FeatureReport
    from pipelines.steps.import_file import Imported
    from pipelines.steps.load_demo import LoadReport


def migrate(here: Installation) -> list[str]:
    """Apply the migrations that are new; the embedded server gets the user who asks questions."""
    from pipelines.adapters.local import postgres
    from pipelines.adapters.warehouse import migrations, reader_login

    applied = migrations.apply(here.warehouse, here.settings.root / "sql" / "migrations")
    if here.settings.database_url is None:
        reader_login.ensure(here.warehouse.url, postgres.state_folder(here.settings.home))

    return applied


def ask(here: Installation, query: str) -> "Answer":
    """Run one read-only query."""
    from pipelines.adapters.warehouse import read_only_query

    return read_only_query.ask(here.reader_url, query)


def import_telco(here: Installation, path: Path, as_of: date) -> "Imported":
    """Import IBM's telco customers."""
    return _import(here, "telco", path, as_of)


def import_retail(here: Installation, path: Path) -> "Imported":
    """Import the UCI Online Retail invoices."""
    return _import(here, "retail", path, None)


def _import(here: Installation, source: str, path: Path, as_of: date | None) -> "Imported":
    from pipelines.adapters.files import data_files
    from pipelines.domain.imports.files import SOURCES
    from pipelines.steps.import_file import import_file

    return import_file(
        warehouse=here.warehouse,
        files=data_files,
        source=SOURCES[source],
        path=path,
        as_of=as_of,
        raw_schema=here.settings.warehouse.raw_schema,
    )


def load_demo(
    here: Installation,
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
    from pipelines.steps.load_demo import load_demo

    planted = None
    if drift_from is not None:
        planted = PlantedDrift(drift_from, "behaviour")
    elif nulls_from is not None:
        planted = PlantedDrift(nulls_from, "nulls")

    return load_demo(
        warehouse=here.warehouse,
        customers=customers,
        months=months,
        seed=seed,
        until=until,
        drift=planted,
        raw_schema=here.settings.warehouse.raw_schema,
    )


def demo_until(here: Installation) -> date | None:
    """Return the first day that is not part of the loaded demo business, or None."""
    rows = here.warehouse.rows(
        "select cast(details ->> 'until' as date) from raw.loads where source = 'demo'"
    )

    return rows[0][0] if rows else None


def build_features(
    here: Installation, population: str, as_ofs: Sequence[date], known_at: date
) -> "FeatureReport":
    """Build the features of some dates, and the labels known at *known_at*."""
    from pipelines.steps.build_features import build_features

    return build_features(
        population=population,
        config=here.settings.population(population),
        as_ofs=as_ofs,
        known_at=known_at,
        builder=here.dbt,
        builds=here.features,
        locks=here.warehouse,
    )


def build_training_snapshots(
    here: Installation, population: str, as_of: date
) -> "FeatureReport | None":
    """Build the past snapshots a training at *as_of* would use, those that are not there."""
    config = here.settings.population(population)
    latest = as_of - timedelta(days=config.gap_days + config.horizon_days)
    wanted = {
        latest - timedelta(days=config.snapshot_every_days * back)
        for back in range(config.snapshots)
    }
    missing = sorted(wanted - set(here.features.built(population)))

    return build_features(here, population, missing, as_of) if missing else None


def contract(here: Installation, population: str) -> "FeatureContract":
    """Return the feature contract as dbt declares it now."""
    return here.dbt.contract(here.settings.population(population).feature_model)
