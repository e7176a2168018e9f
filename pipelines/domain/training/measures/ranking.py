"""Whether those who leave stand before those who stay."""

import numpy as np

from pipelines.domain.arrays import Vector
from pipelines.domain.training.measures.cells import Cells

LIFT_SHARE = 0.10


def ranking(cells: Cells) -> dict[str, float]:
    """Return auc, pr_auc and lift_10pct of customers counted by score."""
    return {
        "auc": roc_area(cells.churners, cells.stayers),
        "pr_auc": average_precision(cells),
        "lift_10pct": recall_at(cells, LIFT_SHARE) / LIFT_SHARE,
    }


def roc_area(churners: Vector, stayers: Vector) -> float:
    """
    Return the area under the ROC curve; ties count half.

    Args:
        churners: `(n_cells,)` by score, the riskiest first.
        stayers: `(n_cells,)` of the same.
    """
    below = stayers.sum() - np.cumsum(stayers)

    return float((churners * (below + stayers / 2)).sum() / churners.sum() / stayers.sum())


def average_precision(cells: Cells) -> float:
    """Return the area under the precision-recall curve, by steps as scikit-learn does."""
    found, called = np.cumsum(cells.churners), np.cumsum(cells.everyone)
    precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)

    return float((cells.churners * precision).sum() / cells.churners.sum())


def recall_at(cells: Cells, share: float) -> float:
    """Return the share of the churners among so large a *share* of the riskiest customers."""
    everyone = cells.everyone
    found = np.r_[0.0, np.cumsum(cells.churners)] / cells.churners.sum()
    called = np.r_[0.0, np.cumsum(everyone)] / everyone.sum()

    return float(np.interp(share, called, found))
