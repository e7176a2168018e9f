"""Two models in service behind a real server: who is answered by which, and what is recorded."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from structlog.testing import capture_logs

from pipelines.domain.arrays import Matrix
from pipelines.domain.serving.trials import Trial
from pipelines.sections import Service
from pipelines.testing.models import LinearPredictor
from tests.unit.api.service_house import POPULATION, ROW, WEIGHTS, ServiceHouse, model, serving

PREDICT, BATCH = f"/v1/{POPULATION}/predict", f"/v1/{POPULATION}/predict/batch"
SPLIT = Trial(challenger=2, mode="split", salt="winter", challenger_pct=50)
SHADOW = Trial(challenger=2, mode="shadow", salt="winter")
CUSTOMERS = [f"c{number}" for number in range(40)]


def house_with(trial: Trial) -> ServiceHouse:
    """Return a service with a champion, and a challenger that says something else."""
    house = ServiceHouse(trials={POPULATION: trial})
    house.crown(model())
    house.registry.add(model(size=0.5))
    house.publish(5)

    return house


def sent(customer_id: str | None) -> dict[str, Any]:
    """Return a body."""
    return {"customer_id": customer_id, "features": ROW}


def soon(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_in_a_split_each_customer_is_answered_by_their_model() -> None:
    """Alone and in a batch, now and later; with the variant in the answer and written down."""
    house = house_with(SPLIT)
    with serving(house):
        key = house.key()
        alone = [house.post(PREDICT, key, json=sent(name)).json() for name in CUSTOMERS]
        batch = house.post(BATCH, key, json={"rows": [sent(name) for name in CUSTOMERS]}).json()
        again = [house.post(PREDICT, key, json=sent(name)).json() for name in CUSTOMERS]
        nobody = house.post(PREDICT, key, json=sent(None)).json()
        told = house.get("/metrics").text
    expected = [SPLIT.variant(name) for name in CUSTOMERS]
    by_variant = {each["variant"]: each["churn_probability"] for each in alone}

    assert {"champion", "challenger"} == {*expected}
    assert expected == [each["variant"] for each in alone]
    assert alone == again
    assert 2 == len({*by_variant.values()})
    assert [(each["variant"], each["churn_probability"]) for each in alone] == [
        (each["variant"], each["score"]["churn_probability"]) for each in batch["answers"]
    ]
    versions = {"champion": 1, "challenger": 2}
    assert [versions[each] for each in expected] == [each["model"]["version"] for each in alone]
    assert [versions[each] for each in expected] == [
        each["model_version"] for each in batch["answers"]
    ]
    assert ("champion", by_variant["champion"]) == (
        nobody["variant"],
        nobody["churn_probability"],
    )
    written = [each for each, _ in house.predictions.said]
    assert 3 * len(CUSTOMERS) == len(written)
    assert all(each.is_answered for each in written)
    assert {(name, SPLIT.variant(name), by_variant[SPLIT.variant(name)]) for name in CUSTOMERS} == {
        (each.customer_id, each.variant, each.churn_probability) for each in written
    }
    assert f'churn_trial_answers_total{{population="{POPULATION}",variant="challenger"}}' in told


def test_a_shadow_is_recorded_and_never_told() -> None:
    """Everybody is answered by the champion, and both are written down, as a pair."""
    house, plain = house_with(SHADOW), ServiceHouse()
    plain.crown(model())
    with serving(plain):
        expected = plain.post(PREDICT, plain.key(), json=sent("c1")).json()
    with serving(house):
        key = house.key()
        found = house.post(PREDICT, key, json=sent("c1"))
        batch = house.post(BATCH, key, json={"rows": [sent("c1"), sent(None), sent("c2")]}).json()
        soon(lambda: len(house.predictions.said) == 6)

    assert expected == found.json()
    assert ["champion"] * 3 == [each["variant"] for each in batch["answers"]]
    first, second = [each for each, _ in house.predictions.said][:2]
    assert found.headers["X-Request-Id"] == first.request_id == second.request_id
    assert [("champion", True), ("challenger", False)] == [
        (each.variant, each.is_answered) for each in (first, second)
    ]
    assert expected["churn_probability"] == first.churn_probability != second.churn_probability
    assert {"c1", "c2"} == {each.customer_id for each, _ in house.predictions.said}


def test_what_a_shadow_cannot_write_down_is_no_fault_of_an_answer() -> None:
    """It is counted, and told by its kind."""
    house = house_with(SHADOW)
    house.predictions.is_down = True
    with capture_logs() as logs, serving(house):
        assert 200 == house.post(PREDICT, house.key(), json=sent("secret-c1")).status_code
        counted = f'churn_shadows_left_out_total{{population="{POPULATION}"}} 1.0'
        soon(lambda: counted in house.get("/metrics").text)

    (told,) = [entry for entry in logs if entry["event"] == "shadow_left_out"]
    assert "DatabaseUnavailable" == told["kind"]
    assert "secret-c1" not in str(logs)


def test_what_a_split_cannot_write_down_is_not_answered() -> None:
    """Else the customer would count for nobody."""
    house = house_with(SPLIT)
    house.predictions.is_down = True
    with serving(house):
        assert 503 == house.post(PREDICT, house.key(), json=sent("c1")).status_code


class Broken(LinearPredictor):
    """A model that fails at whatever it is asked."""

    def margins(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Fail, with a customer's value in the words."""
        raise ZeroDivisionError(f"secret value {matrix[0, 0]}")


