"""Who is refused at the door, and how: hostile, slow, too large, too many; never with a trace."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from pipelines.api import server
from pipelines.domain.access.keys import Admission, KeyShown
from pipelines.domain.serving.published import PublishedCustomer
from pipelines.errors import ArtefactDamaged, RegistryUnavailable
from pipelines.sections import Service
from pipelines.testing.service import MemoryApiKeys, MemoryDoorkeeper
from tests.security.examples import settings
from tests.unit.api.service_house import (
    OTHER,
    POPULATION,
    ROW,
    ServiceHouse,
    model,
    serving,
)

PREDICT, BATCH = f"/v1/{POPULATION}/predict", f"/v1/{POPULATION}/predict/batch"
CUSTOMER = f"/v1/{POPULATION}/customers/c0"
# A token of another kind of service, whose signature is none.
UNSIGNED = ".".join(["eyJhbGciOiJub25lIn0", "e30", ""])
JSON = {"Content-Type": "application/json"}
DOCUMENTED = {200, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 503}


@pytest.fixture(scope="module")
def house() -> Iterator[ServiceHouse]:
    """A service with small bounds."""
    house = ServiceHouse()
    house.crown(model())
    house.publish(20)
    limits = Service(body_megabytes=1, body_seconds=1, batch_rows=100, model_poll_seconds=3600)
    with serving(house, limits):
        yield house


@pytest.fixture(scope="module")
def key(house: ServiceHouse) -> str:
    """A key for everything."""
    return house.key()


def is_problem(answer: requests.Response, status: int, slug: str) -> None:
    """Assert that an answer is a problem as RFC 9457 has it, with every header."""
    assert (status, f"urn:churn:{slug}") == (answer.status_code, answer.json()["type"])
    assert "application/problem+json" == answer.headers["Content-Type"]
    assert status == answer.json()["status"]
    assert answer.json()["instance"].endswith(answer.headers["X-Request-Id"])
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer churn_"},
        {"Authorization": "Basic Y2h1cm46Y2h1cm4="},
        {"Authorization": "Bearer churn_" + "A" * 43},
        {"Authorization": "Bearer churn_" + "A" * 10_000},
        {"Authorization": "Bearer churn_' or 1=1 --" + "A" * 25},
        {"Authorization": b"Bearer churn_\xff" + b"A" * 42},
        {"Authorization": f"Bearer {UNSIGNED}"},
        {"X-Api-Key": "churn_" + "A" * 43},
    ],
)
def test_without_a_key_that_was_made_nobody_is_let_in(house: ServiceHouse, shown: Any) -> None:
    """And is told how to show one; nothing is written down of who is nobody."""
    recorded = len(house.door.recorded)
    for method, path in (("GET", CUSTOMER), ("GET", "/v1/models"), ("POST", PREDICT)):
        answer = house.ask(method, path, None, headers=shown)
        is_problem(answer, 401, "no-key")
        assert 'Bearer realm="churn"' == answer.headers["WWW-Authenticate"]
    assert recorded == len(house.door.recorded)


def test_a_key_is_for_what_it_was_made_for(house: ServiceHouse) -> None:
    """Another kind of route or population is refused before anything else is looked at."""
    desk = house.key(routes=["published"], populations=[POPULATION])

    assert 200 == house.get(CUSTOMER, desk).status_code
    is_problem(house.post(PREDICT, desk, data=b"{", headers=JSON), 403, "out-of-scope")
    is_problem(house.get(f"/v1/{OTHER}/customers/c0", desk), 403, "out-of-scope")
    is_problem(house.get("/v1/models", desk), 403, "out-of-scope")


def test_an_expired_a_revoked_and_a_used_up_key_say_which_they_are(house: ServiceHouse) -> None:
    """Who is over the limit is told when to come again."""
    expired = house.key(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    revoked = house.key()
    house.keys.revoke(house.keys.every()[-1].api_key_id)
    once = house.key(requests_an_hour=1)
    first, second = house.get(CUSTOMER, once), house.get(CUSTOMER, once)

    is_problem(house.get(CUSTOMER, expired), 401, "key-expired")
    is_problem(house.get(CUSTOMER, revoked), 401, "key-revoked")
    assert 200 == first.status_code
    is_problem(second, 429, "over-the-limit")
    assert 0 < int(second.headers["Retry-After"]) <= 3600


def test_every_answer_has_the_headers_of_one_that_is_nobodys_page(
    house: ServiceHouse, key: str
) -> None:
    """No script, frame, cache or other origin has any use for it."""
    for path in ("/health/live", CUSTOMER, "/nothing", PREDICT):
        found = house.get(path, key, headers={"Origin": "https://evil.example"}).headers
        assert "no-store" == found["Cache-Control"]
        assert "nosniff" == found["X-Content-Type-Options"]
        assert "default-src 'none'" in found["Content-Security-Policy"]
        assert not {"Access-Control-Allow-Origin", "Server", "Set-Cookie"} & {*found}


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", (404, "no-route")),
        ("GET", "/docs", (404, "no-route")),
        ("GET", "/v1/models/", (404, "no-route")),
        ("GET", "/v1/../v1/models", (404, "no-route")),
        ("GET", f"/v1/{POPULATION}/customers/", (404, "no-route")),
        ("GET", "/v1/'; drop table churn.scores --/customers/c0", (404, "no-route")),
        ("GET", "/v1/strangers/customers/c0", (404, "no-population")),
        ("GET", PREDICT, (405, "other-method")),
        ("DELETE", CUSTOMER, (405, "other-method")),
        ("POST", "/health/live", (405, "other-method")),
        ("OPTIONS", PREDICT, (405, "other-method")),
    ],
)
def test_what_there_is_not_is_a_problem(
    house: ServiceHouse, key: str, method: str, path: str, expected: tuple[int, str]
) -> None:
    """Of the same kind as every other."""
    prepared = requests.Request(method, house.url, headers={"Authorization": f"Bearer {key}"})
    ready = prepared.prepare()
    ready.url = f"{house.url}{path}".replace(" ", "%20")
    with requests.Session() as session:
        session.trust_env = False
        is_problem(session.send(ready, timeout=60), *expected)


@pytest.mark.parametrize(
    ("body", "expected", "pointers"),
    [
        (b"", (400, "not-json"), []),
        (b"{", (400, "not-json"), []),
        (b'{"features": {"tickets": %s}}' % (b"9" * 5000), (400, "not-json"), []),
        (b"\xff\xfe", (400, "not-json"), []),
        (b"[" * 100_000, (400, "not-json"), []),
        (b'{"features": {"tickets": "\\ud800"}}', (400, "not-json"), []),
        (b"[]", (422, "not-valid"), [""]),
        (b"null", (422, "not-valid"), [""]),
        (b"{}", (422, "not-valid"), ["/features"]),
        (b'{"features": {"tickets": NaN, "is_autopay": true}}', (422, "not-valid"), None),
        (b'{"features": {"tickets": Infinity, "is_autopay": true}}', (422, "not-valid"), None),
        (b'{"features": {"tickets": 1e999, "is_autopay": true}}', (422, "not-valid"), None),
        (b'{"features": {"tickets": 1e39, "is_autopay": true}}', (422, "not-valid"), None),
        (
            b'{"features": {"tickets": %s, "is_autopay": true}}' % (b"9" * 400),
            (422, "not-valid"),
            None,
        ),
        (b'{"features": {"tickets": "2", "is_autopay": true}}', (422, "not-valid"), None),
        (b'{"features": {"tickets": {"$gt": 0}, "is_autopay": true}}', (422, "not-valid"), None),
        (b'{"features": {}, "customer_id": "a\\u0000b"}', (422, "not-valid"), ["/customer_id"]),
        (b'{"features": {}, "customer_id": 7}', (422, "not-valid"), ["/customer_id"]),
        (b'{"features": {}, "admin": true}', (422, "not-valid"), ["/admin"]),
    ],
)
def test_a_body_that_is_none_is_refused_with_field_and_fault(
    house: ServiceHouse,
    key: str,
    body: bytes,
    expected: tuple[int, str],
    pointers: list[str] | None,
) -> None:
    """And never with what it held."""
    answer = house.post(PREDICT, key, data=body, headers=JSON)
    wanted = ["/features/tickets"] if pointers is None else pointers

    is_problem(answer, *expected)
    assert wanted == [each["pointer"] for each in answer.json().get("errors", [])]


def test_a_body_is_json_and_not_too_large(house: ServiceHouse, key: str) -> None:
    """Also one whose length is not said before, and a batch of too many rows."""
    large = b" " * 1_000_001

    is_problem(house.post(PREDICT, key, data=b"features=1"), 415, "not-json")
    is_problem(house.post(PREDICT, key, data=large, headers=JSON), 413, "too-large")
    is_problem(house.post(PREDICT, key, data=iter([large]), headers=JSON), 413, "too-large")
    for rows in ([], [{"features": ROW}] * 101):
        is_problem(house.post(BATCH, key, json={"rows": rows}), 422, "not-valid")
    assert 200 == house.post(BATCH, key, json={"rows": [{"features": ROW}] * 100}).status_code


def test_many_faults_are_counted_and_not_all_named(house: ServiceHouse, key: str) -> None:
    """A hostile body gets no larger answer than it is worth."""
    features = {f"{number}{'x' * 190}": 1 for number in range(2000)}
    answer = house.post(PREDICT, key, json={"features": features})

    assert (50, 2002) == (len(answer.json()["errors"]), answer.json()["errors_in_all"])
    assert len(answer.content) < 20_000


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
bodies = st.one_of(
    anything,
    st.fixed_dictionaries(
        {"features": st.dictionaries(st.sampled_from([*ROW, "other"]), anything)},
        optional={"customer_id": anything, "rows": anything},
    ),
    st.fixed_dictionaries({"rows": st.lists(st.fixed_dictionaries({"features": anything}))}),
)


@settings()
@given(st.one_of(bodies.map(lambda sent: json.dumps(sent).encode()), st.binary()))
def test_whatever_is_sent_is_answered_as_the_document_says(sent: bytes) -> None:
    """With a status it names, JSON, and no word of what happened inside."""
    house, key = HOUSE
    for path in (PREDICT, BATCH):
        answer = house.post(path, key, data=sent, headers=JSON)
        assert answer.status_code in DOCUMENTED
        assert isinstance(answer.json(), dict)
        assert "Traceback" not in answer.text


@settings()
@given(st.text(min_size=1), st.sampled_from(["", "/now", "/%00", "?x=1", "#"]))
def test_whoever_is_asked_for_is_answered_as_the_document_says(name: str, rest: str) -> None:
    """Ids are whatever a business calls its customers."""
    house, key = HOUSE
    written = requests.utils.quote(name, safe="")

    assert house.get(f"/v1/{POPULATION}/customers/{written}{rest}", key).status_code in {200, 404}


@pytest.fixture(autouse=True)
def _the_house_of_properties(house: ServiceHouse, key: str) -> None:
    """Hypothesis draws arguments; the service is the same for all of them."""
    global HOUSE  # noqa: PLW0603
    HOUSE = (house, key)


HOUSE: tuple[ServiceHouse, str]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("c0/now", ("now", "c0")),
        ("c0%2Fnow", ("customer", "c0/now")),
        ("c0%2fnow/now", ("now", "c0/now")),
        ("c0/now/now", ("now", "c0/now")),
        ("%63%30", ("customer", "c0")),
        ("%252F", ("customer", "%2F")),
        ("%F0%9F%98%80", ("customer", "\N{GRINNING FACE}")),
    ],
)
def test_a_slash_of_an_id_is_none_of_the_path(
    house: ServiceHouse, key: str, path: str, expected: tuple[str, str]
) -> None:
    """Else `c0/now`, if somebody is called so, was answered with what is of `c0` now."""
    house.get(f"/v1/{POPULATION}/customers/{path}", key)
    written = house.door.recorded[-1]

    assert expected == (written.route, written.customer_id)


@pytest.mark.parametrize(
    "told",
    [
        f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\n"
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /health/live HTTP/1.1\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "\x16\x03\x01",
        f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n",
    ],
)
def test_what_is_no_http_is_refused_as_everything_else_and_nothing_after_it_is_read(
    house: ServiceHouse, told: str
) -> None:
    """Nor what a proxy that reads it otherwise would take for the request of somebody else."""
    answer = spoken(house, told.encode("latin-1"), b"")
    head, _, body = answer.partition(b"\r\n\r\n")
    problem = json.loads(body)

    assert 1 == answer.count(b"HTTP/1.1 ")
    assert head.startswith((b"HTTP/1.1 400", b"HTTP/1.1 401"))
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head.lower()
    assert problem["type"] in {"urn:churn:not-http", "urn:churn:no-key"}


def test_whoever_was_answered_does_not_send_for_ever(
    house: ServiceHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that never ends, of somebody who is not let in."""
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.5)
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    told = spoken(house, head.encode(), b"1\r\n \r\n")

    assert told.startswith(b"HTTP/1.1 401")


