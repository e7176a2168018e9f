"""A feature table as somebody's own pipeline fills it every day: a row a customer and date."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

CUSTOMERS = 300
CREATE = """
create table mart.customer_features (
  customer_id text, snapshot_date date, fee numeric(10, 2), visits integer, plan varchar(20),
  is_paperless boolean,
  joined_on date, e_mail text, left_30d smallint
)
"""


def rows(first: date, days: int, *, seed: int = 3) -> pd.DataFrame:
    """
    Return the table from its *first* date on, for so many *days*.

    Who visits little and pays much leaves; who has left is replaced. The label of a date is NULL
    until 30 days later, as the last date tells it.
    """
    random = np.random.default_rng(seed)
    number = np.arange(CUSTOMERS)
    begun = random.integers(-400, 0, CUSTOMERS)
    ids = [f"C{each:04d}" for each in number]
    fee, visits = random.gamma(4, 8, CUSTOMERS), random.gamma(3, 3, CUSTOMERS)
    plan = random.choice(["basic", "plus", "pro"], CUSTOMERS)
    leaves, taken = {}, CUSTOMERS
    frames = []
    for day in range(days):
        risk = 0.012 / (1 + np.exp(-(fee - 32) / 8 + (visits - 8) / 2))
        for place in np.flatnonzero(random.random(CUSTOMERS) < risk):
            leaves[ids[place]] = day
            ids[place], taken = f"C{taken:04d}", taken + 1
            begun[place] = day
            fee[place], visits[place] = random.gamma(4, 8), random.gamma(3, 3)
        frames.append(
            pd.DataFrame(
                {
                    "customer_id": ids,
                    "day": day,
                    "fee": np.round(fee, 2),
                    "visits": random.poisson(visits),
                    "plan": plan,
                    "is_paperless": number % 3 == 0,
                    "joined_on": [first + timedelta(days=int(each)) for each in begun],
                    "e_mail": [f"{each.lower()}@example.org" for each in ids],
                }
            )
        )
    table = pd.concat(frames, ignore_index=True)
    left = table["customer_id"].map(leaves)
    is_left = (left > table["day"]) & (left <= table["day"] + 30)
    table["left_30d"] = is_left.astype("Int16").where(table["day"] + 30 < days)
    table.insert(1, "snapshot_date", [first + timedelta(days=int(day)) for day in table["day"]])

    return table.drop(columns="day")
