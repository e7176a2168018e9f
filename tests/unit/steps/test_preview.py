"""Tonight with both models."""

from typing import Any

import numpy as np
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.errors import ChampionMissing, ContractMismatch, FeaturesMissing
from pipelines.steps.model.preview import PreviewReport, preview
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.models import MemoryModel, MemoryRegistry
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import (
    CONTRACT,
    NIGHT,
    POPULATION,
    configured,
    customers,
    model,
    stage,
)

ROWS = 400
GOOD, OTHER = model({"fee_eur": 0.3}), model({"fee_eur": 0.3, "tickets_28d": 0.8})
OF_BEFORE = model({"fee_eur": 0.3}, contract=FeatureContract(
    CONTRACT.table, (*CONTRACT.features[:2], Feature("gone", "numeric", "Gone"))
))  # fmt: skip


class House:
    """A night, a champion and a challenger."""

    def __init__(self, champion: MemoryModel | None, challenger: MemoryModel | None) -> None:
        self.features, self.registry = MemoryFeatures(), MemoryRegistry()
        self.scores, self.journal = MemoryScores(), Journal()
        self.table = customers(ROWS, seed=5)
        self.features.add(NIGHT, self.table, CONTRACT)
        for alias, item in (("champion", champion), ("challenger", challenger)):
            if item is not None:
                self.registry.set_alias(self.registry.add(item), alias)

    def preview(self, **business: Any) -> PreviewReport | None:
        """Ask what would change of the night."""
        return preview(
            population=POPULATION,
            as_of=NIGHT,
            settings=configured(business=business),
            features=self.features,
            registry=self.journal.watch(self.registry),
            scores=self.journal.watch(self.scores),
        )


def test_both_score_the_same_night_and_nothing_is_written() -> None:
    """Their scores of everybody, by tier; the riskiest are those that can be contacted."""
    house = House(GOOD, OTHER)
    found = house.preview(contact_capacity_pct=10)
    assert found is not None
    before, after = (each.probabilities(house.table) for each in (GOOD, OTHER))

    assert (1, 2, NIGHT) == (found.champion.version, found.challenger.version, found.as_of)
    assert ROWS == found.preview.customers == sum(map(sum, found.preview.moves))
    assert (before.mean(), after.mean()) == pytest.approx(found.preview.means)
    assert [5.0, 10.0] == [*found.preview.overlap]
    assert 0 < found.preview.changed < ROWS
    assert {"version", "champion", "load"} == {*house.journal.order()}


def test_a_model_beside_itself_changes_nothing() -> None:
    """All of the riskiest are the same."""
    found = House(GOOD, GOOD).preview()

    assert found is not None
    assert (0, {1.0}) == (found.preview.changed, {*found.preview.overlap.values()})


def test_without_a_challenger_there_is_nothing_to_see() -> None:
    """Without a champion there is nothing it would change."""
    assert House(GOOD, None).preview() is None
    with pytest.raises(ChampionMissing, match="so nothing would change"):
        House(None, OTHER).preview()


def test_a_champion_that_cannot_score_is_known_by_its_list() -> None:
    """Where it has published one of that night; another's does not stand for it."""
    house = House(OF_BEFORE, OTHER)
    with pytest.raises(ContractMismatch, match="version 1 reads features of contract"):
        house.preview()
    told = np.linspace(0.1, 0.9, ROWS - 1)
    ids = house.table["customer_id"][1:]
    house.scores.publish(stage(house.scores, told, version=1, ids=ids))
    found = house.preview()

    assert found is not None
    assert ROWS - 1 == found.preview.customers
    assert told.mean() == pytest.approx(found.preview.means[0])


def test_a_night_that_was_not_built_is_refused() -> None:
    """Nobody is scored on guesses."""
    house = House(GOOD, OTHER)
    house.features = MemoryFeatures()

    with pytest.raises(FeaturesMissing):
        house.preview()
