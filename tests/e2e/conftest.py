"""A whole installation in a temporary folder."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.e2e.installation import Installation


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """An empty, migrated installation; everything it started is ended."""
    with tempfile.TemporaryDirectory(prefix="churn-e2e-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        fresh = Installation(home)
        fresh.churn("migrate")
        yield fresh
        fresh.churn("down", "--remove")


@pytest.fixture(scope="session")
def today() -> date:
    """The UTC date the session began on."""
    return datetime.now(UTC).date()
