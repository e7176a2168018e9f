"""What the service answers: the scores of the night, for one customer and for many."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pytest

from pipelines.domain.serving.answers import answers
from tests.unit.api.service_house import (
    EMPTY,
    NIGHT,
    OTHER,
    POPULATION,
    ROW,
    ServiceHouse,
    customers,
    examples,
    model,
    serving,
)

ROWS = 200
PREDICT, BATCH = f"/v1/{POPULATION}/predict", f"/v1/{POPULATION}/predict/batch"
SCORE = ("churn_probability", "risk_tier", "recommended_action", "reasons", "explanation")


@pytest.fixture(scope="module")
def house() -> Iterator[ServiceHouse]:
    """Two champions, one of which has a model for each customer; a population without."""
    house = ServiceHouse()
    house.crown(model())
    house.crown(model(OTHER, is_cross=True))
    house.publish(ROWS)
    with serving(house):
        yield house


@pytest.fixture(scope="module")
def key(house: ServiceHouse) -> str:
    """A key for everything."""
    return house.key()


@pytest.fixture(scope="module")
def night(house: ServiceHouse) -> list[dict[str, Any]]:
    """The published scores, as the night wrote them."""
    (run,) = house.scores.known
    scored: pa.Table = house.scores.lists[run]

    return [
        {**asdict(each), "reasons": [*each.reasons]}
        for batch in scored.to_batches()
        for each in answers(batch)
    ]


def rows() -> list[dict[str, Any]]:
    """Return the customers of the night as bodies; what is NULL is left out of every second."""
    night = customers(ROWS)
    found = night.drop_columns(["customer_id"]).to_pylist()

    return [
        {
            "customer_id": customer_id,
            "features": {
                name: value for name, value in row.items() if number % 2 or value is not None
            },
        }
        for number, (customer_id, row) in enumerate(
            zip(night.column("customer_id").to_pylist(), found, strict=True)
        )
    ]


def score(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the score in an answer."""
    return {name: answer[name] for name in SCORE}


def test_every_customer_of_the_night_is_answered_as_the_night_has_them(
    house: ServiceHouse, key: str, night: list[dict[str, Any]]
) -> None:
    """Published, one by one from their features, and all of them at once: equal in every bit."""
    sent = rows()
    published = [
        house.get(f"/v1/{POPULATION}/customers/{row['customer_id']}", key).json() for row in sent
    ]
    single = [house.post(PREDICT, key, json=row).json() for row in sent]
    batch = house.post(BATCH, key, json={"rows": sent}).json()

    assert ROWS == len(night)
    assert night == [score(answer) for answer in published]
    assert night == [score(answer) for answer in single]
    assert night == [answer["score"] for answer in batch["answers"]]
    assert (ROWS, 0) == (batch["scored"], batch["refused"])
    assert {1} == {answer["model"]["version"] for answer in (*published, *single, batch)}


def test_who_asks_at_the_same_time_gets_their_own_answer(
    house: ServiceHouse, key: str, night: list[dict[str, Any]]
) -> None:
    """Scored together or not, of two populations, rows at fault and a batch among them."""
    sent = rows()

    def asked(number: int) -> tuple[dict[str, Any], int, int]:
        single = house.post(PREDICT, key, json=sent[number]).json()
        other = house.post(f"/v1/{OTHER}/predict", key, json=sent[number])
        faulty = house.post(PREDICT, key, json={"features": {**ROW, "wealth": number}})
        return score(single), other.json()["model"]["version"], faulty.status_code

    with ThreadPoolExecutor(16) as pool:
        batch = pool.submit(house.post, BATCH, key, json={"rows": sent * 20})
        found = [*pool.map(asked, range(ROWS))]

    assert [(each, 1, 422) for each in night] == found
    assert night * 20 == [answer["score"] for answer in batch.result().json()["answers"]]


def test_a_customer_has_a_date_and_a_history(house: ServiceHouse, key: str) -> None:
    """Who is in no list is a 404, whatever they are called."""
    found = house.get(f"/v1/{POPULATION}/customers/c0", key).json()

    assert (NIGHT.isoformat(), "c0") == (found["as_of"], found["customer_id"])
    assert [NIGHT.isoformat()] == [each["as_of"] for each in found["history"]]
    for name in ("nobody", "c0/now", "%00", "%ff", "c0%20", "..%2f", "%f0%9f%92%a9" * 50):
        assert 404 == house.get(f"/v1/{POPULATION}/customers/{name}", key).status_code, name


