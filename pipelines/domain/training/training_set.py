"""The rows a model learns from and is tested on."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import PartName, Split, customer_shares
from pipelines.domain.training.part import Part, Sample
from pipelines.errors import NotEnoughLabels

PARTS: tuple[PartName, ...] = ("learn", "test")
GOLDEN_ROWS = 50
REFERENCE_ROWS = 20_000
# Rows kept as the warehouse holds them: enough for a reference of the latest snapshots, and 100 MB.
SAMPLE_ROWS = 200_000
BLOCK_ROWS = 2**18


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """
    Labelled rows divided into parts.

    Attributes:
        contract: Names, kinds and levels of the features, in column order.
        split: Which rows are in which part.
        learn: The rows a model is chosen and fitted on.
        test: The rows it is judged on.
        unknown_levels: Rows whose level the contract does not list, by feature.
        fingerprint: Sixteen hex digits that change with any row, feature or label.
    """

    contract: FeatureContract
    split: Split
    learn: Part
    test: Part
    unknown_levels: dict[str, int]
    fingerprint: str

    @classmethod
    def of(cls, batches: Iterable[pa.RecordBatch], contract: FeatureContract, split: Split) -> Self:
        """
        Encode *batches* one by one and divide them.

        Args:
            batches: As the feature store's `labelled_batches` yields them, at least one; not
                modified. How the rows are divided into batches changes nothing.
            contract: Names, kinds and levels of the features, in column order.
            split: Which rows are in which part.

        Raises:
            ContractMismatch: A batch does not meet the contract.
        """
        parts = {name: _Rows() for name in PARTS}
        unknown_levels: Counter[str] = Counter()
        fingerprint, share = _Fingerprint(), 1.0
        for batch in batches:
            encoded = encode(batch, contract)
            is_churned = batch.column("is_churned").to_numpy(zero_copy_only=False).astype(np.bool_)
            unknown_levels.update(encoded.unknown_levels)
            fingerprint.add(batch, encoded.matrix, is_churned)
            shares = customer_shares(batch.column("customer_id"), split.seed + 2)
            for name, part in parts.items():
                rows = np.flatnonzero(split.rows(batch, name))
                part.add(batch, encoded.matrix, is_churned, rows, shares, below=share)
            while sum(len(part.sampled) for part in parts.values()) > SAMPLE_ROWS:
                share /= 2
                for part in parts.values():
                    part.thin(share)

        return cls(
            contract,
            split,
            parts["learn"].made(contract),
            parts["test"].made(contract),
            dict(unknown_levels),
            fingerprint.digest(),
        )

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Rows and churners by part."""
        return {
            name: {"rows": len(part.is_churned), "churners": int(part.is_churned.sum())}
            for name, part in (("learn", self.learn), ("test", self.test))
        }

    def require(self, minimum_churners: int, *, next_step: str) -> None:
        """
        Refuse a set in which a part has too few churners, or too few who stayed.

        Raises:
            NotEnoughLabels: With the counts of every part.
        """
        if all(
            min(count["churners"], count["rows"] - count["churners"]) >= minimum_churners
            for count in self.counts.values()
        ):
            return

        found = ", ".join(
            f"{part} {count['churners']} of {count['rows']}" for part, count in self.counts.items()
        )
        raise NotEnoughLabels(
            f"each part needs {minimum_churners} churners and as many who stayed; churners found: "
            f"{found}",
            next_step=next_step,
        )

    def golden(self, probabilities: Vector) -> pa.Table:
        """Return the features of test rows spread evenly over their *probabilities*."""
        sample = self.test.sample
        order = np.argsort(probabilities[sample.rows], kind="stable")
        chosen = order[np.unique(np.linspace(0, len(order) - 1, GOLDEN_ROWS).astype(np.intp))]

        return sample.features.select([*self.contract.names]).take(pa.array(chosen))

    def described(self) -> dict[str, str | int]:
        """Return features, snapshots, rows and churners as parameters of a run."""
        described: dict[str, str | int] = {"features": len(self.contract.features)}
        for part, counts in self.counts.items():
            days = getattr(self.split, part)
            described[f"{part}_snapshots"] = f"{days[0]} to {days[-1]} ({len(days)})"
            described |= {f"{part}_{name}": count for name, count in counts.items()}

        return described


