"""The files of a population whose features somebody makes already."""

from pipelines.adapters.scaffolds import templates
from pipelines.domain.scaffolds.owned.feature_table import (
    BOOLEAN,
    NUMERIC,
    YES,
    FeatureTable,
    quoted,
)
from pipelines.domain.scaffolds.owned.owned_population import OwnedPopulation
from pipelines.domain.scaffolds.summary import summary


def render(population: OwnedPopulation) -> dict[str, str]:
    """
    Return what is written, by path below the project's folder.

    Args:
        population: What was decided.
    """
    name, source = population.table.population, population.source
    suite = population.table.raw_table
    key = quoted(population.key)
    told = {
        "name": name,
        "population": name,
        "source": source,
        "suite": suite,
        "label": population.label,
        "features": population.features,
        "values": population.values,
        "as_of": population.day,
        "key": key,
        "key_text": f"cast({key} as text)",
        "told": _is_gone(source, population.label.column, population.label.value),
        "meaning": _meaning(population),
        "every_days": population.every_days,
        "sections": summary(population),
    }
    paths = {
        f"models/{name}/intermediate/int_{name}_rows.sql": "rows.sql",
        f"models/{name}/intermediate/int_{name}_rows.yml": "rows.yml",
        f"models/{name}/marts/fct_{name}_features.sql": "features.sql",
        f"models/{name}/marts/fct_{name}_features.yml": "features.yml",
        f"models/{name}/marts/fct_{name}_labels.sql": "labels.sql",
        f"models/{name}/marts/fct_{name}_labels.yml": "labels.yml",
        f"{name}.md": "page.md",
    }
    files = {path: templates.render(f"owned/{file}", told) for path, file in paths.items()}
    suite_told = {
        "source": source,
        "as_of": population.as_of,
        "key": population.key,
        "types": _types(population),
        "bounds": population.bounds,
    }
    files[f"expectations/sources/{suite}.toml"] = templates.render(
        "owned/expectations.toml", suite_told
    )

    return files


def section(population: OwnedPopulation) -> str:
    """Return its table of churn.toml."""
    return templates.render(
        "owned/churn.toml",
        {
            "name": population.table.population,
            "suite": population.table.raw_table,
            "source": population.source,
            "as_of": population.as_of,
            "label": population.label,
            "every_days": population.every_days,
            "snapshot_every_days": population.snapshot_every_days,
            "snapshots": population.snapshots,
            "accepted": population.accepted_features,
        },
    )


def _types(population: OwnedPopulation) -> dict[str, list[str]]:
    """Return the columns that are read, by the type they have in the table."""
    read = [population.as_of, population.key, *(c.header for c in population.table.columns)]
    if population.label.column:
        read.append(population.label.column)
    types: dict[str, list[str]] = {}
    for header in dict.fromkeys(read):
        types.setdefault(population.source.types[header], []).append(header)

    return types


def _is_gone(source: FeatureTable, column: str, value: str) -> str | None:
    """Return SQL that tells whether a row says that its customer has left."""
    if not column:
        return None
    name, type_ = quoted(column), source.kind(column)
    if type_ == BOOLEAN:
        return name if value in YES else f"not {name}"
    if type_ in NUMERIC and (number := _number(value)) is not None:
        return f"cast({name} as double precision) = {number!r}"

    return f"lower(btrim(cast({name} as text))) = {templates.sql_literal(value)}"


def _number(value: str) -> float | None:
    """Return a value as a number, if it is one."""
    try:
        return float(value)
    except ValueError:
        return None


def _meaning(population: OwnedPopulation) -> str:
    """Say in words when a customer has left, for a description in YAML."""
    label = population.label
    told = ["is said to have left by the table"] if label.column else []
    told += ["is in the table no more"] if label.is_absence else []

    return f"{' or '.join(told)} within {label.days} days"
