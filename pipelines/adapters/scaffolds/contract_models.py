"""The files of a population whose contracts begin and end."""

from typing import Any

from pipelines.adapters.scaffolds import beside_models, declared_files, templates
from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation


def render(population: ContractPopulation) -> dict[str, str]:
    """
    Return what is written, by path below the project's folder.

    Args:
        population: What was decided.
    """
    log, name = population.log, population.log.population
    told: dict[str, Any] = {
        "log": log,
        "current": population.current,
        "history": population.history,
        "beside": population.beside,
        "all_features": [
            *population.features,
            *(item for table in population.beside for item in table.features),
        ],
    }
    paths = {
        f"staging/{log.staging}": "staging",
        f"staging/{log.ended_staging}": "ended",
        f"intermediate/{log.known}": "known",
        f"marts/fct_{name}_features": "features",
        f"marts/fct_{name}_labels": "labels",
    }
    models = {
        f"{path}.{suffix}": templates.render(f"contracts/{template}.{suffix}", told)
        for path, template in paths.items()
        for suffix in ("sql", "yml")
    }
    models[f"staging/_{name}__sources.yml"] = templates.render("contracts/sources.yml", told)
    files = declared_files.declaration(population.tables)
    files |= declared_files.page(population)
    # Contracts are few: a week without one is nothing to be woken for.
    files |= declared_files.suite(population.table, population.bounds, is_weekly=False)
    files |= declared_files.suite(population.ended, {}, is_weekly=False)
    files |= beside_models.render(population.beside)
    files |= declared_files.scores_suite(name, population.leaving)

    return files | {f"models/{name}/{path}": text for path, text in models.items()}


def section(population: ContractPopulation) -> str:
    """Return its table of churn.toml."""
    return declared_files.log_section(population)
