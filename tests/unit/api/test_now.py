"""What programs are told of a customer between two nights, and what is refused of their records."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.api.service_house import (
    CONTRACT,
    NIGHT,
    OTHER,
    POPULATION,
    ServiceHouse,
    model,
    serving,
)

NOW = f"/v1/{POPULATION}/customers/{{}}/now"
USER, USERS = f"/v1/{POPULATION}/predict/user", f"/v1/{POPULATION}/predict/user/batch"
PREDICT = f"/v1/{POPULATION}/predict"
TICKET = {"ticket_id": "t1", "opened_at": "2026-02-03T04:05:06+01:00"}
PLAN = {"plan": "basic"}
RECORDS = {"tickets": [TICKET, {**TICKET, "ticket_id": "t2"}], "plans": [PLAN]}


@pytest.fixture(scope="module")
def house() -> Iterator[ServiceHouse]:
    """A service that knows some customers, one of whom has no plan."""
    made = ServiceHouse()
    made.crown(model())
    made.publish(5)
    made.now.known = {
        "c1": {"tickets": [TICKET], "plans": [PLAN]},
        "a/b": {"plans": [PLAN]},
        "planless": {"tickets": [TICKET]},
    }
    with serving(made) as running:
        yield running


@pytest.fixture(scope="module")
def key(house: ServiceHouse) -> str:
    """A key for everything."""
    return house.key()


def predicted(house: ServiceHouse, key: str, tickets: int) -> dict[str, Any]:
    """Return the score that `predict` has for so many tickets."""
    features = {"tickets": tickets, "plan": "basic", "is_autopay": False}
    asked = {"customer_id": "x", "features": features}

    return dict(house.post(PREDICT, key, json=asked).json())


def same(answer: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Tell whether two answers have the same score, reasons and all."""
    names = ("churn_probability", "risk_tier", "recommended_action", "reasons", "explanation")

    return [answer[name] for name in names] == [expected[name] for name in names]


def test_a_customer_of_now_has_the_score_of_their_features(house: ServiceHouse, key: str) -> None:
    """With the date of the night that would say so, beside what is published of them."""
    found = house.get(NOW.format("c1"), key).json()
    published = house.get(f"/v1/{POPULATION}/customers/c1", key).json()

    assert same(found, predicted(house, key, 1))
    assert (POPULATION, "c1", NIGHT.isoformat()) == (
        *(found["population"], found["customer_id"], found["as_of"]),
    )
    assert same(found["published"], published)
    assert published["as_of"] == found["published"]["as_of"]


def test_whoever_is_in_no_list_has_none_beside(house: ServiceHouse, key: str) -> None:
    """Their id may have a slash."""
    found = house.get(NOW.format("a/b"), key).json()

    assert same(found, predicted(house, key, 0))
    assert found["published"] is None


@pytest.mark.parametrize(
    ("customer", "status", "slug"),
    [
        ("nobody", 404, "no-customer"),
        ("planless", 409, "not-scored"),
        ("%00", 404, "no-customer"),
        ("' or true --", 404, "no-customer"),
        ("..%2F..%2Fother%2Fcustomers%2Fc1", 404, "no-customer"),
    ],
)
def test_who_has_no_score_is_told_why(
    house: ServiceHouse, key: str, customer: str, status: int, slug: str
) -> None:
    """Nobody knows them, or they are not among those who are scored."""
    found = house.get(NOW.format(customer), key)

    assert (status, f"urn:churn:{slug}") == (found.status_code, found.json()["type"])


def test_records_come_to_what_is_stored_or_stand_alone(house: ServiceHouse, key: str) -> None:
    """One ticket is stored, two are sent."""
    merged = house.post(USER, key, json={"customer_id": "c1", "records": RECORDS}).json()
    alone = house.post(
        USER, key, json={"customer_id": "c1", "records": RECORDS, "alone": True}
    ).json()
    new = house.post(USER, key, json={"customer_id": "new", "records": RECORDS}).json()

    assert same(merged, predicted(house, key, 3))
    assert same(alone, predicted(house, key, 2))
    assert same(new, predicted(house, key, 2))
    assert NIGHT.isoformat() == merged["as_of"]


@pytest.mark.parametrize(
    ("records", "where", "what"),
    [
        ({"nothing": []}, "/records/nothing", "no table"),
        ({"tickets": {}}, "/records/tickets", "list"),
        ({"tickets": [TICKET, 7]}, "/records/tickets/1", "object"),
        ({"tickets": [{**TICKET, "full_name": "A"}]}, "/records/tickets/0/full_name", "no column"),
        ({"tickets": [{"ticket_id": "t"}]}, "/records/tickets/0/opened_at", "missing"),
        ({"tickets": [{**TICKET, "ticket_id": None}]}, "/records/tickets/0/ticket_id", "null"),
        ({"tickets": [{**TICKET, "ticket_id": 7}]}, "/records/tickets/0/ticket_id", "a text"),
        ({"tickets": [{**TICKET, "ticket_id": "\0"}]}, "/records/tickets/0/ticket_id", "U+0000"),
        (
            {"tickets": [{**TICKET, "opened_at": "2026-02-03"}]},
            "/records/tickets/0/opened_at",
            "of",
        ),
        ({"tickets": [{**TICKET, "is_urgent": 1}]}, "/records/tickets/0/is_urgent", "true or"),
        (
            {"tickets": [{**TICKET, "customer_id": "c2"}]},
            "/records/tickets/0/customer_id",
            "of the",
        ),
        ({"plans": [{"paid": "1"}]}, "/records/plans/0/paid", "a number"),
        ({"plans": [{"paid": 10_000}]}, "/records/plans/0/paid", "range"),
        ({"plans": [{"paid": True}]}, "/records/plans/0/paid", "a number"),
    ],
)
def test_a_fault_names_table_row_and_field(
    house: ServiceHouse, key: str, records: dict[str, Any], where: str, what: str
) -> None:
    """And not the value."""
    found = house.post(USER, key, json={"customer_id": "c1", "records": records})
    (fault,) = found.json()["errors"]

    assert 422 == found.status_code
    assert where == fault["pointer"]
    assert what in fault["detail"]


