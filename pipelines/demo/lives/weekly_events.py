"""What happens in a week: changes of fee, plan, method or term, tickets, and failed payments."""

from dataclasses import dataclass

import numpy as np

from pipelines.demo.lives import causes
from pipelines.demo.lives.journal import Defaults, Journal, Tickets
from pipelines.demo.lives.people import METHOD_SHARES, People
from pipelines.demo.lives.subscribers import (
    PAYMENT_FAILED,
    PROMOTION_FACTOR,
    TERM_DAYS,
    Subscribers,
)
from pipelines.demo.timeline import STEP_DAYS, Bools, Ints

TICKET_CATEGORIES = ("technical", "billing", "how_to", "account", "cancellation")
TICKET_SHARES = (0.42, 0.18, 0.25, 0.15)
BILLING, CANCELLATION = 1, 4

RENEWED_SHARE = 0.65
INCREASED_SHARE = 0.5
INCREASE = (0.03, 0.12)
PLAN_CHANGE_A_WEEK = 0.0024
METHOD_CHANGE_A_WEEK = 0.001

TICKET_A_WEEK = 0.024
BAD_SHARE = 0.28
# Of those who leave within four weeks; of those who will have changed their minds by then.
CANCELLATION_A_WEEK = 0.2
CANCELLATION_UNMEANT_A_WEEK = 0.05
CANCELLATION_DAYS = 28

BILLING_DAYS = 365.25 / 12
PAYMENT_TERM_DAYS = 14
DEFAULT_A_WEEK = 0.0046
CURED_SHARE = 0.13
# After the first unpaid invoice was due.
CURED_DAYS = (14, 32)
ENDED_DAYS = (26, 40)


@dataclass(frozen=True, slots=True)
class Week:
    """
    A week that is being lived.

    Attributes:
        people: Everybody who ever comes.
        subscribers: Their subscriptions; changed as the week happens.
        journal: What happens is written down here.
        day: First day.
        rng: Everything that is left to chance.
    """

    people: People
    subscribers: Subscribers
    journal: Journal
    day: int
    rng: np.random.Generator

    @property
    def ends(self) -> int:
        """First day of the next week."""
        return self.day + STEP_DAYS


def happen(week: Week, running: Ints) -> None:
    """Let a week happen to *running*, all of whom started before it and outlive it."""
    _change(week, running)
    _complain(week, running)
    _default(week, running)


def _change(week: Week, running: Ints) -> None:
    """Change what subscribers pay, have, or are bound to."""
    subscribers, rng = week.subscribers, week.rng
    size = len(running)
    at = rng.uniform(week.day, week.ends, size)
    before = subscribers.fee_eur[running]

    term_ends = subscribers.term_ends[running]
    is_term = term_ends < week.ends
    at = np.where(is_term, term_ends, at)
    is_renewed = rng.random(size) < RENEWED_SHARE
    length = np.array(TERM_DAYS)[subscribers.contract[running]]
    to_monthly = running[is_term & ~is_renewed]
    subscribers.term_ends[running] = np.where(
        is_term, np.where(is_renewed, term_ends + length, np.inf), term_ends
    )
    subscribers.contract[to_monthly] = 0

    tenure = week.day - subscribers.started[running]
    is_anniversary = tenure // 365 < (tenure + STEP_DAYS) // 365
    is_increased = is_term | (is_anniversary & (subscribers.contract[running] == 0))
    is_increased &= rng.random(size) < INCREASED_SHARE
    fee = np.where(is_increased, before * (1 + rng.uniform(*INCREASE, size)), before)

    is_promotion_over = subscribers.promotion_ends[running] < week.ends
    fee = np.where(is_promotion_over, fee / PROMOTION_FACTOR, fee)
    subscribers.promotion_ends[running[is_promotion_over]] = np.inf
    # The first fee of a promotion is a gift: its end hurts less than an increase of a third.
    pain = np.where(is_promotion_over, 1.0, 10 * (fee / before - 1))
    subscribers.price_pain[running] += pain
    subscribers.fee_eur[running] = fee

    is_replanned = _replan(week, running)
    is_repaying = rng.random(size) < METHOD_CHANGE_A_WEEK
    repaying = running[is_repaying]
    subscribers.method[repaying] = rng.choice(len(METHOD_SHARES), len(repaying), p=METHOD_SHARES)

    is_changed = is_term | is_increased | is_promotion_over | is_replanned | is_repaying
    week.journal.note_states(subscribers, running[is_changed], at[is_changed])


