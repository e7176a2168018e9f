"""Which files the pages' server hands out, to whom, and which it never does."""

import asyncio
import base64
import os
from pathlib import Path
from typing import Any

import pytest

from pipelines.adapters.local.pages.app import FOLDERS, PASSWORD, USER, create_app

SECRET = "a-password-of-a-test"
LOGIN = base64.b64encode(f"{USER}:{SECRET}".encode())
PAGE = "/reports/subscribers-latest.html"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with pages, and secrets beside them; the server's environment names it."""
    for name, text in {
        "reports/subscribers-latest.html": "<p>the page</p>",
        "reports/subscribers-2026-03-01.partial": "half of a page",
        "data_docs/subscribers/2026-03-01/sources/index.html": "<p>a gate</p>",
        "pages/password": SECRET,
        "reports-of-others/page.html": "no page of ours",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "reports" / "password.html").symlink_to(tmp_path / "pages" / "password")
    (tmp_path / "reports" / "loop.html").symlink_to(tmp_path / "reports" / "loop.html")
    folders = (str(tmp_path / name) for name in ("reports", "data_docs"))
    monkeypatch.setenv(FOLDERS, os.pathsep.join(folders))
    monkeypatch.setenv(PASSWORD, SECRET)

    return tmp_path


def asked(path: str, *, login: bytes | None = LOGIN, method: str = "GET") -> tuple[int, bytes, Any]:
    """Return status, body and headers of an answer."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        """Have nothing to say."""
        return {}

    async def send(message: Any) -> None:
        """Remember."""
        sent.append(message)

    headers = [] if login is None else [(b"authorization", b"Basic " + login)]
    scope = {"type": "http", "path": path, "headers": headers, "method": method}
    asyncio.run(create_app()(scope, receive, send))

    return sent[0]["status"], sent[1]["body"], dict(sent[0]["headers"])


def test_whoever_has_the_login_reads_pages_of_nights_and_of_gates(home: Path) -> None:
    """As HTML that nothing else may frame, keep, or run from elsewhere."""
    status, body, headers = asked(PAGE)
    gate = asked("/data_docs/subscribers/2026-03-01/sources/index.html")

    assert (200, b"<p>the page</p>") == (status, body)
    assert b"text/html; charset=utf-8" == headers[b"content-type"]
    assert b"no-store" == headers[b"cache-control"]
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'; ")
    assert (200, b"<p>a gate</p>") == gate[:2]
    assert (200, b"") == asked(PAGE, method="HEAD")[:2]


@pytest.mark.parametrize(
    "login", [None, b"", b"!", base64.b64encode(b"churn:"), base64.b64encode(b"churn:guessed")]
)
def test_nobody_else_reads_anything(home: Path, login: bytes | None) -> None:
    """Neither a page nor whether there is one; that the server lives is no secret."""
    for path in (PAGE, "/reports/none.html", "/"):
        assert 401 == asked(path, login=login)[0]
    assert (200, b"OK\n") == asked("/health", login=login)[:2]


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/reports", "/reports/", "/data_docs/subscribers", "/reports/none.html"),
        *("/pages/password", "/reports/../pages/password", "/reports/%2e%2e/pages/password"),
        *("/reports/..%2fpages%2fpassword", "//pages/password", "/reports//etc/passwd"),
        *("/reports/password.html", "/reports/loop.html", "/reports-of-others/page.html"),
        *("/reports/subscribers-2026-03-01.partial", "/reports/\0", f"/reports/{'x' * 5000}"),
        "/reports/../reports-of-others/page.html",
    ],
)
def test_what_is_no_page_is_not_there(home: Path, path: str) -> None:
    """No folder is listed, no link is followed out, and no other file of the state is read."""
    assert (404, b"there is no such page\n") == asked(path)[:2]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_changed(home: Path, method: str) -> None:
    """The server reads, and that is all."""
    assert 405 == asked(PAGE, method=method)[0]


@pytest.mark.parametrize("password", ["", "too short"])
def test_it_does_not_start_without_a_password(
    home: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """Nor with one that could be guessed."""
    monkeypatch.setenv(PASSWORD, password)
    with pytest.raises(RuntimeError, match=PASSWORD):
        create_app()
