"""Why a customer is at risk, in words: the themes that push the probability up the most."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.usual import Value
from pipelines.domain.scoring.explanation import theme_sums

REASONS = 3
# Nearer than this to the middle between two decimals a number is rounded by itself.
CLEARLY = 1e-6


def top_reasons(
    batch: pa.RecordBatch,
    contributions: npt.NDArray[np.float64],
    contract: FeatureContract,
    usual: Mapping[str, Value],
) -> list[npt.NDArray[np.object_]]:
    """
    Return the strongest reasons of each row, strongest first, each of another theme.

    A theme weighs what its features add up to, and is told by the one that adds most.

    Args:
        batch: Feature columns as the warehouse holds them. Not modified.
        contributions: `(n_customers, n_features)` log-odds, in contract order.
        contract: Titles, units and themes.
        usual: What most customers have, by feature; one that is not among them is told alone.

    Returns:
        Three arrays of `(n_customers,)` texts; None where fewer themes push the probability up.
        Themes that push alike are taken in contract order, and so are features of a theme.
    """
    rows = batch.num_rows
    texts = [np.full(rows, None, dtype=object) for _ in range(REASONS)]
    sums = theme_sums(contributions, contract)
    pushes = np.column_stack([*sums.values()]) if sums else np.empty((rows, 0))
    order = np.argsort(-pushes, axis=1, kind="stable")[:, :REASONS]
    is_reason = np.take_along_axis(pushes, order, axis=1) > 0
    told = np.take_along_axis(_strongest(contributions, contract, [*sums]), order, axis=1)

    for position in np.unique(told[is_reason]):
        feature = contract.features[position]
        rank_rows, ranks = np.nonzero((told == position) & is_reason)
        values = batch.column(feature.name).take(pa.array(rank_rows))
        words = _phrases(values, feature, usual)
        for rank in range(REASONS):
            is_here = ranks == rank
            texts[rank][rank_rows[is_here]] = words[is_here]

    return texts


def first_themes(
    contributions: npt.NDArray[np.float64], contract: FeatureContract
) -> npt.NDArray[np.object_]:
    """
    Return the theme of each row's first reason: `(n_customers,)`, None where there is no reason.

    Args:
        contributions: `(n_customers, n_features)` log-odds, in contract order.
        contract: The themes.
    """
    sums = theme_sums(contributions, contract)
    pushes = np.column_stack([*sums.values()])
    themes: npt.NDArray[np.object_] = np.array([*sums], dtype=object)[np.argmax(pushes, axis=1)]
    themes[pushes.max(axis=1) <= 0] = None

    return themes


def phrase(feature: Feature, value: Value) -> str:
    """
    Return one reason: `Tickets, last 28 days: 3 tickets`.

    Args:
        feature: Title, kind and unit.
        value: As the warehouse holds it; None and NaN are unknown.
    """
    text = _told(feature, value)
    if _is_number(value):
        text = f"{text} {_counted(feature.unit, text)}".rstrip()

    return f"{feature.title}: {text}"


def compared(feature: Feature, value: Value, usual: Value) -> str:
    """
    Return one reason beside what is usual: `Tickets, last 28 days: 3 tickets, usually 0`.

    Args:
        feature: Title, kind and unit.
        value: As the warehouse holds it; None and NaN are unknown.
        usual: What most customers have; what reads the same as the value is not said twice.
    """
    other = _told(feature, usual)
    if _told(feature, value) == other:
        return phrase(feature, value)
    if usual is None:
        return f"{phrase(feature, value)}, usually none"
    if _is_number(usual) and not _is_number(value):
        other = f"{other} {_counted(feature.unit, other)}".rstrip()

    return f"{phrase(feature, value)}, usually {other}"


def _strongest(
    contributions: npt.NDArray[np.float64], contract: FeatureContract, themes: list[str]
) -> npt.NDArray[np.intp]:
    """Return `(n_customers, n_themes)`: position of the feature that adds most to each theme."""
    of_feature = np.array(contract.themes, dtype=object)
    strongest = np.empty((len(contributions), len(themes)), dtype=np.intp)
    for number, theme in enumerate(themes):
        positions = np.flatnonzero(of_feature == theme)
        strongest[:, number] = positions[np.argmax(contributions[:, positions], axis=1)]

    return strongest


def _phrases(
    values: pa.Array, feature: Feature, usual: Mapping[str, Value]
) -> npt.NDArray[np.object_]:
    """Phrase once what is told alike."""
    if pa.types.is_floating(values.type):
        values = pa.array(_told_alike(values.to_numpy(zero_copy_only=False)))
    encoded = values.dictionary_encode(null_encoding="encode")
    told = [
        compared(feature, item.as_py(), usual[feature.name])
        if feature.name in usual
        else phrase(feature, item.as_py())
        for item in encoded.dictionary
    ]
    words = np.array(told, dtype=object)

    return np.asarray(words[encoded.indices.to_numpy(zero_copy_only=False)], dtype=object)


def _told_alike(numbers: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """
    Return each number as it reads in a reason, or as it is where rounding might err.

    Of 64,000 amounts no two are the same, and 3,000 are told: phrasing them took a third of all
    that explaining takes.

    Args:
        numbers: `(n,)`; NaN is unknown. Not modified.
    """
    exact = numbers.astype(np.float64)
    size = np.abs(exact)
    scale = np.where(size >= 100, 1.0, np.where(size >= 10, 10.0, 100.0))
    scaled = exact * scale
    # A decimal that ends in 5 is hardly ever one in binary, and which way it is rounded is decided
    # by digits that scaling may lose.
    is_clear = np.abs(np.abs(scaled - np.trunc(scaled)) - 0.5) > CLEARLY

    return np.where(is_clear, np.rint(scaled) / scale, exact)


def _is_number(value: Value) -> bool:
    """Tell whether *value* is told as a number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124  NaN


def _told(feature: Feature, value: Value) -> str:
    """Return a value as people say it, without its unit."""
    if value is None or value != value:  # noqa: PLR0124  NaN
        return "unknown"
    if isinstance(value, str):
        return value
    if feature.kind == "boolean":
        return "yes" if value else "no"

    return _short(value)


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