def test_a_challenger_that_fails_is_answered_for_by_the_champion() -> None:
    """In a split, alone and in a batch: as the champion's, in no trial, told and counted."""
    house, plain = house_with(SPLIT), ServiceHouse()
    plain.crown(model())
    with serving(plain):
        expected = plain.post(PREDICT, plain.key(), json=sent("c1")).json()["churn_probability"]
    with capture_logs() as logs, serving(house):
        key = house.key()
        served = house.parts.models.challengers
        broken = replace(served[POPULATION].predictors, served=Broken(WEIGHTS))
        served[POPULATION] = replace(served[POPULATION], predictors=broken)
        alone = [house.post(PREDICT, key, json=sent(name)) for name in CUSTOMERS]
        batch = house.post(BATCH, key, json={"rows": [sent(name) for name in CUSTOMERS]}).json()
        told = house.get("/metrics").text
    theirs = [name for name in CUSTOMERS if SPLIT.variant(name) == "challenger"]

    assert {200} == {each.status_code for each in alone}
    assert {("champion", 1, expected)} == {
        (each["variant"], each["model"]["version"], each["churn_probability"])
        for each in (answer.json() for answer in alone)
    }
    assert {("champion", 1, expected)} == {
        (each["variant"], each["model_version"], each["score"]["churn_probability"])
        for each in batch["answers"]
    }
    written = [each.customer_id for each, _ in house.predictions.said]
    assert 2 * (len(CUSTOMERS) - len(theirs)) == len(written)
    assert not {*theirs} & {*written}
    counted = f'churn_challenger_failures_total{{population="{POPULATION}"}} {2 * len(theirs)}.0'
    assert counted in told
    failed = [entry for entry in logs if entry["event"] == "challenger_failed"]
    assert len(theirs) + 1 == len(failed)
    assert ("ZeroDivisionError", 2) == (failed[0]["kind"], failed[0]["version"])
    assert any("test_trials.py" in place for place in failed[0]["at"])
    assert "secret" not in str(logs)


def test_a_challenger_that_fails_silently_is_told_and_counted_as_one_that_answers() -> None:
    """The champion answers, and there is no pair; before, the count was there and was 0."""
    house = house_with(SHADOW)
    label = f'{{population="{POPULATION}"}}'
    with capture_logs() as logs, serving(house):
        before = house.get("/metrics").text
        served = house.parts.models.challengers
        broken = replace(served[POPULATION].predictors, served=Broken(WEIGHTS))
        served[POPULATION] = replace(served[POPULATION], predictors=broken)
        answer = house.post(PREDICT, house.key(), json=sent("c1"))
        soon(lambda: f"churn_shadows_left_out_total{label} 1.0" in house.get("/metrics").text)
        after = house.get("/metrics").text

    assert (200, "champion") == (answer.status_code, answer.json()["variant"])
    assert f"churn_challenger_failures_total{label} 0.0" in before
    assert f"churn_challenger_failures_total{label} 1.0" in after
    assert [] == house.predictions.said
    (failed,) = [entry for entry in logs if entry["event"] == "challenger_failed"]
    assert ("ZeroDivisionError", 2) == (failed["kind"], failed["version"])


def test_what_waits_to_be_scored_silently_is_written_down_when_the_service_ends() -> None:
    """Of the last requests too."""
    house = house_with(SHADOW)
    with serving(house):
        rows = [sent(f"c{number}") for number in range(2000)]
        house.post(BATCH, house.key(), json={"rows": rows})

    assert 4000 == len(house.predictions.said)


@pytest.mark.parametrize("challenger", [1, 9])
def test_without_a_challenger_that_is_right_the_champion_answers(challenger: int) -> None:
    """One that became champion itself, or that there is not; told once in the log."""
    house = house_with(Trial(challenger=challenger, mode="split", salt="winter"))
    with capture_logs() as logs, serving(house):
        house.parts.models.refresh()
        answers = [house.post(PREDICT, house.key(), json=sent(name)).json() for name in CUSTOMERS]
        ready = house.get("/health/ready")
        told = house.get("/metrics").text

    refused = f'churn_challenger_refused{{population="{POPULATION}"}} {float(challenger == 9)}'
    assert refused in told
    assert {"champion"} == {each["variant"] for each in answers}
    assert [] == house.predictions.said
    assert (challenger == 9) == any(entry["event"] == "challenger_refused" for entry in logs)
    assert 1 >= sum(entry["event"] == "challenger_refused" for entry in logs)
    assert 200 == ready.status_code
    state = ready.json()["populations"][POPULATION]["trial"]
    assert ("challenger refused" if challenger == 9 else "no challenger") == state["state"]


def test_a_champion_that_moves_begins_another_pair() -> None:
    """Under the versions of then."""
    house = house_with(SHADOW)
    with serving(house, Service(model_poll_seconds=3600, trials=house.trials)):
        house.post(PREDICT, house.key(), json=sent("c1"))
        soon(lambda: len(house.predictions.said) == 2)
        house.crown(model(size=2.0))
        house.parts.models.refresh()
        house.post(PREDICT, house.key(), json=sent("c1"))
        soon(lambda: len(house.predictions.said) == 4)

    assert [(1, 2), (1, 2), (3, 2), (3, 2)] == [
        (each.champion_version, each.challenger_version) for each, _ in house.predictions.said
    ]
