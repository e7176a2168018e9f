"""An installation whose database is somebody else's server."""

from pathlib import Path

from pipelines import settings
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.wiring import data
from pipelines.wiring.installation import Installation


def test_the_other_databases_are_looked_for_on_the_server_that_is_named(tmp_path: Path) -> None:
    """Of CHURN_DATABASE_URL the server, user and password serve MLflow and Airflow as well."""
    environ = {"CHURN_HOME": str(tmp_path), "CHURN_DATABASE_URL": "postgresql://me:p%40ss@db:5/c"}
    installation = Installation(settings.load(environ))

    assert "postgresql://me:p%40ss@db:5" == installation.server_url
    assert "postgresql://me:p%40ss@db:5/mlflow" == installation.registry.tracking_uri
    assert "postgresql://me:p%40ss@db:5/c" == installation.warehouse.url
    assert [] == list(tmp_path.iterdir())


def test_a_named_server_is_used_and_none_is_started(
    warehouse: Warehouse, server_url: str, tmp_path: Path
) -> None:
    """Questions, models and migrations go to the named server."""
    environ = {"CHURN_HOME": str(tmp_path), "CHURN_DATABASE_URL": warehouse.url}
    installation = Installation(settings.load(environ))

    assert [] == data.migrate(installation)
    assert [(0,)] == list(data.ask(installation, "select count(*) from churn.scores_current").rows)
    assert installation.registry.champion("subscribers") is None
    assert server_url == installation.server_url
    assert not (tmp_path / "postgres").exists()
    installation.warehouse.engine.dispose()
