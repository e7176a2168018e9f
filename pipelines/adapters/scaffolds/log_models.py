"""The files of a population that is known by what it does."""

from pipelines.adapters.scaffolds import beside_models, declared_files, event_models
from pipelines.domain.scaffolds.log_population import LogPopulation


def render(population: LogPopulation) -> dict[str, str]:
    """
    Return what is written, by path below the project's folder.

    Args:
        population: What was decided.
    """
    table = population.table
    models = event_models.render(population.log, population.beside)
    files = declared_files.declaration(population.tables)
    files |= declared_files.page(population)
    files |= declared_files.suite(table, population.bounds, is_weekly=population.is_weekly)
    if population.told_by is not None:
        files |= declared_files.suite(population.told_by.table, {}, is_weekly=False)
    files |= beside_models.render(population.beside)
    files |= declared_files.scores_suite(table.population, population.leaving)

    return files | {f"models/{table.population}/{path}": text for path, text in models.items()}


def section(population: LogPopulation) -> str:
    """Return its table of churn.toml."""
    return declared_files.log_section(population)
