"""MLflow's client: made after MLflow was told how to behave, its failures told as ours."""

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from pipelines.adapters.libraries.stand_ins import Empty, in_place_of
from pipelines.domain.addresses import without_login
from pipelines.errors import RegistryUnavailable

# Read by MLflow as it is imported. A dead server takes 4 s to tell, not 246.
ENVIRONMENT = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # with the password in it
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}

# Judges of language models, gateways to them with their web framework, and matrices of training.
UNUSED = (
    *("mlflow.gateway", "mlflow.genai", "mlflow.genai.scorers.online.entities"),
    "scipy.sparse",
)


def prepare() -> None:
    """Tell MLflow how to behave, before anything imports it."""
    os.environ.update(ENVIRONMENT)


def connect(tracking_uri: str) -> Any:  # noqa: ANN401  MLflow's types are not looked at
    """
    Return a client of the MLflow at *tracking_uri*.

    Args:
        tracking_uri: `postgresql://…/mlflow` or `http://…`.

    Raises:
        RegistryUnavailable: The database or server does not answer.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with in_place_of(*map(Empty, UNUSED)):
        from mlflow.tracking import MlflowClient  # noqa: PLC0415  after the environment

    uri = tracking_uri
    if uri.startswith("postgresql"):
        with database(uri) as engine:
            uri = engine.url.render_as_string(hide_password=False)

    with answering(tracking_uri):
        return MlflowClient(uri, uri)


@contextlib.contextmanager
def answering(tracking_uri: str) -> Iterator[None]:
    """
    Say which registry failed, and how, without the login that *tracking_uri* may hold.

    Raises:
        RegistryUnavailable: MLflow or its database did not do what it was asked, or a file could
            not be written.
    """
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  after the environment

    try:
        yield
    except (MlflowException, sa.exc.SQLAlchemyError) as error:
        address = tracking_uri.partition("//")[2].rpartition("@")[2]
        reason = without_login(str(error).splitlines()[0], tracking_uri)
        raise RegistryUnavailable(
            f"MLflow at {address} did not do what it was asked: {reason}",
            next_step="check CHURN_MLFLOW_URI, or run `churn status`",
        ) from None
    except OSError as error:
        raise RegistryUnavailable(
            f"the files of a model could not be stored: {error.strerror or type(error).__name__}",
            next_step="see what the disk of CHURN_HOME and that of temporary files lack; then run "
            "the command again",
        ) from None


@contextlib.contextmanager
def database(tracking_uri: str) -> Iterator[sa.Engine]:
    """
    Yield MLflow's database, once it is known to answer; MLflow itself tries for 100 s.

    Raises:
        RegistryUnavailable: It does not.
    """
    url = sa.make_url(tracking_uri).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, connect_args={"connect_timeout": 5})
    try:
        try:
            engine.connect().close()
        except sa.exc.OperationalError as error:
            raise RegistryUnavailable(
                f"MLflow's database does not answer: {str(error.orig).strip()}",
                next_step="check CHURN_DATABASE_URL, or run `churn status`",
            ) from None
        yield engine
    finally:
        engine.dispose()
