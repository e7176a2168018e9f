"""A whole installation in a temporary folder."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from tests.e2e.churn_home import ChurnHome, fresh


@pytest.fixture(scope="module")
def churn_home() -> Iterator[ChurnHome]:
    """An empty, migrated installation for the tests of a module."""
    with fresh() as made:
        yield made


@pytest.fixture(scope="session")
def today() -> date:
    """The UTC date the session began on."""
    return datetime.now(UTC).date()
