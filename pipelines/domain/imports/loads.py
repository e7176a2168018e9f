"""What was loaded into the raw tables: an entry of the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Load:
    """
    A row of raw.loads.

    Attributes:
        source: Where the rows came from, such as `telco` or `demo`.
        fingerprint: Of what was loaded; the same fingerprint of a source is loaded once.
        rows: How many there were, over all tables.
        details: What else is known of it, as JSON-compatible values.
    """

    source: str
    fingerprint: str
    rows: int
    details: Mapping[str, Any]
