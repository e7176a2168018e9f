"""alibi-detect's TabularDrift and ClassifierDrift, in an environment and a process of its own."""

import json
import math
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.adapters import scratch
from pipelines.domain.arrays import Matrix
from pipelines.domain.drift.columns import require_same_columns
from pipelines.domain.drift.joint import JointTest
from pipelines.errors import ServiceFailed

WORKER = Path(__file__).with_name("alibi_worker.py")
TIMEOUT_SECONDS = 300

# Nothing of ours reaches the process, no password either, and nothing leaves the machine.
ENVIRONMENT = {
    "DO_NOT_TRACK": "true",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Ten thousand rows need no second thread, and on a busy machine threads that wait for each
    # other took minutes of the trees.
    "OMP_NUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUTF8": "1",
}


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
        with scratch.folder(self.samples, "drift") as folder:
            files = [folder / name for name in ("reference.npz", "current.npz")]
            for file, part in zip(files, np.split(matrix, [len(reference)], axis=1), strict=True):
                np.savez(file, names=reference.column_names, is_category=is_category, values=part)
            answer = folder / "answer.json"
            self._run(["columns", *files, answer], folder)
            found = json.loads(answer.read_text("utf-8"))

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
        with scratch.folder(self.samples, "drift") as folder:
            files = [folder / name for name in ("reference.npy", "current.npy")]
            for file, side in zip(files, (reference, current), strict=True):
                np.save(file, side)
            answer = folder / "answer.json"
            self._run(["joint", *files, answer], folder)

            return JointTest(**json.loads(answer.read_text("utf-8")))

    def _run(self, arguments: Sequence[str | Path], folder: Path) -> None:
        """Run the worker; its banners stay unread unless it fails."""
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        folders = {"HOME": str(folder), "TMPDIR": str(folder), "MPLCONFIGDIR": str(folder)}
        try:
            done = subprocess.run(
                # -P: our modules beside the worker must not stand before its libraries.
                [self.python, "-P", WORKER, *arguments],
                env={**kept, **ENVIRONMENT, **folders},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._failed(f"did not answer within {TIMEOUT_SECONDS} s") from None
        except OSError as error:
            raise self._failed(f"did not start: {error}") from None
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise self._failed(f"ended with exit code {done.returncode}: {last}")

    def _failed(self, reason: str) -> ServiceFailed:
        """Return the error that names the way out."""
        return ServiceFailed(
            f"alibi-detect ({self.python}) {reason}",
            next_step='make setup, or set engine = "scipy" under [drift] in churn.toml',
        )


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
