"""
What runs in alibi-detect's own environment: two numpy files in, one JSON file out, and again.

Knows nothing of the pipeline, and of its libraries only numpy: current pyarrow does not load beside
the numpy below 2 that alibi-detect asks for.
Each line of its input is a question as JSON: `["columns" or "joint", REFERENCE, CURRENT, ANSWER]`.
Once ANSWER is written it says `answered` in a line; it ends when its input does.

For columns each file holds `names`, `is_category` (one flag a column) and `values`,
`(n_columns, n_rows)` float64: NaN where there is no value, whole numbers for the levels of a
category. For joint each holds `rows`, `(n_rows, n_columns)` without NaN.
"""

import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np


class _LeftOut(ModuleType):
    """A module of which a library imports names that are not used here."""

    def __getattr__(self, name: str) -> type:
        """Return a class of that name."""
        if name.startswith("__"):
            raise AttributeError(name)

        return type(name, (), {})


# Tokenizers, detectors of streams that numba compiles, outliers, what stores detectors: more than
# half of an import of alibi-detect.
for _name in (
    "transformers",
    *("alibi_detect.cd.cvm_online", "alibi_detect.cd.fet_online"),
    *("alibi_detect.ad", "alibi_detect.models", "alibi_detect.od", "alibi_detect.saving"),
):
    sys.modules[_name] = _LeftOut(_name)

from alibi_detect.cd import ClassifierDrift, TabularDrift  # noqa: E402
from scipy import stats  # noqa: E402
from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: E402

FOLDS = 5
SEED = 20261130


def main(question: str, reference_path: str, current_path: str, answer_path: str) -> None:
    """Answer one question about two samples."""
    {"columns": columns, "joint": joint}[question](reference_path, current_path, answer_path)


def joint(reference_path: str, current_path: str, answer_path: str) -> None:
    """
    Let a classifier tell the samples apart and write `{"auc": …, "p_value": …}`.

    ClassifierDrift's own p-value compares the probabilities of both sides (Kolmogorov-Smirnov); its
    size is the AUC, and what is written is the larger of that p-value and the one of the AUC.
    """
    reference, current = (
        np.load(path, allow_pickle=False)["rows"] for path in (reference_path, current_path)
    )
    detector = ClassifierDrift(
        reference,
        HistGradientBoostingClassifier(
            max_iter=40,
            learning_rate=0.15,
            max_leaf_nodes=16,
            min_samples_leaf=40,
            early_stopping=False,
            random_state=SEED,
        ),
        backend="sklearn",
        preds_type="probs",
        n_folds=FOLDS,
        seed=SEED,
    )
    data = detector.predict(current, return_probs=True)["data"]
    before, now = (np.ravel(data[key]) for key in ("probs_ref", "probs_test"))
    tested = stats.mannwhitneyu(now, before, alternative="greater", method="asymptotic")
    answer = {
        "auc": float(tested.statistic) / (len(before) * len(now)),
        "p_value": max(float(data["p_val"]), float(tested.pvalue)),
    }
    Path(answer_path).write_text(json.dumps(answer), "utf-8")


def columns(reference_path: str, current_path: str, answer_path: str) -> None:
    """Test every column and write `{column: [statistic, p_value]}`."""
    reference, current = (
        dict(np.load(path, allow_pickle=False)) for path in (reference_path, current_path)
    )
    for key in ("names", "is_category"):
        if not np.array_equal(reference[key], current[key]):
            raise SystemExit(f"the two files differ in {key}")

    answer: dict[str, list[float | None]] = {}
    for group in _groups(reference["values"], current["values"]):
        before, now = (_without_gaps(side["values"][group]) for side in (reference, current))
        found = _test(before, now, reference["is_category"][group])
        for column, pair in zip(group, found, strict=True):
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
    # What its libraries print is no answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        main(*json.loads(line))
        print("answered", file=answers, flush=True)
