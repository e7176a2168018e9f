"""What travels with a model."""

import json
from datetime import date
from typing import Any

import numpy as np
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.errors import ContractMismatch

SPEC = ModelSpec(
    population="subscribers",
    family="xgboost",
    as_of=date(2026, 11, 1),
    contract=FeatureContract(
        "fct",
        (
            Feature("fee_eur", "numeric", "Fee", unit="EUR", theme="price"),
            Feature("plan", "categorical", "Plan", levels=("basic", "pro")),
        ),
    ),
    calibrator=Calibrator.through(np.array([0.1, 1 / 3]), np.array([0.1, 0.7])),
    split=Split((date(2026, 8, 1), date(2026, 9, 1)), (date(2026, 10, 1),), 1),
    usual={"fee_eur": 12.5, "plan": None},
)


def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(SPEC.to_dict()))

    return data


def test_a_spec_survives_json() -> None:
    """What is read is what was written, to the last bit."""
    assert SPEC == ModelSpec.from_dict(_data())


def test_a_spec_of_before_is_read() -> None:
    """Its probabilities are interpolated as they were, and it has learned from both parts."""
    before = _data() | {
        "format": 1,
        "calibrator": {"margins": [0.0, 1.0], "probabilities": [0.2, 0.4]},
        "roles": {
            "fit": ["2026-08-01"],
            "calibrate": ["2026-09-01"],
            "test": ["2026-10-01"],
            "seed": 1,
        },
    }
    del before["origins"], before["is_cross_fitted"], before["usual"]
    spec = ModelSpec.from_dict(before)

    assert (SPEC.split, {}) == (spec.split, spec.usual)
    np.testing.assert_allclose([0.3], spec.calibrator.apply(np.array([0.5])), rtol=1e-12)


def test_a_spec_of_before_there_were_themes_is_read() -> None:
    """No value is usual, and every feature is a theme of its own."""
    before = _data() | {"format": 2}
    del before["usual"]
    for feature in before["contract"]["features"]:
        del feature["theme"]
    spec = ModelSpec.from_dict(before)

    assert ({}, ("fee_eur", "plan")) == (spec.usual, spec.contract.themes)
    assert SPEC.contract.fingerprint == spec.contract.fingerprint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 4}, "format 4 where this program reads 1, 2 and 3"),
        ({"surprise": 1}, r"unknown keys \['surprise'\]"),
        ({"contract_fingerprint": "0" * 12}, "not 000000000000"),
    ],
)
def test_what_cannot_be_read_for_sure_is_refused(change: dict[str, Any], message: str) -> None:
    """Another format, a key nobody reads, another contract than its fingerprint."""
    with pytest.raises(ContractMismatch, match=message):
        ModelSpec.from_dict({**_data(), **change})


@pytest.mark.parametrize("key", ["calibrator", "roles", "contract"])
def test_a_missing_part_is_refused(key: str) -> None:
    """And named."""
    data = _data()
    del data[key]

    with pytest.raises(ContractMismatch, match=key):
        ModelSpec.from_dict(data)
