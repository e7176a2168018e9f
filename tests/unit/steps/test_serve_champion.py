"""The champion comes into service checked and warm, and one that is not right does not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from pipelines.domain.arrays import Matrix
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.scoring.versions import MANIFEST_TAG, ModelVersion
from pipelines.domain.serving.served import ServedModel
from pipelines.errors import ArtefactDamaged, ChampionMissing, RegistryUnavailable
from pipelines.steps.service.serve_champion import serve_champion
from pipelines.testing.models import LinearPredictor, MemoryModel, MemoryRegistry

CONTRACT = FeatureContract(
    "fct",
    (
        Feature("fee_eur", "numeric", "Fee", unit="EUR"),
        Feature("plan", "categorical", "Plan", levels=("basic", "pro"), nullable=True),
    ),
)
SPEC = ModelSpec(
    population="players",
    family="sum",
    as_of=date(2026, 3, 1),
    contract=CONTRACT,
    calibrator=Calibrator.line(1.0, 0.0),
    split=Split((date(2026, 1, 1),), (date(2026, 2, 1),), 1),
    usual={"fee_eur": 3.0, "plan": "pro"},
)
TIERS = TierPolicy({"high": 0.6}, {"low": "none", "high": "call"})
SAMPLE = pa.table({"fee_eur": [1.0, -2.0, 3.5], "plan": ["pro", None, "basic"]})


class Turned(LinearPredictor):
    """Says the opposite."""

    def contributions(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Turn what each feature adds."""
        return -super().contributions(matrix)


def model(weight: float = 1.0, sample: pa.Table = SAMPLE) -> MemoryModel:
    """Return a model whose scores follow *weight*."""
    return MemoryModel(SPEC, LinearPredictor(np.array([weight, 0.5])), {}, sample)


def as_it_is(predictors: CrossFitted) -> CrossFitted:
    """Change nothing for few rows."""
    return predictors


def serve(
    models: MemoryRegistry,
    current: ServedModel | None = None,
    for_few: Callable[[CrossFitted], CrossFitted] = as_it_is,
    kept: ModelVersion | None = None,
) -> ServedModel:
    """Bring the champion into service."""
    return serve_champion(
        population="players",
        current=current,
        models=models,
        kept=lambda _population: kept,
        for_few=for_few,
        tiers=TIERS,
    )


def crowned(models: MemoryRegistry, made: MemoryModel) -> None:
    """Register a model, and make it champion."""
    models.set_alias(models.add(made), "champion")


def test_the_champion_answers_as_the_registry_has_it() -> None:
    """And stays the same object while it is champion."""
    models = MemoryRegistry()
    crowned(models, model())
    served = serve(models)
    (found,) = served.answers([{"fee_eur": 1.0}], ["C1"], TIERS, is_for_everyone=False)

    assert 1 == served.version.version
    assert 1 / (1 + np.exp(-1.0)) == pytest.approx(found.churn_probability)
    assert serve(models, served) is served
    assert not served.needs_customer


def test_another_champion_replaces_it_and_leaves_it_as_it_was() -> None:
    """Who is being answered by the old one still is."""
    models = MemoryRegistry()
    crowned(models, model())
    first = serve(models)
    crowned(models, model(weight=-1.0))
    second = serve(models, first)
    row = [{"fee_eur": 2.0}]
    before, after = (
        each.answers(row, ["C1"], TIERS, is_for_everyone=False)[0] for each in (first, second)
    )

    assert (1, 2) == (first.version.version, second.version.version)
    assert before.churn_probability > 0.8
    assert after.churn_probability < 0.2


def test_without_a_champion_nothing_is_served() -> None:
    """And the next command is said."""
    with pytest.raises(ChampionMissing, match="churn-players") as refused:
        serve(MemoryRegistry())
    assert "churn train --population players" == refused.value.next_step


def test_a_damaged_one_is_refused() -> None:
    """As the night refuses it."""
    models = MemoryRegistry()
    crowned(models, model())
    models.damaged.add(("churn-players", 1))

    with pytest.raises(ArtefactDamaged, match="not what was registered"):
        serve(models)


def test_one_that_answers_otherwise_than_the_night_is_refused() -> None:
    """However sure its files are: rows it knows are asked both ways."""
    models = MemoryRegistry()
    crowned(models, model())

    def turned(predictors: CrossFitted) -> CrossFitted:
        return replace(predictors, served=Turned(np.array([1.0, 0.5])))

    with pytest.raises(ArtefactDamaged, match="3 rows it knows otherwise"):
        serve(models, for_few=turned)


def test_one_without_a_row_it_knows_is_refused() -> None:
    """Nothing would have been asked."""
    models = MemoryRegistry()
    crowned(models, model(sample=SAMPLE.slice(0, 0)))

    with pytest.raises(ArtefactDamaged, match="0 rows"):
        serve(models)


class Away(MemoryRegistry):
    """A registry that does not answer, but has files it has handed out before."""

    def champion(self, population: str) -> ModelVersion | None:
        """Refuse."""
        raise RegistryUnavailable(f"nobody knows {population}", next_step="churn status")


def test_what_was_promoted_and_is_here_is_enough_while_the_registry_is_away() -> None:
    """And nothing else is; what is in service stays, whoever told of its version."""
    models = Away()
    version = models.add(model(), tags={MANIFEST_TAG: "a1"})
    told_by_database = replace(version, run_id="")
    served = serve(models, kept=told_by_database)
    with pytest.raises(RegistryUnavailable):
        serve(models)

    assert told_by_database == served.version
    assert served is serve(models, served, kept=version)
