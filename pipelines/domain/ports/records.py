"""Raw records: the tables that are loaded into, the ledger of loads, and erased customers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import pyarrow as pa

from pipelines.domain.imports.declared import DeclaredTable
from pipelines.domain.imports.loads import Load, Repeats, Settled
from pipelines.domain.privacy.erasure import Erasure


class RawTables(Protocol):
    """The raw tables; rows are only ever added to them."""

    def loads(self, source: str) -> list[Load]:
        """Return what was loaded from *source*, oldest first."""

    def erased(self) -> frozenset[bytes]:
        """Return the digests of customers who were erased, as `customer_sha256` makes them."""

    def rows(self, tables: Sequence[str]) -> dict[str, int]:
        """Return the number of rows of each of *tables*, which have to be there."""

    def append(self, blocks: Iterable[Mapping[str, pa.Table]], load: Load) -> dict[str, int]:
        """
        Add rows to several tables, and the load to the ledger, in one transaction.

        Each block is asked for when the one before it is written; what its making raises ends the
        transaction. Return the rows added, by table; the ledger gets their sum for `load.rows`.

        A fingerprint of a source is loaded once: a second time fails, and adds nothing.
        """


class Erasures(Protocol):
    """Every table that knows customers."""

    def erase(self, customer_id: str, progress: Callable[[str, int], None]) -> Erasure:
        """
        Remove one customer in one transaction, and keep a digest of the id instead.

        *progress* is told every table, with its schema, and the rows that are removed from it.
        CustomerUnknown, and nothing is changed, if nobody knows the customer or ever did.
        """


class DeclaredLoad(Protocol):
    """One transaction that fills declared tables: all of it or nothing."""

    def owners(self, table: DeclaredTable, column: str) -> pa.Table:
        """
        Return `value` and `customer_id`: whose row of *table* has a value in *column*.

        Each value is there once, with the customer that was known last; what this transaction
        loaded counts.
        """

    def stage(self, table: DeclaredTable, batches: Iterable[pa.RecordBatch]) -> None:
        """
        Gather rows of *table*, as `sieve.staged_schema` has them; none of them counts yet.

        What the reading of *batches* raises ends the transaction.
        """

    def repeats(self, table: DeclaredTable) -> Repeats:
        """Return the gathered rows of a snapshot whose customer an earlier one has."""

    def settle(self, table: DeclaredTable) -> Settled:
        """
        Load what was gathered, and make the table or its new columns where they are missing.

        Of a snapshot the first row of each customer is loaded, and the others are quarantined. Of
        a log each row is loaded that is not there yet; identical rows of one load are as many. Of
        items all are.
        """

    def note(self, load: Load, refused: pa.Table) -> None:
        """Add an entry to the ledger, and refused rows, as `Quarantine.table` has them."""


class DeclaredTables(Protocol):
    """Tables that people declare; rows are only ever added to them."""

    def identity(self, table: DeclaredTable) -> tuple[str, ...] | None:
        """
        Return the columns that rows of *table* are known by, those it was made with.

        None where there is no such table yet. ImportRefused if a column is there in another type.
        """

    def loading(self) -> AbstractContextManager[DeclaredLoad]:
        """Have a transaction for the block, kept at its end unless it raises."""
