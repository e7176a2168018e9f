"""What more than one step needs from the outside, as protocols the adapters meet."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

import pyarrow as pa

from pipelines.domain.features.contract import FeatureContract


class FeatureStore(Protocol):
    """The feature tables dbt built, read by column."""

    def contract(self, population: str, as_of: date) -> FeatureContract:
        """Return the contract the features of *as_of* were built to."""

    def snapshots(self, population: str, until: date) -> list[date]:
        """Return the as_ofs that are built and whose labels were due by *until*, ascending."""

    def batches(self, as_of: date, contract: FeatureContract) -> Iterator[pa.RecordBatch]:
        """Stream `customer_id` and the contract's features, ordered by customer_id."""

    def labelled(
        self, population: str, as_ofs: Sequence[date], contract: FeatureContract
    ) -> pa.Table:
        """Return as_of, customer_id, the features and is_churned, where the label is known."""


class Locks(Protocol):
    """Locks that end with their holder."""

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold *name* for the block; RunLocked, saying who holds it, if somebody does."""
