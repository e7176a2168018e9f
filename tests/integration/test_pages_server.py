"""The server of pages as a process: started, asked by whoever has the login and who has not."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from pipelines import settings
from pipelines.adapters.local import addresses, processes, servers
from pipelines.adapters.local.pages import server
from pipelines.wiring import servers as wired_servers
from pipelines.wiring.installation import Installation

NEWEST = "/reports/subscribers-latest.html"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder with one page, which a process serves."""
    home = tmp_path_factory.mktemp("pages_server")
    (home / "reports").mkdir()
    (home / "reports" / "subscribers-latest.html").write_text("<p>a page</p>", "utf-8")
    with processes.exclusive(home / "run"):
        ports = addresses.ports(home / "run")
        service = server.service(home=home, port=ports["pages"], environment=dict(os.environ))
        processes.start(service, home / "run", home / "logs")
    try:
        while not answers(home, "/health", None):
            processes.check(service, home / "run", home / "logs")
            time.sleep(0.1)
        yield home
    finally:
        assert ["pages"] == servers.down(home=home)


def answers(home: Path, path: str, password: str | None) -> requests.Response | None:
    """Return what the server says, or None while it does not listen."""
    url = addresses.running_at(home).get("pages", "http://127.0.0.1:1")
    login = None if password is None else ("churn", password)
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(f"{url}{path}", auth=login, timeout=30)
        except requests.ConnectionError:
            return None


def test_the_newest_page_is_read_with_the_login(home: Path) -> None:
    """Its address is the one `churn status` prints; the password is in a file of its owner's."""
    password = server.password_file(home)
    answer = answers(home, NEWEST, password.read_text("utf-8"))

    assert answer is not None
    assert (200, "<p>a page</p>") == (answer.status_code, answer.text)
    assert addresses.page_address(home, "subscribers") == answer.url
    assert 0o600 == password.stat().st_mode & 0o777
    told = addresses.pages_address(home)
    assert told is not None
    assert told.endswith(f"user churn, password in {password}")


@pytest.mark.parametrize("password", [None, "", "guessed"])
def test_without_it_nothing_is(home: Path, password: str | None) -> None:
    """The browser asks for it by name."""
    answer = answers(home, NEWEST, password)

    assert answer is not None
    assert 401 == answer.status_code
    assert 'Basic realm="pages of nights", charset="UTF-8"' == answer.headers["WWW-Authenticate"]
    assert "a page" not in answer.text


def test_no_secret_is_in_a_command_line_or_a_log(home: Path) -> None:
    """The password is in the environment of the process alone; no address is logged."""
    password = server.password(home)
    command = server.service(home=home, port=1, environment={}).command

    assert password not in " ".join(command)
    assert "" == processes.tail(processes.log_file(home / "logs", server.NAME))


@pytest.mark.parametrize(
    ("known_as", "expected"),
    [
        ("https://pages.example/churn/", f"https://pages.example/churn{NEWEST}"),
        ("https://me:hunter2@pages.example:8443", f"https://pages.example:8443{NEWEST}"),
    ],
)
def test_people_are_led_where_they_know_the_pages(home: Path, known_as: str, expected: str) -> None:
    """CHURN_PAGES_URL goes before what runs here; a login in it is never told."""
    environ = {"CHURN_HOME": str(home), "CHURN_PAGES_URL": known_as}
    found = Installation(settings.load(environ))

    assert expected == wired_servers.page_address(found, "subscribers")
    assert expected.removesuffix(NEWEST) == wired_servers.pages_address(found)
    assert "hunter2" not in repr(found.settings)
