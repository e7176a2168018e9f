"""Which tokens are believed, of a real provider on this machine: forged, stale and foreign ones."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from structlog.testing import capture_logs

from pipelines.adapters.service.identity_provider import IdentityProvider
from pipelines.domain.access.tokens import TokenRefused
from pipelines.errors import ServiceFailed
from tests.identity import Provider, payload, provider


@pytest.fixture(scope="module")
def shared() -> Iterator[Provider]:
    """A provider for the tests that leave it as it was."""
    with provider() as found:
        yield found


def believing(found: Provider, **more: Any) -> IdentityProvider:
    """Return what believes a provider, with its keys fetched."""
    made = IdentityProvider(found.policy(**more))
    made.refresh()

    return made


def reason(identity: IdentityProvider, token: str) -> str:
    """Return why a token is refused."""
    with pytest.raises(TokenRefused) as refused:
        identity.caller(token)
    assert token not in str(refused.value)

    return refused.value.reason


def encoded(part: object) -> str:
    """Return a part of a token."""
    written = part if isinstance(part, bytes) else json.dumps(part).encode()

    return base64.urlsafe_b64encode(written).decode().rstrip("=")


def test_a_token_says_who_asks_and_what_for(shared: Provider) -> None:
    """Grants for other services are none here, and one for every population is one for each."""
    identity = believing(shared)
    caller = identity.caller(
        shared.token("first", scope="openid other:predict:x churn:predict:players churn:models:*")
    )

    assert "call centre" == caller.subject
    assert {("predict", "players"), ("models", "*")} == caller.grants
    listed = shared.token("first", scope=["churn:*:players", "churn:nothing:x", 7])
    assert {("*", "players")} == identity.caller(listed).grants
    assert identity.caller(shared.token("first", scope=7)).grants == frozenset()


def test_grants_may_be_in_another_claim(shared: Provider) -> None:
    """Providers call it roles, permissions or scp."""
    identity = believing(shared, grants_claim="roles")

    assert not identity.caller(shared.token("first")).grants
    token = shared.token("first", roles=["churn:predict:players"])
    assert {("predict", "players")} == identity.caller(token).grants


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"iss": "https://login.example.com"}, "claims"),
        ({"iss": "https://login.example.com/evil"}, "claims"),
        ({"aud": "billing"}, "claims"),
        ({"aud": ["billing", "churn-test"]}, "claims"),
        ({"aud": "chur"}, "claims"),
        ({"exp": -31}, "expired"),
        ({"nbf": 600}, "not_yet"),
        ({"iat": 600, "exp": 900}, "not_yet"),
        ({"exp": 90_000}, "claims"),
        ({"exp": "soon"}, "malformed"),
        ({"exp": float("inf")}, "malformed"),
        ({"sub": ""}, "claims"),
        ({"sub": "a\nb"}, "claims"),
        ({"sub": "a" * 201}, "claims"),
        ({"sub": 7}, "malformed"),
        *[({name: None}, "claims") for name in ("iss", "aud", "exp", "iat", "sub")],
    ],
)
def test_claims_have_to_be_ours(shared: Provider, claims: dict[str, Any], expected: str) -> None:
    """Issuer and audience letter by letter, times with a small leeway, and none of it left out."""
    now = int(time.time())
    told = {
        name: now + value if name in {"exp", "iat", "nbf"} and isinstance(value, int) else value
        for name, value in claims.items()
    }

    assert expected == reason(believing(shared), shared.token("first", **told))


def test_clocks_may_differ_a_little(shared: Provider) -> None:
    """By the leeway, and several audiences may be meant."""
    token = shared.token("first", exp=int(time.time()) - 20, aud=["billing", "churn"])

    assert believing(shared).caller(token).subject


def test_a_token_without_a_signature_is_refused(shared: Provider) -> None:
    """However it writes that it has none."""
    identity = believing(shared)
    for name in ("none", "None", "NONE", "nOnE", "", None, 7, ["RS256"]):
        header = encoded({"alg": name, "kid": "first", "typ": "JWT"})
        for signature in ("", encoded(b"x")):
            token = f"{header}.{encoded(payload())}.{signature}"
            assert reason(identity, token) in {"algorithm", "malformed"}


def test_a_public_key_is_no_secret_to_sign_with(shared: Provider) -> None:
    """HS256 by the bytes of the key that everybody is shown, as PEM, DER and JSON."""
    identity = believing(shared)
    public = shared.keys["first"][1].public_key()
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    secrets = [
        public.public_bytes(serialization.Encoding.PEM, kind),
        public.public_bytes(serialization.Encoding.DER, kind),
        json.dumps(shared.key("first")).encode(),
    ]
    for algorithm, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
        for secret in secrets:
            said = f"{encoded({'alg': algorithm, 'kid': 'first'})}.{encoded(payload())}"
            signature = hmac.new(secret, said.encode(), digest).digest()
            assert "algorithm" == reason(identity, f"{said}.{encoded(signature)}")


def test_a_forged_token_is_refused(shared: Provider) -> None:
    """Signed by somebody else, changed after it was signed, or bringing its own key along."""
    identity = believing(shared)
    other = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    theirs = jwt.encode(payload(), other, algorithm="RS256", headers={"kid": "first"})
    head, _, signature = shared.token("first").split(".")
    changed = f"{head}.{encoded(payload(sub='owner'))}.{signature}"
    own = json.loads(jwt.get_algorithm_by_name("RS256").to_jwk(other.public_key()))
    brought = jwt.encode(
        payload(),
        other,
        algorithm="RS256",
        headers={"kid": "first", "jwk": own, "jku": "http://127.0.0.1:9/keys"},
    )

    assert ["signature"] * 3 == [reason(identity, token) for token in (theirs, changed, brought)]


@pytest.mark.parametrize(
    "token",
    [
        "a.b.c",
        "..",
        "e30.e30.e30",
        "\x00.\x00.\x00",
        "é.é.é",
        f"{encoded([1])}.{encoded({})}.",
        f"{encoded(b'{' * 5000)}.e30.",
        "a" * 9_000,
    ],
)
def test_what_is_no_token_is_refused(shared: Provider, token: str) -> None:
    """And no exception of a library escapes."""
    assert reason(believing(shared), token) in {"malformed", "algorithm"}


def test_an_algorithm_has_to_be_one_that_is_named_and_that_the_key_is_for() -> None:
    """A key of RSA made for RS256 is for nothing else; a curve belongs to one algorithm."""
    with provider() as found:
        for algorithm in ("ES256", "ES384", "EdDSA"):
            found.add(algorithm, algorithm)
        usual, every = believing(found), believing(found, algorithms=("ES256", "ES384", "EdDSA"))

        assert usual.caller(found.token("ES256")).subject
        assert ["algorithm"] * 2 == [
            reason(usual, found.token(name)) for name in ("ES384", "EdDSA")
        ]
        for name in ("ES256", "ES384", "EdDSA"):
            assert every.caller(found.token(name)).subject
        assert "algorithm" == reason(every, found.token("ES384", header={"kid": "ES256"}))
        assert "algorithm" == reason(every, found.token("first"))


def test_secret_short_and_foreign_keys_are_never_believed() -> None:
    """Whatever a provider shows beside its keys."""
    with provider() as found:
        good = found.key("first")
        weak = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)
        short = json.loads(jwt.get_algorithm_by_name("RS256").to_jwk(weak.public_key()))
        secret = json.loads(jwt.get_algorithm_by_name("RS256").to_jwk(found.keys["first"][1]))
        shown = [
            good,
            {"kty": "oct", "k": encoded(b"secret"), "kid": "oct", "alg": "HS256"},
            {**short, "kid": "short"},
            {**secret, "kid": "secret"},
            {**good, "kid": "enc", "use": "enc"},
            {**good, "kid": None},
            {"kty": "RSA", "kid": "broken", "n": "AQAB"},
            "no key",
        ]
        found.shown = json.dumps({"keys": shown}).encode()
        identity = believing(found)

        assert {"first"} == {*identity._keys}


def test_keys_may_change_while_requests_come() -> None:
    """A new key is known moments after its first token; one that is gone is believed no more."""
    with provider() as found:
        identity = IdentityProvider(found.policy(refresh_seconds=3600), soonest_seconds=0.05)
        identity.start()
        try:
            until(lambda: identity.is_usable)
            found.add("second")
            first = found.token("first")
            del found.keys["first"]
            assert identity.caller(first).subject
            assert "unknown" == reason(identity, found.token("second"))
            until(lambda: _is_believed(identity, found.token("second")))
            assert "unknown" == reason(identity, first)
        finally:
            identity.stop()


def test_made_up_keys_do_not_have_the_provider_asked_each_time() -> None:
    """However many unknown keys are shown, it is asked once in so many seconds."""
    with provider() as found:
        identity = IdentityProvider(found.policy(), soonest_seconds=0.4)
        identity.start()
        try:
            until(lambda: identity.is_usable)
            began, asked = time.monotonic(), found.asked
            while time.monotonic() - began < 1.0:
                reason(identity, found.token("first", header={"kid": "made up"}))
            assert asked < found.asked <= asked + 3
        finally:
            identity.stop()


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (500, None),
        (302, None),
        (200, b""),
        (200, b"<html>"),
        (200, b'{"keys": []}'),
        (200, b'{"keys": 7}'),
        (200, b"[]"),
        (200, b'{"keys": [' + b"[" * 100_000),
        (200, b" " * 1_000_001),
    ],
)
def test_an_outage_of_the_provider_is_survived(status: int, shown: bytes | None) -> None:
    """The keys it showed before are believed meanwhile; the log says so once, and when it ends."""
    with provider() as found:
        identity = believing(found)
        found.status, found.shown = status, shown
        with capture_logs() as logs:
            identity.refresh()
            identity.refresh()
            assert identity.caller(found.token("first")).subject
            found.status, found.shown = 200, None
            identity.refresh()

        assert ["identity_provider_unavailable", "identity_provider_back"] == [
            entry["event"] for entry in logs
        ]


def test_a_provider_that_is_gone_for_long_is_believed_no_more() -> None:
    """Nor is one that never was there: that is no fault of who asks."""
    with provider() as found:
        identity = believing(found, keep_seconds=1)
        token = found.token("first")
        never = IdentityProvider(found.policy(jwks_url="http://127.0.0.1:9/keys"))
    never.refresh()
    time.sleep(1.05)

    for each in (identity, never):
        assert not each.is_usable
        with pytest.raises(ServiceFailed, match="identity provider"):
            each.caller(token)


def _is_believed(identity: IdentityProvider, token: str) -> bool:
    """Tell whether a token is believed."""
    try:
        return bool(identity.caller(token).subject)
    except TokenRefused:
        return False


def until(is_so: Any) -> None:
    """Wait until something is so."""
    latest = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < latest
        time.sleep(0.01)
