"""The files of a population that is known by what it does."""

from pipelines.adapters.scaffolds import declared_files, event_models
from pipelines.domain.scaffolds.logs import LogPopulation


def render(population: LogPopulation) -> dict[str, str]:
    """
    Return what is written, by path below the project's folder.

    Args:
        population: What was decided.
    """
    table = population.table

    return {
        **declared_files.render(table, population.bounds),
        **{
            f"models/{table.population}/{path}": text
            for path, text in event_models.render(population.log).items()
        },
    }


def section(population: LogPopulation) -> str:
    """Return its table of churn.toml."""
    return declared_files.section(
        population.table,
        log=population.log,
        snapshot_every_days=population.snapshot_every_days,
        snapshots=population.snapshots,
    )
