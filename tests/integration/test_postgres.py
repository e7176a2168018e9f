"""The embedded PostgreSQL starts for root and for others, and ends."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pipelines.adapters import postgres


@pytest.fixture
def private_home() -> Iterator[Path]:
    """A state folder below a folder that only its owner may enter."""
    with tempfile.TemporaryDirectory(prefix="churn-private-") as folder:
        Path(folder).chmod(0o700)
        home = Path(folder) / "home"
        yield home
        postgres.stop(home)
        postgres.remove(home)


def test_it_starts_where_only_the_owner_may_enter(private_home: Path) -> None:
    """As root the server's own user cannot enter, so its state stands elsewhere."""
    url = postgres.start(private_home)

    with psycopg.connect(f"{url}/churn") as connection:
        assert (1,) == connection.execute("select 1").fetchone()
    is_elsewhere = not postgres.state_folder(private_home).is_relative_to(private_home)
    assert (os.geteuid() == 0) == is_elsewhere


def test_it_keeps_its_data_over_a_restart(private_home: Path) -> None:
    """What was committed before a stop is there after the next start."""
    with psycopg.connect(f"{postgres.start(private_home)}/churn") as connection:
        connection.execute("create table kept (a int)")

    assert postgres.stop(private_home)
    assert not postgres.stop(private_home)

    with psycopg.connect(f"{postgres.start(private_home)}/churn") as connection:
        assert ("kept",) == connection.execute("select to_regclass('kept')::text").fetchone()


def test_only_the_installation_knows_the_password(private_home: Path) -> None:
    """The password file is its owner's alone, and without it nobody connects."""
    url = postgres.start(private_home)
    password = postgres.state_folder(private_home) / "password"

    assert 0o600 == password.stat().st_mode & 0o777
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{url}/churn".replace(password.read_text(), "guess"))
