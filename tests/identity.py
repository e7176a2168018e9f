"""An identity provider on a free port of this machine: it shows public keys, and signs tokens."""

import contextlib
import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from pipelines.domain.access.tokens import TokenPolicy

ISSUER, AUDIENCE = "https://login.example.com/", "churn"
MADE = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=65_537, key_size=2_048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@dataclass
class Provider:
    """
    A provider.

    Attributes:
        url: Where it shows its keys.
        keys: Those it signs with, by name, each with its algorithm.
        shown: Instead of its keys, if anything.
        status: What it answers with.
        asked: How often its keys were asked for.
        seconds: How long it takes to answer.
    """

    url: str = ""
    keys: dict[str, tuple[str, Any]] = field(default_factory=dict)
    shown: bytes | None = None
    status: int = 200
    asked: int = 0
    seconds: float = 0.0

    def add(self, name: str, algorithm: str = "RS256") -> None:
        """Make a key and show it."""
        self.keys[name] = (algorithm, MADE[algorithm]())

    def token(self, name: str, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Return a token signed with a key; a claim that is None is left out."""
        algorithm, key = self.keys[name]

        return jwt.encode(
            payload(**claims), key, algorithm=algorithm, headers={"kid": name, **(header or {})}
        )

    def body(self) -> bytes:
        """Return what it shows."""
        if self.shown is not None:
            return self.shown

        return json.dumps({"keys": [self.key(name) for name in self.keys]}).encode()

    def key(self, name: str) -> dict[str, Any]:
        """Return a public key as it is shown."""
        algorithm, key = self.keys[name]
        shown = json.loads(jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key()))

        return {**shown, "kid": name, "alg": algorithm, "use": "sig"}

    def policy(self, **more: Any) -> TokenPolicy:
        """Return a policy that believes it."""
        return TokenPolicy(**{"issuer": ISSUER, "audience": AUDIENCE, "jwks_url": self.url, **more})


def payload(**claims: Any) -> dict[str, Any]:
    """Return claims that are believed, but for those given; one that is None is left out."""
    now = int(time.time())
    usual = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "call centre",
        "iat": now,
        "exp": now + 300,
        "scope": "openid churn:published:players churn:predict:players",
    }

    return {name: value for name, value in {**usual, **claims}.items() if value is not None}


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider with one key, `first`."""
    found = Provider()
    found.add("first")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked += 1
            time.sleep(found.seconds)
            body = found.body()
            self.send_response(found.status)
            if found.status in {301, 302}:
                self.send_header("Location", f"{found.url}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # type: ignore[override]
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/jwks"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
