"""What was loaded into the raw tables: entries of the ledger, and what became of rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Load:
    """
    A row of raw.loads.

    Attributes:
        source: Where the rows came from, such as `bank__customers` or `demo`.
        fingerprint: Of what was loaded; the same fingerprint of a source is loaded once.
        rows: How many there were, over all tables.
        details: What else is known of it, as JSON-compatible values.
    """

    source: str
    fingerprint: str
    rows: int
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Repeats:
    """
    Rows of a snapshot whose customer an earlier row has.

    Attributes:
        rows: How many.
        lines: Where the first of them are.
    """

    rows: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """
    What became of rows that were gathered.

    Attributes:
        loaded: Rows that are in the table now.
        already_there: Rows that were there before.
    """

    loaded: int
    already_there: int
