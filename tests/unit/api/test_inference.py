"""The Open Inference Protocol: the scores of predict, asked as any model server is asked."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.unit.api.service_house import (
    EMPTY,
    OTHER,
    POPULATION,
    ServiceHouse,
    customers,
    model,
    serving,
)

MODEL, BATCH = f"/v2/models/churn-{POPULATION}", f"/v1/{POPULATION}/predict/batch"
TYPES = {"tickets": "INT64", "idle_days": "FP64", "plan": "BYTES", "is_autopay": "BOOL"}
ROWS = 200


@pytest.fixture(scope="module")
def house() -> Iterator[ServiceHouse]:
    """Two models, of which one has a model for each customer; a population without."""
    house = ServiceHouse()
    house.crown(model())
    house.crown(model(OTHER, is_cross=True))
    with serving(house):
        yield house


@pytest.fixture(scope="module")
def key(house: ServiceHouse) -> str:
    """A key for everything."""
    return house.key()


def tensors(**changes: dict[str, Any] | None) -> dict[str, Any]:
    """Return the customers of a night as tensors; one that is None is left out."""
    columns = customers(ROWS).to_pydict()
    found = {
        name: {
            "name": name,
            "shape": [ROWS],
            "datatype": TYPES.get(name, "BYTES"),
            "data": values,
            **(changes.get(name) or {}),
        }
        for name, values in columns.items()
        if name not in changes or changes[name] is not None
    }

    return {"inputs": [*found.values()]}


def one(**changes: Any) -> dict[str, Any]:
    """Return one row, with a tensor changed."""
    usual = {"tickets": 2, "idle_days": 12.5, "plan": "basic", "is_autopay": False}

    return {
        "inputs": [
            {
                "name": name,
                "shape": [1],
                "datatype": TYPES[name],
                "data": [value],
                **changes.get(name, {}),
            }
            for name, value in usual.items()
        ]
    }


def outputs(answer: requests.Response) -> dict[str, list[Any]]:
    """Return the data of each output."""
    assert 200 == answer.status_code, answer.text
    told = answer.json()["outputs"]
    assert all([len(each["data"])] == each["shape"] for each in told)

    return {each["name"]: each["data"] for each in told}


def test_every_row_has_the_score_of_predict(house: ServiceHouse, key: str) -> None:
    """In every bit, of numbers in any type and of columns in either shape."""
    batch = house.post(
        BATCH,
        key,
        json={
            "rows": [
                {
                    "customer_id": row["customer_id"],
                    "features": {name: row[name] for name in TYPES},
                }
                for row in customers(ROWS).to_pylist()
            ]
        },
    ).json()
    expected = [
        (each["score"]["churn_probability"], each["score"]["risk_tier"])
        for each in batch["answers"]
    ]
    nested = [[value] for value in customers(ROWS)["tickets"].to_pylist()]
    ways = (
        tensors(),
        tensors(tickets={"datatype": "FP32"}, customer_id=None),
        tensors(tickets={"datatype": "UINT8", "shape": [ROWS, 1], "data": nested}),
    )

    assert ROWS == len(expected)
    for sent in ways:
        found = outputs(house.post(f"{MODEL}/infer", key, json=sent))
        assert expected == [*zip(found["churn_probability"], found["risk_tier"], strict=True)]
        assert {"champion"} == {*found["variant"]}
        assert {1} == {*found["model_version"]}


def test_a_model_says_what_it_reads_and_answers(house: ServiceHouse, key: str) -> None:
    """With the types its contract has, and an answer as long as what is sent."""
    told = house.get(MODEL, key).json()

    assert (f"churn-{POPULATION}", ["1"]) == (told["name"], told["versions"])
    assert {
        "customer_id": "BYTES",
        "tickets": "FP64",
        "idle_days": "FP64",
        "plan": "BYTES",
        "is_autopay": "BOOL",
    } == {each["name"]: each["datatype"] for each in told["inputs"]}
    assert {each["name"] for each in told["outputs"]} == {
        *outputs(house.post(f"{MODEL}/infer", key, json=one()))
    }
    assert told == house.get(f"{MODEL}/versions/1", key).json()


def test_the_server_and_its_models_say_how_they_are(house: ServiceHouse, key: str) -> None:
    """Without a key where nobody's scores are told."""
    assert "churn" == house.get("/v2").json()["name"]
    assert {"live": True} == house.get("/v2/health/live").json()
    assert {"ready": True} == house.get("/v2/health/ready").json()
    assert {"name": f"churn-{POPULATION}", "ready": True} == house.get(f"{MODEL}/ready", key).json()
    assert 401 == house.get(MODEL).status_code
    assert 409 == house.get(f"/v2/models/churn-{EMPTY}/ready", key).status_code
    assert 404 == house.get("/v2/models/churn-strangers/ready", key).status_code
    assert 404 == house.get(f"/v2/models/{POPULATION}", key).status_code
    assert 404 == house.get(f"{MODEL}/versions/2/ready", key).status_code


def test_outputs_may_be_chosen_and_a_request_be_named(house: ServiceHouse, key: str) -> None:
    """What other servers are told beside is not minded."""
    sent = {
        **one(plan={"parameters": {"content_type": "str"}}),
        "id": "r-7",
        "outputs": [{"name": "risk_tier"}],
        "parameters": {"priority": 1},
    }
    answer = house.post(f"{MODEL}/versions/1/infer", key, json=sent)

    assert ["risk_tier"] == [*outputs(answer)]
    assert ("r-7", f"churn-{POPULATION}", "1") == tuple(
        answer.json()[name] for name in ("id", "model_name", "model_version")
    )


