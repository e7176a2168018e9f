"""Subscription records: a row for each state a subscription enters, its end included."""

import numpy as np
import pyarrow as pa

from pipelines.demo.cohort import Cohort
from pipelines.demo.lives.journal import States
from pipelines.demo.lives.subscribers import (
    CONTRACTS,
    PAYMENT_FAILED,
    PAYMENT_METHODS,
    PLANS,
    REASONS,
)
from pipelines.demo.planted_drift import PRICE_FACTOR
from pipelines.demo.records import columns, mess
from pipelines.demo.timeline import Floats, Ints

ANNOUNCED_SHARE = 0.12
ANNOUNCED_DAYS = (1.0, 9.9)
MISSING_METHOD = 0.015


def states_of(cohort: Cohort) -> States:
    """Return the states of the cohort's subscriptions, ends apart."""
    states = cohort.life.journal.states()
    is_kept = np.isin(states.row, cohort.rows)

    return States(
        row=states.row[is_kept],
        at=states.at[is_kept],
        plan=states.plan[is_kept],
        contract=states.contract[is_kept],
        method=states.method[is_kept],
        fee_eur=states.fee_eur[is_kept],
        term_ends=states.term_ends[is_kept],
    )


def numbers(cohort: Cohort, rows: Ints) -> pa.Array:
    """Return the identifiers of *rows*."""
    return columns.numbers("S", cohort.record_numbers(1)[0] + rows, 10)


def state_on(states: States, rows: Ints, days: Floats) -> Ints:
    """Return the position of the state each of *rows* is in on its day."""
    # Days are above -10,000; a thousandth of a day lets a state hold on the day it begins.
    width = 20_000.0
    starts = states.row * width + states.at

    return np.searchsorted(starts, rows * width + days + 1e-3, side="right") - 1


def records(cohort: Cohort, states: States) -> pa.Table:
    """Return raw.subscriptions."""
    rng = cohort.rng("subscriptions")
    ending, ends, announced = _ends(cohort, rng)
    at_end = state_on(states, ending, np.full(len(ending), 1.0))
    announced = np.maximum(announced, states.at[at_end] + 0.01)

    position = np.concatenate([np.arange(len(states.row)), at_end])
    changed = np.concatenate([states.at, announced])
    ended = np.concatenate([np.full(len(states.row), np.inf), ends])
    loaded = mess.known_on(rng, changed)
    fee = states.fee_eur[position]
    is_missing = rng.random(len(position)) < MISSING_METHOD

    plan = mess.mistyped(rng, columns.words(PLANS, states.plan[position]))
    method = mess.mistyped(rng, columns.words(PAYMENT_METHODS, states.method[position]))
    method = columns.hide(method, is_missing)

    drift_day = cohort.starts_drift_on("behaviour")
    if np.isfinite(drift_day):
        is_dearer = (changed >= drift_day) & cohort.is_repriced()[states.row[position]]
        fee = np.where(is_dearer, fee * PRICE_FACTOR, fee)
    table = _table(
        cohort,
        states,
        position,
        changed=changed,
        ended=ended,
        fee_eur=fee,
        plan=plan,
        method=method,
    )
    table = cohort.finish(table, loaded, changed, rng)
    if not np.isfinite(drift_day):
        return table

    return pa.concat_tables([table, _price_rises(cohort, states, drift_day)])


def _ends(cohort: Cohort, rng: np.random.Generator) -> tuple[Ints, Floats, Floats]:
    """Return which subscriptions end, when, and when that is known: mostly the same moment."""
    subscribers = cohort.life.subscribers
    rows = cohort.rows
    is_ending = np.isfinite(subscribers.ended[rows]) | (
        np.isfinite(subscribers.leaves_on[rows]) & ~subscribers.changes_mind[rows]
    )
    ending = rows[is_ending]
    ends = subscribers.leaves_on[ending]
    is_announced = rng.random(len(ending)) < ANNOUNCED_SHARE
    is_announced &= subscribers.reason[ending] != PAYMENT_FAILED
    ahead = rng.uniform(*ANNOUNCED_DAYS, len(ending))

    return ending, ends, ends - np.where(is_announced, ahead, 0)


def _price_rises(cohort: Cohort, states: States, drift_day: float) -> pa.Table:
    """Return the rows by which running subscriptions become dearer within a day of the drift."""
    rng = cohort.rng("drift")
    subscribers = cohort.life.subscribers
    rows = cohort.rows[cohort.is_repriced()[cohort.rows]]
    rises = drift_day + rng.random(len(rows)) * 0.5
    is_running = (subscribers.started[rows] < drift_day) & (subscribers.leaves_on[rows] > rises)
    # Who announced the end is left in peace.
    is_running &= subscribers.leaves_on[rows] - rises > ANNOUNCED_DAYS[1]
    rows, rises = rows[is_running], rises[is_running]
    position = state_on(states, rows, rises)

    table = _table(
        cohort,
        states,
        position,
        changed=rises,
        ended=np.full(len(rows), np.inf),
        fee_eur=states.fee_eur[position] * PRICE_FACTOR,
        plan=columns.words(PLANS, states.plan[position]),
        method=columns.words(PAYMENT_METHODS, states.method[position]),
    )
    loaded = rises + mess.USUAL_LAG_DAYS
    is_history = loaded < 0
    table = table.append_column("loaded_at", columns.instants(cohort.timeline, loaded))

    return table.filter(pa.array(is_history))


def _table(
    cohort: Cohort,
    states: States,
    position: Ints,
    *,
    changed: Floats,
    ended: Floats,
    fee_eur: Floats,
    plan: pa.Array,
    method: pa.Array,
) -> pa.Table:
    """Return rows of raw.subscriptions but for `loaded_at`."""
    rows = states.row[position]
    subscribers = cohort.life.subscribers
    reason = columns.words(REASONS, subscribers.reason[rows])

    return pa.table(
        {
            "subscription_id": numbers(cohort, rows),
            "customer_id": cohort.customer_ids(rows),
            "plan": plan,
            "contract": columns.words(CONTRACTS, states.contract[position]),
            "payment_method": method,
            "monthly_fee_eur": columns.money(fee_eur),
            "started_at": columns.instants(cohort.timeline, subscribers.started[rows]),
            "contract_ends_at": columns.instants(cohort.timeline, states.term_ends[position]),
            "ended_at": columns.instants(cohort.timeline, ended),
            "end_reason": columns.hide(reason, np.isinf(ended)),
            "changed_at": columns.instants(cohort.timeline, changed),
        }
    )
