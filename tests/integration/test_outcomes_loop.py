"""A concept that changes: told on the first list that shows it, trained for, what that brought."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines import settings
from pipelines.adapters.tables.promotions import WarehousePromotions
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.training.promotion import Promotion
from pipelines.wiring import evidence
from pipelines.wiring.installation import Installation
from tests.matured_lists import (
    MONTH,
    OBSERVED_AFTER,
    POPULATION,
    PRECISION,
    PRECISION_AFTER,
    happened,
)

FIRST = date(2026, 3, 1)
CALM, CHANGED, RECOVERED = FIRST, FIRST + MONTH, FIRST + 2 * MONTH


@pytest.fixture
def installation(warehouse: Warehouse, tmp_path: Path) -> Installation:
    """An installation whose champion is version 1, before the first list."""
    warehouse.execute(
        "create table analytics.fct_churn_labels "
        "(as_of date, customer_id text, is_churned boolean, label_due_at date)"
    )
    environ = {"CHURN_HOME": str(tmp_path), "CHURN_DATABASE_URL": warehouse.url}
    made = Installation(settings.load(environ))
    champion(made, FIRST, 1)

    return made


def champion(installation: Installation, as_of: date, version: int) -> None:
    """Make a version champion."""
    WarehousePromotions(installation.warehouse).record(
        Promotion(
            population=POPULATION,
            as_of=as_of,
            champion_version=version - 1 or None,
            challenger_version=version,
            is_promoted=True,
            reason="it is better",
        )
    )


def night(installation: Installation, as_of: date) -> tuple[str, str]:
    """Measure and decide, as `churn outcomes` and `churn drift` do; return action and cause."""
    evidence.outcomes(installation, POPULATION, as_of)
    decided = evidence.govern(installation, POPULATION, as_of)

    return decided.action, decided.cause


def alerts(installation: Installation) -> list[tuple[str, bool]]:
    """Return the kinds of alert there are, and whether each is over."""
    rows = installation.warehouse.rows(
        "select kind, resolved_at is not null as is_over from churn.alerts order by alert_id"
    )

    return [(row.kind, row.is_over) for row in rows]


def test_a_changed_concept_is_told_trained_for_and_its_worth_is_a_query(
    installation: Installation,
) -> None:
    """The calm list says nothing; the first changed one does; the new champion's ends it."""
    happened(installation, CALM, 1, is_changed=False)
    assert ("nothing", "") == night(installation, CALM + MONTH)
    assert [] == alerts(installation)

    happened(installation, CHANGED, 1, is_changed=True)
    asked = CHANGED + MONTH
    assert ("retrain", "outcomes") == night(installation, asked)
    assert {("outcomes", False), ("retraining", False)} == {*alerts(installation)}
    assert ("alert", "outcomes") == night(installation, asked + timedelta(days=1))  # cool-down

    champion(installation, asked, 2)
    assert ("nothing", "") == night(installation, asked + timedelta(days=2))
    happened(installation, RECOVERED, 2, is_changed=False)
    night(installation, RECOVERED + MONTH)

    (row,) = installation.warehouse.rows("select * from churn.retrainings")
    assert (asked, "outcomes", 1, 2, True) == (
        row.as_of,
        row.cause,
        row.champion_version,
        row.challenger_version,
        row.is_promoted,
    )
    assert pytest.approx(OBSERVED_AFTER, abs=0.03) == row.observed_to_expected_before
    assert pytest.approx(PRECISION_AFTER, abs=0.04) == row.precision_before
    assert pytest.approx(1, abs=0.05) == row.observed_to_expected_after
    assert pytest.approx(PRECISION, abs=0.04) == row.precision_after
    assert row.has_recovered
    assert any("were expected" in sentence for sentence in row.evidence)
    assert ("outcomes", False) not in alerts(installation)
