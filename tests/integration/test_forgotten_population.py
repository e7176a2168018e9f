"""A database that knows a population which no settings know any more."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.wiring import data, night
from tests import made_population
from tests.integration import business
from tests.integration.declared_house import House

AS_OF = date(2026, 6, 2)
COUNTED = "select rows from churn.feature_builds where population = 'trial'"


@pytest.fixture
def house(warehouse: Warehouse, tmp_path: Path) -> House:
    """Two customers of a population, a list of them, and then nothing that says what they are."""
    project = tmp_path / "project"
    made_population.write(project)
    found = business.installation_of(warehouse, tmp_path / "home", CHURN_PROJECT=str(project))
    made_population.load(warehouse, AS_OF, {"ann": 9.5, "bob": 19.5})
    data.build_features(found, "trial", [AS_OF], AS_OF)
    business.stage(found, AS_OF, "trial")
    night.gate(found, "scores", "trial", AS_OF)
    night.publish(found, "trial", AS_OF)
    found.warehouse.engine.dispose()
    project.rename(tmp_path / "forgotten")
    project.mkdir()

    return House(project, warehouse)


@pytest.mark.story
def test_everything_else_goes_on(house: House) -> None:
    """Its list is still listed; other populations are built, and old records are pruned."""
    for words in (
        ("migrate",),
        ("load-demo", "--customers", "100", "--months", "6", "--as-of", "2026-06-03"),
        ("features", "--as-of", "2026-06-03"),
        ("runs",),
        ("prune", "--as-of", "2026-06-03"),
    ):
        code, _, logged = house.run(*words)
        assert 0 == code, logged
    code, printed, _ = house.run("sql", "--csv", "select * from churn.scores_current")
    assert (0, 2) == (code, printed.count("trial,"))


@pytest.mark.story
def test_asking_for_it_says_what_to_do(house: House) -> None:
    """It is made again, or another is named."""
    for command in ("run", "train", "runs", "pull"):
        dated = [] if command == "runs" else ["--as-of", "2026-06-03"]
        code, _, logged = house.run(command, "--population", "trial", *dated)
        assert 10 == code
        assert "there is no population 'trial'; churn.toml has: subscribers" in logged
        assert "next:  name one of those with --population, or make it of a SOURCE" in logged


def test_its_customers_are_erased(house: House) -> None:
    """What was loaded, built and counted of one, and the list is shorter by them."""
    code, printed, logged = house.run("erase", "--customer", "ann", "--yes")

    assert 0 == code, logged
    assert "1 lists corrected" in printed
    for table in ("raw.trial__customers", f"analytics.{made_population.FEATURES}", "churn.scores"):
        found = house.warehouse.rows(f"select customer_id from {table}")
        assert [("bob",)] == [tuple(row) for row in found]
    assert [(1,)] == [tuple(row) for row in house.warehouse.rows(COUNTED)]
