"""What one installation consists of."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from pipelines import settings as configuration
from pipelines.errors import DatabaseUnavailable
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.adapters.data_docs_folder import DataDocsFolder
    from pipelines.adapters.dbt import Dbt
    from pipelines.adapters.feature_store import WarehouseFeatures
    from pipelines.adapters.registry import Registry
    from pipelines.adapters.score_store import WarehouseScores
    from pipelines.adapters.warehouse import Warehouse
    from pipelines.domain.tiers import TierPolicy


def here() -> "Installation":
    """Return the installation this process belongs to; nothing is started or looked at yet."""
    return Installation(configuration.load())


def migrated() -> "Installation":
    """
    Return the installation this process belongs to, its tables ready.

    Raises:
        ConfigError: A setting is not legal.
        DatabaseUnavailable: The warehouse cannot be reached, or is not migrated.
    """
    found = here()
    if found.warehouse.rows("select to_regclass('churn.score_runs')")[0][0] is None:
        raise DatabaseUnavailable(
            "the warehouse has no churn tables yet", next_step="churn migrate"
        )

    return found


@dataclass(frozen=True)
class Installation:
    """
    The settings of one installation, and the adapters they lead to, made when first used.

    Attributes:
        settings: What a person set.
    """

    settings: Settings

    @functools.cached_property
    def server_url(self) -> str:
        """URL of the PostgreSQL server, without a database; starts the embedded one."""
        if self.settings.database_url is not None:
            url = sa.make_url(self.settings.database_url.get_secret_value())
            server = sa.URL.create(url.drivername, url.username, url.password, url.host, url.port)

            return server.render_as_string(hide_password=False)

        from pipelines.adapters import postgres

        return postgres.start(self.settings.home)

    @functools.cached_property
    def warehouse(self) -> "Warehouse":
        """The warehouse."""
        from pipelines.adapters.warehouse import Warehouse

        if self.settings.database_url is not None:
            return Warehouse(self.settings.database_url.get_secret_value())

        return Warehouse(f"{self.server_url}/churn")

    @functools.cached_property
    def features(self) -> "WarehouseFeatures":
        """The feature tables."""
        from pipelines.adapters.feature_store import WarehouseFeatures

        return WarehouseFeatures(
            self.warehouse, self.settings.warehouse.models_schema, self.settings.populations
        )

    @functools.cached_property
    def dbt(self) -> "Dbt":
        """The dbt project."""
        from pipelines.adapters.dbt import Dbt

        return Dbt(
            project_dir=self.settings.root / "dbt_project",
            url=self.warehouse.url,
            schema=self.settings.warehouse.models_schema,
            state=self.settings.home / "dbt",
            raw_schema=self.settings.warehouse.raw_schema,
        )

    @functools.cached_property
    def scores(self) -> "WarehouseScores":
        """The score runs."""
        from pipelines.adapters.score_store import WarehouseScores

        return WarehouseScores(self.warehouse)

    @functools.cached_property
    def registry(self) -> "Registry":
        """The registered models."""
        from pipelines.adapters.registry import Registry

        server = self.settings.mlflow_uri
        home = self.settings.home

        return Registry(
            tracking_uri=server.get_secret_value() if server else f"{self.server_url}/mlflow",
            artifacts=None if server else home / "mlflow" / "artifacts",
            cache=home / "models",
        )

    @functools.cached_property
    def data_docs(self) -> "DataDocsFolder":
        """The pages of gates."""
        from pipelines.adapters.data_docs_folder import DataDocsFolder

        return DataDocsFolder(self.settings.home / "data_docs")

    @functools.cached_property
    def tiers(self) -> "TierPolicy":
        """Thresholds and actions."""
        from pipelines.domain.tiers import TierPolicy

        tiers = self.settings.tiers

        return TierPolicy(
            tiers.medium,
            tiers.high,
            tiers.critical,
            {str(tier): action for tier, action in tiers.actions.items()},
        )
