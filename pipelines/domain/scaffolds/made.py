"""Whatever a population is made of."""

from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.domain.scaffolds.log_population import LogPopulation

Made = FlatPopulation | LogPopulation | ContractPopulation
