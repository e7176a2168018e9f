"""
The one place that puts adapters into steps.

Modules are imported inside the functions that need them: `churn publish` must not wait for MLflow,
dbt and Great Expectations, which take seconds to import.
"""

# ruff: noqa: PLC0415  see above

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from pipelines import settings as configuration
from pipelines.errors import DatabaseUnavailable
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.adapters.analyst import Answer
    from pipelines.adapters.dbt import Dbt
    from pipelines.adapters.feature_store import WarehouseFeatures
    from pipelines.adapters.score_store import WarehouseScores
    from pipelines.adapters.warehouse import Warehouse
    from pipelines.domain.score_run import ScoreRun
    from pipelines.steps.build_features import FeatureReport

Stage = Callable[[str], AbstractContextManager[None]]


def wire(*, is_migrated: bool = True) -> "Wiring":
    """
    Return everything wired to the settings of this process.

    Args:
        is_migrated: Whether the tables have to be there already.

    Raises:
        ConfigError: A setting is not legal.
        DatabaseUnavailable: The warehouse cannot be reached, or is not migrated.
    """
    wiring = Wiring(configuration.load())
    if is_migrated and wiring.warehouse.rows("select to_regclass('churn.score_runs')")[0][0] is None:
        raise DatabaseUnavailable(
            "the warehouse has no churn tables yet", next_step="churn migrate"
        )

    return wiring


@dataclass(frozen=True)
class Wiring:
    """
    Adapters of one installation, made when first used, and the steps that use them.

    Attributes:
        settings: What a person set.
    """

    settings: Settings

    @functools.cached_property
    def server_url(self) -> str:
        """URL of the PostgreSQL server, without a database; starts the embedded one."""
        if self.settings.database_url is not None:
            url = sa.make_url(self.settings.database_url.get_secret_value())
            return url.set(database=None).render_as_string(hide_password=False)

        from pipelines.adapters import postgres

        return postgres.start(self.settings.home)

    @functools.cached_property
    def warehouse(self) -> "Warehouse":
        """The warehouse."""
        from pipelines.adapters.warehouse import Warehouse

        if self.settings.database_url is not None:
            return Warehouse(self.settings.database_url.get_secret_value())

        return Warehouse(f"{self.server_url}/churn")
