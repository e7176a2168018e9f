"""Customers between two nights, of a real business: as their night has them, and nothing beyond."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import requests
import sqlalchemy as sa

from pipelines.adapters.local import addresses, postgres, processes, servers, service_server
from pipelines.adapters.warehouse import connection_options
from tests.e2e import at_rest as at_rest_business
from tests.e2e.at_rest import ID, NIGHT, RAW
from tests.faults.business import POPULATION, Business
from tests.faults.server import wait
from tests.integration.service_night import Night, made_key, night_of, scored
from tests.integration.service_process import SOON, ServiceProcess, serving, session

FEATURES = "analytics.fct_customer_features"
NOW = f"/v1/{POPULATION}/customers/{{}}/now"
USER, USERS = f"/v1/{POPULATION}/predict/user", f"/v1/{POPULATION}/predict/user/batch"
DENIED = psycopg.errors.InsufficientPrivilege


@pytest.fixture(scope="module")
def business(at_rest: Path) -> Iterator[Business]:
    """A copy of a business with a champion and two published nights; its server runs."""
    with at_rest_business.copy_of(at_rest) as churn_home:
        churn_home.configure(SOON)
        found = Business(churn_home)
        yield found
        found.wired.warehouse.engine.dispose()


@pytest.fixture(scope="module")
def service(business: Business) -> Iterator[ServiceProcess]:
    """A process that answers of the last night."""
    with serving(business.churn_home, "--as-of", NIGHT) as started:
        yield started


@pytest.fixture(scope="module")
def key(business: Business) -> str:
    """A key for everything, made by command."""
    return made_key(business, per_hour=1_000_000)


@pytest.fixture(scope="module")
def night(business: Business) -> Night:
    """Probability and tier of everybody in the latest list."""
    return night_of(business)


@pytest.fixture
def as_service(business: Business) -> Iterator[psycopg.Connection]:
    """A connection of a user who is a member of the service's role and of nothing else."""
    with psycopg.connect(
        f"{postgres.superuser_url(business.churn_home.home)}/postgres", autocommit=True
    ) as owner:
        owner.execute("drop role if exists only_serves")
        owner.execute("create role only_serves login password 'only' in role churn_service")
    url = sa.make_url(business.wired.login_url).set(username="only_serves", password="only")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def records(business: Business) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return every raw record there is, by customer and table."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(dict)
    for table in RAW:
        query = f"select customer_id, json_agg(each) from raw.{table} as each group by 1"
        for customer_id, rows in business.rows(query):
            found[customer_id][table] = rows

    return found


def test_every_customer_of_a_night_is_now_who_they_were_in_it(
    service: ServiceProcess, key: str, night: Night, business: Business, as_service: Any
) -> None:
    """One by one: features equal in every column, probability and tier in every bit."""
    built = {
        row[1]: row for row in business.rows(f"select * from {FEATURES} where as_of = %s", NIGHT)
    }
    names = [
        name
        for (name,) in business.rows(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 "
            "order by attnum",
            FEATURES,
        )
    ]
    asked = f"select {', '.join(names)} from online.{POPULATION}(%s::text, %s, '{{}}', false)"
    features = {name: as_service.execute(asked, [name, NIGHT]).fetchall() for name in built}

    def now(name: str) -> tuple[float, str]:
        with session(key) as connection:
            answer = connection.get(f"{service.url}{NOW.format(name)}").json()
            assert NIGHT.isoformat() == answer["as_of"]
            assert scored(answer) == scored(answer["published"])
            return scored(answer)

    with ThreadPoolExecutor(2) as pool:
        told = dict(zip(night, pool.map(now, night), strict=True))

    assert len(built) > 500
    assert {*built} == {*night}
    assert {name: [row] for name, row in built.items()} == features
    assert night == told


def test_records_alone_are_the_whole_customer(
    service: ServiceProcess, key: str, night: Night, business: Business
) -> None:
    """Everybody's in batches, and some one by one: equal in every bit; merged they are no other."""
    sent = records(business)
    rows = [
        {"customer_id": name, "records": sent[name], "alone": is_alone}
        for is_alone in (True, False)
        for name in night
    ]
    told: dict[bool, dict[str, tuple[float, str]]] = {True: {}, False: {}}
    with session(key) as asked:
        batch: list[dict[str, Any]] = []
        for place, row in enumerate(rows):
            batch.append(row)
            size = sum(len(records) for each in batch for records in each["records"].values())
            if size > 15_000 or place == len(rows) - 1:
                answers = asked.post(f"{service.url}{USERS}", json={"rows": batch}).json()
                assert 0 == answers["refused"], answers
                for each, answer in zip(batch, answers["answers"], strict=True):
                    told[each["alone"]][answer["customer_id"]] = scored(answer["score"])
                batch = []
        single = {
            row["customer_id"]: scored(asked.post(f"{service.url}{USER}", json=row).json())
            for row in rows[:50]
        }

    assert night == told[True]
    # A record that is sent again is the one that is stored.
    assert night == told[False]
    assert {name: night[name] for name in single} == single