def test_a_number_that_is_none_is_a_fault(house: ServiceHouse, key: str) -> None:
    """JSON of some programs has them."""
    body = '{"customer_id": "c1", "records": {"plans": [{"paid": NaN}, {"paid": 1e999}]}}'
    found = house.post(USER, key, data=body, headers={"Content-Type": "application/json"})

    assert 422 == found.status_code
    assert ["/records/plans/0/paid", "/records/plans/1/paid"] == [
        each["pointer"] for each in found.json()["errors"]
    ]


def test_there_may_be_so_many_records_and_no_more(house: ServiceHouse, key: str) -> None:
    """Of all rows of a batch together."""
    most = house.parts.limits.body_records
    tickets = [{**TICKET, "ticket_id": str(number)} for number in range(most // 2 + 1)]
    one = {"customer_id": "c1", "records": {"tickets": tickets}, "alone": True}
    single = house.post(USER, key, json=one)
    batch = house.post(USERS, key, json={"rows": [one, one]})

    assert 409 == single.status_code
    assert 422 == batch.status_code
    assert ["/records"] == [each["pointer"] for each in batch.json()["errors"]]


def test_a_batch_has_an_answer_a_row_and_errors_by_row(house: ServiceHouse, key: str) -> None:
    """Whatever is wrong with one is told of that one."""
    rows = [
        {"customer_id": "c1", "records": RECORDS},
        {"customer_id": "c1"},
        {"records": RECORDS},
        {"customer_id": "planless"},
        {"customer_id": "new", "records": {"plans": [{"paid": "much"}]}},
        "what",
        {"customer_id": "new", "records": RECORDS, "alone": True},
    ]
    found = house.post(USERS, key, json={"rows": rows}).json()
    answers = found["answers"]

    assert (3, 4, NIGHT.isoformat()) == (found["scored"], found["refused"], found["as_of"])
    assert [0, 1, 6] == [each["row"] for each in answers if each["score"]]
    for number, tickets in ((0, 3), (1, 1), (6, 2)):
        assert same(answers[number]["score"], predicted(house, key, tickets))
    assert [
        "/rows/2/customer_id",
        "/rows/3/customer_id",
        "/rows/4/records/plans/0/paid",
        "/rows/5",
    ] == [answers[number]["errors"][0]["pointer"] for number in (2, 3, 4, 5)]


def test_another_kind_of_key_may_not_ask(house: ServiceHouse) -> None:
    """What the warehouse has of a customer is more than what was published of them."""
    other = house.key(routes=["predict", "published", "models"])
    user = {"customer_id": "c1", "records": RECORDS}
    asked = [
        house.get(NOW.format("c1"), other),
        house.post(USER, other, json=user),
        house.post(USERS, other, json={"rows": [user]}),
    ]

    assert [403] * 3 == [each.status_code for each in asked]


def test_a_population_that_cannot_be_asked_says_so(house: ServiceHouse, key: str) -> None:
    """The others go on, and what needs no records does too."""
    house.crown(model(OTHER))
    house.parts.models.refresh()
    found = [
        house.get(f"/v1/{OTHER}/customers/c1/now", key),
        house.post(f"/v1/{OTHER}/predict/user", key, json={"customer_id": "c1"}),
    ]

    assert [(409, "urn:churn:not-asked-now")] * 2 == [
        (each.status_code, each.json()["type"]) for each in found
    ]
    assert 200 == house.get(NOW.format("c1"), key).status_code


def test_the_examples_of_the_description_run(house: ServiceHouse, key: str) -> None:
    """With a score each."""
    described = house.get("/openapi.json").json()["paths"]
    for path in (USER, USERS):
        content = described[path.replace(POPULATION, "{population}")]["post"]["requestBody"]
        example = content["content"]["application/json"]["examples"][POPULATION]["value"]
        found = house.post(path, key, json=example)
        assert 200 == found.status_code
        assert "churn_probability" in found.text


def test_it_is_written_down_whom_was_asked_about(house: ServiceHouse, key: str) -> None:
    """With version, and rows of a batch; never what was sent."""
    before = len(house.door.recorded)
    house.get(NOW.format("c1"), key)
    house.post(USER, key, json={"customer_id": "new", "records": RECORDS})
    house.post(USERS, key, json={"rows": [{"customer_id": "c1"}, {"customer_id": "c2"}]})
    told = [
        (each.route, each.customer_id, each.rows, each.model_version)
        for each in house.door.recorded[before:]
    ]

    assert CONTRACT.names
    assert [
        ("now", "c1", 1, 1),
        ("predict_user", "new", 1, 1),
        ("predict_user_batch", None, 2, 1),
    ] == told
