"""The split of a training: rows to fit on, to calibrate on and to test on, never the same ones."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.errors import NotEnoughLabels

PartName = Literal["fit", "calibrate", "test"]

# Shares of customers where snapshots cannot divide them.
CALIBRATE_SHARE = 0.2
TEST_SHARE = 0.2
HELD_BACK_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Split:
    """
    Snapshots, and customers where needed, divided into parts: the same row is never in two.

    Attributes:
        fit: Snapshots the model learns from.
        calibrate: Snapshots its calibrator learns from.
        test: Snapshots it is judged on.
        seed: Seed of the division of customers.
    """

    fit: tuple[date, ...]
    calibrate: tuple[date, ...]
    test: tuple[date, ...]
    seed: int

    @property
    def snapshots(self) -> list[date]:
        """Every snapshot, ascending."""
        return sorted({*self.fit, *self.calibrate, *self.test})

    def rows(self, table: pa.Table, part: PartName) -> npt.NDArray[np.bool_]:
        """
        Tell which rows are in *part*.

        A snapshot that is in more than one part is divided by customer, the same way each time.

        Args:
            table: With `as_of` and `customer_id`. Not modified.
            part: fit, calibrate or test.
        """
        as_ofs = table.column("as_of").to_numpy()
        belongs = np.zeros(table.num_rows, dtype=np.bool_)
        shares: npt.NDArray[np.float64] | None = None
        for snapshot in getattr(self, part):
            is_here = as_ofs == np.datetime64(snapshot)
            serves = [
                name for name in ("fit", "calibrate", "test") if snapshot in getattr(self, name)
            ]
            if len(serves) > 1:
                if shares is None:
                    shares = customer_shares(table.column("customer_id"), self.seed)
                is_here &= _is_within(shares, part, serves)
            belongs |= is_here

        return belongs

    def held_back(self, table: pa.Table) -> npt.NDArray[np.bool_]:
        """
        Tell which of the rows to fit on tell a learner when to stop: the later part of them.

        Args:
            table: Rows of the part `fit`. Not modified.
        """
        if len(self.fit) > 1 and self.fit != self.calibrate:
            latest = np.datetime64(max(self.fit))
            return np.asarray(table.column("as_of").to_numpy() == latest, dtype=np.bool_)

        return customer_shares(table.column("customer_id"), self.seed + 1) < HELD_BACK_SHARE

    def to_dict(self) -> dict[str, Any]:
        """Return the split as JSON-compatible values."""
        return {
            "fit": [day.isoformat() for day in self.fit],
            "calibrate": [day.isoformat() for day in self.calibrate],
            "test": [day.isoformat() for day in self.test],
            "seed": self.seed,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        days = {
            part: tuple(date.fromisoformat(day) for day in data[part])
            for part in ("fit", "calibrate", "test")
        }

        return cls(**days, seed=int(data["seed"]))


def choose_snapshots(
    available: Sequence[date], *, every_days: int, count: int, label_days: int
) -> list[date]:
    """
    Return the latest snapshot and those before it that may train a model tested on it.

    Args:
        available: Snapshots with matured labels.
        every_days: Least distance between two of them.
        count: How many at most.
        label_days: Gap and horizon together: the embargo before the latest, so that no label
            learned from was still open on the day the test begins.

    Returns:
        At most *count*, ascending.
    """
    chosen: list[date] = []
    latest_allowed = date.max
    for snapshot in sorted(available, reverse=True):
        if len(chosen) == count:
            break
        if snapshot > latest_allowed:
            continue
        chosen.append(snapshot)
        distance = max(every_days, label_days) if len(chosen) == 1 else every_days
        latest_allowed = snapshot - timedelta(days=distance)

    return chosen[::-1]


def by_time(
    snapshots: Sequence[date],
    *,
    label_days: int,
    seed: int,
    churners: Mapping[date, int] | None = None,
    minimum_churners: int = 0,
) -> Split:
    """
    Test on the latest of *snapshots*, calibrate on the one before, fit on the rest.

    Where one has too few churners, test or calibration takes more of them, whose labels do not
    overlap, so that nobody leaves twice. Where the labels of the rest were still open when the
    calibration began, or the rest has too few churners, calibration takes a share of the customers
    of every snapshot before the test instead.

    Args:
        snapshots: As `choose_snapshots` returns them.
        label_days: Gap and horizon together.
        seed: Seed of the division of customers.
        churners: How many left, by snapshot; None takes one snapshot each.
        minimum_churners: Of a part.

    Raises:
        NotEnoughLabels: There are fewer than two.
    """
    if len(snapshots) < 2:
        raise NotEnoughLabels(
            f"{len(snapshots)} snapshots have matured labels a split in time can use; it takes 2 "
            f"that are {label_days} days apart, better 4",
            next_step="churn backfill --from DATE --to DATE --as-of DATE, further into the past",
        )
    known = churners or dict.fromkeys(snapshots, minimum_churners)
    test, earlier = _latest(snapshots, known, minimum_churners, label_days)
    calibrate, closed = _latest(earlier, known, minimum_churners, label_days)
    if closed and sum(known[day] for day in closed) >= minimum_churners:
        return Split(closed, calibrate, test, seed)

    return Split(earlier, earlier, test, seed)


def _latest(
    snapshots: Sequence[date], churners: Mapping[date, int], minimum: int, label_days: int
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """
    Return the latest of *snapshots*, and those whose labels were known by then.

    As many as have enough churners together, and leave one; each a label's days before the next.
    """
    latest: list[date] = []
    rest = [*snapshots]
    while rest and (
        not latest or (sum(churners[day] for day in latest) < minimum and len(rest) > 1)
    ):
        latest.insert(0, rest.pop())
        rest = [day for day in rest if day + timedelta(days=label_days) <= latest[0]]

    return tuple(latest), tuple(rest)


def by_customer(snapshots: Sequence[date], *, seed: int) -> Split:
    """
    Divide the customers of every one of *snapshots*: 60 % fit, 20 % calibrate, 20 % test.

    Raises:
        NotEnoughLabels: There is no snapshot.
    """
    if not snapshots:
        raise NotEnoughLabels(
            "no snapshot has matured labels",
            next_step="churn backfill --from DATE --to DATE --as-of DATE",
        )

    return Split(tuple(snapshots), tuple(snapshots), tuple(snapshots), seed)


def customer_shares(customer_ids: pa.Array | pa.ChunkedArray, seed: int) -> npt.NDArray[np.float64]:
    """Return a number in [0, 1) for each customer that depends on nothing but id and seed."""
    prefix = hashlib.blake2b(str(seed).encode(), digest_size=8)
    numbers = []
    for customer_id in customer_ids.to_pylist():
        digest = prefix.copy()
        digest.update(customer_id.encode())
        numbers.append(int.from_bytes(digest.digest()[:6]))

    return np.array(numbers, dtype=np.float64) / 2**48


def _is_within(
    shares: npt.NDArray[np.float64], part: PartName, serves: Sequence[str]
) -> npt.NDArray[np.bool_]:
    """Tell which customers a part gets of a snapshot that serves the parts *serves*."""
    test = TEST_SHARE if "test" in serves else 0.0
    calibrate = CALIBRATE_SHARE if "calibrate" in serves else 0.0
    bounds = {
        "test": (0.0, test),
        "calibrate": (test, test + calibrate),
        "fit": (test + calibrate, 1.0),
    }
    low, high = bounds[part]

    return (shares >= low) & (shares < high)