def test_a_record_changes_what_is_known(service: ServiceProcess, key: str) -> None:
    """A ticket to cancel, opened yesterday; it leaves nothing behind."""
    opened = f"{NIGHT - timedelta(days=1)}T10:00:00+00:00"
    ticket = {"ticket_id": "T-new", "category": "cancellation", "opened_at": opened}
    asked = {"customer_id": ID, "records": {"support_tickets": [ticket]}}
    before = service.ask("GET", NOW.format(ID), key).json()
    told = service.ask("POST", USER, key, json=asked).json()

    assert before["churn_probability"] < told["churn_probability"]
    assert scored(before) == scored(service.ask("GET", NOW.format(ID), key).json())


def test_who_is_not_scored_is_told_so_and_who_was_erased_is_nobody(
    service: ServiceProcess, key: str, night: Night, business: Business
) -> None:
    """Somebody known who has left; and a customer whose records are sent after they were erased."""
    ((gone,),) = business.rows(
        "select customer_id from raw.customers where not customer_id = any(%s) limit 1", [*night]
    )
    erased = max({*night} - {ID})
    sent = records(business)[erased]
    asked = {"customer_id": erased, "records": sent, "alone": True}
    assert 200 == service.ask("POST", USER, key, json=asked).status_code
    business.churn_home.churn("erase", "--customer", erased, "--yes")
    answers = [
        service.ask("GET", NOW.format(gone), key),
        service.ask("GET", NOW.format("C-nobody"), key),
        service.ask("GET", NOW.format(erased), key),
        service.ask("POST", USER, key, json=asked),
    ]

    assert [409, 404, 404, 409] == [each.status_code for each in answers]


def test_ids_are_values_and_nothing_else(
    service: ServiceProcess, key: str, as_service: Any
) -> None:
    """Whatever an id or a value says; the service itself is refused on what functions read."""
    for hostile in (
        "'; drop table raw.customers; --",
        "x' or '1'='1",
        f"{ID}') union select * from raw.customers --",
        "$1",
        "{" + ID + "}",
        '{"a"}',
        "\\",
    ):
        told = [
            service.ask("GET", NOW.format(quote(hostile, safe="")), key),
            service.ask("POST", USERS, key, json={"rows": [{"customer_id": hostile}] * 2}),
            service.ask(
                "POST",
                USER,
                key,
                json={
                    "customer_id": ID,
                    "records": {"support_tickets": [{"ticket_id": hostile, "category": hostile}]},
                },
            ),
        ]
        assert [404, 200, 422] == [each.status_code for each in told], hostile
        assert 2 == told[1].json()["refused"]
    for statement in (
        *(f"select count(*) from raw.{table}" for table in RAW),
        f"select count(*) from {FEATURES}",
        "select count(*) from analytics.stg_churn__customers",
        "select count(*) from churn.erasures",
        "set role churn_pipeline",
        "create function online.mine() returns integer language sql return 1",
        f"alter function online.{POPULATION}(text) security invoker",
        "update churn.online_functions set tables = '{}'",
    ):
        with pytest.raises(DENIED):
            as_service.execute(statement)


def test_whoever_else_logs_in_may_not_call_them(business: Business) -> None:
    """Analysts see features and no raw record; loaders neither."""
    for role in ("churn_analyst", "churn_loader", "churn_trainer", "churn_aggregates"):
        url = connection_options.configured(business.wired.login_url, role=role)
        with psycopg.connect(url, autocommit=True) as connection, pytest.raises(DENIED):
            connection.execute(f"select online.{POPULATION}(%s::text)", [ID])


def test_it_is_a_server_beside_the_others(business: Business) -> None:
    """As `churn up` starts it: `churn status` says where it answers, and `churn down` ends it."""
    home = business.churn_home.home
    environment = {**os.environ, "CHURN_HOME": str(home), **business.churn_home.environ}
    with processes.exclusive(home / "run"):
        port = addresses.ports(home / "run")["service"]
        started = service_server.service(port=port, environment=environment)
        processes.start(started, home / "run", home / "logs")
    try:
        wait("the service to be ready", lambda: is_ready(port, home))
        told = business.churn_home.churn("status")
    finally:
        ended = servers.down(home=home)

    assert f"service: http://127.0.0.1:{port}, by a key of `churn keys create`" in told
    assert ["service"] == ended


def is_ready(port: int, home: Path) -> bool:
    """Tell whether the service answers that it is ready; it has to live until it does."""
    assert ["service"] == processes.running(home / "run"), (home / "logs").iterdir()
    try:
        with session(None) as asked:
            url = f"http://127.0.0.1:{port}{service_server.READY}"
            return asked.get(url, timeout=30).status_code == 200
    except requests.ConnectionError:
        return False


def test_nothing_of_a_customer_is_in_the_log(service: ServiceProcess, key: str) -> None:
    """Of records that are right, or wrong."""
    canary = "CANARY-VALUE-4712"
    ticket = {"ticket_id": canary, "category": canary, "opened_at": "2026-09-30T10:00:00+00:00"}
    for changes in ({}, {"opened_at": canary}, {canary: canary}):
        asked = {"customer_id": canary, "records": {"support_tickets": [{**ticket, **changes}]}}
        service.ask("POST", USER, key, json=asked)
    said = service.said.read_text("utf-8")

    assert "listening" in said
    assert canary not in said
    assert json.dumps(key) not in said
