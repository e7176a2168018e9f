"""A night scored by boosted trees, whose service has them on one thread: the same scores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.adapters.models.few_rows import FewTrees, for_few
from tests.e2e import at_rest as at_rest_business
from tests.e2e.churn_home import NO_ALIBI, UNWATCHED
from tests.faults.business import POPULATION, Business
from tests.faults.other_models import crown
from tests.integration.service_night import BATCH, PREDICT, features, made_key, night_of, scored
from tests.integration.service_process import SOON, serving, session

pytestmark = pytest.mark.story

TREES = {'families = ["logistic", "xgboost"]': 'families = ["xgboost"]'}


@pytest.fixture(scope="module")
def business(at_rest: Path) -> Iterator[Business]:
    """A copy of a business whose last night was scored by trees."""
    with at_rest_business.copy_of(at_rest) as churn_home:
        churn_home.configure({**SOON, **TREES, **NO_ALIBI, **UNWATCHED})
        found = Business(churn_home)
        found.work("train")
        trees = found.wired.registry.numbered(POPULATION, 2)
        assert isinstance(for_few(found.wired.registry.load(trees).predictors).served, FewTrees)
        crown(found, trees)
        found.work("score", "gate scores", "publish")
        yield found
        found.wired.warehouse.engine.dispose()


def test_every_customer_has_the_score_of_the_night(business: Business) -> None:
    """One by one and in a batch, in every bit; reasons are those of the night to six digits."""
    key = made_key(business, per_hour=1_000_000)
    night = night_of(business)
    rows = features(business, [*night])
    versions = business.rows(
        "select distinct model_version from churn.scores_current where population = %s", POPULATION
    )
    with serving(business.churn_home) as service, session(key) as asked:
        single = {
            name: asked.post(
                f"{service.url}{PREDICT}", json={"customer_id": name, "features": row}
            ).json()
            for name, row in rows.items()
        }
        sent = [{"customer_id": name, "features": row} for name, row in rows.items()]
        batch = asked.post(f"{service.url}{BATCH}", json={"rows": sent}).json()
    stored = dict(
        business.rows(
            "select customer_id, reasons -> 'themes' from churn.scores_current "
            "where population = %s and reasons is not null",
            POPULATION,
        )
    )

    assert [(2,)] == versions
    assert len(night) > 500
    assert night == {name: scored(answer) for name, answer in single.items()}
    assert night == {answer["customer_id"]: scored(answer["score"]) for answer in batch["answers"]}
    assert len(stored) > 10
    assert {*stored} == {name for name, answer in single.items() if answer["explanation"]}
    for name, themes in stored.items():
        assert pytest.approx(themes, abs=1e-5) == single[name]["explanation"]["themes"]
