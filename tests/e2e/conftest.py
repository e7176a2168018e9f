"""A whole installation in a temporary folder."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from tests.e2e.installation import Installation, fresh


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """An empty, migrated installation for the tests of a module."""
    with fresh() as made:
        yield made


@pytest.fixture(scope="session")
def today() -> date:
    """The UTC date the session began on."""
    return datetime.now(UTC).date()
