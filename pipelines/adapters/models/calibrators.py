"""Calibrators: a straight line of the log-odds, or one through bins where that is surely better."""

from collections.abc import Callable

import numpy as np
from sklearn.isotonic import IsotonicRegression

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.training import log_odds_line

FOLDS = 5
# Churners of a bin before pooling: where they are rare a bin is wide, at the top it is narrow.
BIN_CHURNERS = 25
MOST_BINS = 50
# Customers added to every bin at the overall rate: no bin is certain.
PRIOR_ROWS = 2.0
# Of a model that ranks nobody, or ranks them the wrong way round, the order is kept and no more.
LEAST_SLOPE = 1e-3

Fit = Callable[[Vector, Flags], Calibrator]


def best(margins: Vector, is_churned: Flags) -> Calibrator:
    """
    Return the line, unless the bins have the lower log loss by more than one standard error.

    Compared on folds neither was fitted on, because fitted on the same rows the bins always win.

    Args:
        margins: `(n_customers,)` log-odds of rows their models had not seen.
        is_churned: `(n_customers,)`, with both outcomes among them.
    """
    # Every fifth in the order of the margins: the folds are alike, and nothing is random.
    place = np.empty(len(margins), dtype=np.intp)
    place[np.argsort(margins, kind="stable")] = np.arange(len(margins))
    saved = np.zeros(len(margins))
    for fold in range(FOLDS):
        is_judged = place % FOLDS == fold
        known = is_churned[~is_judged]
        if known.all() or not known.any():
            return line(margins, is_churned)
        losses = [
            _losses(fit(margins[~is_judged], known), margins[is_judged], is_churned[is_judged])
            for fit in (line, bins)
        ]
        saved[is_judged] = losses[0] - losses[1]
    is_surely_better = saved.mean() > saved.std() / np.sqrt(len(saved))

    return (bins if is_surely_better else line)(margins, is_churned)


def line(margins: Vector, is_churned: Flags) -> Calibrator:
    """
    Fit a straight line to the log-odds: Platt 1999, with his targets, so that nobody is certain.

    Args:
        margins: `(n_customers,)` log-odds.
        is_churned: `(n_customers,)`, with both outcomes among them.
    """
    churners = int(is_churned.sum())
    stayers = len(is_churned) - churners
    targets = np.where(is_churned, (churners + 1) / (churners + 2), 1 / (stayers + 2))
    slope, intercept = log_odds_line.fitted(margins, targets)
    if slope >= LEAST_SLOPE:
        return Calibrator.line(slope, intercept)
    rate = float(targets.mean())
    level = float(np.log(rate / (1 - rate)))

    return Calibrator.line(LEAST_SLOPE, level - LEAST_SLOPE * float(margins.mean()))


def bins(margins: Vector, is_churned: Flags) -> Calibrator:
    """
    Fit a line through bins: centred isotonic regression (Oron and Flournoy 2017).

    Bins of as many expected churners each are pooled until their rates ascend, and the line runs
    through the centres of the pools. Unlike the steps of plain isotonic regression it keeps the
    order of customers, so AUC is what it was.

    Args:
        margins: `(n_customers,)` log-odds.
        is_churned: `(n_customers,)`, with both outcomes among them.
    """
    order = np.argsort(margins, kind="stable")
    count = max(1, min(MOST_BINS, int(is_churned.sum()) // BIN_CHURNERS))
    # Expected churners, not those seen: bins that end where somebody left would be too high.
    expected = np.cumsum(line(margins, is_churned).apply(margins[order]))
    number = np.minimum((expected * count / expected[-1]).astype(np.intp), count - 1)
    rows = np.bincount(number, minlength=count).astype(np.float64)
    centres = np.bincount(number, margins[order], minlength=count) / rows
    churners = np.bincount(number, is_churned[order], minlength=count)
    rates = (churners + PRIOR_ROWS * is_churned.mean()) / (rows + PRIOR_ROWS)

    pooled = IsotonicRegression().fit_transform(centres, rates, sample_weight=rows)
    # Rates of one pool may differ in their last bit, and two pools must not share a rate.
    _, pools = np.unique(np.round(pooled, 12), return_inverse=True)
    weight = np.bincount(pools, rows)
    margin = np.bincount(pools, rows * centres) / weight
    rate = np.bincount(pools, rows * pooled) / weight
    is_further = np.r_[True, np.diff(margin) > 0]

    return Calibrator.through(margin[is_further], rate[is_further])


def _losses(calibrator: Calibrator, margins: Vector, is_churned: Flags) -> Vector:
    """Return the log loss of each row."""
    probabilities = np.clip(calibrator.apply(margins), 1e-15, 1 - 1e-15)

    return np.asarray(-np.log(np.where(is_churned, probabilities, 1 - probabilities)))
