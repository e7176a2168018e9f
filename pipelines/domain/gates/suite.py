"""The expectations written by hand for one table, read from the folder expectations."""

from dataclasses import dataclass

from pipelines.domain.gates.batch import KeyLookup
from pipelines.domain.gates.check import Check


@dataclass(frozen=True, slots=True)
class Suite:
    """
    The expectations written by hand for one table.

    Attributes:
        checks: What is expected.
        known_within_days: Only rows known in that many days before as_of are read; None reads all.
        lookups: Keys looked up in other tables.
        stands_in: Schema and table of a feature table that somebody owns; None of a raw table.
        as_of: Column of such a table whose rows of the night are looked at.
    """

    checks: tuple[Check, ...]
    known_within_days: int | None = None
    lookups: tuple[KeyLookup, ...] = ()
    stands_in: tuple[str, str] | None = None
    as_of: str = ""
