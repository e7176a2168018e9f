"""Tokens at the door: who is let in by one, for what, how often, and what is told of who is not."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from structlog.testing import capture_logs

from pipelines.adapters.service.identity_provider import IdentityProvider
from pipelines.sections import Service
from tests.identity import Provider, provider
from tests.unit.adapters.service.test_identity_provider import until
from tests.unit.api.service_house import OTHER, POPULATION, ROW, ServiceHouse, model, serving

PREDICT, CUSTOMER = f"/v1/{POPULATION}/predict", f"/v1/{POPULATION}/customers/c0"


@pytest.fixture(scope="module")
def identity() -> Iterator[Provider]:
    """A provider."""
    with provider() as found:
        yield found


@pytest.fixture(scope="module")
def house(identity: Provider) -> Iterator[ServiceHouse]:
    """A service that believes it."""
    policy = identity.policy(requests_an_hour=20)
    house = ServiceHouse(identity=IdentityProvider(policy))
    house.crown(model())
    house.publish(5)
    with serving(house, Service(model_poll_seconds=3600, tokens=policy)):
        until(lambda: house.identity and house.identity.is_usable)
        yield house


def refused(answer: requests.Response) -> tuple[int, str]:
    """Return how a request was refused."""
    assert "application/problem+json" == answer.headers["Content-Type"]

    return answer.status_code, answer.json()["type"].removeprefix("urn:churn:")


def test_a_token_is_for_what_it_grants(house: ServiceHouse, identity: Provider) -> None:
    """Kind of route and population together, and keys go on beside tokens."""
    token = identity.token("first", sub="scopes", scope=f"churn:published:{POPULATION}")

    assert 200 == house.get(CUSTOMER, token).status_code
    assert (403, "out-of-scope") == refused(house.post(PREDICT, token, json={}))
    assert (403, "out-of-scope") == refused(house.get(f"/v1/{OTHER}/customers/c0", token))
    assert (403, "out-of-scope") == refused(house.get("/v1/models", token))
    assert 200 == house.get(CUSTOMER, house.key()).status_code


def test_models_are_told_of_those_populations_a_token_is_for(
    house: ServiceHouse, identity: Provider
) -> None:
    """Not of those it may ask other things about."""
    scope = f"churn:models:{POPULATION} churn:published:{OTHER}"
    told = house.get("/v1/models", identity.token("first", sub="models", scope=scope)).json()

    assert {POPULATION} == {*told["populations"]}


def test_a_token_scores_as_a_key_does(house: ServiceHouse, identity: Provider) -> None:
    """And is written down by the number of its subject."""
    sent = {"json": {"customer_id": "c0", "features": ROW}}
    by_token = house.post(PREDICT, identity.token("first", sub="scores"), **sent)

    assert house.post(PREDICT, house.key(), **sent).json() == by_token.json()
    written = next(
        each for each in house.door.recorded if each.request_id == by_token.headers["X-Request-Id"]
    )
    assert (None, house.door.subjects["scores"]) == (written.api_key_id, written.token_subject_id)


def test_a_subject_has_so_many_requests_an_hour(house: ServiceHouse, identity: Provider) -> None:
    """Whichever of its tokens it shows."""
    answers = [
        house.get(CUSTOMER, identity.token("first", sub="busy", jti=str(n))) for n in range(22)
    ]

    assert [200] * 20 + [429] * 2 == [each.status_code for each in answers]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600


def test_a_token_that_is_not_believed_is_told_so_and_shown_nowhere(
    house: ServiceHouse, identity: Provider
) -> None:
    """Counted by its reason; neither it nor its subject is in a log, an answer or the metrics."""
    recorded = len(house.door.recorded)
    tokens = {
        "token-expired": identity.token("first", sub="s3cret-name", exp=1),
        "no-token": identity.token("first", sub="s3cret-name", aud="billing"),
    }
    with capture_logs() as logs:
        for slug, token in tokens.items():
            answer = house.get(CUSTOMER, token)
            assert (401, slug) == refused(answer)
            assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
            assert not {part for part in token.split(".") if part in answer.text}
    told = house.get("/metrics").text

    assert recorded == len(house.door.recorded)
    assert 'churn_tokens_refused_total{reason="expired"} 1.0' in told
    assert 'churn_tokens_refused_total{reason="claims"} 1.0' in told
    assert "churn_identity_keys_usable 1.0" in told
    assert "s3cret-name" not in json.dumps(logs, default=str) + told
    assert not logs


def test_without_keys_of_the_provider_tokens_wait_and_keys_are_answered() -> None:
    """It is the provider that has to come back; /health/ready says so and is ready all the same."""
    with provider() as found:
        token, policy = found.token("first"), found.policy()
    house = ServiceHouse(identity=IdentityProvider(policy))
    house.crown(model())
    house.publish(5)
    with serving(house, Service(model_poll_seconds=3600, tokens=policy)):
        answer, ready = house.get(CUSTOMER, token), house.get("/health/ready")
        by_key = house.get(CUSTOMER, house.key())
        told = house.get("/metrics").text

    assert (503, "unavailable") == refused(answer)
    assert 0 < int(answer.headers["Retry-After"])
    assert 200 == by_key.status_code == ready.status_code
    assert "does not show its keys" in ready.json()["identity_provider"]
    assert "churn_identity_keys_usable 0.0" in told


def test_where_no_provider_is_named_no_token_is_believed(identity: Provider) -> None:
    """It is as if nothing had been shown."""
    house = ServiceHouse()
    house.crown(model())
    with serving(house):
        answer = house.get(CUSTOMER, identity.token("first"))

    assert (401, "no-key") == refused(answer)


@pytest.mark.parametrize("headers", [2, 0])
def test_two_of_them_are_none(house: ServiceHouse, identity: Provider, headers: int) -> None:
    """Nobody can tell which was meant."""
    host, port = house.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.putrequest("GET", CUSTOMER)
    for _ in range(headers):
        connection.putheader("Authorization", f"Bearer {identity.token('first')}")
    connection.endheaders()
    answer: Any = connection.getresponse()
    assert 401 == answer.status
    connection.close()
