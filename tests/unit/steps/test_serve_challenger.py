"""A challenger comes into service as a champion does, and beside the right one only."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.serving.served import ServedModel
from pipelines.errors import ArtefactDamaged, ContractMismatch, RegistryUnavailable
from pipelines.steps.service.serve_challenger import serve_challenger
from pipelines.steps.service.serve_champion import serve_champion
from pipelines.testing.models import MemoryModel, MemoryRegistry
from tests.unit.steps.test_serve_champion import CONTRACT, TIERS, Turned, as_it_is, model


def house(*models: MemoryModel) -> tuple[MemoryRegistry, ServedModel]:
    """Return a registry whose first model is champion, and it in service."""
    registry = MemoryRegistry()
    versions = [registry.add(each) for each in models]
    registry.set_alias(versions[0], "champion")

    return registry, serve_champion(
        population="players",
        current=None,
        models=registry,
        kept=lambda _: None,
        for_few=as_it_is,
        tiers=TIERS,
    )


def served(
    registry: MemoryRegistry,
    champion: ServedModel,
    number: int,
    current: ServedModel | None = None,
    for_few: object = as_it_is,
) -> ServedModel | None:
    """Bring a version into service."""
    return serve_challenger(
        population="players",
        number=number,
        champion=champion,
        current=current,
        models=registry,
        for_few=for_few,  # type: ignore[arg-type]
        tiers=TIERS,
    )


def test_a_version_answers_beside_the_champion() -> None:
    """Once it is in service, it is not loaded again."""
    registry, champion = house(model(), model(2.0))
    found = served(registry, champion, 2)

    assert found is not None
    assert 2 == found.version.version
    assert found is served(registry, champion, 2, current=found)


def test_who_became_champion_is_no_challenger() -> None:
    """The trial is over."""
    registry, champion = house(model())

    assert served(registry, champion, 1) is None


def test_a_version_that_reads_other_features_is_refused() -> None:
    """Nobody could send what both ask for; told with both."""
    other = model()
    contract = replace(CONTRACT, features=CONTRACT.features[:1])
    other = MemoryModel(
        replace(other.spec, contract=contract, usual={"fee_eur": 3.0}),
        type(other.predictor)(np.array([1.0])),
        {},
        other.reference().select(["fee_eur"]),
    )
    registry, champion = house(model(), other)
    with pytest.raises(ContractMismatch, match=CONTRACT.fingerprint):
        served(registry, champion, 2)


def test_one_that_is_not_there_or_says_another_thing_than_the_night_is_refused() -> None:
    """As a champion would be."""
    registry, champion = house(model(), model(2.0))
    with pytest.raises(RegistryUnavailable):
        served(registry, champion, 9)

    def turned(predictors: CrossFitted) -> CrossFitted:
        """Return models that say the opposite."""
        return CrossFitted(Turned(np.array([2.0, 0.5])), predictors.folds)

    with pytest.raises(ArtefactDamaged):
        served(registry, champion, 2, for_few=turned)
