"""Reasons as numbers: the JSON that is stored with a score and adds up to its log-odds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.arrays import Vector
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.usual import Value
from pipelines.domain.scoring.explanation import Explanation

# Of a hundred themes the rounding adds up to 5e-5 at most.
DIGITS = 6
FEATURES = 5


@dataclass(frozen=True, slots=True)
class Earlier:
    """
    What the model of the list before says of the same customers as they are tonight.

    Attributes:
        version: Its version.
        contract: The features it reads.
        explanation: What it says.
    """

    version: int
    contract: FeatureContract
    explanation: Explanation


def stored_reasons(
    batch: pa.RecordBatch,
    explanation: Explanation,
    contract: FeatureContract,
    usual: Mapping[str, Value],
    earlier: Earlier | None = None,
) -> pa.StringArray:
    """
    Return one JSON object a customer.

        {"log_odds": 0.41, "base": -1.92, "themes": {"usage": 1.83, "support": 0.5},
         "features": [{"feature": "uses_28d", "value": 0, "usual": 12.0, "log_odds": 1.7}],
         "rest": 0.63, "before": {"version": 3, "log_odds": 0.2, "base": …, "themes": {…}}}

    `log_odds` is `base` and all `themes`, and is `base`, the `features` that weigh most, either
    way, and the `rest`. `before` is what the model of the list before would have said, where that
    was another.

    Args:
        batch: Feature columns as the warehouse holds them. Not modified.
        explanation: Of the same rows.
        contract: Features and their themes.
        usual: What most customers have, by feature.
        earlier: The same rows by the model of the list before, if that was another.
    """
    added = explanation.contributions
    order = _heaviest(added)
    weights = np.take_along_axis(added, order, axis=1)
    told = _features(batch, order, weights, contract, usual)
    parts: list[pa.Array | str] = ["{", *_sums(explanation, contract), ', "features": [']
    for rank, texts in enumerate(told):
        parts += [", " if rank else "", texts]
    rest = added.sum(axis=1) - weights.sum(axis=1)
    parts += ['], "rest": ', _numbers(rest)]
    if earlier is not None:
        before = _sums(earlier.explanation, earlier.contract)
        parts += [f', "before": {{"version": {earlier.version}, ', *before, "}"]

    return _joined([*parts, "}"], batch.num_rows)


def _heaviest(added: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return `(n_customers, <= FEATURES)`: positions of what adds or takes most, that first."""
    count = min(FEATURES, added.shape[1])
    if count == added.shape[1] or not len(added):
        chosen = np.broadcast_to(np.arange(count), (len(added), count))
    else:
        lightest = -np.abs(added)
        chosen = np.sort(np.argpartition(lightest, count - 1, axis=1)[:, :count], axis=1)
    weights = np.abs(np.take_along_axis(added, chosen, axis=1))

    return np.take_along_axis(chosen, np.argsort(-weights, axis=1, kind="stable"), axis=1)


def _sums(explanation: Explanation, contract: FeatureContract) -> list[pa.Array | str]:
    """Return log-odds, base and themes as pieces of an object."""
    parts: list[pa.Array | str] = ['"log_odds": ', _numbers(explanation.log_odds)]
    parts += [', "base": ', _numbers(explanation.base), ', "themes": {']
    for number, (theme, sums) in enumerate(explanation.of_themes(contract).items()):
        parts += [f"{', ' if number else ''}{json.dumps(theme)}: ", _numbers(sums)]

    return [*parts, "}"]


def _features(
    batch: pa.RecordBatch,
    order: npt.NDArray[np.intp],
    weights: npt.NDArray[np.float64],
    contract: FeatureContract,
    usual: Mapping[str, Value],
) -> list[pa.Array]:
    """Return `(n_customers,)` objects for each rank of *order*."""
    pieces, places, begins = [pa.array([], pa.string())], np.empty(order.shape, dtype=np.int64), 0
    for position in np.unique(order):
        feature = contract.features[position]
        rows, ranks = np.nonzero(order == position)
        values = _values(batch.column(feature.name).take(pa.array(rows)), feature)
        named = f'{{"feature": {json.dumps(feature.name)}, "value": '
        beside = f', "usual": {json.dumps(usual.get(feature.name))}, "log_odds": '
        weighed = _numbers(weights[rows, ranks])
        pieces.append(_joined([named, values, beside, weighed, "}"], len(rows)))
        places[rows, ranks] = begins + np.arange(len(rows))
        begins += len(rows)
    every = pa.concat_arrays(pieces)

    return [every.take(pa.array(places[:, rank])) for rank in range(order.shape[1])]


def _values(values: pa.Array, feature: Feature) -> pa.Array:
    """Return the values of a feature as JSON."""
    if feature.kind == "categorical":
        encoded = values.dictionary_encode(null_encoding="encode")
        texts = pa.array([json.dumps(item.as_py()) for item in encoded.dictionary], pa.string())
        return texts.take(encoded.indices)
    if feature.kind == "numeric" and pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_finite(values), values, None)

    return pc.fill_null(values.cast(pa.string()), "null")


def _numbers(values: Vector) -> pa.Array:
    """Return numbers as JSON."""
    # Adding 0 makes -0 a 0.
    return pa.array(np.round(values, DIGITS) + 0.0).cast(pa.string())


def _joined(parts: list[pa.Array | str], rows: int) -> pa.Array:
    """Return the pieces of each row as one text."""
    if not rows:
        return pa.array([], pa.string())

    return pc.binary_join_element_wise(*parts, "")
