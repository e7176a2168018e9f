"""The rows a model learns from and is tested on."""

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import PartName, Split
from pipelines.errors import NotEnoughLabels

PARTS: tuple[PartName, ...] = ("learn", "test")
GOLDEN_ROWS = 50
REFERENCE_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """
    The rows of one part.

    Attributes:
        table: as_of, customer_id, features and is_churned.
        matrix: `(n_customers, n_features)`, encoded.
        is_churned: `(n_customers,)`.
    """

    table: pa.Table
    matrix: Matrix
    is_churned: Flags

    def taken(self, rows: npt.NDArray[np.intp]) -> Self:
        """Return the rows at these positions."""
        return type(self)(self.table.take(pa.array(rows)), self.matrix[rows], self.is_churned[rows])


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
    def of(cls, table: pa.Table, contract: FeatureContract, split: Split) -> Self:
        """
        Encode *table* once and divide it.

        Args:
            table: As the feature store's `labelled` returns it. Not modified.
            contract: Names, kinds and levels of the features, in column order.
            split: Which rows are in which part.

        Raises:
            ContractMismatch: The table does not meet the contract.
        """
        encoded = encode(table, contract)
        is_churned = table.column("is_churned").to_numpy(zero_copy_only=False).astype(np.bool_)
        everyone = Part(table, encoded.matrix, is_churned)
        learn, test = (everyone.taken(np.flatnonzero(split.rows(table, name))) for name in PARTS)

        return cls(
            contract,
            split,
            learn,
            test,
            encoded.unknown_levels,
            _fingerprint(table, encoded.matrix, is_churned),
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
        order = np.argsort(probabilities, kind="stable")
        chosen = order[np.unique(np.linspace(0, len(order) - 1, GOLDEN_ROWS).astype(np.intp))]

        return self.test.table.take(pa.array(chosen)).select(list(self.contract.names))

    def described(self) -> dict[str, str | int]:
        """Return features, snapshots, rows and churners as parameters of a run."""
        described: dict[str, str | int] = {"features": len(self.contract.features)}
        for part, counts in self.counts.items():
            days = getattr(self.split, part)
            described[f"{part}_snapshots"] = f"{days[0]} to {days[-1]} ({len(days)})"
            described |= {f"{part}_{name}": count for name, count in counts.items()}

        return described


def joined(*parts: Part) -> Part:
    """Return the rows of several parts as one."""
    return Part(
        pa.concat_tables([part.table for part in parts]),
        np.concatenate([part.matrix for part in parts]),
        np.concatenate([part.is_churned for part in parts]),
    )


def reference(
    part: Part,
    probabilities: Vector,
    contract: FeatureContract,
    seed: int,
    *,
    is_told_at_once: bool = False,
) -> pa.Table:
    """
    Return what drift is measured against: a sample of rows without names.

    Args:
        part: Rows to sample. Not modified.
        probabilities: Their scores.
        contract: Which columns to keep, as the warehouse holds them.
        seed: Seed of the sample.
        is_told_at_once: Whether those who have left are known on the as_of, and not scored.
    """
    rows = np.flatnonzero(~part.is_churned) if is_told_at_once else part.table.num_rows
    chosen = np.random.default_rng(seed).permutation(rows)[:REFERENCE_ROWS]
    table = part.table.select(list(contract.names)).append_column(
        "churn_probability", pa.array(probabilities, pa.float64())
    )

    return table.take(pa.array(chosen)).combine_chunks()


def _fingerprint(table: pa.Table, matrix: Matrix, is_churned: Flags) -> str:
    """Return a digest of every row as the models see it."""
    digest = hashlib.sha256("\n".join(table.column("customer_id").to_pylist()).encode())
    digest.update(table.column("as_of").to_numpy().astype("datetime64[D]").tobytes())
    digest.update(np.ascontiguousarray(matrix).tobytes())
    digest.update(is_churned.tobytes())

    return digest.hexdigest()[:16]
