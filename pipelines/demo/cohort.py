"""A cohort of generated customers: a business that was lived, and who of it is kept."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.demo.lives.lifecycle import Life
from pipelines.demo.planted_drift import REPRICED_SHARE, PlantedDrift
from pipelines.demo.records import columns, mess
from pipelines.demo.timeline import Bools, Floats, Ints, Timeline

# Each has random numbers of its own, so that a change to one leaves the others' rows alone.
StreamName = Literal[
    "people", "life", "customers", "subscriptions", "invoices", "usage_events", "support_tickets",
    "repricing", "drift",
]  # fmt: skip
STREAMS: dict[StreamName, int] = {
    "people": 0,
    "life": 1,
    "customers": 2,
    "subscriptions": 3,
    "invoices": 4,
    "usage_events": 5,
    "support_tickets": 6,
    "repricing": 7,
    "drift": 8,
}
MOST_ROWS_A_COHORT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Cohort:
    """
    Customers whose records are to be written.

    Attributes:
        timeline: The history.
        life: What happened.
        drift: What is planted into it.
        seed: Seed of the whole history.
        number: Of this cohort, from 0.
        first_customer: Number of its first customer.
        people: Those kept, ascending; somebody who was a subscriber during the history.
        rows: Their subscriptions, ascending.
    """

    timeline: Timeline
    life: Life
    drift: PlantedDrift | None
    seed: int
    number: int
    first_customer: int
    people: Ints
    rows: Ints

    def rng(self, name: StreamName) -> np.random.Generator:
        """Return the random numbers of the stream *name* in this cohort, from their beginning."""
        return stream(self.seed, self.number, name)

    def customer_ids(self, rows: Ints) -> pa.Array:
        """Return whose subscription each of *rows* is."""
        person = self.life.subscribers.person[rows]

        return columns.numbers("C", self.first_customer + np.searchsorted(self.people, person), 8)

    def record_numbers(self, size: int) -> Ints:
        """Return numbers for *size* records that no other cohort uses."""
        return self.number * MOST_ROWS_A_COHORT + np.arange(size)

    def starts_drift_on(self, kind: Literal["behaviour", "nulls"]) -> float:
        """Return the day a drift of *kind* starts; inf without one."""
        if self.drift is None or self.drift.kind != kind:
            return np.inf

        return self.timeline.day(self.drift.starts_on)

    def is_repriced(self) -> Bools:
        """Tell for each subscription whether a drift of behaviour changes its price."""
        luck = self.rng("repricing").random(len(self.life.subscribers.person))

        return np.asarray(luck < REPRICED_SHARE)

    def finish(
        self,
        records: pa.Table,
        loaded: Floats,
        happened: Floats,
        rng: np.random.Generator,
        is_kept: Bools | None = None,
    ) -> pa.Table:
        """
        Return *records* with `loaded_at`, some of them twice, without what is not history yet.

        Args:
            records: Everything but `loaded_at`.
            loaded: Day each is loaded.
            happened: Day each happened.
            rng: Chooses those that come twice.
            is_kept: Which of them there are at all; all by default.
        """
        is_repeated, again = mess.repeated(rng, loaded)
        chosen = np.concatenate([np.arange(len(loaded)), np.flatnonzero(is_repeated)])
        loaded = np.concatenate([loaded, again])
        is_history = (loaded < 0) & (happened[chosen] < 0)
        if is_kept is not None:
            is_history &= is_kept[chosen]

        chosen, loaded = chosen[is_history], loaded[is_history]
        complete = records.take(pa.array(chosen))

        return complete.append_column("loaded_at", columns.instants(self.timeline, loaded))


def stream(seed: int, cohort: int, name: StreamName) -> np.random.Generator:
    """Return the random numbers of one stream in one cohort."""
    return np.random.default_rng([seed, cohort, STREAMS[name]])


def in_order(records: pa.Table) -> pa.Table:
    """Return *records* in the order they were loaded, as a real warehouse holds them."""
    return records.take(pc.sort_indices(records, sort_keys=[("loaded_at", "ascending")]))
