"""The split of a training: rows to learn from and rows to test on, never the same ones."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.errors import NotEnoughLabels

PartName = Literal["learn", "test"]

# Share of the customers a model is tested on where snapshots cannot tell learning from test, and
# folds the others are divided into.
TEST_SHARE = 0.2
CUSTOMER_FOLDS = 5
# As texts of Python they take ten times as much memory as in Arrow.
IDS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Split:
    """
    Snapshots, and customers where needed, divided into two parts: the same row is never in both.

    Attributes:
        learn: Snapshots the model and its calibrator learn from.
        test: Snapshots it is judged on.
        seed: Seed of the division of customers.
    """

    learn: tuple[date, ...]
    test: tuple[date, ...]
    seed: int

    @property
    def snapshots(self) -> list[date]:
        """Every snapshot, ascending."""
        return sorted({*self.learn, *self.test})

    @property
    def is_in_time(self) -> bool:
        """Whether every snapshot is in one part alone."""
        return not set(self.learn) & set(self.test)

    def rows(self, table: pa.Table | pa.RecordBatch, part: PartName) -> npt.NDArray[np.bool_]:
        """
        Tell which rows are in *part*.

        A snapshot that is in both parts is divided by customer, the same way each time.

        Args:
            table: With `as_of` and `customer_id`. Not modified.
            part: learn or test.
        """
        days = self.learn if part == "learn" else self.test
        as_ofs = table.column("as_of").to_numpy(zero_copy_only=False).astype("datetime64[D]")
        belongs: npt.NDArray[np.bool_] = np.isin(as_ofs, np.array(days, dtype="datetime64[D]"))
        if self.is_in_time:
            return belongs
        shared = np.array([*set(self.learn) & set(self.test)], dtype="datetime64[D]")
        is_of_test = is_tested(customer_shares(table.column("customer_id"), self.seed))
        belongs &= (is_of_test == (part == "test")) | ~np.isin(as_ofs, shared)

        return belongs

    def to_dict(self) -> dict[str, Any]:
        """Return the split as JSON-compatible values."""
        return {
            "learn": [day.isoformat() for day in self.learn],
            "test": [day.isoformat() for day in self.test],
            "seed": self.seed,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Read what `to_dict` wrote.

        Models of before have learned from two parts, to fit and to calibrate.
        """
        learned = {*data.get("learn", ()), *data.get("fit", ()), *data.get("calibrate", ())}
        learn, test = (
            tuple(date.fromisoformat(day) for day in sorted(days))
            for days in (learned, data["test"])
        )

        return cls(learn, test, int(data["seed"]))


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
    Test on the latest of *snapshots*, learn from the rest.

    Where the latest has too few churners, the test takes more of them, whose labels do not overlap,
    so that nobody leaves twice.

    Args:
        snapshots: As `choose_snapshots` returns them.
        label_days: Gap and horizon together.
        seed: Seed of the folds.
        churners: How many left, by snapshot; None tests on one.
        minimum_churners: Of the test.

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
    test, learn = _latest(snapshots, known, minimum_churners, label_days)

    return Split(learn, test, seed)


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
    Divide the customers of every one of *snapshots*: 80 % to learn from, 20 % to test on.

    Raises:
        NotEnoughLabels: There is no snapshot.
    """
    if not snapshots:
        raise NotEnoughLabels(
            "no snapshot has matured labels",
            next_step="churn backfill --from DATE --to DATE --as-of DATE",
        )

    return Split(tuple(snapshots), tuple(snapshots), seed)


def customer_shares(customer_ids: pa.Array | pa.ChunkedArray, seed: int) -> npt.NDArray[np.float64]:
    """Return a number in [0, 1) for each customer that depends on nothing but id and seed."""
    prefix = hashlib.blake2b(str(seed).encode(), digest_size=8)
    numbers = np.empty(len(customer_ids))
    for begin in range(0, len(numbers), IDS_AT_ONCE):
        for number, customer_id in enumerate(customer_ids.slice(begin, IDS_AT_ONCE).to_pylist()):
            digest = prefix.copy()
            digest.update(customer_id.encode())
            numbers[begin + number] = int.from_bytes(digest.digest()[:6])

    return numbers / 2**48


def is_tested(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell which customers a model is tested on where customers are divided."""
    return shares < TEST_SHARE


def fold_numbers(customer_ids: pa.Array | pa.ChunkedArray, seed: int) -> npt.NDArray[np.intp]:
    """Return the fold each customer is judged in: `(n_customers,)` below CUSTOMER_FOLDS."""
    # Another seed than that of the test, or the folds would be shares of what it left over.
    return (customer_shares(customer_ids, seed + 1) * CUSTOMER_FOLDS).astype(np.intp)
