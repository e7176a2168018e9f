"""Features and labels as Arrow tables in memory, and a builder that makes them when asked."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.features.compiled import Built, CompiledModel
from pipelines.domain.features.contract import FeatureContract
from pipelines.errors import DbtFailed, FeaturesMissing

TYPES = {"numeric": pa.float64(), "categorical": pa.string(), "boolean": pa.bool_()}


@dataclass
class MemoryFeatures:
    """
    A feature store of one population.

    Attributes:
        label_days: Gap and horizon: so long after its as_of a label is due.
        tables: By as_of: `customer_id`, the features and `is_churned`, NULL where it is not known.
        contracts: What each as_of was built to.
        known: When the labels of each as_of were known.
        counts: Customers of each as_of that `record_build` counted; of others their table's rows.
        population: Whose features; of any other there are none.
    """

    label_days: int = 30
    tables: dict[date, pa.Table] = field(default_factory=dict)
    contracts: dict[date, FeatureContract] = field(default_factory=dict)
    known: dict[date, date] = field(default_factory=dict)
    counts: dict[date, int] = field(default_factory=dict)
    population: str = "subscribers"

    def add(
        self,
        as_of: date,
        table: pa.Table,
        contract: FeatureContract,
        *,
        known_at: date | None = None,
    ) -> None:
        """Put a built and recorded snapshot in, its labels known at *known_at* or when due."""
        self.tables[as_of] = table
        self.contracts[as_of] = contract
        self.known[as_of] = known_at or as_of + timedelta(days=self.label_days)

    def built(self, population: str) -> dict[date, date]:
        """Return the as_ofs that stand, ascending, and when their labels were known."""
        return dict(sorted(self.known.items())) if population == self.population else {}

    def record_build(
        self,
        population: str,  # noqa: ARG002  there is one
        *,
        as_ofs: Sequence[date],
        contract: FeatureContract,
        known_at: date,
        label_as_ofs: Sequence[date] = (),
    ) -> dict[date, int]:
        """Remember a build and return its customers by as_of."""
        counts = {as_of: len(self.tables.get(as_of, ())) for as_of in as_ofs}
        self.counts |= counts
        self.contracts |= dict.fromkeys(as_ofs, contract)
        labelled = [as_of for as_of in label_as_ofs if as_of in self.known]
        self.known |= dict.fromkeys([*as_ofs, *labelled], known_at)

        return counts

    def contract(self, population: str, as_of: date) -> FeatureContract:
        """Return the contract of *as_of*; FeaturesMissing if it was never built."""
        self._require(population, as_of)

        return self.contracts[as_of]

    def rows(self, population: str, as_of: date) -> int:
        """Return the customers of *as_of*; FeaturesMissing if it was never built."""
        self._require(population, as_of)

        return self.counts.get(as_of, len(self.tables.get(as_of, ())))

    def snapshots(self, population: str, until: date) -> dict[date, int]:
        """Return who left, by as_of with labels that were due by *until*."""
        return {
            as_of: self.tables[as_of]["is_churned"].to_pylist().count(True)
            for as_of in self.built(population)
            if as_of + timedelta(days=self.label_days) <= until
            and as_of in self.tables
            and self.tables[as_of]["is_churned"].null_count < len(self.tables[as_of])
        }

    def batches(self, as_of: date, contract: FeatureContract) -> Iterator[pa.RecordBatch]:
        """Stream one as_of, ordered by customer_id."""
        if as_of in self.tables:
            table = self.tables[as_of].sort_by("customer_id")
            yield from table.select(["customer_id", *contract.names]).to_batches()

    def batches_at_risk(
        self,
        population: str,  # noqa: ARG002  there is one
        as_of: date,
        contract: FeatureContract,
        *,
        is_ordered: bool = True,  # noqa: ARG002  it always is
    ) -> Iterator[pa.RecordBatch]:
        """Stream the same, without those whose leaving was known on the as_of."""
        gone = self._gone(as_of)
        for batch in self.batches(as_of, contract):
            is_at_risk = [name not in gone for name in batch["customer_id"].to_pylist()]
            yield batch.filter(pa.array(is_at_risk))

    def rows_at_risk(self, population: str, as_of: date) -> int:
        """Return how many those are; FeaturesMissing if it was never built."""
        return self.rows(population, as_of) - len(self._gone(as_of))

    def _gone(self, as_of: date) -> set[str]:
        """Return whose leaving was known on the as_of."""
        if self.label_days or as_of not in self.tables:
            return set()
        table = self.tables[as_of]

        return {*table.filter(pc.equal(table["is_churned"], True))["customer_id"].to_pylist()}

    def labelled_batches(
        self, population: str, as_ofs: Sequence[date], contract: FeatureContract
    ) -> Iterator[pa.RecordBatch]:
        """Stream the same, in the same order."""
        table = self.labelled(population, as_ofs, contract)
        yield from table.to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)]

    def labelled(
        self,
        population: str,  # noqa: ARG002  there is one
        as_ofs: Sequence[date],
        contract: FeatureContract,
    ) -> pa.Table:
        """Return the rows with a known label, ordered by as_of and customer_id."""
        names = ["customer_id", *contract.columns, "is_churned"]
        parts = []
        for as_of in sorted({*as_ofs} & {*self.tables}):
            table = self.tables[as_of].sort_by("customer_id")
            table = table.filter(pc.is_valid(table["is_churned"]))
            days = pa.repeat(pa.scalar(as_of, pa.date32()), len(table))
            parts.append(table.select(names).add_column(0, "as_of", days))

        return pa.concat_tables(parts) if parts else _nobody(contract)

    def _require(self, population: str, as_of: date) -> None:
        """Refuse an as_of that was never built."""
        if population != self.population or as_of not in self.contracts:
            raise FeaturesMissing(
                f"no features of {population} were built for {as_of}",
                next_step=f"churn features --population {population} --as-of {as_of}",
            )


@dataclass
class MemoryBuilder:
    """
    A builder of features, such as dbt is.

    Attributes:
        features: Where what it builds goes.
        contracts: What models declare, by name.
        customers: Makes the table of one as_of.
        asked: Selection and variables of every build.
        differences: Features that a replay finds changed, by as_of.
        models: Every model there is, with features or without; None takes any name for one.
        seconds: What each feature takes beside what all need together, which is a second.
    """

    features: MemoryFeatures
    contracts: Mapping[str, FeatureContract]
    customers: Callable[[date], pa.Table]
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    differences: Mapping[date, Sequence[str]] = field(default_factory=dict)
    models: Sequence[str] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)

    def build(self, select: str, variables: Mapping[str, Any]) -> Built:
        """Make the table of every as_of that is asked for; DbtFailed if no model is selected."""
        selected = [name.strip("+") for name in select.split()]
        if self.models is not None and not {*selected} & {*self.models}:
            raise DbtFailed(
                f"there is nothing to do for {select}", next_step="name one of the models there are"
            )
        self.asked.append((select, variables))
        for text in variables["as_ofs"]:
            as_of = date.fromisoformat(text)
            self.features.tables[as_of] = self.customers(as_of)
        dates = tuple(variables["as_ofs"])

        return Built({name: CompiledModel(name, "", {}, {}, dates) for name in self.contracts})

    def contract(self, model: str) -> FeatureContract:
        """Return what *model* declares; DbtFailed if it declares nothing."""
        if model not in self.contracts:
            raise DbtFailed(
                f"{model} declares no feature", next_step="add config.meta.feature to its YAML"
            )

        return self.contracts[model]

    def replay_differences(self, *, model: str, as_of: date) -> list[str]:  # noqa: ARG002
        """Return the features the test says have changed."""
        return [*self.differences.get(as_of, ())]

    def build_seconds(
        self,
        *,
        model: str,
        as_of: date,  # noqa: ARG002  every day takes as long
        without: Sequence[Collection[str]],
    ) -> list[float]:
        """Return a second, and those of the features that are not left out."""
        names = self.contract(model).names

        return [
            1.0 + sum(self.seconds.get(name, 0.0) for name in names if name not in left_out)
            for left_out in without
        ]


def _nobody(contract: FeatureContract) -> pa.Table:
    """Return labelled features without a row."""
    columns = (*contract.features, *contract.attributes)
    features = [(column.name, TYPES[column.kind]) for column in columns]

    return pa.schema(
        [
            ("as_of", pa.date32()),
            ("customer_id", pa.string()),
            *features,
            ("is_churned", pa.bool_()),
        ]
    ).empty_table()