def reference(
    parts: Sequence[Part],
    probabilities: Sequence[Vector],
    seed: int,
    *,
    contract: FeatureContract,
    is_told_at_once: bool = False,
) -> pa.Table:
    """
    Return what drift is measured against: a sample of rows without names.

    Args:
        parts: Rows to sample. Not modified.
        probabilities: The scores of each part.
        seed: Seed of the sample.
        contract: The features, which alone are kept.
        is_told_at_once: Whether those who have left are known on the as_of, and not scored.
    """
    sampled = [part.sample for part in parts]
    features = [sample.features.select([*contract.names]) for sample in sampled]
    table = pa.concat_tables(features).append_column(
        "churn_probability",
        pa.array(
            np.concatenate(
                [scores[each.rows] for scores, each in zip(probabilities, sampled, strict=True)]
            ),
            pa.float64(),
        ),
    )
    is_churned = np.concatenate([part.is_churned[part.sample.rows] for part in parts])
    rows = np.flatnonzero(~is_churned) if is_told_at_once else table.num_rows
    chosen = np.random.default_rng(seed).permutation(rows)[:REFERENCE_ROWS]

    return table.take(pa.array(chosen)).combine_chunks()


class _Blocks:
    """
    Rows of a matrix as they come in.

    In blocks so large that their memory goes back to the system: smaller ones would leave holes, a
    gigabyte of them after five million rows of 60 features.
    """

    def __init__(self) -> None:
        self._blocks: list[Matrix] = []
        self._free = 0
        self.rows = 0

    def add(self, matrix: Matrix) -> None:
        """Copy rows."""
        while len(matrix):
            if not self._free:
                self._blocks.append(np.empty((BLOCK_ROWS, matrix.shape[1]), dtype=np.float32))
                self._free = BLOCK_ROWS
            taken = matrix[: self._free]
            begin = BLOCK_ROWS - self._free
            self._blocks[-1][begin : begin + len(taken)] = taken
            self._free -= len(taken)
            self.rows += len(taken)
            matrix = matrix[len(taken) :]

    def joined(self, width: int) -> Matrix:
        """Return `(n_rows, width)`; each block is given up once it is copied."""
        matrix = np.empty((self.rows, width), dtype=np.float32)
        for begin in range(0, self.rows, BLOCK_ROWS):
            part = matrix[begin : begin + BLOCK_ROWS]
            part[:] = self._blocks.pop(0)[: len(part)]

        return matrix


class _Rows:
    """Rows of one part as they come in."""

    def __init__(self) -> None:
        self._keys: list[pa.RecordBatch] = []
        self._matrix = _Blocks()
        self._is_churned: list[Flags] = []
        self._features: list[pa.RecordBatch] = []
        self._shares: Vector = np.empty(0)
        self.sampled: npt.NDArray[np.intp] = np.empty(0, dtype=np.intp)

    def add(
        self,
        batch: pa.RecordBatch,
        matrix: Matrix,
        is_churned: Flags,
        rows: npt.NDArray[np.intp],
        shares: Vector,
        *,
        below: float,
    ) -> None:
        """Add *rows* of a batch; to the sample those of customers whose share lies *below*."""
        shown = np.flatnonzero(shares[rows] < below)
        self._keys.append(batch.select(["as_of", "customer_id"]).take(pa.array(rows)))
        self._is_churned.append(is_churned[rows])
        self._features.append(batch.take(pa.array(rows[shown])))
        self._shares = np.concatenate([self._shares, shares[rows[shown]]])
        self.sampled = np.concatenate([self.sampled, self._matrix.rows + shown])
        self._matrix.add(matrix[rows])

    def thin(self, below: float) -> None:
        """Keep those in the sample whose share lies *below*."""
        kept = np.flatnonzero(self._shares < below)
        table = pa.Table.from_batches(self._features).take(pa.array(kept)).combine_chunks()
        # A table without rows has no batch, and so no columns.
        self._features = [self._features[0].slice(0, 0), *table.to_batches()]
        self._shares, self.sampled = self._shares[kept], self.sampled[kept]

    def made(self, contract: FeatureContract) -> Part:
        """Return them as one part."""
        return Part(
            pa.Table.from_batches(self._keys),
            self._matrix.joined(len(contract.features)),
            np.concatenate(self._is_churned),
            Sample(self.sampled, pa.Table.from_batches(self._features).select([*contract.columns])),
        )


class _Fingerprint:
    """A digest of every row as the models see it, whatever batches the rows come in."""

    def __init__(self) -> None:
        self._digests = [hashlib.sha256() for _ in range(4)]

    def add(self, batch: pa.RecordBatch, matrix: Matrix, is_churned: Flags) -> None:
        """Take in the rows of a batch."""
        columns = (
            "".join(f"{name}\n" for name in batch.column("customer_id").to_pylist()).encode(),
            batch.column("as_of").to_numpy(zero_copy_only=False).astype("datetime64[D]").tobytes(),
            np.ascontiguousarray(matrix),
            np.ascontiguousarray(is_churned),
        )
        for digest, column in zip(self._digests, columns, strict=True):
            digest.update(column)

    def digest(self) -> str:
        """Return sixteen hex digits."""
        return hashlib.sha256(b"".join(each.digest() for each in self._digests)).hexdigest()[:16]
