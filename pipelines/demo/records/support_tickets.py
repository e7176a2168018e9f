"""Support ticket records: opened, then resolved and perhaps rated."""

import numpy as np
import pyarrow as pa

from pipelines.demo.cohort import Cohort
from pipelines.demo.lives.weekly_events import TICKET_CATEGORIES
from pipelines.demo.records import columns, mess

PRIORITIES = ("low", "normal", "high", "urgent")
PRIORITY_SHARES = (0.25, 0.5, 0.18, 0.07)
BAD_PRIORITY_SHARES = (0.1, 0.35, 0.33, 0.22)

RATED_SHARE = 0.55
UNRESOLVED_SHARE_OF_BAD = 0.25


def records(cohort: Cohort) -> pa.Table:
    """Return raw.support_tickets: a row when opened, another when resolved."""
    rng = cohort.rng("support_tickets")
    tickets = cohort.life.journal.tickets()
    is_kept = np.isin(tickets.row, cohort.rows) & (tickets.at >= cohort.timeline.start_day)
    rows, opened = tickets.row[is_kept], tickets.at[is_kept]
    category, is_bad = tickets.category[is_kept], tickets.is_bad[is_kept]
    size = len(rows)

    priority = np.where(
        is_bad,
        rng.choice(len(PRIORITIES), size, p=BAD_PRIORITY_SHARES),
        rng.choice(len(PRIORITIES), size, p=PRIORITY_SHARES),
    )
    took = np.where(is_bad, rng.uniform(2, 21, size), 0.4 * rng.lognormal(0, 0.8, size))
    took = np.where(is_bad & (rng.random(size) < UNRESOLVED_SHARE_OF_BAD), np.inf, took)
    resolved = opened + took
    rating = np.where(is_bad, rng.integers(1, 4, size), rng.integers(3, 6, size))
    is_rated = rng.random(size) < RATED_SHARE

    opening_known = mess.known_on(rng, opened)
    is_resolved = resolved < 0
    resolution_known = np.maximum(
        mess.known_on(rng, resolved[is_resolved]),
        opening_known[is_resolved] + mess.NEXT_STATE_DAYS,
    )

    position = np.concatenate([np.arange(size), np.flatnonzero(is_resolved)])
    resolved_on = np.concatenate([np.full(size, np.inf), resolved[is_resolved]])
    table = pa.table(
        {
            "ticket_id": columns.numbers("T", cohort.record_numbers(size)[position], 10),
            "customer_id": cohort.customer_ids(rows[position]),
            "category": columns.words(TICKET_CATEGORIES, category[position]),
            "priority": columns.words(PRIORITIES, priority[position]),
            "opened_at": columns.instants(cohort.timeline, opened[position]),
            "resolved_at": columns.instants(cohort.timeline, resolved_on),
            "satisfaction": columns.whole(
                rating[position], ~is_rated[position] | np.isinf(resolved_on)
            ),
        }
    )
    happened = np.where(np.isinf(resolved_on), opened[position], resolved_on)

    return cohort.finish(table, np.concatenate([opening_known, resolution_known]), happened, rng)
