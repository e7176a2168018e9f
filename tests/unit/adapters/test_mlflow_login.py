"""Who passes the login in front of MLflow, and who does not."""

import asyncio
import base64
from typing import Any

import pytest

from pipelines.adapters.local.mlflow_artifacts import ROOT, confine
from pipelines.adapters.local.mlflow_login import (
    PASSWORD,
    Receive,
    Scope,
    Send,
    behind_login,
    create_app,
)

LOGIN = "churn:p:ass wörd"


def basic(login: str | bytes, scheme: str = "Basic") -> tuple[bytes, bytes]:
    """Return a header with a login."""
    encoded = base64.b64encode(login.encode() if isinstance(login, str) else login)

    return b"authorization", f"{scheme} ".encode() + encoded


def asked(*headers: tuple[bytes, bytes], kind: str = "http", path: str = "/api") -> Any:
    """Return what the server did: `let in`, or what it sent."""
    sent: list[Any] = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        """Be MLflow."""
        sent.append("let in")

    async def receive() -> dict[str, Any]:
        """Have nothing to say."""
        return {}

    async def send(message: Any) -> None:
        """Remember."""
        sent.append(message)

    scope = {"type": kind, "path": path, "headers": list(headers)}
    asyncio.run(behind_login(app, LOGIN)(scope, receive, send))

    return sent[0]


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_the_login_is_let_in(scheme: str, kind: str) -> None:
    """Schemes have no case (RFC 7617)."""
    assert "let in" == asked(basic(LOGIN, scheme), kind=kind)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [basic("churn:")],
        [basic("")],
        [basic(LOGIN + " ")],
        [basic(LOGIN, "Bearer")],
        [basic(LOGIN.encode("latin-1"))],
        [(b"authorization", b"Basic " + LOGIN.encode())],
        [(b"authorization", b"Basic")],
        [(b"authorization", b"Basic !!!!")],
        [basic(LOGIN), basic(LOGIN)],
        [(b"proxy-authorization", basic(LOGIN)[1])],
    ],
)
def test_whoever_else_is_not(headers: list[tuple[bytes, bytes]]) -> None:
    """No login, another, one that cannot be read, and two of which a proxy might have read one."""
    assert 401 == asked(*headers)["status"]
    assert {"type": "websocket.close", "code": 1008} == asked(*headers, kind="websocket")


def test_only_that_it_lives_is_public() -> None:
    """And only as a page."""
    assert "let in" == asked(path="/health")
    assert 401 == asked(path="/health/")["status"]
    assert {"type": "websocket.close", "code": 1008} == asked(path="/health", kind="websocket")
    assert "let in" == asked(kind="lifespan")


@pytest.mark.parametrize("password", [None, "", "guessable"])
def test_there_is_no_server_without_a_password(
    monkeypatch: pytest.MonkeyPatch, password: str | None
) -> None:
    """It does not start, rather than start open."""
    monkeypatch.delenv(PASSWORD, raising=False)
    if password is not None:
        monkeypatch.setenv(PASSWORD, password)
    with pytest.raises(RuntimeError, match=PASSWORD):
        create_app()


@pytest.mark.parametrize("root", [None, "", "s3://bucket/artefacts", "mlflow-artifacts:/"])
def test_there_is_no_server_without_a_folder_of_artefacts(
    monkeypatch: pytest.MonkeyPatch, root: str | None
) -> None:
    """What it hands out lies in one folder of this machine, or it does not start."""
    monkeypatch.delenv(ROOT, raising=False)
    if root is not None:
        monkeypatch.setenv(ROOT, root)
    with pytest.raises(RuntimeError, match=ROOT):
        confine()
