"""A project of a user's own, which has our package and the models of a few logs."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from pipelines.adapters.scaffolds.event_models import render
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.settings import ROOT

PACKAGE = ROOT / "dbt_project"
PROJECT = """\
name: my
version: "1.0.0"
config-version: 2
profile: churn
packages-install-path: dbt_packages

flags: {send_anonymous_usage_stats: false, use_colors: false}

vars: {raw_schema: raw, as_ofs: [], label_as_ofs: [], known_at: "1970-01-01"}

models:
  churn: {+enabled: false}
  my:
    +materialized: ephemeral
"""
POPULATION = """\
    POPULATION:
      staging:
        +materialized: view
        +post-hook: "alter view {{ this }} set (security_invoker = true)"
      marts:
        +materialized: incremental
        +incremental_strategy: delete+insert
        +unique_key: as_of
        +on_schema_change: append_new_columns
        +full_refresh: false
        +pre-hook: ["{{ churn.prefer_hashes() }}", "{{ churn.forget_as_ofs() }}"]
        +contract: {enforced: true}
        +indexes: [{columns: [as_of, customer_id], unique: true}]
"""


def write(folder: Path, logs: Sequence[EventLog]) -> Path:
    """Write the project of *logs*; return its folder."""
    (folder / "dbt_packages").mkdir(parents=True)
    (folder / "dbt_packages" / "churn").symlink_to(PACKAGE)
    (folder / "profiles.yml").write_text((PACKAGE / "profiles.yml").read_text())
    populations = [POPULATION.replace("POPULATION", log.population) for log in logs]
    (folder / "dbt_project.yml").write_text(PROJECT + "".join(populations))
    for log in logs:
        for name, text in render(log).items():
            path = folder / "models" / log.population / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return folder


def load(warehouse: Warehouse, log: EventLog, events: pd.DataFrame, types: str) -> None:
    """Create the raw table of *log* with columns of *types*, and fill it."""
    warehouse.execute(f'create table raw."{log.raw_table}" ({types})')
    warehouse.ingest("raw", {log.raw_table: pa.Table.from_pandas(events, preserve_index=False)})
