"""A change planted into a history, for those who watch drift to find."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

# What a planted change of behaviour does from its first day on.
EVENTS_KEPT = 0.35
QUANTITY_FACTOR = 0.5
REPRICED_SHARE = 0.6
PRICE_FACTOR = 1.12


@dataclass(frozen=True, slots=True)
class PlantedDrift:
    """
    A change of the records from one date on; who leaves, and when, stays the same.

    Attributes:
        starts_on: First day of it, from 00:00 UTC.
        kind: `behaviour`: 65 % of usage events are gone, quantities are half and 60 % of the
            subscriptions cost 12 % more. `nulls`: usage events arrive without a quantity.
    """

    starts_on: date
    kind: Literal["behaviour", "nulls"]
