"""
Why generated customers leave.

Every week each subscriber may decide to leave. The log-odds of the decision are BASELINE plus the
weights below, each times its cause. Who decided then mostly fades, using the product less and less
for four to eight weeks, or goes within days; some of those who fade change their minds. A few ask
support how to cancel. Others leave without a cause anybody could see (CIRCUMSTANCE_A_WEEK), or
because their payments fail for good (DEFAULT_A_WEEK in `weekly_events`).

As they are, 5.4 % of the subscribers leave within 30 days; a gradient boosting that sees usage,
invoices, tickets and terms ranks them with an AUC of 0.84 on later months, a logistic regression
with 0.83, and 1.1 % of the subscribers are beyond a probability of 0.8.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.demo.timeline import Bools, Floats, Ints

BASELINE = -6.15

# Contracts: monthly, annual, two-year. A committed customer leaves near the end of the term.
MONTHLY = 1.3
COMMITTED = -1.6
TERM_ENDING = 2.8
TERM_ENDING_DAYS = 56

# exp(-tenure / 120 days): newcomers leave more.
NEWCOMER = 1.4
NEWCOMER_DAYS = 120

# A standard deviation of usage below what others, or the customer before, used.
LITTLE_USED = 0.55
USED_LESS = 0.55

# Discontent: 1 for a ticket that ended badly, 0.15 for any other, halved every five weeks.
DISCONTENT = 1.5
BAD_TICKET = 1.0
ANY_TICKET = 0.15
DISCONTENT_KEPT_A_WEEK = 0.87

# Pain of paying more: 1 for each 10 % of increase or a promotion's end, halved every six weeks.
PRICE_PAIN = 1.2
PRICE_PAIN_KEPT_A_WEEK = 0.89

# Moved to a smaller plan lately; halved every ten weeks.
DOWNGRADED = 1.2
DOWNGRADED_KEPT_A_WEEK = 0.93

# Share of invoices the customer pays late, beyond the usual tenth.
LATE_PAYER = 4.0
USUAL_LATENESS = 0.1

# card, direct debit, bank transfer, PayPal
PAYMENT_METHODS = (0.0, -0.25, 0.3, 0.1)
# organic, paid search, social, referral, partner
CHANNELS = (-0.05, 0.2, 0.15, -0.3, 0.0)
# For each ten years below 45.
YOUTH = 0.12

# Chance a week to leave for reasons outside the records: moved, changed jobs, died.
CIRCUMSTANCE_A_WEEK = 0.0025


@dataclass(frozen=True, slots=True)
class Circumstances:
    """
    What weighs on the decision this week; one value a subscriber.

    Attributes:
        contract: 0 monthly, 1 annual, 2 two-year.
        days_to_term: Days to the end of the term; inf without one.
        tenure_days: Days since the subscription started.
        usage_level: Usual usage in standard deviations across customers.
        usage_deviation: This week's in standard deviations of the customer's own.
        discontent: See DISCONTENT.
        price_pain: See PRICE_PAIN, times how much this customer minds.
        downgraded: See DOWNGRADED.
        lateness: Share of invoices paid late.
        payment_method: Index into PAYMENT_METHODS.
        channel: Index into CHANNELS.
        age_years: Age.
        unseen: What no record shows, in log-odds.
    """

    contract: Ints
    days_to_term: Floats
    tenure_days: Floats
    usage_level: Floats
    usage_deviation: Floats
    discontent: Floats
    price_pain: Floats
    downgraded: Floats
    lateness: Floats
    payment_method: Ints
    channel: Ints
    age_years: Floats
    unseen: Floats


def chance_to_decide(now: Circumstances) -> Floats:
    """Return the chance of each subscriber to decide this week to leave."""
    is_ending: Bools = now.days_to_term < TERM_ENDING_DAYS
    log_odds = (
        BASELINE
        + np.where(now.contract == 0, MONTHLY, COMMITTED + TERM_ENDING * is_ending)
        + NEWCOMER * np.exp(-now.tenure_days / NEWCOMER_DAYS)
        - LITTLE_USED * now.usage_level
        - USED_LESS * now.usage_deviation
        + DISCONTENT * now.discontent
        + PRICE_PAIN * now.price_pain
        + DOWNGRADED * now.downgraded
        + LATE_PAYER * (now.lateness - USUAL_LATENESS)
        + np.array(PAYMENT_METHODS)[now.payment_method]
        + np.array(CHANNELS)[now.channel]
        + YOUTH * (45 - now.age_years) / 10
        + now.unseen
    )

    return np.asarray(1 / (1 + np.exp(-log_odds)), dtype=np.float64)
