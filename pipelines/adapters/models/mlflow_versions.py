"""
A registered version, read in MLflow's database without MLflow: a quarter of what scoring costs.

Its tables are MLflow's own. What is not there as it was when this was written, or is not one
version, is nothing here, and MLflow's client answers what there is instead.
"""

import sqlalchemy as sa

from pipelines.adapters.models import mlflow_client
from pipelines.domain.scoring.versions import ModelVersion

QUERY = sa.text(
    "select v.run_id, t.key, t.value from model_versions as v "
    "left join model_version_tags as t on t.name = v.name and t.version = v.version "
    "where v.name = :name and v.version = :version and v.current_stage <> 'Deleted_Internal'"
)


def read(tracking_uri: str, name: str, number: int) -> ModelVersion | None:
    """
    Return one version, or None where its database does not say, or MLflow has a server.

    Raises:
        RegistryUnavailable: The database does not answer.
    """
    if not tracking_uri.startswith("postgresql"):
        return None
    with mlflow_client.database(tracking_uri) as engine:
        try:
            with engine.connect() as connection:
                rows = connection.execute(QUERY, {"name": name, "version": number}).all()
        except sa.exc.SQLAlchemyError:
            return None
    tags = {str(key): str(value) for _, key, value in rows if key is not None}
    if len({run_id for run_id, _, _ in rows}) != 1 or len(tags) not in {0, len(rows)}:
        return None

    return ModelVersion(name, number, str(rows[0].run_id), tags)
