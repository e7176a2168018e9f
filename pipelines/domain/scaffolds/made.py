"""Whatever a population is made of."""

from datetime import date

from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.domain.scaffolds.log_population import LogPopulation
from pipelines.domain.scaffolds.owned.owned_population import OwnedPopulation

Made = FlatPopulation | LogPopulation | ContractPopulation | OwnedPopulation


def told_until(population: Made) -> date | None:
    """
    Return the day through which a load has to reach to have every row; None without a log.

    Tables end on other days than the main one: orders are rated weeks after the last of them.
    """
    ends = [population.ends, *(each.span[1] for each in population.beside if each.span)]
    if isinstance(population, LogPopulation) and population.told_by is not None:
        ends.append(population.told_by.last_day)

    return max(filter(None, ends), default=None)