def test_rows_at_fault_have_errors_and_the_others_scores(house: ServiceHouse, key: str) -> None:
    """Each with its number, field and fault, and never a value."""
    sent: list[Any] = [
        {"features": ROW},
        {"features": {**ROW, "tickets": "secret"}},
        {"features": {"idle_days": 1}},
        {"features": {**ROW, "tickets": [1]}, "customer": "c1"},
        "secret",
        {"customer_id": "c1", "features": {**ROW, "wealth": 3}},
        {"features": {**ROW, "idle_days": None, "plan": "gold"}},
    ]
    answer = house.post(BATCH, key, json={"rows": sent})
    found = {each["row"]: each["errors"] for each in answer.json()["answers"]}

    assert 200 == answer.status_code
    assert (2, 5) == (answer.json()["scored"], answer.json()["refused"])
    assert {number for number, errors in found.items() if not errors} == {0, 6}
    assert [{"pointer": "/rows/1/features/tickets", "detail": "has to be a number"}] == found[1]
    assert [
        {"pointer": "/rows/2/features/tickets", "detail": "is missing and must not be"},
        {"pointer": "/rows/2/features/is_autopay", "detail": "is missing and must not be"},
    ] == found[2]
    assert {"/rows/3/features/tickets", "/rows/3/customer"} == {
        each["pointer"] for each in found[3]
    }
    assert [{"pointer": "/rows/4", "detail": "has to be an object"}] == found[4]
    assert [
        {"pointer": "/rows/5/features/wealth", "detail": "is no feature of this model"}
    ] == found[5]
    assert "secret" not in answer.text


def test_an_answer_to_rows_that_are_all_faults_is_no_larger_than_they_are(
    house: ServiceHouse, key: str
) -> None:
    """Ten of each row are named, and all of them counted."""
    sent = [{"features": {f"f{number}": 1 for number in range(200)}}] * 300
    answer = house.post(BATCH, key, json={"rows": sent})

    assert {(10, 200 + 2)} == {
        (len(each["errors"]), each["errors_in_all"]) for each in answer.json()["answers"]
    }
    assert len(answer.content) < len(answer.request.body)


def test_a_population_whose_customers_have_a_model_each_asks_who_it_is(
    house: ServiceHouse, key: str
) -> None:
    """Without, nobody could say which of its models has not learned from them."""
    refused = house.post(f"/v1/{OTHER}/predict", key, json={"features": ROW})
    told = [
        house.post(
            f"/v1/{OTHER}/predict", key, json={"customer_id": f"c{number}", "features": ROW}
        ).json()["churn_probability"]
        for number in range(30)
    ]
    batch = house.post(f"/v1/{OTHER}/predict/batch", key, json={"rows": [{"features": ROW}]}).json()

    assert 422 == refused.status_code
    assert ["/customer_id"] == [each["pointer"] for each in refused.json()["errors"]]
    assert ["/rows/0/customer_id"] == [each["pointer"] for each in batch["answers"][0]["errors"]]
    assert len(set(told)) > 3


def test_a_population_without_a_champion_says_so(house: ServiceHouse, key: str) -> None:
    """It is ready nevertheless: there is nothing to wait for."""
    refused = house.post(f"/v1/{EMPTY}/predict", key, json={"features": ROW})
    ready = house.get("/health/ready").json()

    assert (409, "urn:churn:no-champion") == (refused.status_code, refused.json()["type"])
    assert {"state": "no champion", "version": None, "fault": None} == ready["populations"][EMPTY]
    assert "ready" == ready["status"]


def test_models_are_told_with_what_they_read_and_why_they_are_champion(
    house: ServiceHouse,
) -> None:
    """Of the populations a key is for, and no others."""
    found = house.get("/v1/models", house.key(routes=["models"], populations=[OTHER])).json()
    told = found["populations"][OTHER]

    assert [OTHER] == [*found["populations"]]
    assert ["tickets", "idle_days", "plan", "is_autopay"] == [
        each["name"] for each in told["in_service"]["features"]
    ]
    assert told["in_service"]["needs_customer_id"]
    assert (1, {"auc": 0.8}) == (told["champion"]["version"], told["champion"]["evidence"])
    assert told["challenger"] is None


def test_every_example_of_the_document_runs(house: ServiceHouse, key: str) -> None:
    """For every model in service; the document names every status that is answered."""
    document = house.get("/openapi.json").json()
    ran = []
    for path, item in document["paths"].items():
        for name, sent in examples(item).items():
            answer = house.post(path.replace("{population}", name), key, json=sent["value"])
            assert 200 == answer.status_code, answer.text
            ran.append((path, name))

    assert 8 == len(ran)
    assert {"/v1/{population}/customers/{customer_id}", "/v1/models"} < {*document["paths"]}
    assert "HTTPValidationError" not in str(document["paths"])
    assert "429" in document["paths"]["/v1/models"]["get"]["responses"]


def test_metrics_count_what_was_answered(house: ServiceHouse, key: str) -> None:
    """By route and status, with the version in service and the scores; never a customer."""
    house.post(PREDICT, key, json={"customer_id": "SECRET-1", "features": ROW})
    house.get(f"/v1/{POPULATION}/customers/SECRET-2", key)
    text = house.get("/metrics").text

    assert 'churn_requests_total{route="predict",status="200"}' in text
    assert 'churn_requests_total{route="customer",status="404"}' in text
    assert f'churn_model_version{{population="{POPULATION}"}} 1.0' in text
    assert f'churn_served_probability_count{{population="{POPULATION}"}}' in text
    assert 'churn_request_seconds_bucket{le="0.005",route="predict"}' in text
    assert "SECRET" not in text
