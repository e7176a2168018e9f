"""The files of a population with one row a customer."""

from pipelines.adapters.scaffolds import declared_files, templates
from pipelines.domain.scaffolds.flat import FlatPopulation


def render(population: FlatPopulation) -> dict[str, str]:
    """
    Return what is written, by path below the project's folder.

    Args:
        population: What was decided.
    """
    table = population.table
    name = table.population
    told = {
        "name": name,
        "table": table,
        "gone": population.gone,
        "features": population.features,
    }
    paths = {
        f"staging/stg_{name}__{table.name}.sql": "staging.sql",
        f"staging/stg_{name}__{table.name}.yml": "staging.yml",
        f"marts/fct_{name}_features.sql": "features.sql",
        f"marts/fct_{name}_features.yml": "features.yml",
        f"marts/fct_{name}_labels.sql": "labels.sql",
        f"marts/fct_{name}_labels.yml": "labels.yml",
    }

    return {
        **declared_files.render(table, population.bounds),
        **{
            f"models/{name}/{path}": templates.render(f"flat/{file}", told)
            for path, file in paths.items()
        },
    }


def section(population: FlatPopulation) -> str:
    """Return its table of churn.toml."""
    return declared_files.section(population.table)
