"""Contributions of every family beside those of the library shap, in an environment of its own."""

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.models.families import family_module
from pipelines.adapters.models.few_rows import for_few
from pipelines.domain.arrays import Flags, Matrix
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.training.candidate import Parameters
from pipelines.domain.training.families import FAMILIES
from pipelines.settings import ROOT

PYTHON = ROOT / ".venv-shap" / "bin" / "python"
SCRIPT = Path(__file__).with_name("shap_values.py")

NIGHT = date(2026, 1, 1)
ROWS, ASKED = 3000, 100
MOST_DIFFERENCE = 1e-4
CASES: list[tuple[str, Parameters]] = [
    ("logistic", {}),
    *(("xgboost", {"max_depth": depth, "rounds": 60}) for depth in (1, 2, 4, 6, 8)),
]

by_shap = pytest.mark.skipif(
    not PYTHON.exists(), reason=".venv-shap is not there; `make shap` makes it"
)


@pytest.fixture(scope="module")
def rows(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> tuple[Matrix, Flags]:
    """Made-up customers, encoded; one in ten has no value of some features."""
    table = made_up_customers([NIGHT], rows=ROWS)
    is_churned = table["is_churned"].to_numpy(zero_copy_only=False).astype(bool)

    return encode(table, made_up_contract).matrix, is_churned


def test_every_family_is_compared() -> None:
    """Whoever writes one says here how shap is to explain it."""
    assert {*FAMILIES} == {family for family, _ in CASES}


@by_shap
@pytest.mark.parametrize(("family", "told"), CASES)
def test_a_family_is_explained_as_shap_explains_it(
    rows: tuple[Matrix, Flags],
    made_up_contract: FeatureContract,
    tmp_path: Path,
    family: str,
    told: Parameters,
) -> None:
    """Every contribution and the base, of what is read from its file; many rows and few alike."""
    module, (matrix, _) = family_module(family), rows
    fitted = module.fit(
        *rows, parameters={**module.DEFAULTS, **told}, contract=made_up_contract, seed=1
    )
    (tmp_path / "model").write_bytes(fitted.weights)
    np.save(tmp_path / "learned.npy", matrix)
    np.save(tmp_path / "asked.npy", matrix[:ASKED])
    done = subprocess.run(
        [PYTHON, SCRIPT, family, tmp_path], capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    values, base = np.load(tmp_path / "values.npy"), np.load(tmp_path / "base.npy")

    predictor = module.read(fitted.weights, made_up_contract)
    few = for_few(CrossFitted(predictor, Split((NIGHT,), (NIGHT,), 1))).served
    assert (ASKED, len(made_up_contract.features)) == values.shape
    assert np.abs(values).max() > 0.5
    for each in (predictor, few):
        found = each.contributions(matrix[:ASKED])
        np.testing.assert_allclose(values, found, atol=MOST_DIFFERENCE, rtol=0)
        np.testing.assert_allclose(base, each.base, atol=MOST_DIFFERENCE, rtol=0)
