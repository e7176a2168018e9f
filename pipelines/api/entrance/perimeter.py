"""Before the door: networks, proxies and hosts requests come through, and pages of browsers."""

from typing import Final

from starlette.responses import Response
from starlette.types import Scope

from pipelines.api.problems import Problem
from pipelines.domain.access.networks import NetworkPolicy

# Whoever runs the process asks these by its address, from where it runs.
HEALTH: Final = ("/health/", "/v2/health/")
# Prometheus asks each process by its address, and from a network that may be bounded.
METRICS: Final = "/metrics"
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}
# A year (RFC 6797): who has come by TLS once comes by nothing else.
STRICT: Final = (b"strict-transport-security", b"max-age=31536000")


def stranger(policy: NetworkPolicy, scope: Scope) -> Problem | None:
    """Return the problem of a request that comes from where none may; None where it may."""
    if _values(scope, b"transfer-encoding") and _values(scope, b"content-length"):
        # A proxy that goes by the other of them takes what follows for another's request (RFC 9112,
        # 6.3).
        return Problem(400, "not-http", "it says its length twice", headers={"Connection": "close"})
    if scope["path"].startswith(HEALTH):
        return None
    if policy.allowed_hosts and scope["path"] != METRICS:
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or not policy.answers_to(hosts[0]):
            return Problem(400, "other-host", "the service is not asked by this name")
    if policy.allowed_networks:
        client = policy.client(_peer(scope), _values(scope, b"x-forwarded-for"))
        if not policy.lets_in(client):
            return Problem(403, "other-network", "requests from this network are not taken")

    return None


def preflight(policy: NetworkPolicy, scope: Scope) -> Response | None:
    """Return the answer to a browser that asks whether a page may ask; None to everybody else."""
    is_asked = scope["method"] == "OPTIONS" and _values(scope, b"access-control-request-method")
    if not is_asked or _origin(policy, scope) is None:
        return None

    return Response(status_code=204, headers=PREFLIGHT)


def headers(policy: NetworkPolicy, scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return what an answer says to browsers: whose page may read it, and to come by TLS."""
    found: list[tuple[bytes, bytes]] = []
    if policy.allowed_origins:
        found.append((b"vary", b"Origin"))
    if (origin := _origin(policy, scope)) is not None:
        found.append((b"access-control-allow-origin", origin.encode("latin-1")))
        found.append((b"access-control-expose-headers", b"Retry-After, X-Request-Id"))
    told = _values(scope, b"x-forwarded-proto") if policy.is_proxy(_peer(scope)) else []
    if scope.get("scheme") == "https" or told == ["https"]:
        found.append(STRICT)

    return found


def _origin(policy: NetworkPolicy, scope: Scope) -> str | None:
    """Return the origin of the page that asks, if it is one that may."""
    shown = _values(scope, b"origin")

    return shown[0] if len(shown) == 1 and shown[0] in policy.allowed_origins else None


def _peer(scope: Scope) -> str | None:
    """Return who is connected to us; None of who has no address."""
    client = scope.get("client")

    return None if client is None else str(client[0])


def _values(scope: Scope, name: bytes) -> list[str]:
    """Return the values of a header, in their order."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
