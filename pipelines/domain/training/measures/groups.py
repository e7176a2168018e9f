"""Groups of customers a model is looked at in: levels of a category, bands of a number."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.arrays import Flags
from pipelines.domain.features.contract import Feature, FeatureContract

# A level is a group of its own from so large a share of the customers on.
LEAST_SHARE = 0.05
QUARTILES = (0.25, 0.50, 0.75)
# So many numeric features are looked at without being named.
STRONGEST = 3


@dataclass(frozen=True, slots=True)
class Group:
    """
    Customers who have something in common.

    Attributes:
        feature: What it is a level or a band of.
        name: What people read.
        is_in: `(n_rows,)`, who is in it.
    """

    feature: str
    name: str
    is_in: Flags


def levels(
    table: pa.Table, features: Sequence[Feature], *, least_share: float = LEAST_SHARE
) -> list[Group]:
    """
    Return who is on each level of a category, and who on each side of a yes or no.

    What everybody has is no group: it would be looked at twice, and each other look less sure.

    Args:
        table: Rows with the columns of *features*. Not modified.
        features: Those that are numeric are passed over.
        least_share: Of the rows; levels of fewer are passed over.
    """
    found = []
    for feature in features:
        if feature.kind == "numeric":
            continue
        values = table[feature.name].cast(pa.string())
        for level in sorted(values.unique().drop_null().to_pylist()):
            is_in = pc.fill_null(pc.equal(values, level), False).to_numpy(zero_copy_only=False)
            if least_share <= is_in.mean() < 1:
                found.append(Group(feature.name, f"{feature.name} = {level}", is_in))

    return found


def quartiles(table: pa.Table, features: Collection[Feature]) -> list[Group]:
    """
    Return the quartiles of numeric features, as many of them as differ, and who has no value.

    Args:
        table: Rows with the columns of *features*. Not modified.
        features: Those that are not numeric are passed over.
    """
    return [
        group
        for feature in features
        if feature.kind == "numeric"
        for group in _quartiles(table, feature.name)
    ]


def worth_a_look(
    table: pa.Table,
    contract: FeatureContract,
    *,
    bands: Collection[Feature],
    protected: Collection[str],
) -> list[Group]:
    """
    Return levels and bands of customers; of what is protected every level, however few it has.

    Args:
        table: Rows with features and attributes of *contract*. Not modified.
        contract: What there is of each customer.
        bands: Numeric features in whose quartiles the model is looked at.
        protected: Names of those by which nobody may be treated otherwise.
    """
    columns = (*contract.features, *contract.attributes)
    told = [each for each in columns if each.name in protected]
    others = [each for each in columns if each.name not in protected]

    return [*levels(table, told, least_share=0), *levels(table, others), *quartiles(table, bands)]


def worth_bands(
    contract: FeatureContract, importances: Sequence[float], named: Collection[str]
) -> list[Feature]:
    """
    Return the numeric features that matter most to a model or are *named*, and all attributes.

    Args:
        contract: Features and attributes.
        importances: Share of each in the model, in contract order.
        named: Names of features to look at whatever their share.
    """
    strongest = sorted(zip(importances, contract.names, strict=True), key=lambda pair: -pair[0])
    numeric = {feature.name for feature in contract.features if feature.kind == "numeric"}
    chosen = {*[name for _, name in strongest if name in numeric][:STRONGEST], *named}

    return [
        *(feature for feature in contract.features if feature.name in chosen),
        *(attribute for attribute in contract.attributes if attribute.kind == "numeric"),
    ]


def _quartiles(table: pa.Table, name: str) -> Iterator[Group]:
    """Yield the quartiles of one feature."""
    values = table[name].cast(pa.float64()).to_numpy()
    is_missing = np.isnan(values)
    if LEAST_SHARE <= is_missing.mean() < 1:
        yield Group(name, f"{name} missing", is_missing)
    known = values[~is_missing]
    if not len(known):
        return
    edges = np.unique(np.quantile(known, QUARTILES, method="lower"))
    number = np.searchsorted(edges, values, side="left")
    for band in range(len(edges) + 1):
        is_in = ~is_missing & (number == band)
        if not is_in.any() or is_in.all():
            continue
        low, high = values[is_in].min(), values[is_in].max()
        words = f"= {low:g}" if low == high else f"{low:g} to {high:g}"
        yield Group(name, f"{name} {words}", is_in)
