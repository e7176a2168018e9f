"""Changes that drift has to catch, and those it has to leave alone, in the generated business."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.features.contract import FeatureContract
from tests.benchmarks import drift_plants as plants
from tests.benchmarks.drift_plants import PROBABILITY, Plant, Planted

IMPORTANT = DriftLimits().gain_importance
FLAGS = ("has_announced_end", "is_last_invoice_late", "is_contract_ending_30d")
USAGE = "usage_events_7d"


def cases(
    contract: FeatureContract, importances: Mapping[str, float], reference: pa.Table
) -> list[Planted]:
    """
    Return every case; a repeat takes the next of the features a case has.

    Args:
        contract: Which features are watched, and which of their gaps are explained.
        importances: Share of the gain, by feature.
        reference: The features at training.
    """
    ranked = sorted(contract.features, key=lambda feature: -importances.get(feature.name, 0.0))
    numbers = [feature for feature in ranked if feature.kind == "numeric"]
    matters = {name for name, share in importances.items() if share >= IMPORTANT}
    strong = [item.name for item in numbers if item.watch_drift and item.name in matters]
    weak = [
        item.name
        for item in numbers
        if item.watch_drift
        and item.name not in matters
        and np.std(reference[item.name].drop_null().to_numpy()) > 0
    ]
    unwatched = [item.name for item in numbers if not item.watch_drift and item.name in matters]
    rare = [name for name in strong if _zeros(reference, name) > 0.9]
    holed = {
        is_watched: [
            item.name
            for item in ranked
            if item.nullable and not item.is_missing_explained and item.watch_drift == is_watched
        ]
        for is_watched in (True, False)
    }

    return [
        Planted("+0.2 sd, one of the five strongest", _tilting(strong[:5], 0.2)),
        Planted("three times as many not zero", _each(rare, partial(plants.more_often, times=3))),
        Planted("5 points of a flag", _each(FLAGS, partial(plants.flipped, points=5))),
        _missing("missing 5 → 10 %, watched", holed[True]),
        _missing("missing 5 → 10 %, not watched", holed[False]),
        Planted("+0.5 sd, not watched", _tilting(unwatched, 0.5)),
        Planted("one usage column shuffled", _shuffling([USAGE])),
        Planted("the same among a third", _shuffling([USAGE], share=1 / 3)),
        Planted("scores shuffled", _shuffling([PROBABILITY]), is_of_scores=True),
        Planted("+0.05 sd, one of the five strongest", _tilting(strong[:5], 0.05), is_caught=False),
        Planted("+0.3 sd, unimportant", _tilting(weak, 0.3), is_caught=False),
        Planted(
            "scores by 1.06",
            lambda table, _: plants.rescored(table, lambda told: told * 1.06),
            is_of_scores=True,
        ),
        Planted(
            "log-odds by 0.9",
            lambda table, _: plants.rescored(table, plants.flatter),
            is_of_scores=True,
        ),
    ]


def _each(names: Sequence[str], change: partial[pa.Table]) -> Plant:
    """Return a plant that changes one feature, each repeat the next."""
    return lambda table, repeat: change(
        table, names[repeat % len(names)], key=f"{repeat} {names[repeat % len(names)]}"
    )


def _tilting(names: Sequence[str], by_sd: float) -> Plant:
    """Return a plant that moves one number by so many standard deviations."""
    return _each(names, partial(plants.tilted, by_sd=by_sd))


def _shuffling(names: list[str], share: float = 1.0) -> Plant:
    """Return a plant that hands columns to other customers, among a share of them."""
    return lambda table, repeat: plants.shuffled(table, names, f"shuffle {repeat}", share=share)


def _missing(name: str, features: Sequence[str]) -> Planted:
    """Return the case of a column that misses 5 % at training and 10 % from some night on."""
    return Planted(
        name,
        _each(features, partial(plants.emptied, percent=10)),
        _each(features, partial(plants.emptied, percent=5)),
    )


def _zeros(reference: pa.Table, name: str) -> float:
    """Return the share of zeros among what is there."""
    values = reference[name].drop_null().to_numpy()

    return float(np.mean(values == 0))