def _replan(week: Week, running: Ints) -> Bools:
    """Move some to a bigger or smaller plan, and tell which."""
    people, subscribers = week.people, week.subscribers
    luck = week.rng.random(len(running))
    plan = subscribers.plan[running]
    is_up = (luck < PLAN_CHANGE_A_WEEK / 2) & (plan < 2)
    is_down = (luck > 1 - PLAN_CHANGE_A_WEEK / 2) & (plan > 0)
    is_replanned: Bools = is_up | is_down

    rows = running[is_replanned]
    old_price = subscribers.list_price(people, rows)
    subscribers.plan[running] = plan + is_up - is_down
    subscribers.fee_eur[rows] *= subscribers.list_price(people, rows) / old_price
    subscribers.downgraded[running] += is_down

    return is_replanned


def _complain(week: Week, running: Ints) -> None:
    """Open tickets; those that end badly are remembered."""
    subscribers, rng = week.subscribers, week.rng
    size = len(running)
    discontent = np.minimum(subscribers.discontent[running], 2)
    is_opened = rng.random(size) < TICKET_A_WEEK * np.exp(0.4 * discontent)
    category = rng.choice(len(TICKET_SHARES), size, p=TICKET_SHARES)
    is_pained = (subscribers.price_pain[running] > 0.3) & (rng.random(size) < 0.5)
    category = np.where(is_pained, BILLING, category)

    is_leaving = subscribers.leaves_on[running] < week.day + CANCELLATION_DAYS
    is_leaving &= subscribers.reason[running] != PAYMENT_FAILED
    chance = np.where(
        subscribers.changes_mind[running], CANCELLATION_UNMEANT_A_WEEK, CANCELLATION_A_WEEK
    )
    is_cancelling = is_leaving & (rng.random(size) < chance)
    category = np.where(is_cancelling, CANCELLATION, category)
    is_opened |= is_cancelling

    is_bad = rng.random(size) < BAD_SHARE
    grudge = np.where(is_bad, causes.BAD_TICKET, causes.ANY_TICKET)
    subscribers.discontent[running] += np.where(is_opened, grudge, 0)
    at = rng.uniform(week.day, week.ends, size)
    week.journal.note_tickets(
        Tickets(
            row=running[is_opened],
            at=at[is_opened],
            category=category[is_opened],
            is_bad=is_bad[is_opened],
        )
    )


def _default(week: Week, running: Ints) -> None:
    """Let some payments fail for good; the subscription ends unless they are cured."""
    people, subscribers, rng = week.people, week.subscribers, week.rng
    rows = running[np.isinf(subscribers.leaves_on[running])]
    lateness = people.lateness[subscribers.person[rows]]
    rows = rows[rng.random(len(rows)) < DEFAULT_A_WEEK * (0.4 + 6 * lateness)]

    size = len(rows)
    since = np.full(size, week.ends, np.float64)
    started = subscribers.started[rows]
    first_unpaid = started + np.ceil((since - started) / BILLING_DAYS) * BILLING_DAYS
    due = first_unpaid + PAYMENT_TERM_DAYS
    is_cured = rng.random(size) < CURED_SHARE
    cured = due + rng.uniform(*CURED_DAYS, size)
    ended = due + rng.uniform(*ENDED_DAYS, size)

    subscribers.leaves_on[rows] = np.where(is_cured, cured, ended)
    subscribers.fades_from[rows] = first_unpaid
    subscribers.fades_to[rows] = rng.uniform(0.4, 0.8, size)
    subscribers.changes_mind[rows] = is_cured
    subscribers.reason[rows] = PAYMENT_FAILED
    week.journal.note_defaults(Defaults(rows, since, np.where(is_cured, cured, np.inf)))
