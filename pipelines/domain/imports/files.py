"""What each importer's file must hold, and its rows made ready for the raw table."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.imports import columns as source_columns
from pipelines.domain.imports.columns import EXAMPLE_LENGTH, LONGEST_KEY, TYPES, FileColumn, Reading
from pipelines.errors import ImportRefused

YES_NO = ("Yes", "No")


@dataclass(frozen=True, slots=True)
class DataFile:
    """
    What a file held, before anyone judged it.

    Attributes:
        name: File name, without its folder.
        fingerprint: sha256 of the file's bytes.
        rows: Every column of the file; those of a CSV are text.
        first_line: Line of the first row, as an editor counts it (2 below a header).
    """

    name: str
    fingerprint: str
    rows: pa.Table
    first_line: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """
    What an importer reads.

    Attributes:
        name: As `churn import` and `raw.loads` call it.
        table: Raw table it fills.
        columns: What the file must hold; other columns are left out.
        key: Column whose values must differ, or None.
        line_column: Raw column that takes the number of the row in the file, or None.
        known_from: Raw column that says when a row was known; None where the caller's as_of does.
    """

    name: str
    table: str
    columns: tuple[FileColumn, ...]
    key: str | None = None
    line_column: str | None = None
    known_from: str | None = None

    @property
    def command(self) -> str:
        """The command that imports such a file."""
        return f"churn import {self.name} FILE" + ("" if self.known_from else " --as-of YYYY-MM-DD")


TELCO = SourceFile(
    name="telco",
    table="telco_customers",
    key="customerID",
    columns=(
        FileColumn("customerID", "customer_id", "text", is_personal=True, longest=LONGEST_KEY),
        FileColumn("gender", "gender", "text"),
        FileColumn("SeniorCitizen", "senior_citizen", "integer", levels=("0", "1")),
        FileColumn("Partner", "partner", "text", levels=YES_NO),
        FileColumn("Dependents", "dependents", "text", levels=YES_NO),
        FileColumn("tenure", "tenure", "integer"),
        FileColumn("PhoneService", "phone_service", "text", levels=YES_NO),
        FileColumn("MultipleLines", "multiple_lines", "text"),
        FileColumn("InternetService", "internet_service", "text"),
        FileColumn("OnlineSecurity", "online_security", "text"),
        FileColumn("OnlineBackup", "online_backup", "text"),
        FileColumn("DeviceProtection", "device_protection", "text"),
        FileColumn("TechSupport", "tech_support", "text"),
        FileColumn("StreamingTV", "streaming_tv", "text"),
        FileColumn("StreamingMovies", "streaming_movies", "text"),
        FileColumn("Contract", "contract", "text"),
        FileColumn("PaperlessBilling", "paperless_billing", "text", levels=YES_NO),
        FileColumn("PaymentMethod", "payment_method", "text"),
        FileColumn("MonthlyCharges", "monthly_charges", "number"),
        FileColumn("TotalCharges", "total_charges", "number", blank_where_zero="tenure"),
        FileColumn("Churn", "churn", "text", levels=YES_NO),
    ),
)

RETAIL = SourceFile(
    name="retail",
    table="retail_invoice_lines",
    line_column="line_number",
    known_from="invoiced_at",
    columns=(
        FileColumn("InvoiceNo", "invoice_no", "code"),
        FileColumn("StockCode", "stock_code", "code"),
        FileColumn("Description", "description", "text", is_blank_legal=True),
        FileColumn("Quantity", "quantity", "count"),
        FileColumn("InvoiceDate", "invoiced_at", "instant"),
        FileColumn("UnitPrice", "unit_price", "number"),
        FileColumn(
            "CustomerID",
            "customer_id",
            "code",
            is_blank_legal=True,
            is_personal=True,
            longest=LONGEST_KEY,
        ),
        FileColumn("Country", "country", "text"),
    ),
)

SOURCES = {source.name: source for source in (TELCO, RETAIL)}


def conform(source: SourceFile, file: DataFile, as_of: date | None) -> pa.Table:
    """
    Return the rows of *file* as the raw table of *source* takes them.

    Args:
        source: What the file must hold.
        file: What it holds. Not modified.
        as_of: First day the rows may be used, for a file whose rows do not say when they were
            known: they count as known at 00:00 UTC of the day before.

    Raises:
        ImportRefused: Columns are missing or twice there, there are no rows, values are blank, of
            another type or not a known level, keys repeat, or *as_of* is needed and None.
    """
    _refuse_columns(source, file)
    if file.rows.num_rows == 0:
        raise _refusal(source, file, ["it has a header and no rows"])
    if source.known_from is None and as_of is None:
        raise ImportRefused(
            f"{file.name}: a {source.name} file does not say when its rows were known",
            next_step=f"give the first day they may be used: `{source.command}`",
        )

    faults: list[str] = []
    readings: dict[str, Reading] = {}
    for column in source.columns:
        try:
            readings[column.name] = source_columns.read(column, file.rows[column.name])
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            kind = file.rows.schema.field(column.name).type
            faults.append(f"{column.name} is of type {kind} and must be {column.noun}")

    for column in source.columns:
        if column.name in readings:
            faults += _faults(column, readings, file.first_line)
    if source.key in readings:
        faults += _repeated(source.key, readings[source.key], file.first_line)
    if faults:
        raise _refusal(source, file, faults)

    return _raw_table(source, readings, as_of)


def _refuse_columns(source: SourceFile, file: DataFile) -> None:
    """Refuse a file whose header lacks a column, or has one twice."""
    found = file.rows.column_names
    needed = [column.name for column in source.columns]
    faults = []
    if missing := [name for name in needed if name not in found]:
        faults.append(
            f"{len(missing)} of {len(needed)} columns are missing: {', '.join(missing)} "
            f"(found: {', '.join(name[:EXAMPLE_LENGTH] for name in found) or 'none'})"
        )
    if doubled := [name for name in needed if found.count(name) > 1]:
        faults.append(f"{len(doubled)} columns are there more than once: {', '.join(doubled)}")
    if faults:
        raise _refusal(source, file, faults)


def _faults(column: FileColumn, readings: dict[str, Reading], first_line: int) -> list[str]:
    """Say what is wrong with the values of one column."""
    reading = readings[column.name]
    total = len(reading.is_bad)
    faults = []

    if reading.is_bad.any():
        first = int(np.argmax(reading.is_bad))
        example = "" if column.is_personal else f", {_shorten(reading.text[first].as_py())!r}"
        faults.append(
            f"{column.name}: {reading.is_bad.sum()} of {total} values are not {column.noun}, "
            f"first on line {first + first_line}{example}"
        )

    is_wrongly_blank = _wrongly_blank(column, readings)
    if is_wrongly_blank.any():
        where = f" where {column.blank_where_zero} is not 0" if column.blank_where_zero else ""
        faults.append(
            f"{column.name}: {is_wrongly_blank.sum()} of {total} values are blank{where}, "
            f"first on line {int(np.argmax(is_wrongly_blank)) + first_line}"
        )

    return faults


def _wrongly_blank(column: FileColumn, readings: dict[str, Reading]) -> npt.NDArray[np.bool_]:
    """Tell which values are blank and must not be."""
    is_blank = readings[column.name].is_blank
    if column.is_blank_legal:
        return np.zeros_like(is_blank)
    if column.blank_where_zero in readings:
        others = readings[column.blank_where_zero].values.to_numpy(zero_copy_only=False)
        return np.asarray(is_blank & (others != 0), dtype=np.bool_)

    return is_blank


def _repeated(key: str, reading: Reading, first_line: int) -> list[str]:
    """Say how many rows repeat a key that an earlier row has; keys may be personal."""
    codes = reading.values.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    _, first_rows = np.unique(codes, return_index=True)
    is_repeated = np.ones(len(codes), dtype=np.bool_)
    is_repeated[first_rows] = False
    is_repeated &= ~reading.is_blank
    if not is_repeated.any():
        return []

    return [
        f"{key}: {is_repeated.sum()} of {len(codes)} rows repeat the key of an earlier row, "
        f"first on line {int(np.argmax(is_repeated)) + first_line}"
    ]


def _raw_table(source: SourceFile, readings: dict[str, Reading], as_of: date | None) -> pa.Table:
    """Name the columns as the raw table does, and add what the file does not carry."""
    columns = {column.target: readings[column.name].values for column in source.columns}
    rows = len(next(iter(columns.values())))
    if source.line_column:
        columns[source.line_column] = pa.array(np.arange(1, rows + 1, dtype=np.int64))
    if source.known_from:
        columns["loaded_at"] = columns[source.known_from]
    elif as_of:
        columns["loaded_at"] = pa.repeat(pa.scalar(known_at(as_of), TYPES["instant"]), rows)

    return pa.table(columns)


def known_at(as_of: date) -> datetime:
    """Return when a file counts as known that may be used from *as_of*: a day earlier."""
    return datetime.combine(as_of - timedelta(days=1), time(), UTC)


def _shorten(value: str) -> str:
    """Return *value* at a length fit for one line."""
    return value if len(value) <= EXAMPLE_LENGTH else value[: EXAMPLE_LENGTH - 1] + "…"


def _refusal(source: SourceFile, file: DataFile, faults: list[str]) -> ImportRefused:
    """Build the error that lists *faults*."""
    return ImportRefused(
        f"{file.name} was refused and nothing was loaded: {'; '.join(faults)}",
        next_step=f"correct the file, then `{source.command}`",
    )
