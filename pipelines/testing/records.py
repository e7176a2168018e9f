"""Raw tables in memory, and the erasure of customers from them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.imports.loads import Load
from pipelines.domain.privacy.erasure import Erasure, customer_sha256, without_erased
from pipelines.errors import CustomerUnknown


@dataclass
class MemoryRawTables:
    """
    Raw tables and the ledger.

    Attributes:
        tables: What was appended, by name.
        ledger: Every load, oldest first.
        tombstones: Digests of erased customers.
    """

    tables: dict[str, pa.Table] = field(default_factory=dict)
    ledger: list[Load] = field(default_factory=list)
    tombstones: set[bytes] = field(default_factory=set)

    def loads(self, source: str) -> list[Load]:
        """Return what was loaded from *source*, oldest first."""
        return [load for load in self.ledger if load.source == source]

    def erased(self) -> frozenset[bytes]:
        """Return the digests of erased customers."""
        return frozenset(self.tombstones)

    def rows(self, tables: Sequence[str]) -> dict[str, int]:
        """Return the number of rows of each of *tables*."""
        return {name: len(self.tables.get(name, ())) for name in tables}

    def rows_known_at(self, table: str, known_at: datetime) -> int:
        """Return the rows of *table* that became known at exactly that instant."""
        if table not in self.tables:
            return 0

        return int(pc.sum(pc.equal(self.tables[table]["loaded_at"], known_at)).as_py() or 0)

    def append(self, tables: Mapping[str, pa.Table], load: Load) -> None:
        """
        Add rows, and the load to the ledger: all of it or nothing.

        ArrowInvalid if a schema differs, ValueError if the load is there already.
        """
        if load.fingerprint in {known.fingerprint for known in self.loads(load.source)}:
            raise ValueError(f"fingerprint {load.fingerprint} of {load.source} was loaded before")
        grown = {
            name: pa.concat_tables([self.tables[name], rows]) if name in self.tables else rows
            for name, rows in tables.items()
        }
        self.tables |= grown
        self.ledger.append(load)


@dataclass
class MemoryErasures:
    """
    Erasure of customers from raw tables.

    Attributes:
        raw: The tables.
        today: The date an erasure is dated by.
        erased_on: When each digest was first erased.
        audited: How many erasures there were.
        schema: Schema of the raw tables.
    """

    raw: MemoryRawTables
    today: date
    erased_on: dict[bytes, date] = field(default_factory=dict)
    audited: int = 0
    schema: str = "raw"

    def erase(self, customer_id: str, progress: Callable[[str, int], None]) -> Erasure:
        """Remove one customer; CustomerUnknown if nobody knows them or ever did."""
        digest = customer_sha256(customer_id)
        kept = {name: without_erased(rows, {digest}) for name, rows in self.raw.tables.items()}
        removed = {
            f"{self.schema}.{name}": len(self.raw.tables[name]) - len(rows)
            for name, rows in kept.items()
        }
        before = self.erased_on.get(digest)
        if before is None and not any(removed.values()):
            raise CustomerUnknown(
                f"none of {len(kept)} tables has this customer, and nobody of this id was erased "
                "before; nothing was changed",
                next_step="look the id up where it comes from, then `churn erase --customer ID`",
            )
        for name, rows in removed.items():
            progress(name, rows)
        self.raw.tables = kept
        self.raw.tombstones.add(digest)
        self.erased_on.setdefault(digest, self.today)
        self.audited += 1

        return Erasure(removed, lists=0, erased_before=before, audit_id=self.audited)
