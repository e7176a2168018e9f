"""Whatever a population is made of."""

from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.domain.scaffolds.log_population import LogPopulation
from pipelines.domain.scaffolds.owned.owned_population import OwnedPopulation

Made = FlatPopulation | LogPopulation | ContractPopulation | OwnedPopulation
