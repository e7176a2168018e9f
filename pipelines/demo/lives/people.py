"""The people of a generated business: what stays the same about each of them."""

from dataclasses import dataclass

import numpy as np

from pipelines.demo.timeline import Floats, Ints

CHANNELS = ("organic", "paid_search", "social", "referral", "partner")
CHANNEL_SHARES = (0.34, 0.26, 0.18, 0.12, 0.10)
PLAN_SHARES = (0.42, 0.38, 0.20)
CONTRACT_SHARES = (0.66, 0.24, 0.10)
METHOD_SHARES = (0.45, 0.25, 0.15, 0.15)

USAGE_SPREAD = 0.5


@dataclass(frozen=True, slots=True)
class People:
    """
    One value a person, in no particular order.

    Attributes:
        plan: Plan they first choose: 0 basic, 1 standard, 2 premium.
        contract: Contract they first choose: 0 monthly, 1 annual, 2 two-year.
        payment_method: Method they first choose: card, direct debit, bank transfer, PayPal.
        channel: Index into CHANNELS.
        age_years: Age at the end of the history.
        usage_level: Usual usage in standard deviations across people.
        lateness: Share of invoices they pay late.
        price_sensitivity: How much they mind paying more, about 1.
        unseen: Inclination to leave that no record shows, in log-odds.
        extras: What they pay for their plan, as a share of the list price.
    """

    plan: Ints
    contract: Ints
    payment_method: Ints
    channel: Ints
    age_years: Floats
    usage_level: Floats
    lateness: Floats
    price_sensitivity: Floats
    unseen: Floats
    extras: Floats


def draw(rng: np.random.Generator, size: int) -> People:
    """Draw *size* people."""
    method = rng.choice(len(METHOD_SHARES), size, p=METHOD_SHARES)
    plan = rng.choice(len(PLAN_SHARES), size, p=PLAN_SHARES)

    return People(
        plan=plan,
        contract=rng.choice(len(CONTRACT_SHARES), size, p=CONTRACT_SHARES),
        payment_method=method,
        channel=rng.choice(len(CHANNELS), size, p=CHANNEL_SHARES),
        age_years=np.clip(rng.normal(43, 14, size), 18, 88),
        usage_level=rng.normal(0, 1, size) + 0.3 * (plan - 0.8),
        # Who transfers by hand forgets more often than who is debited.
        lateness=np.clip(rng.beta(0.7, 7, size) + np.array((0, -0.04, 0.1, 0))[method], 0, 0.9),
        price_sensitivity=rng.lognormal(-0.1, 0.45, size),
        unseen=rng.normal(0, 0.45, size),
        extras=rng.uniform(0.9, 1.35, size),
    )
