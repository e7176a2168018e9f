"""On which customers two models are judged that do not read the same features."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.errors import NotEnoughLabels
from pipelines.steps.model.comparison import Contender, Judgement, compare
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.models import MemoryModel, MemoryRegistry
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.subscribers import (
    CONTRACT,
    NIGHT,
    POPULATION,
    before,
    configured,
    customers,
    model,
    stage,
)

ROWS = 400
EARLIER, LATEST = before(60), before(30)
GOOD, BAD = {"fee_eur": 0.3}, {"tickets_28d": 1.0}
FEE, TICKETS, PLAN, AUTOPAY = CONTRACT.features
# As built now: a feature is new, and one that there was is gone.
GROWN = FeatureContract(CONTRACT.table, (*CONTRACT.features, Feature("age", "numeric", "Age")))
SHRUNK = FeatureContract(CONTRACT.table, (FEE, TICKETS, PLAN))


class House:
    """Matured snapshots, a champion that learned from all features, and a challenger."""

    def __init__(
        self,
        built: FeatureContract,
        champion: MemoryModel,
        challenger: MemoryModel,
        as_ofs: Sequence[date] = (EARLIER, LATEST),
    ) -> None:
        self.features, self.scores = MemoryFeatures(), MemoryScores()
        registry = MemoryRegistry()
        for as_of in as_ofs:
            table = customers(ROWS, seed=as_of.toordinal())
            if "age" in built.names:
                table = table.append_column("age", pa.array([40.0] * ROWS))
            self.features.add(as_of, table, built)
        self.champion, self.challenger = (
            Contender(registry.add(item), item) for item in (champion, challenger)
        )

    def judged(self) -> Judgement | None:
        """Judge the two at the night."""
        return compare(
            self.champion,
            self.challenger,
            population=POPULATION,
            as_of=NIGHT,
            label_days=30,
            settings=configured(
                training={"minimum_churners": 20, "bootstrap_resamples": 20}
            ).training,
            features=self.features,
            scores=self.scores,
        )

    def publish(self, as_of: date, version: int) -> None:
        """Publish what the champion says of customers of one of the snapshots."""
        table = customers(ROWS, seed=as_of.toordinal())
        told = self.champion.model.probabilities(table)
        run = stage(self.scores, told, as_of=as_of, version=version, ids=table["customer_id"])
        self.scores.publish(run)


def test_a_feature_more_changes_nothing_for_the_champion() -> None:
    """All it reads is built as it was, so both score the same customers."""
    house = House(GROWN, model(BAD), model(GOOD, contract=GROWN))
    is_better, reason, evidence = house.judged() or (None, "", {})

    assert is_better
    assert f"{2 * ROWS} customers of {EARLIER} to {LATEST}" in reason
    assert [LATEST.isoformat(), EARLIER.isoformat()] == evidence["snapshots"]


def test_what_the_champion_published_stands_for_what_it_cannot_score_again() -> None:
    """Of the latest matured date it scored; the same customers, so the same judgement."""
    house = House(SHRUNK, model(BAD), model(GOOD, contract=SHRUNK))
    assert house.judged() is None
    house.publish(EARLIER, version=1)
    is_better, reason, _ = house.judged() or (None, "", {})

    same = House(CONTRACT, model(BAD), model(GOOD), [EARLIER])
    assert (is_better, reason) == (same.judged() or (None, ""))[:2]
    assert f"customers of {EARLIER}" in reason


def test_a_list_of_another_version_says_nothing_of_the_champion() -> None:
    """Nor does one that was never published."""
    house = House(SHRUNK, model(BAD), model(GOOD, contract=SHRUNK))
    house.publish(LATEST, version=7)

    assert house.judged() is None


def test_without_a_matured_snapshot_there_is_nothing_to_judge_on() -> None:
    """Which is told as such, and not as a question of contracts."""
    house = House(SHRUNK, model(BAD), model(GOOD, contract=SHRUNK))
    house.features = MemoryFeatures()
    with pytest.raises(NotEnoughLabels, match=r"^0 matured snapshots"):
        house.judged()


def test_a_feature_of_another_kind_is_another_feature() -> None:
    """The name alone does not make it the one the champion learned from."""
    changed = replace(TICKETS, nullable=True)
    built = FeatureContract(CONTRACT.table, (FEE, changed, PLAN, AUTOPAY))
    house = House(built, model(BAD), model(GOOD, contract=built))

    assert house.judged() is None


def test_they_are_compared_by_what_neither_sees() -> None:
    """A level of an attribute is a slice of which the challenger must not be worse."""
    house = House(CONTRACT, model(weights=BAD), model(weights=GOOD))
    judged = house.judged()
    gender = Feature("gender", "categorical", "Gender")
    for as_of, table in house.features.tables.items():
        told = pa.array(["f", "m"] * (ROWS // 2))
        house.features.tables[as_of] = table.append_column("gender", told)
        house.features.contracts[as_of] = replace(CONTRACT, attributes=(gender,))
    looked_at = house.judged()

    assert judged is not None
    assert looked_at is not None
    assert judged[2]["slices"] + 2 == looked_at[2]["slices"]
