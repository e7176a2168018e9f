"""Features: what builds them, and the tables they stand in."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from pipelines.domain.features.compiled import Built, CompiledModel
from pipelines.domain.features.contract import FeatureContract


class FeatureBuilder(Protocol):
    """What builds feature and label tables: dbt."""

    def build(self, select: str, variables: Mapping[str, Any]) -> Built:
        """
        Build the selected models and run their tests; DbtFailed if there is none, or one fails.

        Each as_of of *variables* is replaced whole; every other one stays.
        """

    def contract(self, model: str) -> FeatureContract:
        """Return the contract declared beside *model*; DbtFailed if it declares none."""

    def replay_differences(self, *, model: str, as_of: date) -> list[str]:
        """Return the features of *as_of* that change when rows known later are taken away."""

    def build_seconds(
        self, *, model: str, as_of: date, without: Sequence[Collection[str]]
    ) -> list[float]:
        """
        Return how long the features of *as_of* take to be worked out, each time without some.

        Nothing is built. DbtFailed if there is no such model.
        """


class NowFunctions(Protocol):
    """What asks the features of one customer between two nights, by the SQL of the last."""

    def renew(
        self, population: str, compiled: CompiledModel, contract: FeatureContract, as_of: date
    ) -> None:
        """
        Make it as the night of *as_of* was compiled, and compare it with that night.

        NotAskedNow if the night cannot be asked so, or says something else then; there is nothing
        to ask by after that.
        """


class FeatureStore(Protocol):
    """The feature and label tables, and the record of their builds."""

    def built(self, population: str) -> dict[date, date]:
        """Return the as_ofs whose features stand, ascending, and when their labels were known."""

    def record_build(
        self,
        population: str,
        *,
        as_ofs: Sequence[date],
        contract: FeatureContract,
        known_at: date,
        label_as_ofs: Sequence[date] = (),
    ) -> dict[date, int]:
        """
        Remember a build and return its customers by as_of; 0 where it yielded none.

        What was remembered of the same dates is replaced. *label_as_ofs* are dates built before
        whose labels were built again: their features stay as they were.
        """

    def contract(self, population: str, as_of: date) -> FeatureContract:
        """Return the contract the features of *as_of* were built to; FeaturesMissing if none."""

    def rows(self, population: str, as_of: date) -> int:
        """Return how many customers *as_of* was built for; FeaturesMissing if it never was."""

    def snapshots(self, population: str, until: date) -> dict[date, int]:
        """
        Return the as_ofs that can train, ascending, with how many left then.

        Those that are built, and have a known label that was due by *until*.
        """

    def batches(self, as_of: date, contract: FeatureContract) -> Iterator[pa.RecordBatch]:
        """Stream `customer_id` and the contract's features of one date, ordered by customer_id."""

    def batches_at_risk(
        self,
        population: str,
        as_of: date,
        contract: FeatureContract,
        *,
        is_ordered: bool = True,
    ) -> Iterator[pa.RecordBatch]:
        """
        Stream the same, of those of whom it is not known on the as_of that they have left.

        Where a reader does not ask for the order, rows come as is fastest, each time otherwise.
        """

    def rows_at_risk(self, population: str, as_of: date) -> int:
        """Return how many those are; FeaturesMissing if *as_of* was never built."""

    def labelled(
        self, population: str, as_ofs: Sequence[date], contract: FeatureContract
    ) -> pa.Table:
        """
        Return as_of, customer_id, features, attributes and is_churned, where the label is known.

        Ordered by as_of and customer_id; dates that were never built have no row.
        """

    def labelled_batches(
        self, population: str, as_ofs: Sequence[date], contract: FeatureContract
    ) -> Iterator[pa.RecordBatch]:
        """Stream the same in the same order; at least one batch, be it without a row."""