def test_what_is_left_out_or_null_is_unknown(house: ServiceHouse, key: str) -> None:
    """As in predict: where the contract allows it."""
    missing = one(idle_days={"data": [None]})
    out = {"inputs": [each for each in one()["inputs"] if each["name"] != "idle_days"]}
    needed = {"inputs": [each for each in one()["inputs"] if each["name"] != "tickets"]}
    answers = [house.post(f"{MODEL}/infer", key, json=sent) for sent in (missing, out)]

    assert outputs(answers[0]) == outputs(answers[1])
    refused = house.post(f"{MODEL}/infer", key, json=needed).json()
    assert ["/inputs"] == [each["pointer"] for each in refused["errors"]]
    assert "tickets" in refused["errors"][0]["detail"]


def test_a_customer_is_needed_where_each_has_a_model(house: ServiceHouse, key: str) -> None:
    """And is scored by theirs."""
    path = f"/v2/models/churn-{OTHER}/infer"
    without = house.post(path, key, json=one())
    ids = {"name": "customer_id", "shape": [1], "datatype": "BYTES", "data": ["c7"]}
    row = {each["name"]: each["data"][0] for each in one()["inputs"]}
    single = house.post(
        f"/v1/{OTHER}/predict", key, json={"customer_id": "c7", "features": row}
    ).json()
    found = outputs(house.post(path, key, json={"inputs": [*one()["inputs"], ids]}))

    assert 422 == without.status_code
    assert [single["churn_probability"]] == found["churn_probability"]


@pytest.mark.parametrize(
    ("tensor", "change", "pointer"),
    [
        ("tickets", {"data": [2.5]}, "/inputs/0/data/0"),
        ("tickets", {"data": [True]}, "/inputs/0/data/0"),
        ("tickets", {"data": ["2"]}, "/inputs/0/data/0"),
        ("tickets", {"datatype": "INT8", "data": [128]}, "/inputs/0/data/0"),
        ("tickets", {"datatype": "UINT64", "data": [-1]}, "/inputs/0/data/0"),
        ("tickets", {"datatype": "BYTES", "data": ["2"]}, "/inputs/0/datatype"),
        ("tickets", {"datatype": "COMPLEX"}, "/inputs/0/datatype"),
        ("tickets", {"data": [1, 2]}, "/inputs/0/data"),
        ("tickets", {"data": []}, "/inputs/0/data"),
        ("tickets", {"data": [[[1]]], "shape": [1, 1]}, "/inputs/0/data/0"),
        ("tickets", {"data": {"a": 1}}, "/inputs/0/data"),
        ("idle_days", {"shape": [2]}, "/inputs/1/shape"),
        ("idle_days", {"shape": [1, 2]}, "/inputs/1/shape"),
        ("idle_days", {"shape": [1.5]}, "/inputs/1/shape/0"),
        ("idle_days", {"name": "tickets"}, "/inputs/1/name"),
        ("idle_days", {"name": "s3cret"}, "/inputs/1/name"),
        ("plan", {"data": [7]}, "/inputs/2/data/0"),
        ("is_autopay", {"data": [1]}, "/inputs/3/data/0"),
        ("is_autopay", {"raw": "x"}, "/inputs/3/raw"),
        ("tickets", {"shape": [0]}, "/inputs/0/shape"),
        ("tickets", {"shape": [-1]}, "/inputs/0/shape"),
        ("tickets", {"shape": [10**30]}, "/inputs/0/shape"),
        ("tickets", {"shape": []}, "/inputs/0/shape"),
    ],
)
def test_a_tensor_that_is_wrong_is_refused_where_it_is(
    house: ServiceHouse, key: str, tensor: str, change: dict[str, Any], pointer: str
) -> None:
    """Its value is not repeated, and the fault is told as clients of the protocol look for it."""
    answer = house.post(f"{MODEL}/infer", key, json=one(**{tensor: change}))
    told = answer.json()

    assert 422 == answer.status_code
    assert pointer in {each["pointer"] for each in told["errors"]}
    assert told["error"] == told["detail"]
    assert "s3cret" not in answer.text


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_number_is_no_number(house: ServiceHouse, key: str, number: float) -> None:
    """Though JSON of some programs has words for it."""
    body = one(idle_days={"data": [number]})
    answer = house.post(
        f"{MODEL}/infer",
        key,
        data=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in {400, 422}


def test_errors_before_the_routes_are_told_in_both_ways(house: ServiceHouse, key: str) -> None:
    """Of keys, paths, methods and bodies."""
    for answer in (
        house.get(MODEL),
        house.get("/v2/models", key),
        house.get(f"{MODEL}/infer", key),
        house.post(f"{MODEL}/infer", key, data=b"{", headers={"Content-Type": "application/json"}),
        house.post(f"{MODEL}/infer", key, data=b"\0", headers={"Content-Type": "x/octet-stream"}),
        house.post(f"{MODEL}/infer", key, json={"inputs": []}),
        house.post(f"{MODEL}/infer", key, json={**one(), "outputs": [{"name": "nothing"}]}),
    ):
        told = answer.json()
        assert 400 <= answer.status_code < 500
        assert told["error"] == told["detail"]
        assert "application/problem+json" == answer.headers["Content-Type"]
        assert str(len(answer.content)) == answer.headers["Content-Length"]
