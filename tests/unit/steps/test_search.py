"""What a search is made on."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from pipelines.domain.features.contract import FeatureContract
from pipelines.steps.model import search
from tests.unit.steps.training_house import ROWS, TrainingHouse


@pytest.fixture
def house(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> TrainingHouse:
    """A house whose customers leave for reasons the features know."""
    return TrainingHouse(made_up_customers, made_up_contract)


def test_a_search_takes_a_sample_of_many_rows_and_the_model_all(
    house: TrainingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of some customers every row; what is registered, and judges, is fitted on all of them."""
    monkeypatch.setattr(search, "SEARCH_CHURNERS", 100)
    house.train(search_rows=500)
    (searched,) = {len(call.kwargs["matrix"]) for call in house.journal.of("search")}
    fitted = [len(call.kwargs["matrix"]) for call in house.journal.of("fit")]

    assert 300 < searched < 700
    assert 3 * ROWS == max(fitted)
    house.train(search_rows=10_000)
    assert 3 * ROWS == len(house.journal.of("search")[-1].kwargs["matrix"])
