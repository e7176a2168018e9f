"""
What the library shap says of some rows, as `.venv-shap`: of a model's own file, not of our code.

    .venv-shap/bin/python shap_values.py FAMILY FOLDER

The folder has the file `model` as it is registered, `learned.npy` and `asked.npy`, rows of features
by position. `values.npy`, a number a row and feature, and `base.npy` are written beside them. A
family that is not in EXPLAINERS is an error.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shap
import xgboost as xgb

FURTHEST_SD = 8.0


def of_trees(model: Path, learned: np.ndarray) -> shap.TreeExplainer:
    """Return what explains a booster by the covers of its own nodes."""
    booster = xgb.Booster()
    booster.load_model(bytearray(model.read_bytes()))

    return shap.TreeExplainer(booster)


def of_regression(model: Path, learned: np.ndarray) -> shap.explainers.Exact:
    """Return what explains a regression by every set of features, beside all that are *learned*."""
    told = json.loads(model.read_text("utf-8"))

    return shap.explainers.Exact(
        margins_of(told), shap.maskers.Independent(learned, max_samples=len(learned))
    )


def margins_of(told: dict) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function a list of coefficients is, read from it anew."""

    def margins(rows: np.ndarray) -> np.ndarray:
        odds = np.full(len(rows), told["intercept"])
        for term in told["columns"]:
            values = rows[:, term["feature"]]
            is_missing = np.isnan(values)
            taken = {
                "missing": is_missing,
                "level": values == term["level"],
                "value": np.where(is_missing, term["fill"], values),
            }[term["takes"]]
            distance = (taken - term["mean"]) / term["sd"]
            odds += term["coefficient"] * np.clip(distance, -FURTHEST_SD, FURTHEST_SD)

        return odds

    return margins


EXPLAINERS = {"logistic": of_regression, "xgboost": of_trees}


def main(family: str, folder: Path) -> None:
    """Explain the rows that are asked for."""
    learned, asked = (np.load(folder / f"{name}.npy") for name in ("learned", "asked"))
    explained = EXPLAINERS[family](folder / "model", learned)(asked)
    np.save(folder / "values.npy", explained.values)
    np.save(folder / "base.npy", np.broadcast_to(explained.base_values, len(asked)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
