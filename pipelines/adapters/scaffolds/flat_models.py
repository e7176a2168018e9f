"""The files of a population with one row a customer."""

from collections.abc import Mapping

from pipelines.adapters.scaffolds import templates
from pipelines.domain.imports.declared import ColumnType
from pipelines.domain.scaffolds.flat import FlatPopulation

SQL_TYPES: Mapping[ColumnType, str] = {
    "text": "TEXT",
    "integer": "BIGINT",
    "number": "DOUBLE PRECISION",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMP WITH TIME ZONE",
}


def render(population: FlatPopulation) -> dict[str, str]:
    """
    Return what is written, by path below the project's folder.

    Args:
        population: What was decided.
    """
    table = population.table
    name = table.population
    types: dict[str, list[str]] = {}
    for column in table.columns:
        types.setdefault(SQL_TYPES[column.type], []).append(column.name)
    types.setdefault(SQL_TYPES["instant"], []).append("loaded_at")
    told = {
        "name": name,
        "table": table,
        "gone": population.gone,
        "features": population.features,
        "bounds": population.bounds,
        "types": types,
    }
    models = f"models/{name}"
    paths = {
        f"sources/{name}.toml": "source.toml",
        f"expectations/sources/{table.raw_table}.toml": "expectations.toml",
        f"{models}/staging/stg_{name}__{table.name}.sql": "staging.sql",
        f"{models}/staging/stg_{name}__{table.name}.yml": "staging.yml",
        f"{models}/marts/fct_{name}_features.sql": "features.sql",
        f"{models}/marts/fct_{name}_features.yml": "features.yml",
        f"{models}/marts/fct_{name}_labels.sql": "labels.sql",
        f"{models}/marts/fct_{name}_labels.yml": "labels.yml",
    }

    return {path: templates.render(f"flat/{file}", told) for path, file in paths.items()}


def section(population: FlatPopulation) -> str:
    """Return its table of churn.toml."""
    return templates.render(
        "flat/churn.toml", {"name": population.table.population, "table": population.table}
    )
