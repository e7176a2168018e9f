"""
Registered versions, read in MLflow's database without MLflow: a quarter of what scoring costs.

Its tables are MLflow's own. What is not there as it was when this was written, or is not one model,
is not told here, and MLflow's client answers what there is instead.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pipelines.adapters.models import mlflow_client
from pipelines.domain.scoring.versions import Alias, ModelVersion

ALIASED = sa.text(
    "select a.version from registered_models as m left join registered_model_aliases as a "
    "on a.name = m.name and a.alias = :alias where m.name = :name"
)
NUMBERED = sa.text(
    "select v.run_id, t.key, t.value from model_versions as v "
    "left join model_version_tags as t on t.name = v.name and t.version = v.version "
    "where v.name = :name and v.version = :version and v.current_stage <> 'Deleted_Internal'"
)


class NotTold(Exception):
    """MLflow has to be asked."""


def numbered(tracking_uri: str, name: str, number: int) -> ModelVersion:
    """
    Return one version.

    Raises:
        NotTold: The database does not say, or MLflow has a server.
        RegistryUnavailable: The database does not answer.
    """
    rows = _rows(tracking_uri, NUMBERED, name=name, version=number)
    tags = {str(row.key): str(row.value) for row in rows if row.key is not None}
    if len({row.run_id for row in rows}) != 1 or len(tags) not in {0, len(rows)}:
        raise NotTold

    return ModelVersion(name, number, str(rows[0].run_id), tags)


def aliased(tracking_uri: str, name: str, alias: Alias) -> ModelVersion | None:
    """
    Return the version that *alias* means, or None.

    Raises:
        NotTold: The database does not say, or MLflow has a server.
        RegistryUnavailable: The database does not answer.
    """
    rows = _rows(tracking_uri, ALIASED, name=name, alias=alias)
    if len(rows) != 1:
        raise NotTold
    number = rows[0].version

    return None if number is None else numbered(tracking_uri, name, int(number))


def _rows(tracking_uri: str, query: sa.TextClause, **values: object) -> Sequence[Any]:
    """Return what a query finds."""
    if not tracking_uri.startswith("postgresql"):
        raise NotTold
    with mlflow_client.database(tracking_uri) as engine:
        try:
            with engine.connect() as connection:
                return connection.execute(query, values).all()
        except sa.exc.SQLAlchemyError:
            raise NotTold from None
