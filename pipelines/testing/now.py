"""Features between two nights, in memory: what makes them askable, and what is asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipelines.domain.features.compiled import CompiledModel
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.rows import Row
from pipelines.domain.serving.now import AskedNow, NotAskedNow
from pipelines.domain.serving.records import Tables

Known = dict[str, list[Mapping[str, Any]]]


@dataclass
class MemoryNowFunctions:
    """
    What asks features of one customer.

    Attributes:
        made: What it was made of, by population.
        faults: Why it cannot be, by population.
    """

    made: dict[str, CompiledModel] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def renew(
        self,
        population: str,
        compiled: CompiledModel,
        contract: FeatureContract,  # noqa: ARG002
        as_of: date,  # noqa: ARG002
    ) -> None:
        """Make it; NotAskedNow where it cannot be, and it is gone."""
        self.made.pop(population, None)
        if population in self.faults:
            raise NotAskedNow(self.faults[population], next_step="see the models")
        self.made[population] = compiled


@dataclass
class MemoryFeaturesNow:
    """
    Features of one population, told by records.

    Attributes:
        population: Whose; every other one cannot be asked.
        sources: What records may be sent of.
        computed: Returns the features a customer's records tell at a date; None of who is not
            scored.
        known: Records by table, by customer.
        fault: Why the population cannot be asked either.
    """

    population: str
    sources: Tables
    computed: Callable[[Known, date], Row | None]
    known: dict[str, Known] = field(default_factory=dict)
    fault: str | None = None

    async def tables(self, population: str) -> Tables:
        """Return what records may be sent of."""
        self._require(population)

        return self.sources

    async def features(
        self, population: str, asked: Sequence[AskedNow], as_of: date
    ) -> list[Row | None]:
        """Return what records tell of each who is asked for."""
        self._require(population)

        return [self._features(each, as_of) for each in asked]

    async def is_known(self, population: str, customer_id: str) -> bool:
        """Tell whether there is anything of a customer."""
        self._require(population)

        return customer_id in self.known

    def _features(self, asked: AskedNow, as_of: date) -> Row | None:
        """Return what records tell of one customer."""
        stored = {} if asked.is_alone else self.known.get(asked.customer_id, {})
        records = {
            table: [*stored.get(table, ()), *asked.records.get(table, ())] for table in self.sources
        }

        return self.computed(records, as_of) if any(records.values()) else None

    def _require(self, population: str) -> None:
        """Refuse a population that cannot be asked."""
        if population != self.population or self.fault is not None:
            raise NotAskedNow(
                f"features of {population} cannot be asked of one customer: {self.fault}",
                next_step=f"churn features --population {population}",
            )
