"""One installation: its settings, and the adapters made from them."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.domain.addresses import quoted
from pipelines.domain.imports.declared import LOADED
from pipelines.errors import DatabaseUnavailable
from pipelines.wiring.database_roles import ANALYST, ROLE_OF

if TYPE_CHECKING:
    from pipelines.adapters.dbt.project import Dbt
    from pipelines.adapters.drift.alibi_engine import AlibiEngine
    from pipelines.adapters.drift.scipy_engine import ScipyEngine
    from pipelines.adapters.gates.docs_folder import DataDocsFolder
    from pipelines.adapters.models.registry import Registry
    from pipelines.adapters.tables.features import WarehouseFeatures
    from pipelines.adapters.tables.raw import WarehouseRawTables
    from pipelines.adapters.tables.scores import WarehouseScores
    from pipelines.adapters.warehouse.connection import Warehouse
    from pipelines.settings import Settings


def installation(command: str) -> "Installation":
    """
    Return the installation this process belongs to, as *command* works in it.

    Nothing is started or looked at yet.
    """
    from pipelines import settings

    return Installation(settings.load(), ROLE_OF[command])


def migrated(command: str) -> "Installation":
    """
    Return the installation this process belongs to, as *command* works in it, its tables ready.

    Raises:
        ConfigError: A setting is not legal.
        DatabaseUnavailable: The warehouse cannot be reached, or is not migrated.
        RoleMissing: The database user may not work as the role of *command*.
    """
    from pipelines.adapters.warehouse import migrations

    found = installation(command)
    folder = found.settings.root / "sql" / "migrations"
    missing, unknown = migrations.differences(found.warehouse, folder)
    if unknown:
        raise DatabaseUnavailable(
            f"the warehouse is newer than this program, by {len(unknown)} migration(s): "
            f"{', '.join(unknown)}",
            next_step="update the checkout; an older program may damage what a newer one wrote",
        )
    if missing:
        raise DatabaseUnavailable(
            f"the warehouse lacks {len(missing)} migration(s): {', '.join(missing)}",
            next_step="churn migrate",
        )

    return found


@dataclass
class Begun:
    """
    What was started before whoever needs it.

    Attributes:
        dbt: The project of a population whose process is there, by population.
        drift: The engine of drift whose process is there, or None.
    """

    dbt: "dict[str, Dbt]" = field(default_factory=dict)
    drift: "AlibiEngine | ScipyEngine | None" = None


@dataclass(frozen=True)
class Installation:
    """
    The settings of one installation, and the adapters they lead to, made when first used.

    Attributes:
        settings: churn.toml and the environment.
        role: The role of the warehouse everything works as; None is the user who logs in.
        begun: What was started ahead.
    """

    settings: "Settings"
    role: str | None = None
    begun: Begun = field(default_factory=Begun, compare=False, repr=False)

    @functools.cached_property
    def server_url(self) -> str:
        """URL of the PostgreSQL server, without a database; starts the embedded one."""
        if self.settings.database_url is not None:
            import sqlalchemy as sa

            url = sa.make_url(self.settings.database_url.get_secret_value())
            server = sa.URL.create(url.drivername, url.username, url.password, url.host, url.port)

            # SQLAlchemy leaves spaces as they are, libpq refuses them.
            return quoted(server.render_as_string(hide_password=False), scheme="postgresql")

        from pipelines.adapters.local import postgres

        return postgres.start(self.settings.home)

    @functools.cached_property
    def warehouse(self) -> "Warehouse":
        """The warehouse."""
        from pipelines.adapters.warehouse.connection import Warehouse

        return Warehouse(_as_role(self.login_url, self.role))

    @property
    def login_url(self) -> str:
        """URL of the warehouse, without a role; starts the embedded one."""
        named = self.settings.database_url

        return named.get_secret_value() if named else f"{self.server_url}/churn"

    @property
    def reader_url(self) -> str:
        """URL of the warehouse for questions, whatever the role of everything else."""
        url = self.login_url
        if self.settings.database_url is None:
            from pipelines.adapters.local import postgres
            from pipelines.adapters.warehouse import reader_login

            url = reader_login.url(url, postgres.state_folder(self.settings.home))

        return _as_role(url, ANALYST)

    @functools.cached_property
    def features(self) -> "WarehouseFeatures":
        """The feature tables."""
        from pipelines.adapters.tables.features import WarehouseFeatures

        return WarehouseFeatures(
            self.warehouse, self.settings.warehouse.models_schema, self.settings.populations
        )

    def dbt_of(self, population: str) -> "Dbt":
        """
        Return the dbt project of a population: a person's own, or the house's.

        What is wrong in a person's own is no reason for the house's nights to stop.
        """
        if population in self.begun.dbt:
            return self.begun.dbt[population]

        from pipelines.adapters.dbt import own_project
        from pipelines.adapters.dbt.project import Dbt
        from pipelines.adapters.files import declarations

        house = self.settings.root / "dbt_project"
        is_own = (self.settings.project / "models" / population).is_dir()
        is_imported = population in declarations.names(self.settings.project)
        return Dbt(
            project_dir=own_project.root(self.settings.project, house) if is_own else house,
            house_dir=house,
            url=self.warehouse.url,
            schema=self.settings.warehouse.models_schema,
            state=self.settings.home / "dbt",
            raw_schema=LOADED if is_imported else self.settings.warehouse.raw_schema,
        )

    def drift_engine(self) -> "AlibiEngine | ScipyEngine":
        """
        Return what computes statistics and p-values of drift.

        Raises:
            ConfigError: It is alibi-detect, and its environment is not there.
        """
        if self.begun.drift is not None:
            return self.begun.drift

        from pipelines.adapters.drift import engines

        return engines.choose(
            self.settings.drift.engine, self.settings.root, self.settings.home / "drift"
        )

    @functools.cached_property
    def raw(self) -> "WarehouseRawTables":
        """The raw tables that we load ourselves, wherever those of others stand."""
        from pipelines.adapters.tables.raw import WarehouseRawTables

        return WarehouseRawTables(self.warehouse, LOADED)

    @functools.cached_property
    def scores(self) -> "WarehouseScores":
        """The score runs."""
        from pipelines.adapters.tables.scores import WarehouseScores

        return WarehouseScores(self.warehouse)

    @functools.cached_property
    def registry(self) -> "Registry":
        """The registered models."""
        from pipelines.adapters.models.registry import Registry
        from pipelines.adapters.tables.promotions import WarehousePromotions
        from pipelines.domain.training.promotion import last_promoted

        server = self.settings.mlflow_uri
        decisions = WarehousePromotions(self.warehouse)
        home = self.settings.home

        return Registry(
            tracking_uri=server.get_secret_value() if server else f"{self.server_url}/mlflow",
            artifacts=None if server else home / "mlflow" / "artifacts",
            cache=home / "models",
            promoted=lambda population: last_promoted(decisions.history(population)),
        )

    @functools.cached_property
    def data_docs(self) -> "DataDocsFolder":
        """The pages of gates."""
        from pipelines.adapters.gates.docs_folder import DataDocsFolder

        return DataDocsFolder(self.settings.home / "data_docs")


def _as_role(url: str, role: str | None) -> str:
    """Return *url* for working as *role*, or as the user who logs in."""
    from pipelines.adapters.warehouse import connection_options

    return connection_options.configured(url, role=role) if role else url
