"""A project of a user's own, which has our package and the models of a few logs."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from pipelines.adapters.dbt import own_project
from pipelines.adapters.files.project_folder import ProjectFolder
from pipelines.adapters.scaffolds.event_models import render
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.settings import ROOT

HOUSE = ROOT / "dbt_project"


def write(folder: Path, logs: Sequence[EventLog]) -> Path:
    """Write the project of *logs* as `churn new` does; return its folder."""
    for log in logs:
        files = {f"models/{log.population}/{path}": text for path, text in render(log).items()}
        ProjectFolder(folder).put(log.population, files, f"[populations.{log.population}]\n")
    (folder / "profiles.yml").write_text((HOUSE / "profiles.yml").read_text())

    return own_project.root(folder, HOUSE)


def load(warehouse: Warehouse, log: EventLog, events: pd.DataFrame, types: str) -> None:
    """Create the raw table of *log* with columns of *types*, and fill it."""
    warehouse.execute(f'create table raw."{log.raw_table}" ({types})')
    warehouse.ingest("raw", {log.raw_table: pa.Table.from_pandas(events, preserve_index=False)})
