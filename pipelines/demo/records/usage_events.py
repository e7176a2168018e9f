"""Usage event records: what subscribers do with the product, an event a session or count."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.demo.cohort import Cohort
from pipelines.demo.planted_drift import EVENTS_KEPT, QUANTITY_FACTOR
from pipelines.demo.records import columns, mess
from pipelines.demo.timeline import STEP_DAYS, Floats, Ints

# Minutes for a session, a count for the others.
EVENT_TYPES = ("login", "session", "feature_use", "content_view", "export")
TYPE_SHARES = (0.28, 0.34, 0.17, 0.16, 0.05)
SESSION = 1
SESSION_MINUTES = 22.0
MORE_THAN_ONE = (0.6, 0.0, 3.0, 5.0, 0.4)

NEGATIVE_SHARE = 0.006
ZERO_SHARE = 0.006
UNKNOWN_CUSTOMER_SHARE = 0.0005
FIRST_UNKNOWN_CUSTOMER = 90_000_000


def records(cohort: Cohort) -> pa.Table:
    """Return raw.usage_events."""
    rng = cohort.rng("usage_events")
    rows, occurred = _occurred(cohort, rng)
    size = len(rows)
    event_type = rng.choice(len(EVENT_TYPES), size, p=TYPE_SHARES)
    quantity = _quantities(event_type, rng)
    is_unknown = rng.random(size) < UNKNOWN_CUSTOMER_SHARE
    unknown = FIRST_UNKNOWN_CUSTOMER + rng.integers(0, 1000, int(is_unknown.sum()))

    is_drifted = occurred >= cohort.starts_drift_on("behaviour")
    is_gone = is_drifted & (cohort.rng("drift").random(size) >= EVENTS_KEPT)
    quantity = np.where(is_drifted, quantity * QUANTITY_FACTOR, quantity)
    is_unmeasured = occurred >= cohort.starts_drift_on("nulls")

    table = pa.table(
        {
            "event_id": columns.numbers("E", cohort.record_numbers(size), 10),
            "customer_id": pc.replace_with_mask(
                cohort.customer_ids(rows), pa.array(is_unknown), columns.numbers("C", unknown, 8)
            ),
            "event_type": mess.mistyped(rng, columns.words(EVENT_TYPES, event_type)),
            "quantity": pa.array(np.round(quantity, 2), mask=is_unmeasured),
            "occurred_at": columns.instants(cohort.timeline, occurred),
        }
    )

    return cohort.finish(table, mess.known_on(rng, occurred), occurred, rng, ~is_gone)


def _occurred(cohort: Cohort, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Return whose events there are, and when."""
    timeline, subscribers = cohort.timeline, cohort.life.subscribers
    weeks = -STEP_DAYS * np.arange(timeline.weeks, 0, -1)
    season = timeline.season(weeks.astype(np.float64) + STEP_DAYS / 2)
    count = rng.poisson(cohort.life.journal.rates[cohort.rows] * season.astype(np.float32))
    position, week = np.divmod(np.repeat(np.arange(count.size), count.ravel()), timeline.weeks)
    rows = cohort.rows[position]

    weekday = np.searchsorted(np.cumsum(timeline.week_profile())[:-1], rng.random(len(rows)))
    # Busiest in the early afternoon.
    time_of_day = rng.beta(4.0, 3.2, len(rows))
    occurred = weeks[week] + weekday + time_of_day
    is_running = (occurred >= subscribers.started[rows]) & (occurred < subscribers.ended[rows])
    is_running &= occurred >= timeline.start_day

    return rows[is_running], occurred[is_running]


def _quantities(event_type: Ints, rng: np.random.Generator) -> Floats:
    """Return minutes or counts, a few of them corrections below zero or empty."""
    size = len(event_type)
    counts = 1.0 + rng.poisson(np.array(MORE_THAN_ONE)[event_type])
    minutes = SESSION_MINUTES * rng.lognormal(0, 0.6, size)
    quantity = np.where(event_type == SESSION, minutes, counts)

    luck = rng.random(size)
    quantity = np.where(luck < NEGATIVE_SHARE, -quantity, quantity)

    return np.where(luck > 1 - ZERO_SHARE, 0.0, quantity)
