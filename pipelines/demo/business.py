"""The history of a generated business, as the raw tables would hold it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from pipelines.demo.cohort import Cohort, in_order, stream
from pipelines.demo.lives import lifecycle
from pipelines.demo.lives import people as person
from pipelines.demo.planted_drift import PlantedDrift
from pipelines.demo.records import customers as customer_records
from pipelines.demo.records import invoices, subscriptions, support_tickets, usage_events
from pipelines.demo.timeline import Timeline

# Raised whenever the same arguments would give other rows.
VERSION = 1

# Most people leave before the history begins: so many have to be drawn for each that is needed.
PEOPLE_A_CUSTOMER = 2.6
FEWEST_PEOPLE = 2_000
MOST_PEOPLE = 80_000
# Fewer customers than the largest cohort keeps: a block is one of those, or a few of the small ones
# a business ends with.
CUSTOMERS_A_BLOCK = 25_000


@dataclass(frozen=True, slots=True)
class Block:
    """
    Customers of a business, with all that is recorded of them.

    Attributes:
        customers: How many.
        tables: Table name to rows, in the order of their loading, with the types of
            sql/migrations/0001_raw.sql.
    """

    customers: int
    tables: dict[str, pa.Table]


def generate(
    *, customers: int, months: int, seed: int, until: date, drift: PlantedDrift | None = None
) -> dict[str, pa.Table]:
    """
    Return the five raw tables of a subscription business, each in the order of its loading.

    The business is in balance: it had six years to fill up, and newcomers replace leavers. Why
    customers leave is in `causes`, what happens to them in `weekly_events`, how records go wrong in
    `mess`.

    Args:
        customers: People who were subscribers at any time of the history; more than half of them
            are at its end.
        months: Length of the history. Records of customers and subscriptions go back to their
            beginning, those of usage, invoices and tickets to the history's.
        seed: The same arguments give the same rows.
        until: Nothing happened or was loaded at or after its 00:00 UTC. Announced ends, due dates
            and ends of terms may lie after it.
        drift: Planted into the rows from its date on; those before it are the same without it.

    Returns:
        Table name to rows, with the types of sql/migrations/0001_raw.sql.
    """
    made = blocks(customers=customers, months=months, seed=seed, until=until, drift=drift)

    return _joined([block.tables for block in made])


def blocks(
    *,
    customers: int,
    months: int,
    seed: int,
    until: date,
    drift: PlantedDrift | None = None,
    customers_a_block: int = CUSTOMERS_A_BLOCK,
) -> Iterator[Block]:
    """
    Yield the rows of `generate` a block of customers at a time, made when they are asked for.

    Memory is the same for any number of customers. A business of one block comes in the order of
    `generate`; in a larger one the order of loading is that of each block.

    Args:
        customers: As of `generate`, and so are the others.
        months: Memory grows with them.
        seed: The same arguments give the same rows.
        until: First day that is not part of the history.
        drift: Planted into the rows from its date on.
        customers_a_block: Fewest of a block but the last; the most are those and a cohort.
    """
    parts: list[dict[str, pa.Table]] = []
    waiting = 0
    for cohort in _cohorts(customers, Timeline.of(until, months), seed, drift):
        parts.append(_records(cohort))
        waiting += len(cohort.people)
        if waiting >= customers_a_block:
            block = Block(waiting, _joined(parts))
            parts, waiting = [], 0
            yield block
    if parts:
        yield Block(waiting, _joined(parts))


def _joined(parts: Sequence[dict[str, pa.Table]]) -> dict[str, pa.Table]:
    """Return the rows of all *parts* in the order of their loading."""
    return {name: in_order(pa.concat_tables([part[name] for part in parts])) for name in parts[0]}


def _cohorts(
    customers: int, timeline: Timeline, seed: int, drift: PlantedDrift | None
) -> Iterator[Cohort]:
    """Let businesses be lived until there are enough customers."""
    missing, number = customers, 0
    while missing > 0:
        size = min(max(int(missing * PEOPLE_A_CUSTOMER), FEWEST_PEOPLE), MOST_PEOPLE)
        people = person.draw(stream(seed, number, "people"), size)
        life = lifecycle.live(people, timeline, stream(seed, number, "life"))

        subscribers = life.subscribers
        used = slice(0, subscribers.used)
        is_seen = subscribers.ended[used] >= timeline.start_day
        kept = np.unique(subscribers.person[used][is_seen])[:missing]
        rows = np.flatnonzero(np.isin(subscribers.person[used], kept))
        yield Cohort(timeline, life, drift, seed, number, customers - missing + 1, kept, rows)
        missing, number = missing - len(kept), number + 1


def _records(cohort: Cohort) -> dict[str, pa.Table]:
    """Return the raw tables of one cohort."""
    states = subscriptions.states_of(cohort)

    return {
        "customers": customer_records.records(cohort),
        "subscriptions": subscriptions.records(cohort, states),
        "invoices": invoices.records(cohort, states),
        "usage_events": usage_events.records(cohort),
        "support_tickets": support_tickets.records(cohort),
    }
