"""A small population beside the house's, one row a customer, in a project of `churn new`."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from pipelines.adapters.dbt import own_project
from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.files.project_folder import ProjectFolder
from pipelines.adapters.loads.declared_tables import WarehouseDeclaredTables
from pipelines.adapters.scaffolds import flat_models
from pipelines.adapters.tables.raw import WarehouseRawTables
from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import Feature
from pipelines.domain.imports.declared import Declared, DeclaredColumn, DeclaredTable
from pipelines.domain.scaffolds.facts import FactFeature
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.settings import ROOT
from pipelines.steps.data.import_records import import_records
from pipelines.testing.sources import MemorySourceTable

NAME = "trial"
FEATURES, LABELS = "fct_trial_features", "fct_trial_labels"
TABLE = DeclaredTable(
    population=NAME,
    name="customers",
    origin="trial.csv",
    holds="snapshot",
    columns=(
        DeclaredColumn("customer_id", "Id", "text"),
        DeclaredColumn("fee_eur", "Fee", "number"),
        DeclaredColumn("churn", "Churn", "text"),
    ),
    label="churn",
)
POPULATION = FlatPopulation(
    table=TABLE,
    gone="yes",
    features=(FactFeature(Feature("fee_eur", "numeric", "fee", nullable=True), "fee_eur", "Fee."),),
    bounds={},
)
HOUSE = ROOT / "dbt_project"


def write(project: Path) -> Path:
    """Write the project of the population into a folder; return that."""
    files, section = flat_models.render(POPULATION), flat_models.section(POPULATION)
    ProjectFolder(project).put(NAME, files, section)

    return project


def dbt(project: Path, url: str, state: Path) -> Dbt:
    """Return what builds the models of a project that was written."""
    return Dbt(own_project.root(project, HOUSE), url, "analytics", state, house_dir=HOUSE)


def load(warehouse: Warehouse, as_of: date, fees: Mapping[str, float]) -> None:
    """Let all customers there are be these, each with a fee, as known before *as_of*."""
    rows = {"Id": [*fees], "Fee": [*map(str, fees.values())], "Churn": ["no"] * len(fees)}
    loader = Warehouse(connection_options.configured(warehouse.url, role="churn_loader"))
    import_records(
        declared=Declared(NAME, (TABLE,)),
        sources={TABLE.name: MemorySourceTable(pa.table(rows))},
        as_of=as_of,
        refused_rows_pct=0,
        raw=WarehouseRawTables(loader),
        tables=WarehouseDeclaredTables(loader),
        locks=loader,
    )
    loader.engine.dispose()
