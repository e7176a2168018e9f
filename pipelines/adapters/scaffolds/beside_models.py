"""The models of tables beside the one that says who a population is."""

from collections.abc import Mapping

from pipelines.adapters.scaffolds import templates
from pipelines.domain.scaffolds.several.beside_table import BesideTable


def render(beside: BesideTable) -> Mapping[str, str]:
    """Return the text of each file by its path below `models/POPULATION/`."""
    happened = [c for c in beside.table.columns if c.name == beside.table.happened_at]
    told = {
        "beside": beside,
        "log": beside.log,
        "items": beside.items,
        "is_dated": any(column.type == "date" for column in happened),
    }
    staging = "events/staging" if beside.log else f"beside/{beside.reading}_staging"
    paths = {
        f"staging/{beside.staging}.sql": f"{staging}.sql",
        f"staging/{beside.staging}.yml": (
            "events/staging.yml" if beside.log else "beside/staging.yml"
        ),
        f"intermediate/{beside.measured}.sql": f"beside/{beside.reading}.sql",
        f"intermediate/{beside.measured}.yml": "beside/measured.yml",
    }

    return {path: templates.render(template, told) for path, template in paths.items()}
