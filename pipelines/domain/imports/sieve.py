"""Rows of a source told apart: those to load, of nobody, of erased customers, and refused."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.imports import digests, lines, typed
from pipelines.domain.imports.declared import CUSTOMER, DeclaredColumn, DeclaredTable
from pipelines.domain.imports.quarantine import Quarantine
from pipelines.domain.imports.typed import INSTANT, NOUNS, TYPES, Marks, Typed
from pipelines.domain.privacy.erasure import customer_sha256
from pipelines.errors import ImportRefused

LOADED_AT, ROW_DIGEST = "loaded_at", "row_digest"
# Of a row that is not loaded yet; no column that is declared can be called so.
PLACE, LINE = "#place", "#line"
# As the sources gate asks; PostgreSQL's indexes take no more than 2,704 bytes.
LONGEST_KEY = 200
REPEATED = "repeats the customer of an earlier row"


def staged_schema(table: DeclaredTable) -> pa.Schema:
    """Return the columns of rows of *table* before they are loaded."""
    declared = [(column.name, TYPES[column.type]) for column in table.columns]
    if table.is_numbered:
        declared.insert(0, (CUSTOMER, pa.string()))
    own = [(LOADED_AT, INSTANT), (ROW_DIGEST, pa.binary()), (PLACE, pa.int64()), (LINE, pa.int64())]

    return pa.schema([*declared, *own])


@dataclass
class Sieve:
    """
    Sorts the rows of one load of a table, and counts them.

    Attributes:
        table: What they are declared to be.
        as_of: First day they may be used.
        is_first: Whether nothing of the table was loaded before, so that its past was known then.
        identity: Columns that make a row what it is.
        erased: Digests of customers who were erased.
        quarantine: Takes what is refused.
        owners: `value` and `customer_id` of a table this one goes through; None where its rows say
            themselves whose they are.
        read: Rows there were, but for those that could not be read as rows.
        of_nobody: Rows of a log, or of items, that name no customer.
        of_erased: Rows of erased customers.
        not_yet: Rows of an open log that have not happened.
    """

    table: DeclaredTable
    as_of: date
    is_first: bool
    identity: Collection[str]
    erased: Collection[bytes]
    quarantine: Quarantine
    owners: pa.Table | None = None
    read: int = 0
    of_nobody: int = 0
    of_erased: int = 0
    not_yet: int = 0
    _content: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that was sifted, in its order: kept, of nobody or erased."""
        return self._content.hexdigest()

    @property
    def known_at(self) -> datetime:
        """When a row counts as known that does not say it: a day before it may be used."""
        return datetime.combine(self.as_of - timedelta(days=1), time(), UTC)

    def sift(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """
        Return the rows of *batch* that are to be loaded, as `staged_schema` has them.

        Raises:
            ImportRefused: A column is of a type that nothing reads, or too many rows were refused.
        """
        columns = {column.name: self._typed(column, batch) for column in self.table.columns}
        places = np.arange(self.read + 1, self.read + 1 + len(batch), dtype=np.int64)
        self.read += len(batch)
        known_lines = lines.of(batch)
        at = places if known_lines is None else known_lines
        values = {name: column.values for name, column in columns.items()}
        if self.table.is_numbered:
            values[CUSTOMER] = pa.array(places).cast(pa.string())
        rows = digests.of_rows({name: values[name] for name in self.identity if name in values})
        is_bad = np.logical_or.reduce([column.is_bad for column in columns.values()])
        # What is refused now may be corrected to nothing, and that is other content.
        marked = rows
        if is_bad.any():
            marked = [row + b"!" if bad else row for row, bad in zip(rows, is_bad, strict=True)]
        self._content.update(b"".join(marked))

        if self.owners is not None:
            # After the digests: a row stays the same when another customer takes it over.
            places_of = pc.index_in(values[CUSTOMER], self.owners["value"])
            owners = self.owners[CUSTOMER].combine_chunks()
            values[CUSTOMER] = owners.take(places_of).cast(pa.string())
        is_kept = self._kept(columns, values, at)
        values[LOADED_AT] = self._loaded_at(values, len(batch))
        values |= {
            ROW_DIGEST: pa.array(rows, pa.binary()),
            PLACE: pa.array(places),
            LINE: pa.array(at),
        }
        schema = staged_schema(self.table)
        made = pa.RecordBatch.from_arrays([values[name] for name in schema.names], schema=schema)

        return made.filter(pa.array(is_kept))

    def _typed(self, column: DeclaredColumn, batch: pa.RecordBatch) -> Typed:
        """Read one column; of a label that is not there, nothing is known."""
        if column.name == self.table.label and column.header not in batch.schema.names:
            nothing = pa.nulls(len(batch), TYPES[column.type])
            return Typed(nothing, np.zeros(len(batch), dtype=np.bool_))
        values = batch.column(column.header)
        try:
            return typed.read(column, values)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise ImportRefused(
                f"{self.quarantine.origin}: {column.header} is of type {values.type}, which cannot "
                f"be read as {NOUNS[column.type]}; nothing was loaded",
                next_step=f"correct the type of {column.name} in the declaration of "
                f"{self.table.population}",
            ) from None

    def _kept(
        self, columns: Mapping[str, Typed], values: Mapping[str, pa.Array], at: lines.Lines
    ) -> Marks:
        """Tell which rows are to be loaded; each of the others is counted once."""
        left = np.ones(len(at), dtype=np.bool_)
        customers = values[CUSTOMER]
        is_nobody = _mask(customers.is_null())
        if CUSTOMER in columns:
            is_nobody &= ~columns[CUSTOMER].is_bad
        if self.table.holds != "snapshot":
            self.of_nobody += int(is_nobody.sum())
            left &= ~is_nobody
        else:
            self._refuse(left, is_nobody, at, CUSTOMER, "is blank")
        for column in self.table.columns:
            fault = f"is not {NOUNS[column.type]}"
            self._refuse(left, columns[column.name].is_bad, at, column.name, fault)
        is_long = _mask(pc.fill_null(pc.greater(pc.utf8_length(customers), LONGEST_KEY), False))
        fault = f"is longer than {LONGEST_KEY} characters"
        self._refuse(left, is_long, at, CUSTOMER, fault)
        if self.table.happened_at is not None:
            happened_at = values[self.table.happened_at].cast(INSTANT)
            is_blank = _mask(happened_at.is_null())
            # Somebody's clock may be ahead of ours in UTC; on the day after, nobody's is.
            end = pa.scalar(datetime.combine(self.as_of + timedelta(days=1), time(), UTC), INSTANT)
            is_ahead = _mask(pc.fill_null(pc.greater_equal(happened_at, end), False))
            if self.table.is_open:
                self.not_yet += int((left & (is_blank | is_ahead)).sum())
                left &= ~(is_blank | is_ahead)
            self._refuse(left, is_blank, at, self.table.happened_at, "is blank")
            fault = f"is after {self.as_of}, the day of --as-of"
            self._refuse(left, is_ahead, at, self.table.happened_at, fault)
        is_erased = self._erased(customers) & left
        self.of_erased += int(is_erased.sum())

        return left & ~is_erased

    def _refuse(
        self, left: Marks, is_faulty: Marks, at: lines.Lines, column: str, reason: str
    ) -> None:
        """Refuse faulty rows of those that are left, and take them from *left*."""
        now = left & is_faulty
        if now.any():
            self.quarantine.add(at[now].tolist(), column, reason)
            left &= ~now

    def _erased(self, customers: pa.Array) -> npt.NDArray[np.bool_]:
        """Tell which rows are of customers who were erased."""
        if not self.erased:
            return np.zeros(len(customers), dtype=np.bool_)
        names = customers.dictionary_encode()
        is_erased = pa.array(
            [customer_sha256(name) in self.erased for name in names.dictionary.to_pylist()],
            pa.bool_(),
        )

        return _mask(is_erased.take(names.indices).fill_null(False))

    def _loaded_at(self, values: Mapping[str, pa.Array], rows: int) -> pa.Array:
        """Return when each row was known."""
        now = pa.scalar(self.known_at, INSTANT)
        if self.table.happened_at is None:
            return pa.repeat(now, rows)
        known_at = values[self.table.happened_at].cast(INSTANT)
        if self.table.known_at is not None:
            said = values[self.table.known_at].cast(INSTANT)
            is_later = pc.fill_null(pc.greater(said, known_at), False)
            known_at = pc.if_else(is_later, said, known_at)
        if self.is_first:
            return known_at

        return pc.if_else(pc.greater(known_at, now), known_at, now)


def _mask(values: pa.Array) -> Marks:
    """Return a boolean array without nulls as numpy's."""
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.bool_)
