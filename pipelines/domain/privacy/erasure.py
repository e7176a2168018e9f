"""Customers who were erased: known by a digest of their id, and left out of what is loaded."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Erasure:
    """
    What erasing a customer did; the id is not part of it.

    Attributes:
        rows: Table name, with its schema, to rows that were removed from it.
        lists: Lists of scores, published or not, that are shorter by the customer.
        erased_before: Date of the first erasure, or None if this is it.
        audit_id: The row of churn.audit_log that tells of it.
    """

    rows: Mapping[str, int]
    lists: int
    erased_before: date | None
    audit_id: int

    def __str__(self) -> str:
        """Say it in one line, for the command line."""
        done = f"{sum(self.rows.values()):,} rows removed, {self.lists:,} lists corrected"
        if self.erased_before is not None:
            done = f"erased before, on {self.erased_before}; now {done}"

        return f"{done} (entry {self.audit_id} of churn audit)"


def customer_sha256(customer_id: str) -> bytes:
    """Return what stands for a customer after they were erased; in SQL, sha256 of UTF-8."""
    return hashlib.sha256(customer_id.encode()).digest()


def without_erased(table: pa.Table, erased: Collection[bytes]) -> pa.Table:
    """
    Return the rows of *table* whose customer was not erased.

    Args:
        table: With `customer_id`, text; rows without a customer stay. Not modified.
        erased: Digests, as `customer_sha256` makes them.
    """
    if not erased:
        return table
    ids = table["customer_id"].combine_chunks().dictionary_encode()
    is_kept = pa.array(
        [customer_sha256(name) not in erased for name in ids.dictionary.to_pylist()], pa.bool_()
    )

    return table.filter(is_kept.take(ids.indices).fill_null(True))
