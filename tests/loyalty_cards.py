"""A bakery's loyalty cards made up from a seed: who bought what, came less often, and left."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

PRODUCTS = {"bread": 0.38, "rolls": 0.27, "cake": 0.12, "coffee": 0.17, "seasonal": 0.06}
PRICES = {"bread": 4.2, "rolls": 2.4, "cake": 6.9, "coffee": 3.1, "seasonal": 5.5}
# Of a week from Monday on; the shops are closed on Sundays.
WEEKDAYS = np.array([0.9, 0.85, 0.9, 1.0, 1.3, 1.9, 0.0])
# What a card buys in a month beside its mean over the year, January first.
MONTHS = np.array([0.9, 0.95, 1.0, 1.05, 1.0, 0.95, 0.9, 0.8, 1.0, 1.05, 1.1, 1.3])


def purchases(
    cards: int, *, begin: date, days: int, closed: frozenset[date] = frozenset(), seed: int = 1
) -> pd.DataFrame:
    """
    Return a log in the order of its times, a row a product.

    A card is used for the first time some day, more than half of them before *begin*; it buys at a
    pace of its own, 1 to 12 times a month. Two in five come less often for six weeks and then no
    more; some take a holiday of two to four weeks and come back. A price rises once, by 6 %.

    Args:
        cards: How many there are in all.
        begin: First day of the log.
        days: How many it has.
        closed: Days on which no shop is open.
        seed: The same gives the same.

    Returns:
        `(n_rows, 6)`: card, bought_at, shop, product, price and is_app (paid by telephone).
    """
    random = np.random.default_rng(seed)
    calendar = [begin + timedelta(days=number) for number in range(days)]
    open_share = np.array(
        [
            0.0 if day in closed else WEEKDAYS[day.weekday()] * MONTHS[day.month - 1]
            for day in calendar
        ]
    )
    number = np.arange(days)
    frames = []
    for card in range(cards):
        joined = random.uniform(-days, days * 0.95)
        pace = np.clip(random.gamma(2.0, 2.0), 1, 12) / 30
        stays = random.exponential(days * 1.2)
        left = joined + 40 + stays if random.random() < 0.75 else np.inf
        fading = np.clip((left - number) / 42, 0, 1)
        rate = pace * open_share * fading * (number >= joined)
        if random.random() < 0.3:
            away = random.uniform(0, days)
            rate[(number >= away) & (number < away + random.uniform(14, 28))] = 0
        visits = np.flatnonzero(random.random(days) < 1 - np.exp(-rate))
        if not len(visits):
            continue
        items = random.integers(1, 4, len(visits))
        day = np.repeat(visits, items)
        minute = np.repeat(random.integers(6 * 60 + 30, 18 * 60, len(visits)), items)
        product = random.choice([*PRODUCTS], len(day), p=[*PRODUCTS.values()])
        rise = np.where(day > days * 0.55, 1.06, 1.0)
        frames.append(
            pd.DataFrame(
                {
                    "card": f"L{card:06d}",
                    "bought_at": pd.Timestamp(begin)
                    + pd.to_timedelta(day, unit="D")
                    + pd.to_timedelta(minute, unit="min"),
                    "shop": f"shop {1 + card % 9}",
                    "product": product,
                    "price": np.round([PRICES[name] for name in product] * rise, 2),
                    "is_app": random.random(len(day)) < 0.1 + 0.5 * (card % 3 == 0),
                }
            )
        )
    log = pd.concat(frames, ignore_index=True)

    return log.sort_values(["bought_at", "card"], ignore_index=True)
