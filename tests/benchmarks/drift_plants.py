"""Changes planted into calm nights, of a known size, the same for a customer on every night."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

PROBABILITY = "churn_probability"
Plant = Callable[[pa.Table, int], pa.Table]


@dataclass(frozen=True)
class Planted:
    """
    A change that is to be caught, or not.

    Attributes:
        name: What is changed, and by how much.
        into_nights: Changes a night; its second argument is the number of the repeat.
        into_training: Changes the reference, and nothing without it.
        is_caught: Whether it is to be an alarm.
        is_of_scores: Whether scores are changed; where features are, the model scores them.
    """

    name: str
    into_nights: Plant
    into_training: Plant = lambda table, _: table
    is_caught: bool = True
    is_of_scores: bool = False


def luck(table: pa.Table, key: str) -> np.ndarray:
    """Return a number in [0, 1) for each customer, which depends on their id and *key* alone."""
    if "customer_id" not in table.column_names:
        return np.random.default_rng(len(key)).random(len(table))
    ids = table["customer_id"].to_numpy(zero_copy_only=False).astype(object)
    hashed = pd.util.hash_array(ids, hash_key=f"{key:>16}"[-16:], categorize=False)

    return np.asarray(hashed >> 11) / float(1 << 53)


def with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """Return the table with one column replaced."""
    return table.set_column(table.column_names.index(name), name, values)


def tilted(table: pa.Table, name: str, by_sd: float, key: str) -> pa.Table:
    """
    Return the table with the mean of one number moved, and the order of its customers kept.

    Values are those there are, the larger ones more often by a factor of `exp(theta * value)`: zero
    stays zero for most, and no value is one that never was.
    """
    column = table[name].cast(pa.float64())
    is_there = np.asarray(pc.is_valid(column).to_numpy())
    values = column.drop_null().to_numpy()
    order = np.lexsort((luck(table, key)[is_there], values))
    ascending = values[order]
    spread = float(values.std())
    scaled = (ascending - ascending.mean()) / spread
    low, high = 0.0, 5.0
    for _ in range(50):
        theta = (low + high) / 2
        weights = np.exp(np.clip(theta * scaled, None, 50))
        low, high = (theta, high) if np.average(scaled, weights=weights) < by_sd else (low, theta)
    shares = np.cumsum(weights) / weights.sum()
    places = np.searchsorted(shares, (np.arange(len(order)) + 0.5) / len(order))
    moved = np.full(len(table), np.nan)
    changed = np.empty(len(order))
    changed[order] = ascending[np.minimum(places, len(order) - 1)]
    moved[is_there] = changed

    return with_column(table, name, pa.array(moved, from_pandas=True))


def more_often(table: pa.Table, name: str, times: float, key: str) -> pa.Table:
    """Return the table with so many times as many customers whose number is not zero."""
    values = table[name].cast(pa.float64()).to_numpy(zero_copy_only=False).copy()
    others = values[np.isfinite(values) & (values != 0)]
    zeros = np.flatnonzero(values == 0)
    chance = luck(table, key)[zeros]
    chosen = chance < (times - 1) * len(others) / len(zeros)
    drawn = (luck(table, f"{key} value")[zeros[chosen]] * len(others)).astype(int)
    values[zeros[chosen]] = np.sort(others)[drawn]

    return with_column(table, name, pa.array(values, from_pandas=True))


def flipped(table: pa.Table, name: str, points: float, key: str) -> pa.Table:
    """Return the table with the share of true of one flag raised by percentage points."""
    is_true = table[name].to_numpy(zero_copy_only=False).astype(bool)
    chance = points / 100 / (1 - is_true.mean())

    return with_column(table, name, pa.array(is_true | (luck(table, key) < chance)))


def emptied(table: pa.Table, name: str, percent: float, key: str) -> pa.Table:
    """Return the table with so many percent of one column missing, whatever else is."""
    is_lost = pa.array(luck(table, key) < percent / 100)

    return with_column(table, name, pc.if_else(is_lost, None, table[name]))


def shuffled(table: pa.Table, names: list[str], key: str, *, share: float = 1.0) -> pa.Table:
    """Return the table with some columns handed to others, among a share of the customers."""
    chance = luck(table, key)
    chosen = np.flatnonzero(chance < share)
    places = np.arange(len(table))
    places[chosen] = chosen[np.argsort(luck(table, f"{key} again")[chosen])]
    for name in names:
        table = with_column(table, name, table[name].take(pa.array(places)))

    return table


def rescored(table: pa.Table, change: Callable[[np.ndarray], np.ndarray]) -> pa.Table:
    """Return the table with its probabilities changed."""
    return with_column(table, PROBABILITY, pa.array(change(table[PROBABILITY].to_numpy())))


def flatter(probabilities: np.ndarray) -> np.ndarray:
    """Return probabilities whose log-odds are nine tenths."""
    odds = 0.9 * np.log(probabilities / (1 - probabilities))

    return np.asarray(1 / (1 + np.exp(-odds)))
