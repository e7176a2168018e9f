"""Why a customer is at risk, in words: the features that push the probability up the most."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.features.contract import Feature, FeatureContract

REASONS = 3


def top_reasons(
    batch: pa.RecordBatch, contributions: npt.NDArray[np.float64], contract: FeatureContract
) -> list[npt.NDArray[np.object_]]:
    """
    Return the strongest reasons of each row, strongest first.

    Args:
        batch: Feature columns as the warehouse holds them. Not modified.
        contributions: `(n_customers, n_features)` log-odds, in contract order.
        contract: Titles and units.

    Returns:
        Three arrays of `(n_customers,)` texts; None where fewer features push the probability up.
        Features that push alike are taken in contract order.
    """
    rows = batch.num_rows
    texts = [np.full(rows, None, dtype=object) for _ in range(REASONS)]
    order = np.argsort(-contributions, axis=1, kind="stable")[:, :REASONS]
    is_reason = np.take_along_axis(contributions, order, axis=1) > 0

    for position in np.unique(order[is_reason]):
        feature = contract.features[position]
        rank_rows, ranks = np.nonzero((order == position) & is_reason)
        values = batch.column(feature.name).take(pa.array(rank_rows))
        words = _phrases(values, feature)
        for rank in range(REASONS):
            is_here = ranks == rank
            texts[rank][rank_rows[is_here]] = words[is_here]

    return texts


def phrase(feature: Feature, value: float | bool | str | None) -> str:
    """
    Return one reason: `Tickets, last 28 days: 3 tickets`.

    Args:
        feature: Title, kind and unit.
        value: As the warehouse holds it; None and NaN are unknown.
    """
    if value is None or value != value:  # noqa: PLR0124  NaN
        return f"{feature.title}: unknown"
    if isinstance(value, str):
        return f"{feature.title}: {value}"
    if feature.kind == "boolean":
        return f"{feature.title}: {'yes' if value else 'no'}"

    number = _short(value)

    return f"{feature.title}: {number} {_counted(feature.unit, number)}".rstrip()


def _phrases(values: pa.Array, feature: Feature) -> npt.NDArray[np.object_]:
    """Phrase each distinct value once."""
    encoded = values.dictionary_encode(null_encoding="encode")
    words = np.array([phrase(feature, item.as_py()) for item in encoded.dictionary], dtype=object)

    return np.asarray(words[encoded.indices.to_numpy(zero_copy_only=False)], dtype=object)


def _short(value: float) -> str:
    """Return a number with about three digits: 1,234 or 56.7 or 0.25."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2
    text = f"{value:,.{digits}f}"
    if digits:
        text = text.rstrip("0").rstrip(".")

    return "0" if text == "-0" else text


def _counted(unit: str, number: str) -> str:
    """Return the unit as people say it after *number*: `1 day`, `2 days`."""
    first, _, rest = unit.partition(" ")
    if number == "1" and first.endswith("s"):
        return f"{first[:-1]} {rest}".rstrip()

    return unit
