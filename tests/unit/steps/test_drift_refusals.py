"""Nights that cannot be judged, of which nothing is kept."""

import pytest

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.scoring.scoring import SCHEMA
from pipelines.errors import (
    ArtefactDamaged,
    ContractMismatch,
    FeaturesMissing,
    NothingStaged,
    RegistryUnavailable,
    ServiceFailed,
)
from pipelines.testing.drift import MemoryEngine
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.models import MemoryRegistry
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.judged_night import JudgedNight, reference
from tests.unit.steps.subscribers import CONTRACT, NIGHT, before, customers, model, stage


def test_without_a_published_list_there_is_nothing_to_judge() -> None:
    """A list that waits is none, nor is that of another night."""
    night = JudgedNight()
    night.scores = MemoryScores()
    night.scores.publish(stage(night.scores, [0.5], as_of=before(1)))
    stage(night.scores, [0.5])

    assert (
        "no list of subscribers is published for 2026-06-30, so there is nothing to compare",
        "churn run --population subscribers --as-of 2026-06-30",
    ) == night.refusal(NothingStaged)


def test_features_that_were_never_built_cannot_be_judged() -> None:
    """The command that builds them is named."""
    night = JudgedNight()
    night.features = MemoryFeatures()

    assert (
        "no features of subscribers were built for 2026-06-30",
        "churn features --population subscribers --as-of 2026-06-30",
    ) == night.refusal(FeaturesMissing)


@pytest.mark.parametrize("is_list_empty", [True, False])
def test_a_night_of_nobody_cannot_be_judged(is_list_empty: bool) -> None:
    """Neither without features nor without scores."""
    night = JudgedNight()
    if is_list_empty:
        night.scores.lists[1] = SCHEMA.empty_table()  # since it was published
    else:
        night.features.add(NIGHT, customers(0), CONTRACT)

    assert (
        "the features or scores of subscribers at 2026-06-30 have no rows",
        "churn run --population subscribers --as-of 2026-06-30",
    ) == night.refusal(FeaturesMissing)


def test_features_of_another_contract_are_not_compared() -> None:
    """Both contracts, the night and the model are named."""
    night = JudgedNight()
    built = FeatureContract(CONTRACT.table, CONTRACT.features[:2])
    night.features.contracts[NIGHT] = built

    assert (
        f"features of 2026-06-30 were built to contract {built.fingerprint}, churn-subscribers "
        f"version 1 was trained on {CONTRACT.fingerprint}",
        "churn run --population subscribers --as-of 2026-06-30",
    ) == night.refusal(ContractMismatch)


def test_a_reference_that_lacks_a_column_is_refused() -> None:
    """The column is named, and how many there should be."""
    night = JudgedNight()
    night.models = MemoryRegistry()
    night.models.add(model({}, reference=reference().drop_columns(["plan"])))
    message, _ = night.refusal(ContractMismatch)

    assert "1 of 5 watched columns are not there: plan" == message


def test_a_model_that_is_gone_or_damaged_judges_nothing() -> None:
    """What the registry says stops the step."""
    night = JudgedNight()
    night.models.damaged.add(("churn-subscribers", 1))
    assert "churn train" == night.refusal(ArtefactDamaged)[1]

    night.models = MemoryRegistry()
    assert "churn-subscribers has no version 1" == night.refusal(RegistryUnavailable)[0]


def test_an_engine_that_does_not_answer_leaves_nothing_behind() -> None:
    """No verdict is kept that nobody gave."""
    night = JudgedNight()

    class Silent(MemoryEngine):
        """An engine whose process ended."""

        def p_values(self, *_sides: object) -> dict[str, tuple[float, float]]:
            """Fail as the engine of another process does."""
            raise ServiceFailed("the drift engine ended with 137", next_step="free some memory")

    night.engine = Silent()

    assert "free some memory" == night.refusal(ServiceFailed)[1]
