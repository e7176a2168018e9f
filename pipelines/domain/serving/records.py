"""Raw records that a program sends of one customer: held to the tables they are rows of."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

CUSTOMER, LOADED, DIGEST = "customer_id", "loaded_at", "row_digest"
# More faults than that of one customer help nobody.
MOST_FAULTS: Final = 50
# Below it PostgreSQL refuses a number for a column of type real.
LEAST_REAL: Final = 1.2e-38
_WHOLE: Final = {"smallint": 15, "integer": 31, "bigint": 63}
_NUMERIC: Final = re.compile(r"numeric\((\d+),(\d+)\)")


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column of a raw table.

    Attributes:
        name: As the table has it.
        type: As PostgreSQL writes it.
        is_needed: Whether it is never NULL.
    """

    name: str
    type: str
    is_needed: bool


Tables = Mapping[str, Sequence[Column]]
Records = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class RecordFault:
    """
    What is wrong with one field of one record.

    Attributes:
        place: Table, position of the record and field, as far as it is about one.
        detail: What is wrong, without the value.
    """

    place: tuple[str | int, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class CheckedRecords:
    """
    Records of one customer.

    Attributes:
        rows: By table, each with its customer, when it was known and what it is known by; not to be
            used where there are faults.
        faults: What is wrong with them, at most MOST_FAULTS.
    """

    rows: dict[str, list[dict[str, Any]]]
    faults: tuple[RecordFault, ...]


def count(records: Mapping[str, Any]) -> int:
    """Return how many records there are in what was sent, whatever else it may be."""
    return sum(len(rows) for rows in records.values() if isinstance(rows, list))


def checked(
    records: Mapping[str, Any], tables: Tables, customer_id: str, known_at: datetime
) -> CheckedRecords:
    """
    Return *records* as rows of *tables*, and what is wrong with them.

    Args:
        records: By table a list of objects, as JSON has them. Not modified.
        tables: What may be sent.
        customer_id: Whose they are; a record that names a customer has to name this one.
        known_at: When those were known that do not say so as `loaded_at`.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    faults: list[RecordFault] = []
    for table, sent in records.items():
        if table not in tables:
            faults.append(RecordFault((table,), "is no table of this population's sources"))
        elif not isinstance(sent, list):
            faults.append(RecordFault((table,), "has to be a list of records"))
        else:
            columns = {each.name: each for each in tables[table]}
            rows[table] = [
                _row(record, columns, (table, number), customer_id, known_at, faults=faults)
                for number, record in enumerate(sent)
            ]

    return CheckedRecords(rows, tuple(faults[:MOST_FAULTS]))


def _row(
    record: object,
    columns: Mapping[str, Column],
    place: tuple[str | int, ...],
    customer_id: str,
    known_at: datetime,
    *,
    faults: list[RecordFault],
) -> dict[str, Any]:
    """Return one record as a row; what is wrong with it is added to *faults*."""
    if not isinstance(record, dict):
        faults.append(RecordFault(place, "has to be an object"))
        return {}
    if record.get(CUSTOMER, customer_id) != customer_id:
        faults.append(RecordFault((*place, CUSTOMER), "has to be the customer_id of the request"))
    known = known_at.isoformat()
    row: dict[str, Any] = {CUSTOMER: customer_id, LOADED: known}
    for name, value in record.items():
        if name not in columns or name == DIGEST:
            faults.append(RecordFault((*place, str(name)), "is no column of this table"))
        elif name != CUSTOMER and not (name == LOADED and value is None):
            row[name], fault = _value(value, columns[name])
            if fault:
                faults.append(RecordFault((*place, name), fault))
    faults += [
        RecordFault((*place, name), "is missing")
        for name, column in columns.items()
        if column.is_needed and name != DIGEST and row.get(name) is None and name not in record
    ]
    if DIGEST in columns:
        told = json.dumps(row, sort_keys=True, default=str)
        row[DIGEST] = rf"\x{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()}"

    return row


def _value(value: object, column: Column) -> tuple[Any, str]:
    """Return a value as its column takes it, and what is wrong with it, if anything is."""
    if value is None:
        return None, "must not be null" if column.is_needed else ""
    if column.type in _WHOLE:
        return value, _whole_fault(value, _WHOLE[column.type])
    if column.type.startswith("numeric") or column.type in {"double precision", "real"}:
        return value, _number_fault(value, column.type)
    read = _READ.get(column.type)

    return read(value) if read else (None, f"is of type {column.type}, which cannot be sent")


def _whole_fault(value: object, bits: int) -> str:
    """Return what is wrong with a whole number."""
    if type(value) is not int:
        return "has to be a whole number"

    return "" if -(2**bits) <= value < 2**bits else "is beyond the range of its column"


def _number_fault(value: object, kind: str) -> str:
    """Return what is wrong with a number."""
    if type(value) is int:
        try:
            value = float(value)
        except OverflowError:
            return "is beyond the range of its column"
    if type(value) is not float:
        return "has to be a number"
    if not math.isfinite(value):
        return "has to be a finite number"
    most, size = 3.4e38 if kind == "real" else math.inf, abs(value)
    if kind == "real" and 0 < size < LEAST_REAL:
        return "is nearer to 0 than its column can hold"
    if digits := _NUMERIC.fullmatch(kind):
        most, size = 10.0 ** (int(digits[1]) - int(digits[2])), round(size, int(digits[2]))

    return "" if size < most else "is beyond the range of its column"


def _text(value: object) -> tuple[Any, str]:
    """Return a text that PostgreSQL can hold."""
    if type(value) is not str:
        return value, "has to be a text"
    if "\0" in value:
        return value, "must not hold the character U+0000"
    try:
        value.encode()
    except UnicodeEncodeError:
        return value, "must not hold half a character"

    return value, ""


def _truth(value: object) -> tuple[Any, str]:
    """Return true or false."""
    return value, "" if type(value) is bool else "has to be true or false"


def _day(value: object) -> tuple[Any, str]:
    """Return a date, ISO."""
    try:
        if isinstance(value, str) and len(value) == len("2026-01-31"):
            return date.fromisoformat(value).isoformat(), ""
    except ValueError:
        pass

    return value, "has to be a date, such as 2026-01-31"


def _instant(value: object) -> tuple[Any, str]:
    """Return an instant in UTC, ISO."""
    try:
        if isinstance(value, str) and value[10:11] in {"T", " "}:
            told = datetime.fromisoformat(value)
            if told.tzinfo is not None:
                return told.astimezone(UTC).isoformat(), ""
    except (ValueError, OverflowError):
        pass

    return value, "has to be an instant with its offset, such as 2026-01-31T08:00:00+00:00"


_READ: Final[Mapping[str, Callable[[object], tuple[Any, str]]]] = {
    "text": _text,
    "character varying": _text,
    "boolean": _truth,
    "date": _day,
    "timestamp with time zone": _instant,
}
