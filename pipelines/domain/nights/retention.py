"""What was removed of the past because it was kept for long enough."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Night(NamedTuple):
    """
    One date of one population.

    Attributes:
        population: Its name in churn.toml.
        as_of: The date.
    """

    population: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Pruned:
    """
    What one kind of thing lost.

    Attributes:
        kind: What it is, in the plural.
        before: The first date that was kept.
        removed: How many of the kind are gone: rows, nights with pages, or files.
    """

    kind: str
    before: date
    removed: int
