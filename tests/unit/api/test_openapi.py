"""Every answer is one that the served description has: its status, its media type and its shape."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
import requests

from pipelines.domain.access.networks import NetworkPolicy
from pipelines.sections import Service
from tests.unit.api.service_house import (
    EMPTY,
    OTHER,
    POPULATION,
    ROW,
    ServiceHouse,
    examples,
    model,
    serving,
)

PREDICT, USER = f"/v1/{POPULATION}/predict", f"/v1/{POPULATION}/predict/user"
CUSTOMERS, INFER = f"/v1/{POPULATION}/customers", f"/v2/models/churn-{POPULATION}/infer"
JSON = {"Content-Type": "application/json"}
PLAN = {"plans": [{"plan": "pro", "loaded_at": "2026-01-01T00:00:00+00:00"}]}
DEEP = b'{"features": ' + b'{"a": ' * 5000 + b"1" + b"}" * 5000 + b"}"
BODIES = (
    *(b"", b"{", b"null", b"[]", b"{}", b"\xff\xfe", b'"\\ud83d"', DEEP, b"0" * 1000),
    b'{"features": {"tickets": NaN, "idle_days": -Infinity, "is_autopay": true}}',
    b'{"features": {"tickets": %s, "is_autopay": 1}}' % (b"9" * 4000),
    b'{"features": {"tickets": 1e400, "tickets": 2, "is_autopay": true}}',
    b'{"features": {"tickets": "\\ud800", "~/%": "\\ud83d\\ude00"}}',
    *(
        json.dumps(each).encode()
        for each in (
            {"features": ROW},
            {"features": ROW, "customer_id": "\N{GRINNING FACE}/%00"},
            {"features": ROW, "customer_id": "x" * 201},
            {"rows": []},
            {"rows": [{"features": ROW}] * 101},
            {"rows": [{"features": ROW}, {"customer_id": "c", "records": PLAN}, 7, None, []]},
            {"rows": [{"features": {"tickets": [1]}}, {"features": {}}, {"features": ROW}]},
            {"customer_id": "c", "records": PLAN, "alone": True},
            {"customer_id": "c", "records": {"plans": [{"plan": 1, "paid": 1e300}], "other": []}},
            {"customer_id": "c", "records": {"plans": {}, "tickets": [None, [], 1]}},
            {
                "customer_id": "c",
                "records": {
                    "tickets": [
                        {"ticket_id": "t", "opened_at": at, "loaded_at": at}
                        for at in (
                            *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
                            *("2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01", ""),
                        )
                    ]
                },
            },
            {"inputs": []},
            {"inputs": [{"name": "tickets", "shape": [1], "datatype": "FP64", "data": [1]}]},
            {
                "id": "7",
                "inputs": [
                    {"name": "tickets", "shape": [2], "datatype": "INT8", "data": [1, 999]},
                    {"name": "is_autopay", "shape": [2, 1], "datatype": "BOOL", "data": [[1]]},
                ],
            },
        )
    ),
)
IDS = ("c1", "nobody", "a/b", "a/now", "%", "%00", "\0", "\N{GRINNING FACE}", "..", " ", "x" * 3000)
Ask = tuple[str, str, dict[str, Any]]


def asks(document: dict[str, Any]) -> Iterator[Ask]:
    """Yield requests of every route: as the document has them, and as nobody would send them."""
    for path, item in document["paths"].items():
        for population in (POPULATION, OTHER, EMPTY, "strangers"):
            filled = path.replace("{population}", population)
            if "get" in item:
                for name in IDS:
                    yield "GET", filled.replace("{customer_id}", quote(name, safe="")), {}
            for example in examples(item).values():
                yield "POST", filled, {"json": example["value"]}
        if "post" in item:
            here = path.replace("{population}", POPULATION)
            for body in BODIES:
                yield "POST", here, {"data": body, "headers": JSON}
            yield "POST", here, {"data": b"{}", "headers": {"Content-Type": "text/plain"}}
            yield "POST", here, {"data": b"{}", "headers": {**JSON, "Content-Encoding": "gzip"}}
            yield "POST", here, {"data": b" " * 1_000_001, "headers": JSON}


def operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """Return what a document says of a request; the longest of the routes it may be."""
    found = [
        written
        for written, item in document["paths"].items()
        if method.lower() in item
        and re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(written)), path)
    ]
    described: dict[str, Any] = document["paths"][max(found, key=len)][method.lower()]

    return described


def fault(document: dict[str, Any], method: str, path: str, answer: requests.Response) -> str:
    """Return what an answer has that the document has not; nothing of one that is described."""
    described = operation(document, method, path)["responses"].get(str(answer.status_code))
    if described is None:
        return "its status is not described"
    kind = answer.headers["Content-Type"].partition(";")[0]
    if kind not in described["content"]:
        return f"{kind} is not described"
    schema = {**described["content"][kind]["schema"], "components": document["components"]}
    if kind == "text/plain":
        return ""
    checker = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )

    return "; ".join(error.message for error in checker.iter_errors(answer.json()))


@pytest.fixture(scope="module")
def house() -> Iterator[ServiceHouse]:
    """Two champions, one of which has a model for each customer; a population without."""
    house = ServiceHouse()
    house.crown(model())
    house.crown(model(OTHER, is_cross=True))
    house.publish(5)
    house.now.known["c1"] = {"plans": [{"plan": "pro"}]}
    limits = Service(body_megabytes=1, batch_rows=100, model_poll_seconds=3600)
    with serving(house, limits):
        yield house


def test_every_answer_is_one_that_is_described(house: ServiceHouse) -> None:
    """Whatever is asked of whichever route, and whatever becomes of it."""
    document, key = house.get("/openapi.json").json(), house.key()
    found, statuses = {}, set()
    for method, path, more in asks(document):
        answer = house.ask(method, path, key, **dict(more))
        statuses.add(answer.status_code)
        if told := fault(document, method, path, answer):
            found[method, path, str(more)[:200], answer.status_code] = told

    assert {} == found
    assert {200, 400, 404, 409, 413, 415, 422} == statuses


def test_every_refusal_is_one_that_is_described(house: ServiceHouse) -> None:
    """Of whoever may not ask, and by a service that cannot answer."""
    document = house.get("/openapi.json").json()
    nothing = house.key(routes=["models"], populations=["nothing"])
    expired = house.key(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    once = house.key(requests_an_hour=1)
    house.get(f"{CUSTOMERS}/c1", once)
    found, statuses = {}, set()
    for is_down in (False, True):
        house.door.is_down = is_down
        for key in (None, "churn_", nothing, expired, once):
            for path, item in document["paths"].items():
                (method,) = (each.upper() for each in item)
                filled = re.sub(r"\{customer_id\}", "c1", path)
                filled = filled.replace("{population}", POPULATION)
                answer = house.ask(method, filled, key)
                statuses.add(answer.status_code)
                if told := fault(document, method, filled, answer):
                    found[method, filled, key, answer.status_code] = told
    house.door.is_down = False

    assert {} == found
    assert {200, 401, 403, 429, 503} <= statuses


def test_who_comes_from_elsewhere_is_refused_as_is_described() -> None:
    """By another name, or from another network."""
    for network in (
        NetworkPolicy(allowed_hosts=("churn.example",)),
        NetworkPolicy(allowed_networks=("192.0.2.0/24",)),
    ):
        house = ServiceHouse()
        house.crown(model())
        with serving(house):
            document = house.get("/openapi.json").json()
        with serving(house, Service(model_poll_seconds=3600, network=network)):
            for path, item in document["paths"].items():
                (method,) = (each.upper() for each in item)
                filled = path.replace("{population}", POPULATION)
                answer = house.ask(method, filled, house.key())
                assert "" == fault(document, method, filled, answer), (filled, answer.text)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("status_code", 418),
        ("headers", {"Content-Type": "text/html"}),
        ("_content", b"{}"),
        ("_content", b'{"churn_probability": "x"}'),
    ],
)
def test_an_answer_that_is_not_described_would_be_found(
    house: ServiceHouse, name: str, changed: object
) -> None:
    """By its status, its media type, what it leaves out, and what is of another kind."""
    document, path = house.get("/openapi.json").json(), f"{CUSTOMERS}/c1"
    answer = house.get(path, house.key())
    assert "" == fault(document, "GET", path, answer)
    setattr(answer, name, changed)

    assert fault(document, "GET", path, answer)
