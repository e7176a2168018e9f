"""Scoring: one pure function, Arrow batch in, Arrow batch out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.domain.arrays import Matrix, Vector
from pipelines.domain.features.encoding import encode
from pipelines.domain.scoring.explanation import explain
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.reasons import REASONS, first_themes, top_reasons
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.stored_reasons import Earlier, stored_reasons
from pipelines.domain.scoring.tier_bounds import UNKNOWN, Codes, TierBounds
from pipelines.domain.scoring.tiers import TierPolicy

TEXTS = tuple(f"reason_{rank}" for rank in range(1, REASONS + 1))
STORED = "reasons"
# Explaining takes ten times the memory of the matrix: of so many rows with 70 features 45 MB.
EXPLAINED_AT_ONCE = 16_384
SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("churn_probability", pa.float64()),
        ("risk_tier", pa.string()),
        ("recommended_action", pa.string()),
        *((name, pa.string()) for name in (*TEXTS, STORED)),
    ]
)


@dataclass(frozen=True, slots=True)
class Before:
    """
    The model of the list before, where tonight's is another.

    Attributes:
        version: Its version.
        spec: How it is used.
        predictors: The fitted models the spec belongs to.
    """

    version: int
    spec: ModelSpec
    predictors: CrossFitted

    def of(self, rows: pa.RecordBatch, customer_ids: pa.Array) -> Earlier:
        """Return what it says of *rows*; ContractMismatch if they do not meet its contract."""
        matrix = encode(rows, self.spec.contract).matrix
        margins = self.predictors.margins(matrix, customer_ids)
        told = explain(margins, matrix, customer_ids, spec=self.spec, predictors=self.predictors)

        return Earlier(self.version, self.spec.contract, told)


# Given customers, it returns the tiers in which the list before has them, by their ids.
TiersBefore = Callable[[pa.Array], Mapping[str, str]]


def probabilities_of(
    batch: pa.RecordBatch, *, spec: ModelSpec, predictors: CrossFitted
) -> tuple[pa.Array, Vector]:
    """
    Return ids and churn probabilities of *batch*, row for row.

    Raises:
        ContractMismatch: The batch does not meet the spec's contract.
    """
    matrix = encode(batch, spec.contract).matrix
    customer_ids = batch.column("customer_id").cast(pa.string())

    return customer_ids, spec.calibrator.apply(predictors.margins(matrix, customer_ids))


def places_before(
    customer_ids: pa.Array, names: Sequence[str], tiers_before: TiersBefore | None
) -> Codes:
    """
    Return `(n_customers,)` positions in *names* of the tiers in the list before, or UNKNOWN.

    Args:
        customer_ids: `(n_customers,)`.
        names: The tiers there are; a list may have been cut by others.
        tiers_before: Tells their tiers; None knows nobody.
    """
    if tiers_before is None or not len(customer_ids):
        return np.full(len(customer_ids), UNKNOWN, dtype=np.intp)
    place, found = {name: at for at, name in enumerate(names)}, tiers_before(customer_ids)

    return np.array(
        [place.get(found.get(each, ""), UNKNOWN) for each in customer_ids.to_pylist()],
        dtype=np.intp,
    )


def score_batch(
    batch: pa.RecordBatch,
    *,
    spec: ModelSpec,
    predictors: CrossFitted,
    tiers: TierPolicy,
    is_for_everyone: bool = False,
    before: Before | None = None,
    bounds: TierBounds | None = None,
    tiers_before: TiersBefore | None = None,
) -> pa.RecordBatch:
    """
    Return the scores of *batch*, row for row.

    Args:
        batch: `customer_id` and the features of the contract, and of that of *before*. Not
            modified.
        spec: How features become the matrix and margins probabilities.
        predictors: The fitted models the spec belongs to.
        tiers: Thresholds and actions.
        is_for_everyone: Whether the lowest tier has reasons too.
        before: The model of the list before, to tell what changed because the model did.
        bounds: Where the tiers of this list begin; the thresholds without it.
        tiers_before: Tells the tiers of the list before; asked of customers near a bound only.

    Returns:
        The columns of SCHEMA; reasons from the second-lowest tier upward, unless they are for
        everyone. A model that knows no usual values has reasons in words only.

    Raises:
        ContractMismatch: The batch does not meet the spec's contract.
    """
    return score_encoded(
        batch,
        encode(batch, spec.contract).matrix,
        spec=spec,
        predictors=predictors,
        tiers=tiers,
        is_for_everyone=is_for_everyone,
        before=before,
        bounds=bounds,
        tiers_before=tiers_before,
    )


def score_encoded(
    batch: pa.RecordBatch,
    matrix: Matrix,
    *,
    spec: ModelSpec,
    predictors: CrossFitted,
    tiers: TierPolicy,
    is_for_everyone: bool = False,
    before: Before | None = None,
    bounds: TierBounds | None = None,
    tiers_before: TiersBefore | None = None,
) -> pa.RecordBatch:
    """
    Return the scores of *batch*, whose *matrix* is known, as `score_batch` does.

    Args:
        batch: `customer_id` and the features of the contract, and of that of *before*. Not
            modified.
        matrix: `(n_customers, n_features)`, as `encode` makes it of *batch*. Not modified.
        spec: How margins become probabilities.
        predictors: The fitted models the spec belongs to.
        tiers: Thresholds and actions.
        is_for_everyone: Whether the lowest tier has reasons too.
        before: The model of the list before, to tell what changed because the model did.
        bounds: Where the tiers of this list begin; the thresholds without it.
        tiers_before: Tells the tiers of the list before; asked of customers near a bound only.
    """
    customer_ids = batch.column("customer_id").cast(pa.string())
    margins = predictors.margins(matrix, customer_ids)
    probabilities = spec.calibrator.apply(margins)
    codes = _codes(probabilities, customer_ids, bounds or TierBounds.of(tiers), tiers_before)
    reasons = {name: np.full(batch.num_rows, None, dtype=object) for name in (*TEXTS, STORED)}
    themes = np.full(batch.num_rows, None, dtype=object)

    explained = np.flatnonzero((codes > 0) | is_for_everyone)
    for begin in range(0, len(explained), EXPLAINED_AT_ONCE):
        told = explained[begin : begin + EXPLAINED_AT_ONCE]
        rows = batch.take(pa.array(told))
        found, contributions = _reasons(
            rows,
            matrix[told],
            margins[told],
            spec=spec,
            predictors=predictors,
            before=before,
        )
        for name, texts in found.items():
            reasons[name][told] = texts
        if tiers.actions_by_theme:
            themes[told] = first_themes(contributions, spec.contract)

    indices = pa.array(codes)
    names = pa.DictionaryArray.from_arrays(indices, list(tiers.names))

    return pa.RecordBatch.from_arrays(
        [
            customer_ids,
            pa.array(probabilities, pa.float64()),
            names.cast(pa.string()),
            pa.array(tiers.recommended(codes, themes), pa.string()),
            *(pa.array(column, pa.string()) for column in reasons.values()),
        ],
        schema=SCHEMA,
    )


def _codes(
    probabilities: Vector,
    customer_ids: pa.Array,
    bounds: TierBounds,
    tiers_before: TiersBefore | None,
) -> Codes:
    """Return the position of each customer's tier."""
    if tiers_before is None:
        return bounds.cut(probabilities, customer_ids)
    was = np.full(len(probabilities), UNKNOWN, dtype=np.intp)
    asked = np.flatnonzero(bounds.is_undecided(probabilities, customer_ids))
    was[asked] = places_before(customer_ids.take(pa.array(asked)), bounds.names, tiers_before)

    return bounds.cut(probabilities, customer_ids, was)


def _reasons(
    rows: pa.RecordBatch,
    matrix: Matrix,
    margins: Vector,
    *,
    spec: ModelSpec,
    predictors: CrossFitted,
    before: Before | None,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the columns of reasons of *rows* there are, by name, and what features add."""
    customer_ids = rows.column("customer_id").cast(pa.string())
    if not spec.usual:
        contributions = predictors.contributions(matrix, customer_ids)
        texts = top_reasons(rows, contributions, spec.contract, {})
        return dict(zip(TEXTS, texts, strict=True)), contributions

    found = explain(margins, matrix, customer_ids, spec=spec, predictors=predictors)
    texts = top_reasons(rows, found.contributions, spec.contract, spec.usual)
    earlier = None if before is None else before.of(rows, customer_ids)
    stored = stored_reasons(rows, found, spec.contract, spec.usual, earlier)

    columns = dict(zip(TEXTS, texts, strict=True)) | {STORED: stored.to_numpy(zero_copy_only=False)}

    return columns, found.contributions
