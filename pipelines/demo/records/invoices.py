"""Invoice records: issued every month, then paid, late or never."""

import numpy as np
import pyarrow as pa

from pipelines.demo.cohort import Cohort
from pipelines.demo.lives.journal import Defaults, States
from pipelines.demo.lives.weekly_events import BILLING_DAYS, PAYMENT_TERM_DAYS
from pipelines.demo.planted_drift import PRICE_FACTOR
from pipelines.demo.records import columns, mess, subscriptions
from pipelines.demo.timeline import Floats, Ints

# Added to the share a person pays late while they lose interest.
LATE_WHILE_FADING = 0.25
LONGEST_DELAY_DAYS = 35.0


def records(cohort: Cohort, states: States) -> pa.Table:
    """Return raw.invoices: a row when issued, another when paid."""
    rng = cohort.rng("invoices")
    rows, issued = _issued(cohort)
    number = cohort.record_numbers(len(rows))
    amount = states.fee_eur[subscriptions.state_on(states, rows, issued)]
    if np.isfinite(drift_day := cohort.starts_drift_on("behaviour")):
        is_dearer = (issued >= drift_day + 1) & cohort.is_repriced()[rows]
        amount = np.where(is_dearer, amount * PRICE_FACTOR, amount)

    paid = _paid(cohort, rows, issued, rng)
    issue_known = mess.known_on(rng, issued)
    is_paid = np.isfinite(paid) & (paid < 0)
    payment_known = np.maximum(
        mess.known_on(rng, paid[is_paid]), issue_known[is_paid] + mess.NEXT_STATE_DAYS
    )

    position = np.concatenate([np.arange(len(rows)), np.flatnonzero(is_paid)])
    paid_on = np.concatenate([np.full(len(rows), np.inf), paid[is_paid]])
    rows = rows[position]
    table = pa.table(
        {
            "invoice_id": columns.numbers("I", number[position], 10),
            "customer_id": cohort.customer_ids(rows),
            "subscription_id": subscriptions.numbers(cohort, rows),
            "amount_eur": columns.money(amount[position]),
            "issued_at": columns.instants(cohort.timeline, issued[position]),
            "due_at": columns.instants(cohort.timeline, issued[position] + PAYMENT_TERM_DAYS),
            "paid_at": columns.instants(cohort.timeline, paid_on),
        }
    )
    happened = np.where(np.isinf(paid_on), issued[position], paid_on)

    return cohort.finish(table, np.concatenate([issue_known, payment_known]), happened, rng)


def _issued(cohort: Cohort) -> tuple[Ints, Floats]:
    """Return the subscription and the day of every invoice of the history."""
    subscribers = cohort.life.subscribers
    started = subscribers.started[cohort.rows]
    end = np.minimum(subscribers.ended[cohort.rows], 0)
    since = np.maximum(started, cohort.timeline.start_day)
    first = np.ceil((since - started) / BILLING_DAYS).astype(np.int64)
    stop = np.ceil((end - started) / BILLING_DAYS).astype(np.int64)

    count = np.maximum(stop - first, 0)
    month = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    month += np.repeat(first, count)

    return np.repeat(cohort.rows, count), np.repeat(started, count) + month * BILLING_DAYS


def _paid(cohort: Cohort, rows: Ints, issued: Floats, rng: np.random.Generator) -> Floats:
    """Return the day each invoice is paid; inf for never."""
    life = cohort.life
    size = len(rows)
    is_fading = issued > life.subscribers.fades_from[rows]
    lateness = life.people.lateness[life.subscribers.person[rows]] + LATE_WHILE_FADING * is_fading
    is_late = rng.random(size) < lateness
    delay = np.minimum(1 + rng.gamma(2.0, 4.0, size), LONGEST_DELAY_DAYS)
    in_time = rng.uniform(0.5, PAYMENT_TERM_DAYS - 0.5, size)
    paid = issued + np.where(is_late, PAYMENT_TERM_DAYS + delay, in_time)

    defaulted = _default_of(life.journal.defaults(), rows, issued)

    return np.maximum(paid, defaulted)


def _default_of(defaults: Defaults, rows: Ints, issued: Floats) -> Floats:
    """Return the day before which each invoice is not paid; -inf outside of all spells."""
    width = 20_000.0
    starts = defaults.row * width + defaults.since
    position = np.searchsorted(starts, rows * width + issued + 1e-3, side="right") - 1
    found = np.maximum(position, 0)
    is_within = (position >= 0) & (defaults.row[found] == rows) & (issued < defaults.until[found])

    return np.where(is_within, defaults.until[found], -np.inf)
