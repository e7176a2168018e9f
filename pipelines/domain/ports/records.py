"""Raw records: the tables that are loaded into, the ledger of loads, and erased customers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from pipelines.domain.imports.loads import Load
from pipelines.domain.privacy.erasure import Erasure


class RawTables(Protocol):
    """The raw tables; rows are only ever added to them."""

    def loads(self, source: str) -> list[Load]:
        """Return what was loaded from *source*, oldest first."""

    def erased(self) -> frozenset[bytes]:
        """Return the digests of customers who were erased, as `customer_sha256` makes them."""

    def rows(self, tables: Sequence[str]) -> dict[str, int]:
        """Return the number of rows of each of *tables*, which have to be there."""

    def rows_known_at(self, table: str, known_at: datetime) -> int:
        """Return the rows of *table* that became known at exactly that instant."""

    def append(self, tables: Mapping[str, pa.Table], load: Load) -> None:
        """
        Add rows to several tables, and the load to the ledger, in one transaction.

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
