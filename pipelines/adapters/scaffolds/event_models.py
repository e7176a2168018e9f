"""
The models of a log, as files of the project that has our package.

Templates are in events/, a file a model; `<< >>` and `<% %>` are filled in here, and `{{ }}` is
left to dbt.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.adapters.scaffolds import templates
from pipelines.domain.scaffolds.events.declaration import LONGEST_WINDOW
from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.events.log_columns import KindColumn
from pipelines.domain.scaffolds.events.rhythm import PARTS_OF_DAY
from pipelines.domain.scaffolds.several.beside_table import BesideTable


def render(log: EventLog, beside: Sequence[BesideTable] = ()) -> Mapping[str, str]:
    """
    Return the text of each file by its path below `models/POPULATION/`.

    Args:
        log: The main log.
        beside: The tables that give features besides.
    """
    features = event_features(log)
    told: dict[str, Any] = {
        "log": log,
        "raw_logs": [
            log.raw_table,
            *([log.label.told_by.raw_table] if log.label.told_by else []),
            *(table.table.raw_table for table in beside if table.log),
        ],
        "beside": beside,
        "features": features,
        "all_features": [*features, *(item for table in beside for item in table.features)],
        "longest": LONGEST_WINDOW,
        "parts_of_day": PARTS_OF_DAY,
    }

    files = {
        path: templates.render(f"events/{template}", told) for path, template in _files(log).items()
    }
    for kind in log.counted:
        for suffix in ("sql", "yml"):
            text = templates.render(f"events/kinds.{suffix}", {**told, "kind": kind})
            files[f"intermediate/{_counted(log, kind)}.{suffix}"] = text

    return files


def _files(log: EventLog) -> Mapping[str, str]:
    """Return the template of each file that there is once."""
    name = log.population
    models = {
        f"staging/{log.staging}": "staging",
        f"intermediate/int_{name}_days_aggregated": "days_aggregated",
        f"intermediate/int_{name}_days_known": "days_known",
        f"marts/fct_{name}_features": "features",
        f"marts/fct_{name}_labels": "labels",
    }
    if log.session is not None:
        models[f"intermediate/int_{name}_sessions_measured"] = "sessions"
    files = {
        f"{path}.{suffix}": f"{template}.{suffix}"
        for path, template in models.items()
        for suffix in ("sql", "yml")
    }

    return {f"staging/_{name}__sources.yml": "sources.yml", **files}


def _counted(log: EventLog, kind: KindColumn) -> str:
    """Return the name of the model that counts different kinds."""
    return f"int_{log.population}_{kind.stem}_counted"
