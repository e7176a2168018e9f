"""The files of a population with one row a customer."""

from pipelines.adapters.scaffolds import beside_models, declared_files, templates
from pipelines.domain.scaffolds.flat import FlatPopulation


def render(population: FlatPopulation) -> dict[str, str]:
    """
    Return what is written, by path below the project's folder.

    Args:
        population: What was decided.
    """
    table = population.table
    name = table.population
    beside = [item for each in population.beside for item in each.features]
    told = {
        "name": name,
        "table": table,
        "tables": population.tables,
        "gone": population.gone,
        "features": population.features,
        "beside": population.beside,
        "all_features": [*population.features, *beside],
    }
    paths = {
        f"staging/stg_{name}__{table.name}.sql": "staging.sql",
        f"staging/stg_{name}__{table.name}.yml": "staging.yml",
        f"marts/fct_{name}_features.sql": "features.sql",
        f"marts/fct_{name}_features.yml": "features.yml",
        f"marts/fct_{name}_labels.sql": "labels.sql",
        f"marts/fct_{name}_labels.yml": "labels.yml",
    }
    models = {path: templates.render(f"flat/{file}", told) for path, file in paths.items()}
    files = declared_files.declaration(population.tables)
    files |= declared_files.page(population)
    files |= declared_files.suite(table, population.bounds, is_weekly=False)
    files |= beside_models.render(population.beside)
    files |= declared_files.scores_suite(name, population.leaving)

    return files | {f"models/{name}/{path}": text for path, text in models.items()}


def section(population: FlatPopulation) -> str:
    """Return its table of churn.toml."""
    return declared_files.section(
        population.table, population.tables, accepted=population.accepted_features
    )
