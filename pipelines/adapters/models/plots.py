"""Three pictures of a model, on the test rows: ranking, calibration, strongest features."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from pipelines.domain.training.package import ModelPackage

FILES = ("roc.png", "calibration.png", "importance.png")
CALIBRATION_BINS = 10
CUSTOMERS_A_POINT = 10
FEATURES_SHOWN = 20


def write(package: ModelPackage, folder: Path) -> None:
    """Write FILES into *folder*."""
    for name, figure in zip(
        FILES, (_roc(package), _calibration(package), _importance(package)), strict=True
    ):
        # Without the library's name and version in it, the same model gives the same file.
        figure.savefig(folder / name, dpi=100, metadata={"Software": None})


def _roc(package: ModelPackage) -> Figure:
    """Draw the share of churners found against the share of stayers called for nothing."""
    order = np.argsort(-package.probabilities, kind="stable")
    churned = package.is_churned[order]
    found = np.r_[0, np.cumsum(churned)] / churned.sum()
    wasted = np.r_[0, np.cumsum(~churned)] / (~churned).sum()

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot(wasted, found)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.5)
    axes.set(
        title=f"AUC {package.evaluation['auc']}",
        xlabel="share of stayers contacted",
        ylabel="share of churners contacted",
    )

    return figure


def _calibration(package: ModelPackage) -> Figure:
    """Draw the churn rate by tenth of probability, where enough customers were given it."""
    bins = np.minimum((package.probabilities * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    groups = [np.flatnonzero(bins == number) for number in range(CALIBRATION_BINS)]
    groups = [rows for rows in groups if len(rows) >= CUSTOMERS_A_POINT]
    given = [package.probabilities[rows].mean() for rows in groups]
    seen = [package.is_churned[rows].mean() for rows in groups]

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot(given, seen, marker="o")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.5)
    axes.set(
        title=f"Brier {package.evaluation['brier']}",
        xlabel="churn probability",
        ylabel="share that left",
    )

    return figure


def _importance(package: ModelPackage) -> Figure:
    """Draw the share of the strongest features in the model."""
    shares = np.asarray(package.fitted.importances)
    strongest = np.argsort(-shares, kind="stable")[:FEATURES_SHOWN][::-1]
    names = [package.spec.contract.names[position] for position in strongest]

    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, shares[strongest])
    axes.set(title=f"{package.spec.family}: strongest features", xlabel="share in the model")

    return figure
