"""The subscribers of a generated business: what changes about each of them from week to week."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from pipelines.demo.lives.people import People
from pipelines.demo.timeline import Bools, Floats, Ints

PLANS = ("basic", "standard", "premium")
CONTRACTS = ("monthly", "annual", "two_year")
PAYMENT_METHODS = ("card", "direct_debit", "bank_transfer", "paypal")
REASONS = (
    "not_used_enough", "too_expensive", "bad_service", "competitor", "moved", "payment_failed",
)  # fmt: skip
MOVED, PAYMENT_FAILED = 4, 5

LIST_PRICES_EUR = (14.9, 29.9, 54.9)
CONTRACT_FACTORS = (1.0, 0.92, 0.85)
TERM_DAYS = (np.inf, 365.0, 730.0)

PROMOTED_SHARE = 0.35
PROMOTION_FACTOR = 0.75
PROMOTION_DAYS = 91


@dataclass(slots=True)
class Subscribers:
    """
    One row a subscription; a returning person has several. Days are those of the timeline.

    Attributes:
        used: Rows in use; those after them are free.
        person: Whose subscription it is.
        started: When it starts.
        ended: When it ended; inf while it runs.
        plan: Index into PLANS.
        contract: Index into CONTRACTS.
        method: Index into PAYMENT_METHODS.
        fee_eur: Monthly fee.
        term_ends: End of the term; inf without one.
        promotion_ends: End of the promotion; inf without one.
        deviation: This week's usage in standard deviations of the person's own.
        discontent: Grows with tickets.
        price_pain: Grows with the fee.
        downgraded: Grows with a move to a smaller plan.
        fades_from: When usage begins to fall; inf if it does not.
        fades_to: Share of the usual usage that is left at the end of the fading.
        leaves_on: When the subscription is to end; inf before the decision.
        reason: Index into REASONS, of the end to come.
        changes_mind: Whether the decision is taken back on the day it was to end.
        away_until: End of a pause in usage.
    """

    used: int
    person: Ints
    started: Floats
    ended: Floats
    plan: Ints
    contract: Ints
    method: Ints
    fee_eur: Floats
    term_ends: Floats
    promotion_ends: Floats
    deviation: Floats
    discontent: Floats
    price_pain: Floats
    downgraded: Floats
    fades_from: Floats
    fades_to: Floats
    leaves_on: Floats
    reason: Ints
    changes_mind: Bools
    away_until: Floats

    @classmethod
    def room_for(cls, size: int) -> Self:
        """Return *size* free rows."""

        def never() -> Floats:
            return np.full(size, np.inf)

        def none() -> Floats:
            return np.zeros(size)

        def code() -> Ints:
            return np.zeros(size, np.int64)

        return cls(
            used=0,
            person=code(),
            started=never(),
            ended=never(),
            plan=code(),
            contract=code(),
            method=code(),
            fee_eur=none(),
            term_ends=never(),
            promotion_ends=never(),
            deviation=none(),
            discontent=none(),
            price_pain=none(),
            downgraded=none(),
            fades_from=never(),
            fades_to=none(),
            leaves_on=never(),
            reason=code(),
            changes_mind=np.zeros(size, np.bool_),
            away_until=np.full(size, -np.inf),
        )

    def open(self, people: People, person: Ints, started: Floats, rng: np.random.Generator) -> None:
        """Take a row for each of *person*, as far as there is room, to start on *started*."""
        person = person[: len(self.person) - self.used]
        started = started[: len(person)]
        rows = slice(self.used, self.used + len(person))
        contract = people.contract[person]

        is_promoted = (rng.random(len(person)) < PROMOTED_SHARE) & (contract == 0)
        self.person[rows] = person
        self.started[rows] = started
        self.plan[rows] = people.plan[person]
        self.contract[rows] = contract
        self.method[rows] = people.payment_method[person]
        self.fee_eur[rows] = self.list_price(people, rows) * np.where(
            is_promoted, PROMOTION_FACTOR, 1.0
        )
        self.term_ends[rows] = started + np.array(TERM_DAYS)[contract]
        self.promotion_ends[rows] = np.where(is_promoted, started + PROMOTION_DAYS, np.inf)
        self.deviation[rows] = rng.normal(0, 1, len(person))
        self.used += len(person)

    def list_price(self, people: People, rows: Ints | slice) -> Floats:
        """Return the monthly fee a newcomer would pay for what *rows* have."""
        fee = (
            np.array(LIST_PRICES_EUR)[self.plan[rows]]
            * np.array(CONTRACT_FACTORS)[self.contract[rows]]
            * people.extras[self.person[rows]]
        )

        return np.asarray(fee, dtype=np.float64)
