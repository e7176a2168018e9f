"""
What runs in alibi-detect's own environment: two numpy files in, one JSON file out.

Knows nothing of the pipeline, and of its libraries only numpy: current pyarrow does not load beside
the numpy below 2 that alibi-detect asks for. Usage: `alibi_worker.py REFERENCE CURRENT ANSWER`.

Each file holds `names`, `is_category` (one flag a column) and `values`, `(n_columns, n_rows)`
float64: NaN where there is no value, whole numbers for the levels of a category.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from alibi_detect.cd import TabularDrift


def main(reference_path: str, current_path: str, answer_path: str) -> None:
    """Test every column and write `{column: [statistic, p_value]}`."""
    reference, current = (
        dict(np.load(path, allow_pickle=False)) for path in (reference_path, current_path)
    )
    for key in ("names", "is_category"):
        if not np.array_equal(reference[key], current[key]):
            raise SystemExit(f"the two files differ in {key}")

    answer: dict[str, list[float | None]] = {}
    for columns in _groups(reference["values"], current["values"]):
        before, now = (_without_gaps(side["values"][columns]) for side in (reference, current))
        found = _test(before, now, reference["is_category"][columns])
        for column, pair in zip(columns, found, strict=True):
            answer[str(reference["names"][column])] = [
                value if np.isfinite(value) else None for value in pair
            ]
    Path(answer_path).write_text(json.dumps(answer), "utf-8")


def _groups(reference: np.ndarray, current: np.ndarray) -> list[list[int]]:
    """
    Return the columns that may share a detector: all without a gap, and each other one alone.

    One NaN makes TabularDrift's p-value NaN, and it drops rows for all columns or for none.
    """
    has_gaps = np.isnan(reference).any(axis=1) | np.isnan(current).any(axis=1)
    whole = [int(column) for column in np.flatnonzero(~has_gaps)]

    return [group for group in (whole, *([int(c)] for c in np.flatnonzero(has_gaps))) if group]


def _without_gaps(values: np.ndarray) -> np.ndarray:
    """Return `(rows without a gap, n_columns)`."""
    return values[:, ~np.isnan(values).any(axis=0)].T


def _test(
    before: np.ndarray, now: np.ndarray, is_category: np.ndarray
) -> list[tuple[float, float]]:
    """Run one detector; return statistic and p-value by column."""
    if not len(before) or not len(now):
        return [(np.nan, np.nan)] * before.shape[1]

    categories: dict[int, Any] = {
        int(column): sorted({int(code) for code in np.concatenate([before, now])[:, column]})
        for column in np.flatnonzero(is_category)
    }
    detector = TabularDrift(before, categories_per_feature=categories)
    data = detector.predict(now, drift_type="feature", return_p_val=True, return_distance=True)[
        "data"
    ]

    return [
        (float(statistic), float(p_value))
        for statistic, p_value in zip(data["distance"], data["p_val"], strict=True)
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])
