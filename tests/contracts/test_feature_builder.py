"""dbt and the builder in memory, held to the same contract."""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.settings import ROOT
from pipelines.testing.contracts.features.customers import CONTRACT, customers
from pipelines.testing.contracts.features.feature_builder import (
    FIRST,
    SECOND,
    FeatureBuilderContract,
)
from pipelines.testing.features import MemoryBuilder, MemoryFeatures
from tests import databases

COLUMNS = (
    "gender, senior_citizen, partner, dependents, tenure, phone_service, multiple_lines, "
    "internet_service, online_security, online_backup, device_protection, tech_support, "
    "streaming_tv, streaming_movies, contract, paperless_billing, payment_method, "
    "monthly_charges, total_charges, churn"
)
VALUES = (
    "'Female', 0, 'Yes', 'No', 3, 'No', 'No phone service', 'DSL', 'No', 'No', 'No', 'No', 'No', "
    "'No', 'Month-to-month', 'Yes', 'Electronic check', 29, 87, 'No'"
)


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
    """dbt, with the population of the project that is built fastest."""

    features = "fct_telco_features"
    labels = "fct_telco_labels"

    @pytest.fixture(scope="class")
    @classmethod
    def fresh(
        cls, server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Dbt]:
        """A database with a file of two customers."""
        home = tmp_path_factory.mktemp("dbt")
        others = shutil.ignore_patterns("subscribers", "retail", "target", "logs")
        project = shutil.copytree(ROOT / "dbt_project", home / "project", ignore=others)
        with databases.created(server_url, "contract_builder", template=migrated) as warehouse:
            _import_file(warehouse, FIRST - timedelta(days=1), "ann", "bob")
            yield Dbt(project, warehouse.url, "analytics", home)

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
        """Import a file of three."""
        with _warehouse(builder) as warehouse:
            _import_file(warehouse, SECOND - timedelta(days=1), "ann", "bob", customer)

    def know_the_future(self, builder: Dbt, as_of: date) -> str:
        """Change what one customer is charged, as a leaking model would have."""
        with _warehouse(builder) as warehouse:
            changed = warehouse.execute(
                f"update analytics.{self.features} set monthly_charge_usd = 30 "
                "where as_of = :as_of and customer_id = 'ann'",
                {"as_of": as_of},
            )
        assert 1 == changed

        return "monthly_charge_usd"


@contextlib.contextmanager
def _warehouse(builder: Dbt) -> Iterator[Warehouse]:
    """Connect to where a builder builds."""
    warehouse = Warehouse(builder.url)
    yield warehouse
    warehouse.engine.dispose()


def _import_file(warehouse: Warehouse, known_on: date, *names: str) -> None:
    """Let all customers there are be these, from a day on."""
    for name in names:
        warehouse.execute(
            f"insert into raw.telco_customers (customer_id, {COLUMNS}, loaded_at) "
            f"values (:name, {VALUES}, :known_at)",
            {"name": name, "known_at": datetime.combine(known_on, time(), UTC)},
        )
