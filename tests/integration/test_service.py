"""The service on a real night: the same scores, whatever happens to models, database and itself."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from pipelines.adapters.local import postgres
from pipelines.adapters.tables.promotions import WarehousePromotions
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scoring.versions import ModelVersion
from tests.e2e import at_rest as at_rest_business
from tests.e2e.at_rest import ID, NIGHT
from tests.faults.business import POPULATION, Business
from tests.faults.damage import champion
from tests.faults.other_models import crown, gloomier, registered
from tests.faults.server import wait
from tests.integration.service_night import (
    BATCH,
    PREDICT,
    Night,
    Rows,
    features,
    made_key,
    night_of,
    scored,
)
from tests.integration.service_process import SOON, ServiceProcess, serving, session


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
    """One process for the tests that leave it as it was."""
    with serving(business.churn_home) as started:
        yield started


@pytest.fixture(scope="module")
def key(business: Business) -> str:
    """A key for everything, made by command."""
    return made_key(business, per_hour=1_000_000)


@pytest.fixture(scope="module")
def night(business: Business) -> Night:
    """Probability and tier of everybody in the latest list."""
    return night_of(business)


@pytest.fixture(scope="module")
def rows(business: Business, night: Night) -> Rows:
    """The features of everybody in that list, as the night had them."""
    return features(business, [*night])


def test_every_customer_of_a_night_has_the_score_of_the_night(
    service: ServiceProcess, key: str, night: Night, rows: Rows
) -> None:
    """Published, one by one from their features, and in a batch: equal in every bit."""
    assert len(night) > 500
    assert {*night} == {*rows}
    with session(key) as asked:
        single = {
            name: scored(
                asked.post(
                    f"{service.url}{PREDICT}", json={"customer_id": name, "features": row}
                ).json()
            )
            for name, row in rows.items()
        }
        published = {
            name: scored(asked.get(f"{service.url}/v1/{POPULATION}/customers/{name}").json())
            for name in [*night][:200]
        }
        sent = [{"customer_id": name, "features": row} for name, row in rows.items()]
        batch = asked.post(f"{service.url}{BATCH}", json={"rows": sent}).json()

    assert night == single
    assert {name: night[name] for name in published} == published
    assert night == {answer["customer_id"]: scored(answer["score"]) for answer in batch["answers"]}


def test_a_customer_has_a_history_that_says_why_the_score_moved(
    service: ServiceProcess, key: str, business: Business
) -> None:
    """As the view churn.score_moves tells it, for somebody who has reasons in both lists."""
    ((name, change, by_data),) = business.rows(
        "select customer_id, log_odds_change::float8, by_data::float8 from churn.score_moves "
        "where population = %s and score_date = %s order by customer_id limit 1",
        POPULATION,
        NIGHT,
    )
    found = service.ask("GET", f"/v1/{POPULATION}/customers/{name}", key).json()

    assert NIGHT.isoformat() == found["as_of"]
    assert 2 == len(found["history"])
    move = found["history"][0]["move"]
    assert (change, by_data, False) == (
        *(move["log_odds_change"], move["by_data"], move["is_model_changed"]),
    )
    assert pytest.approx(change) == sum(move["data_themes"].values())
    assert found["reasons"]


def test_two_processes_let_in_exactly_as_many_as_a_key_may(
    service: ServiceProcess, business: Business
) -> None:
    """Asked from many sides at once; one that is revoked is refused at its next request."""
    allowed, more = 60, 25
    limited = made_key(business, per_hour=allowed)
    path = f"/v1/{POPULATION}/customers/{ID}"
    with serving(business.churn_home) as second, ThreadPoolExecutor(8) as pool:
        begun = business.rows("select date_trunc('hour', now())")
        asked = [(service, second)[number % 2] for number in range(allowed + more)]
        answers = [*pool.map(lambda each: each.ask("GET", path, limited), asked)]
        ended = business.rows("select date_trunc('hour', now())")
        ((number,),) = business.rows("select max(api_key_id) from churn.api_keys")
        business.churn_home.churn("keys", "revoke", number)
        revoked = [each.ask("GET", path, limited) for each in (service, second)]

    if begun == ended:  # else some were counted in the hour that has begun
        assert {200: allowed, 429: more} == Counter(each.status_code for each in answers)
    late = next(each for each in answers if each.status_code == 429)
    assert 0 < int(late.headers["Retry-After"]) <= 3600
    assert [(401, "urn:churn:key-revoked")] * 2 == [
        (each.status_code, each.json()["type"]) for each in revoked
    ]


def test_another_population_or_route_than_a_key_is_for_is_refused(
    service: ServiceProcess, business: Business
) -> None:
    """By the database, which knows what it is for."""
    desk = made_key(business, per_hour=100, route="published", population=POPULATION)

    assert 200 == service.ask("GET", f"/v1/{POPULATION}/customers/{ID}", desk).status_code
    for method, path in (
        ("POST", PREDICT),
        ("GET", "/v1/models"),
        ("GET", "/v1/other/customers/1"),
    ):
        refused = service.ask(method, path, desk, json={} if method == "POST" else None)
        assert (403, "urn:churn:out-of-scope") == (refused.status_code, refused.json()["type"])
    forged = "churn_" + "A" * 43
    assert 401 == service.ask("GET", f"/v1/{POPULATION}/customers/{ID}", forged).status_code


class Load:
    """Asks for scores without a pause, from several sides, and keeps every answer."""

    def __init__(self, service: ServiceProcess, key: str, rows: Rows) -> None:
        self.answers: list[tuple[str, int, dict[str, Any]]] = []
        self._asked = [*rows.items()][:50]
        self._service, self._key = service, key
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(4)]

    def __enter__(self) -> "Load":
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(120)

    def _ask(self) -> None:
        """Ask until told to stop."""
        with session(self._key) as asked:
            while not self._stopped.is_set():
                for name, row in self._asked:
                    answer = asked.post(
                        f"{self._service.url}{PREDICT}",
                        json={"customer_id": name, "features": row},
                        timeout=120,
                    )
                    self.answers.append((name, answer.status_code, answer.json()))


def test_the_champion_moves_under_load(
    service: ServiceProcess, key: str, business: Business, rows: Rows, night: Night
) -> None:
    """No answer is lost, none is of neither version; one that is wrong never comes into service."""
    first = champion(business)
    second = registered(business, gloomier)
    broken = registered(business, gloomier, golden_wrong_by=0.1)

    def state() -> dict[str, Any]:
        found: dict[str, Any] = service.ask("GET", "/health/ready").json()
        return found["populations"][POPULATION]

    def is_in_service(version: ModelVersion) -> Callable[[], bool]:
        return lambda: state()["version"] == version.version

    with Load(service, key, rows) as load:
        crown(business, second)
        wait("the second version", is_in_service(second))
        crown(business, broken)
        wait("the broken version to be refused", lambda: state()["fault"] == "ArtefactDamaged")
        refused = state()
        ready = service.ask("GET", "/health/ready").status_code
        crown(business, first)
        wait("the first version again", is_in_service(first))
        time.sleep(0.5)

    found = Counter((code, answer["model"]["version"]) for _, code, answer in load.answers)
    assert {(200, first.version), (200, second.version)} == {*found}
    assert (200, second.version) == (ready, refused["version"])
    assert "champion refused, the one before answers" == refused["state"]
    by_version: dict[int, dict[str, set[float]]] = {}
    for name, _, answer in load.answers:
        of_version = by_version.setdefault(answer["model"]["version"], {})
        of_version.setdefault(name, set()).add(answer["churn_probability"])
    assert {name: {night[name][0]} for name in by_version[first.version]} == (
        by_version[first.version]
    )
    gloomy = by_version[second.version]
    assert all(len(scores) == 1 and min(scores) > night[name][0] for name, scores in gloomy.items())
    assert "model_refused" in service.said.read_text("utf-8")
    assert str(broken.version) not in {str(version) for _, version in found}


def test_a_champion_that_moves_is_heard_of(business: Business) -> None:
    """Within seconds by a process that looks by itself once an hour; back, too."""
    first, second = champion(business), registered(business, gloomier)
    owner = Warehouse(business.url)
    promotions = WarehousePromotions(owner)
    before = promotions.history(POPULATION)[-1]
    business.churn_home.configure({"model_poll_seconds = 15": "model_poll_seconds = 3600"})
    try:
        with serving(business.churn_home) as own:
            assert first.version == _version(own)
            for version in (second, first):
                taken = {"champion_version": None, "challenger_version": version.version}
                checksum = {"manifest_sha256": version.manifest_sha256}
                promotions.record(replace(before, is_promoted=True, **taken, **checksum))
                until = time.monotonic() + 120
                while _version(own) != version.version:
                    assert time.monotonic() < until
                    time.sleep(0.05)
    finally:
        business.churn_home.configure(SOON)
        owner.engine.dispose()


def _version(service: ServiceProcess) -> int:
    """Return the version of the model in service."""
    version: int = service.ask("GET", "/health/ready").json()["populations"][POPULATION]["version"]

    return version


def test_the_database_is_restarted(service: ServiceProcess, key: str, business: Business) -> None:
    """While it is down the service says so and lives; when it is back it answers as before."""
    path = f"/v1/{POPULATION}/customers/{ID}"
    before = service.ask("GET", path, key).json()
    business.stop_server("immediate")
    down = [service.ask("GET", path, key) for _ in range(3)]
    live, ready = (service.ask("GET", f"/health/{name}").status_code for name in ("live", "ready"))
    postgres.start(business.churn_home.home, is_durable=False)
    business.wait_until_answering()
    wait("the service", lambda: service.ask("GET", path, key).status_code == 200)

    assert {(503, "urn:churn:unavailable")} == {
        (each.status_code, each.json()["type"]) for each in down
    }
    assert all("Retry-After" in each.headers for each in down)
    assert (200, 503) == (live, ready)
    assert before == service.ask("GET", path, key).json()
    assert service.process.poll() is None


def test_sigterm_answers_who_was_let_in(business: Business, key: str, rows: Rows) -> None:
    """And nobody after; the process ends as it should, its requests written down."""
    sent = [{"features": row} for row in rows.values()]
    with serving(business.churn_home) as own, ThreadPoolExecutor(1) as pool:
        # Its answer waits for what is written down.
        with business.held("lock table churn.served_requests in exclusive mode"):
            waiting = pool.submit(own.ask, "POST", BATCH, key, json={"rows": sent})
            wait("the request", lambda: "in_progress 1.0" in own.ask("GET", "/metrics").text)
            own.process.send_signal(signal.SIGTERM)
            wait("the door to close", lambda: _is_refused(own))
            assert not waiting.done()
            assert own.process.poll() is None
        answer, code = waiting.result(60), own.process.wait(60)
        said = own.said.read_text("utf-8")

    assert 0 == code
    assert (200, len(sent)) == (answer.status_code, answer.json()["scored"])
    assert "drained" in said
    assert "Traceback" not in said
    recorded = business.rows(
        "select status, rows from churn.served_requests where request_id = %s",
        answer.headers["X-Request-Id"],
    )
    assert [(200, len(sent))] == recorded


def _is_refused(service: ServiceProcess) -> bool:
    """Tell whether a process takes nobody in any more."""
    try:
        service.ask("GET", "/health/live")
    except requests.ConnectionError:
        return True

    return False


def test_nothing_of_a_customer_and_no_key_is_said_or_written_down(
    service: ServiceProcess, key: str, business: Business, rows: Rows
) -> None:
    """In no log and in no table of requests; who has the secret finds what was asked by id."""
    odd = 987_654_321.125
    name, row = next(iter(rows.items()))
    first = next(each for each, value in row.items() if isinstance(value, float))
    service.ask("GET", f"/v1/{POPULATION}/customers/{ID}", key)
    service.ask("GET", f"/v1/{POPULATION}/customers/{ID}-nobody", key)
    service.ask("POST", PREDICT, key, json={"customer_id": ID, "features": {**row, first: odd}})
    service.ask("POST", PREDICT, key, json={"customer_id": ID, "features": {first: "PLANTED"}})
    service.ask(
        "POST", PREDICT, key, data=b'{"PLANTED', headers={"Content-Type": "application/json"}
    )
    recorded = business.rows("select row(requests.*)::text from churn.served_requests as requests")
    said = service.said.read_text("utf-8") + "\n".join(row for (row,) in recorded)
    logs = [*business.churn_home.home.rglob("*.log")]
    said += "\n".join(path.read_text("utf-8", "replace") for path in logs)
    mine = business.rows(
        "select count(*) from churn.served_requests, churn.service_secret "
        "where customer_hash = sha256(secret || convert_to(%s, 'UTF8'))",
        ID,
    )

    assert len(recorded) > 5
    assert [] == [
        each for each in (ID, name, key, str(odd), "987654321", "PLANTED") if each in said
    ]
    assert mine[0][0] >= 3
