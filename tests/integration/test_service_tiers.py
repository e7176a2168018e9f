"""Tiers that depend on the whole list, and a registry that is away: answers are the night's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import at_rest as at_rest_business
from tests.e2e.at_rest import EARLIER, ID, NIGHT
from tests.faults.business import POPULATION, Business
from tests.integration.service_night import BATCH, PREDICT, features, made_key, night_of, scored
from tests.integration.service_process import SOON, serving

# Nobody listens there.
AWAY = "http://churn:secret@127.0.0.1:9"
DEPENDING = {
    "hold_log_odds = 0.0": "hold_log_odds = 0.4",
    "critical = 0.80": "critical = { customers = 25 }",
}


@pytest.fixture(scope="module")
def business(at_rest: Path) -> Iterator[Business]:
    """A copy of a business whose last night has a tier of a size and holds customers in theirs."""
    with at_rest_business.copy_of(at_rest) as churn_home:
        churn_home.configure({**SOON, **DEPENDING})
        found = Business(churn_home)
        yield found
        found.wired.warehouse.engine.dispose()


def test_tiers_are_those_of_the_list_and_mlflow_may_be_away(business: Business) -> None:
    """Everybody is where the list has them, also whom it holds where they were before."""
    key = made_key(business, per_hour=1_000_000)
    names = [*night_of(business)]
    sent = [
        {"customer_id": name, "features": row} for name, row in features(business, names).items()
    ]
    for command in ("gate features", "score", "gate scores", "publish"):
        for day in (EARLIER, NIGHT):
            done = business.run(*command.split(), as_of=day)
            assert done.returncode == 0, done.stderr
    night = night_of(business)
    held = business.rows(
        "select tier_bounds ->> 'before_date' from churn.score_runs "
        "where population = %s and as_of = %s and status = 'published'",
        POPULATION,
        NIGHT,
    )

    business.churn_home.environ["CHURN_MLFLOW_URI"] = AWAY
    with serving(business.churn_home, "--as-of", NIGHT) as service:
        state = service.ask("GET", "/health/ready").json()["populations"][POPULATION]
        batch = service.ask("POST", BATCH, key, json={"rows": sent}).json()
        single = service.ask("POST", PREDICT, key, json=sent[0]).json()
        now = service.ask("GET", f"/v1/{POPULATION}/customers/{ID}/now", key).json()
        said = service.said.read_text("utf-8")

    assert [(EARLIER.isoformat(),)] == held
    assert 25 == sum(tier == "critical" for _, tier in night.values())
    assert night == {each["customer_id"]: scored(each["score"]) for each in batch["answers"]}
    assert [NIGHT.isoformat()] * 3 == [each["tiers_as_of"] for each in (batch, single, now)]
    assert night[ID] == scored(now)
    assert ("in service", None) == (state["state"], state["fault"])
    assert "secret" not in said
