"""Whether tonight's list says what the model says of tonight's customers."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.drift.check import ColumnVerdict, DriftCheck
from pipelines.domain.drift.columns import PROBABILITY, RESCORED
from pipelines.domain.scoring.predictor import SAME_PROBABILITY, CrossFitted
from pipelines.domain.scoring.scoring import probabilities_of
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.errors import ContractMismatch

# Of customers whose probability is another, in percent: more are no mended row or two.
MOST_PCT = 1.0


def check_rescored(
    published: pa.Table, customers: pa.Table, *, spec: ModelSpec, predictors: CrossFitted
) -> DriftCheck | None:
    """
    Ask the model again about some customers, and compare what it says with tonight's list.

    Scores that are all a twentieth too high lie within what a year does to them, and keep their
    order: nothing that is known of other nights tells them. The model itself does. A list that is
    not the model's says nothing of the customers, so the check is `unknown` and no reason to train.

    Args:
        published: `customer_id` and `churn_probability` of tonight's list. Not modified.
        customers: `customer_id` and the features of those who are asked about. Not modified.
        spec: How the model that scored the night reads features.
        predictors: What it tells each customer by.

    Returns:
        The check; None where none of them is in the list.
    """
    place = pc.index_in(customers["customer_id"], value_set=published["customer_id"])
    listed = customers.filter(pc.is_valid(place)).combine_chunks()
    if not len(listed):
        return None
    try:
        (batch,) = listed.to_batches()
        _, told = probabilities_of(batch, spec=spec, predictors=predictors)
    except ContractMismatch as refused:
        return _check("unknown", f"the model cannot be asked about tonight: {refused.message}")
    says = published[PROBABILITY].take(place.drop_null()).to_numpy()
    differs = ~(np.abs(says - told) <= SAME_PROBABILITY)  # what is no number differs
    if not differs.any():
        return _check("quiet", f"as the model says again of {len(told):,} customers", 0.0)
    percent = 100.0 * float(differs.mean())
    moved = float(np.median(says[differs] - told[differs]))

    return _check(
        "unknown" if percent > MOST_PCT else "quiet",
        f"{differs.sum():,} of {len(told):,} customers have another probability than the model "
        f"gives them now, by {moved:+.4f} (median)",
        percent,
    )


def _check(verdict: ColumnVerdict, finding: str, percent: float | None = None) -> DriftCheck:
    """Return the check of the list."""
    return DriftCheck(
        feature=RESCORED,
        effect_name=None if percent is None else "rescored_pct",
        effect=percent,
        missing_reference_pct=0.0,
        missing_current_pct=0.0,
        verdict=verdict,
        finding=finding,
        owner="science",
    )
