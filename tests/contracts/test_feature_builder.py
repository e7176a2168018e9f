"""dbt and the builder in memory, held to the same contract."""

import contextlib
from collections.abc import Iterator
from datetime import date

import pytest

from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.testing.contracts.features.customers import CONTRACT, customers
from pipelines.testing.contracts.features.feature_builder import (
    FIRST,
    SECOND,
    FeatureBuilderContract,
)
from pipelines.testing.features import MemoryBuilder, MemoryFeatures
from tests import databases, made_population


class TestMemoryBuilder(FeatureBuilderContract[MemoryBuilder]):
    """The double."""

    features = CONTRACT.table
    labels = "fct_churn_labels"

    @pytest.fixture(scope="class")
    @classmethod
    def fresh(cls) -> MemoryBuilder:
        """Makes two customers for whatever date."""
        return MemoryBuilder(
            MemoryFeatures(),
            {CONTRACT.table: CONTRACT},
            lambda _as_of: customers({"ann": False, "bob": True}),
            models=(cls.features, cls.labels),
        )

    def customers(self, builder: MemoryBuilder, as_of: date) -> list[str]:
        """Look at the table."""
        table = builder.features.tables.get(as_of)

        return [] if table is None else sorted(table["customer_id"].to_pylist())

    def join(self, builder: MemoryBuilder, customer: str) -> None:
        """Make one more."""
        made = builder.customers
        builder.customers = lambda as_of: (
            customers({"ann": False, "bob": True, customer: None})
            if as_of >= SECOND
            else made(as_of)
        )

    def know_the_future(self, builder: MemoryBuilder, as_of: date) -> str:
        """Say so."""
        builder.differences = {as_of: ["fee_eur"]}

        return "fee_eur"


class TestDbt(FeatureBuilderContract[Dbt]):
    """dbt, with a population that is built fast."""

    features = made_population.FEATURES
    labels = made_population.LABELS

    @pytest.fixture(scope="class")
    @classmethod
    def fresh(
        cls, server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Dbt]:
        """A database with a load of two customers."""
        home = tmp_path_factory.mktemp("dbt")
        project = made_population.write(home / "project")
        with databases.created(server_url, "contract_builder", template=migrated) as warehouse:
            made_population.load(warehouse, FIRST, {"ann": 29, "bob": 29})
            yield made_population.dbt(project, warehouse.url, home)

    def customers(self, builder: Dbt, as_of: date) -> list[str]:
        """Look at the table."""
        with _warehouse(builder) as warehouse:
            rows = warehouse.rows(
                f"select customer_id from analytics.{self.features} where as_of = :as_of "
                "order by customer_id",
                {"as_of": as_of},
            )

        return [row.customer_id for row in rows]

    def join(self, builder: Dbt, customer: str) -> None:
        """Load three."""
        with _warehouse(builder) as warehouse:
            made_population.load(warehouse, SECOND, {"ann": 29, "bob": 29, customer: 29})

    def know_the_future(self, builder: Dbt, as_of: date) -> str:
        """Change what one customer pays, as a leaking model would have."""
        with _warehouse(builder) as warehouse:
            changed = warehouse.execute(
                f"update analytics.{self.features} set fee_eur = 30 "
                "where as_of = :as_of and customer_id = 'ann'",
                {"as_of": as_of},
            )
        assert 1 == changed

        return "fee_eur"


@contextlib.contextmanager
def _warehouse(builder: Dbt) -> Iterator[Warehouse]:
    """Connect to where a builder builds."""
    warehouse = Warehouse(builder.url)
    yield warehouse
    warehouse.engine.dispose()