def test_a_client_that_sends_slowly_is_left(
    house: ServiceHouse, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that does not come is told so; headers that do not come end the connection."""
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.5)
    head = (
        f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    )
    told = spoken(house, head.encode(), b" ")
    silent = spoken(house, b"", b"")
    dripped = spoken(house, b"GET / HTTP/1.1\r\n", b"a")

    assert told.startswith(b"HTTP/1.1 408")
    assert b"Traceback" not in told
    assert b"" == silent
    assert b"" == dripped
    assert 200 == house.get("/health/live").status_code


def spoken(house: ServiceHouse, first: bytes, then: bytes) -> bytes:
    """Return what the service says to a client that sends bit by bit, until it ends that."""
    host, _, port = house.url.removeprefix("http://").partition(":")
    until, found = time.monotonic() + 60, b""
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(first)
        connection.settimeout(0.1)
        while time.monotonic() < until:
            # What it has said is read though it takes nothing more.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(then)
            try:
                received = connection.recv(65_536)
            except TimeoutError:
                continue
            except ConnectionResetError:
                return found
            if not received:
                return found
            found += received
    pytest.fail("the service never ended the connection")


class SlowLists:
    """Lists that are read when the test says so."""

    def __init__(self) -> None:
        self.is_open = threading.Event()

    async def customers(
        self,
        population: str,  # noqa: ARG002  it is the port's
        customer_ids: Sequence[str],
        *,
        lists: int,  # noqa: ARG002
    ) -> list[PublishedCustomer | None]:
        """Wait."""
        while not self.is_open.is_set():
            await asyncio.sleep(0.01)
        return [None] * len(customer_ids)

    async def answers(self) -> bool:
        """Tell that they can be read."""
        return True


class SlowDoor(MemoryDoorkeeper):
    """A door that opens when the test says so, and keeps how many it was asked about at once."""

    def __init__(self, keys: MemoryApiKeys) -> None:
        super().__init__(keys)
        self.is_open, self.asked = threading.Event(), list[int]()

    async def admit(self, shown: Sequence[KeyShown]) -> list[Admission]:
        """Wait, and say then who may come in."""
        self.asked.append(len(shown))
        while not self.is_open.is_set():
            await asyncio.sleep(0.01)
        return await super().admit(shown)


def test_those_who_come_while_others_are_let_in_are_let_in_together() -> None:
    """By one statement after theirs, each by their own key: some are unknown, some too many."""
    house = ServiceHouse()
    house.door = door = SlowDoor(house.keys)
    house.crown(model())
    house.publish(5)
    with serving(house), ThreadPoolExecutor(32) as pool:
        keys = [house.key(), house.key(requests_an_hour=4), f"churn_{'A' * 43}"]
        first = pool.submit(house.get, CUSTOMER, keys[0])
        while door.asked != [1]:
            time.sleep(0.01)
        waiting = [pool.submit(house.get, CUSTOMER, keys[number % 3]) for number in range(21)]
        while len(house.parts.admitted) != 21:
            time.sleep(0.01)
        door.is_open.set()
        found = [each.result(60).status_code for each in waiting]
        alone = first.result(60).status_code

    assert [1, 21] == door.asked
    assert 200 == alone
    assert [200] * 7 == found[0::3]
    assert [200] * 4 + [429] * 3 == sorted(found[1::3])
    assert [401] * 7 == found[2::3]


def test_too_many_at_once_are_told_to_come_again_and_live_stays_live() -> None:
    """Who was let in is answered; nobody else's request is begun."""
    house, lists = ServiceHouse(), SlowLists()
    limits = Service(waiting_requests=3, model_poll_seconds=3600)
    with serving(house, limits, lists), ThreadPoolExecutor(8) as pool:
        key = house.key()
        waiting = [pool.submit(house.get, CUSTOMER, key) for _ in range(3)]
        while "in_progress 3.0" not in house.get("/metrics").text:
            time.sleep(0.01)
        refused = [house.get(CUSTOMER, key) for _ in range(5)]
        health = [house.get(f"/health/{name}").status_code for name in ("live", "ready")]
        lists.is_open.set()
        answered = [each.result(30).status_code for each in waiting]

    for answer in refused:
        is_problem(answer, 503, "overloaded")
        assert "2" == answer.headers["Retry-After"]
    assert [200, 200] == health
    assert [404] * 3 == answered
    assert 3 == len(house.door.recorded)


def test_what_takes_too_long_is_given_up() -> None:
    """With 503, and the place of the request is free again."""
    house, lists = ServiceHouse(), SlowLists()
    with serving(house, Service(request_seconds=1, waiting_requests=1), lists):
        key = house.key()
        answers = [house.get(CUSTOMER, key) for _ in range(2)]

    for answer in answers:
        is_problem(answer, 503, "too-slow")


def test_without_the_database_nothing_is_answered_and_the_process_lives(
    house: ServiceHouse, key: str
) -> None:
    """No answer goes out that could not be written down."""
    house.door.is_down = True
    try:
        answer = house.get(CUSTOMER, key)
        is_problem(answer, 503, "unavailable")
        assert "Retry-After" in answer.headers
        assert 200 == house.get("/health/live").status_code
    finally:
        house.door.is_down = False
    assert 200 == house.get(CUSTOMER, key).status_code


def test_a_bug_is_an_answer_without_a_word_of_it(
    house: ServiceHouse, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log has its kind and place under the request, and not what it said."""

    async def broken(*_: object, **__: object) -> None:
        raise ValueError("PLANTED-4711 of c0")

    monkeypatch.setattr(house.parts.asked.lists.__class__, "customers", broken)
    with capture_logs() as logs:
        answer = house.get(CUSTOMER, key)

    is_problem(answer, 500, "bug")
    (entry,) = [each for each in logs if each["event"] == "request_failed"]
    assert ("ValueError", answer.headers["X-Request-Id"]) == (entry["kind"], entry["request_id"])
    assert "PLANTED" not in str(logs) + answer.text


def test_every_request_of_a_key_is_written_down(house: ServiceHouse) -> None:
    """With how it ended and what it was about; a batch has its rows and no customer."""
    key = house.key(populations=[POPULATION])
    number = house.keys.every()[-1].api_key_id
    house.get(CUSTOMER, key)
    house.get(CUSTOMER + "-none", key)
    house.post(PREDICT, key, json={"customer_id": "c7", "features": ROW})
    house.post(PREDICT, key, json={"customer_id": "c7", "features": {}})
    house.post(BATCH, key, json={"rows": [{"customer_id": "c7", "features": ROW}] * 3})
    house.get(f"/v1/{OTHER}/customers/c0", key)
    found = [each for each in house.door.recorded if each.api_key_id == number]

    assert [
        ("customer", POPULATION, 200, 1, 1, "c0"),
        ("customer", POPULATION, 404, None, 1, "c0-none"),
        ("predict", POPULATION, 200, 1, 1, "c7"),
        ("predict", POPULATION, 422, 1, 1, "c7"),
        ("predict_batch", POPULATION, 200, 1, 3, None),
        ("customer", OTHER, 403, None, None, None),
    ] == [
        (
            *(each.route, each.population, each.status),
            each.model_version,
            each.rows,
            each.customer_id,
        )
        for each in found
    ]


def test_a_champion_that_is_not_right_leaves_the_one_before_on() -> None:
    """Readiness and log tell it, once; what the fault said stays in the log."""
    house = ServiceHouse()
    house.crown(model())
    with serving(house):
        key = house.key()
        for error in (
            ArtefactDamaged("of /var/secret", next_step=""),
            RegistryUnavailable("MLflow is down", next_step=""),
        ):
            house.faults[POPULATION] = error
            with capture_logs() as logs:
                house.parts.models.refresh()
                house.parts.models.refresh()
            ready = house.get("/health/ready")
            found = ready.json()["populations"][POPULATION]

            assert 200 == ready.status_code
            assert (1, type(error).__name__) == (found["version"], found["fault"])
            assert "/var/secret" not in ready.text
            assert ["model_refused"] == [each["event"] for each in logs]
            assert 200 == house.post(PREDICT, key, json={"features": ROW}).status_code
            assert "churn_model_refused" in house.get("/metrics").text
        house.faults.clear()
        house.crown(model(size=2.0))
        house.parts.models.refresh()

        assert 2 == house.post(PREDICT, key, json={"features": ROW}).json()["model"]["version"]
        assert house.get("/health/ready").json()["populations"][POPULATION]["fault"] is None


def test_without_any_model_the_service_is_not_ready() -> None:
    """Published scores are answered nevertheless."""
    house = ServiceHouse()
    house.crown(model())
    house.publish(5)
    house.faults[POPULATION] = RegistryUnavailable("MLflow is down", next_step="")
    with serving(house):
        key = house.key()
        ready = house.get("/health/ready")

        assert (503, "not ready") == (ready.status_code, ready.json()["status"])
        assert 200 == house.get(CUSTOMER, key).status_code
        is_problem(house.post(PREDICT, key, json={"features": ROW}), 503, "no-model")
