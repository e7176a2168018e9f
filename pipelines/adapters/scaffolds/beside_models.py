"""The models of tables beside the one that says who a population is."""

from collections.abc import Mapping, Sequence

from pipelines.adapters.scaffolds import declared_files, templates
from pipelines.domain.scaffolds.several.beside_table import BesideTable


def render(beside: Sequence[BesideTable]) -> dict[str, str]:
    """Return the suites and models of some tables, by path below the project's folder."""
    files: dict[str, str] = {}
    for each in beside:
        folder = f"models/{each.table.population}"
        files |= declared_files.suite(each.table, each.bounds, is_weekly=each.is_weekly)
        files |= {f"{folder}/{path}": text for path, text in _models(each).items()}

    return files


def _models(beside: BesideTable) -> Mapping[str, str]:
    """Return the models of one table, by path below their folder."""
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
