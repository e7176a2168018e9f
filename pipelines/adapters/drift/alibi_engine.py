"""alibi-detect's TabularDrift and ClassifierDrift, in an environment and a process of its own."""

import functools
import json
import math
import os
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.adapters.drift.alibi_process import AlibiProcess
from pipelines.domain.arrays import Matrix
from pipelines.domain.drift.columns import require_same_columns
from pipelines.domain.drift.joint import JointTest

SIDES = ("reference", "current")


def interpreter(root: Path) -> Path | None:
    """Return the Python of alibi-detect's environment, or None where there is none."""
    chosen = os.environ.get("CHURN_ALIBI_PYTHON")
    python = Path(chosen) if chosen else root / ".venv-alibi" / "bin" / "python"

    return python if python.exists() else None


@dataclass(frozen=True)
class AlibiEngine:
    """
    TabularDrift: Kolmogorov-Smirnov for numbers, chi-squared for categories; and ClassifierDrift.

    Attributes:
        python: Interpreter of its environment.
        samples: Folder both samples are handed over in, and removed from; of the installation.
    """

    python: Path
    samples: Path

    name: ClassVar[str] = "alibi"

    def start(self) -> None:
        """
        Start its process, which imports its libraries while nobody asks it yet.

        Raises:
            ServiceFailed: It does not start.
        """
        _ = self._process

    def p_values(
        self, reference: pa.Table, current: pa.Table, categorical: Sequence[str]
    ) -> dict[str, tuple[float, float]]:
        """
        Return statistic and p-value of each column.

        Args:
            reference: Comparable columns: float64 or strings, null where there is no value.
            current: The same columns of other rows, in the same order.
            categorical: Which of them are categories.

        Returns:
            Both NaN for a column without any value on one side.

        Raises:
            ContractMismatch: The columns are not the same.
            ServiceFailed: The process ended badly, or not in time.
        """
        require_same_columns(reference, current)
        matrix = _matrix(pa.concat_tables([reference, current]), categorical)
        is_category = np.array([name in categorical for name in reference.column_names])
        sides = np.split(matrix, [len(reference)], axis=1)
        told = {"names": reference.column_names, "is_category": is_category}
        found = self._answer(
            "columns",
            {
                f"{name}.npz": {**told, "values": side}
                for name, side in zip(SIDES, sides, strict=True)
            },
        )
        numbers = {
            name: [math.nan if value is None else float(value) for value in pair]
            for name, pair in found.items()
        }

        return {name: (numbers[name][0], numbers[name][1]) for name in reference.column_names}

    def joint(self, reference: Matrix, current: Matrix) -> JointTest:
        """
        Let boosted trees tell two samples apart, each row by trees that have not seen it.

        Args:
            reference: `(n_rows, n_columns)` without NaN.
            current: The same columns of other rows.

        Raises:
            ServiceFailed: The process ended badly, or not in time.
        """
        sides = {"reference.npz": {"rows": reference}, "current.npz": {"rows": current}}

        return JointTest(**self._answer("joint", sides))

    @functools.cached_property
    def _process(self) -> AlibiProcess:
        """The process, which ends when nobody has the engine any more."""
        process = AlibiProcess.started(self.python, self.samples)
        weakref.finalize(self, process.cleanup.close)

        return process

    def _answer(self, question: str, arrays: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
        """Return what the process answers about files by these names, which are gone after."""
        process = self._process
        files = [process.folder / name for name in arrays]
        answer = process.folder / "answer.json"
        try:
            for file, written in zip(files, arrays.values(), strict=True):
                np.savez(file, **written)
            process.ask(question, [*files, answer])

            return json.loads(answer.read_text("utf-8"))
        except BaseException:
            # It may be at work still, and the next question is asked of another one.
            del self.__dict__["_process"]
            process.cleanup.close()
            raise
        finally:
            for file in (*files, answer):
                file.unlink(missing_ok=True)


def _matrix(table: pa.Table, categorical: Sequence[str]) -> np.ndarray:
    """Return `(n_columns, n_rows)` float64, categories as codes, NaN where there is no value."""
    return np.vstack(
        [
            (_codes(table[name]) if name in categorical else table[name])
            .cast(pa.float64())
            .to_numpy(zero_copy_only=False)
            for name in table.column_names
        ]
    )


def _codes(column: pa.ChunkedArray) -> pa.Array:
    """Return the levels of one column as numbers."""
    return pc.dictionary_encode(column.combine_chunks()).indices
