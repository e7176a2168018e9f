"""
MLflow's server behind a login: nobody without it reads or changes anything.

MLflow's own accounts need more packages and a database, and guard route by route; here everything
but the answer "I am alive" is behind one password, which the environment holds. MLflow finds this
module by its entry point `mlflow.app`, and uvicorn calls `create_app`.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

USER = "churn"
PASSWORD = "CHURN_MLFLOW_PASSWORD"  # noqa: S105  the variable's name
ALIVE = "/health"
REFUSAL = b"log in as churn; `churn status` says where the password is\n"

# Of ASGI 3.
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def create_app() -> App:
    """
    Return MLflow's server behind the login.

    Raises:
        RuntimeError: There is no password, or one that could be guessed.
    """
    password = os.environ.get(PASSWORD, "")
    if len(password) < 16:
        raise RuntimeError(f"{PASSWORD} is not set to a password of at least 16 characters")
    # Seconds, and only in its process.
    from mlflow.server.fastapi_app import app  # noqa: PLC0415

    from pipelines.adapters.local import mlflow_artifacts  # noqa: PLC0415

    mlflow_artifacts.confine()

    return behind_login(app, f"{USER}:{password}")


def behind_login(app: App, login: str, *, realm: str = "MLflow") -> App:
    """Return *app* for those whose requests carry *login*, `user:password`, as HTTP Basic."""
    challenge = f'Basic realm="{realm}", charset="UTF-8"'.encode()

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 401; a socket that would stay open is closed."""
        is_free = scope["type"] == "lifespan" or (
            scope["type"] == "http" and scope["path"] == ALIVE
        )
        if is_free or _is_login(scope, login):
            await app(scope, receive, send)
        elif scope["type"] == "http":
            headers = [
                (b"www-authenticate", challenge),
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(REFUSAL)).encode()),
            ]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": REFUSAL})
        else:
            await send({"type": "websocket.close", "code": 1008})

    return guarded


def _is_login(scope: Scope, login: str) -> bool:
    """Tell whether the one Authorization header of a request is *login*, in constant time."""
    given = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
    if len(given) != 1:
        return False
    scheme, _, encoded = given[0].partition(b" ")
    try:
        told = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False

    return scheme.lower() == b"basic" and hmac.compare_digest(told, login.encode())
