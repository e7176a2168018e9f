"""Networks, proxies, hosts and pages of browsers, as a real server treats them."""

from collections.abc import Iterator

import pytest
import requests

from pipelines.domain.access.networks import NetworkPolicy
from pipelines.sections import Service
from tests.unit.api.service_house import POPULATION, ServiceHouse, model, serving

CUSTOMER = f"/v1/{POPULATION}/customers/c0"
DESK, PAGE = "203.0.113.5", "https://desk.example.com"
POLICY = NetworkPolicy(
    allowed_networks=("203.0.113.0/24",),
    trusted_proxies=("127.0.0.0/8",),
    allowed_hosts=("churn.example.com",),
    allowed_origins=(PAGE,),
)
THROUGH = {"Host": "churn.example.com", "X-Forwarded-For": f"10.9.9.9, {DESK}"}


@pytest.fixture(scope="module")
def house() -> Iterator[ServiceHouse]:
    """A service behind a proxy of this machine."""
    house = ServiceHouse()
    house.crown(model())
    house.publish(5)
    with serving(house, Service(model_poll_seconds=3600, network=POLICY)):
        yield house


def slug(answer: requests.Response) -> tuple[int, str]:
    """Return how a request was refused."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:churn:")


def test_clients_count_by_their_own_address(house: ServiceHouse) -> None:
    """As the proxy says; what a client says itself before is not read."""
    key = house.key()

    assert 200 == house.get(CUSTOMER, key, headers=THROUGH).status_code
    for forwarded in (f"{DESK}, 10.9.9.9", "10.9.9.9", "", f"{DESK},"):
        answer = house.get(CUSTOMER, key, headers={**THROUGH, "X-Forwarded-For": forwarded})
        assert (403, "other-network") == slug(answer)
    without = house.get("/metrics", headers={"Host": "churn.example.com"})
    assert (403, "other-network") == slug(without)


def test_another_name_is_not_answered_to(house: ServiceHouse) -> None:
    """But about health and, from a network that may ask, metrics: they are asked by address."""
    for host in ("evil.example", "churn.example.com.evil.example"):
        answer = house.get(CUSTOMER, house.key(), headers={**THROUGH, "Host": host})
        assert (400, "other-host") == slug(answer)
    assert 200 == house.get("/health/live").status_code == house.get("/health/ready").status_code
    by_address = {**THROUGH, "Host": "10.1.2.3:8500"}
    assert 200 == house.get("/metrics", headers=by_address).status_code


def test_a_page_that_may_is_told_so_and_no_other(house: ServiceHouse) -> None:
    """Exactly its origin, never a star, and never with cookies."""
    key = house.key()
    asked = {**THROUGH, "Access-Control-Request-Method": "POST"}
    answer = house.ask("OPTIONS", CUSTOMER, None, headers={**asked, "Origin": PAGE})
    read = house.get(CUSTOMER, key, headers={**THROUGH, "Origin": PAGE})

    assert (204, PAGE) == (answer.status_code, answer.headers["Access-Control-Allow-Origin"])
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert PAGE == read.headers["Access-Control-Allow-Origin"]
    assert "Origin" == read.headers["Vary"]
    for other in (
        "https://evil.example",
        "null",
        f"{PAGE}.evil.example",
        "http://desk.example.com",
    ):
        headers = {**asked, "Origin": other}
        refused = house.ask("OPTIONS", CUSTOMER, None, headers=headers)
        assert 405 == refused.status_code
        for found in (refused, house.get(CUSTOMER, key, headers={**THROUGH, "Origin": other})):
            assert "Origin" == found.headers["Vary"]
            assert not [name for name in found.headers if name.startswith("Access-Control")]


def test_who_came_by_tls_comes_by_tls_again(house: ServiceHouse) -> None:
    """As the proxy says who ended it."""
    named = "Strict-Transport-Security"
    by_tls = {**THROUGH, "X-Forwarded-Proto": "https"}

    assert named in house.get(CUSTOMER, house.key(), headers=by_tls).headers
    assert named not in house.get(CUSTOMER, house.key(), headers=THROUGH).headers


def test_without_a_proxy_that_is_named_nobody_says_who_they_are() -> None:
    """A header of a client is one of a client."""
    house = ServiceHouse()
    network = NetworkPolicy(allowed_networks=("203.0.113.0/24",))
    with serving(house, Service(model_poll_seconds=3600, network=network)):
        headers = {"X-Forwarded-For": DESK, "X-Forwarded-Proto": "https"}
        answer = house.get("/openapi.json", headers=headers)

    assert (403, "other-network") == slug(answer)
    assert "Strict-Transport-Security" not in answer.headers
