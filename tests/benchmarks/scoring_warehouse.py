"""A warehouse with a night of features made up in it, and a model that scores them."""

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa

from pipelines.adapters.local import postgres
from pipelines.adapters.models.families import xgboost
from pipelines.adapters.tables.features import WarehouseFeatures
from pipelines.adapters.warehouse import migrations
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.settings import ROOT, load
from pipelines.testing.models import MemoryModel, MemoryRegistry

POPULATION = "subscribers"
SCHEMA = "analytics"
NIGHT = date(2026, 3, 1)
LEVELS = ("basic", "plus", "pro", "family", "student")
LEARNED_ROWS = 40_000
ROUNDS = 300
BOOSTER = "booster.ubj"


def contract(features: int) -> FeatureContract:
    """Return so many features: of ten, six are counts, two amounts, one a flag and one a level."""
    table = load({}).populations[POPULATION].feature_model
    made = []
    for number in range(features):
        name, theme = f"feature_{number:02}", f"theme {number % 9}"
        if number % 10 == 8:
            made.append(Feature(name, "boolean", f"Flag {number}", theme=theme))
        elif number % 10 == 9:
            levels = LEVELS
            made.append(Feature(name, "categorical", f"Level {number}", theme=theme, levels=levels))
        else:
            made.append(Feature(name, "numeric", f"Number {number}", unit="times", theme=theme))

    return FeatureContract(table, tuple(made))


def _column(number: int) -> tuple[str, str]:
    """Return the type of a feature in the warehouse, and an expression that makes it up."""
    if number % 10 == 8:
        return "boolean", "random() < 0.3"
    if number % 10 == 9:
        spelt = ", ".join(f"'{level}'" for level in LEVELS)
        return "text", f"(array[{spelt}])[1 + floor(random() * {len(LEVELS)})::integer]"
    if number % 10 in (6, 7):
        return "double precision", "round((-30 * ln(1 - random()))::numeric, 2)::double precision"

    return "bigint", f"floor(-{1 + number % 7} * ln(1 - random()))::bigint"


@dataclass(frozen=True)
class MadeWarehouse:
    """
    A server in a folder, its warehouse, and what scores it.

    Attributes:
        folder: Everything lies in it.
        customers: How many there are on the night.
        features: How many are known of each.
        depth: Of the trees.
    """

    folder: Path
    customers: int
    features: int
    depth: int

    @property
    def contract(self) -> FeatureContract:
        """What the features promise."""
        return contract(self.features)

    def started(self) -> Warehouse:
        """Start the server, make what lacks, and return the warehouse."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        home = self.folder / "server"
        url = postgres.start(home)
        warehouse = Warehouse(f"{url}/churn")
        migrations.apply(warehouse, ROOT / "sql" / "migrations")
        table = f"{SCHEMA}.{self.contract.table}"
        if warehouse.rows(f"select to_regclass('{table}') as made")[0].made is None:
            self._make_features(f"{url}/churn", table)
            self.store(warehouse).record_build(
                POPULATION, as_ofs=[NIGHT], contract=self.contract, known_at=NIGHT
            )
        if not (self.folder / BOOSTER).exists():
            self._learn(warehouse)

        return warehouse

    def stop(self) -> None:
        """End the server."""
        postgres.stop(self.folder / "server")

    def store(self, warehouse: Warehouse) -> WarehouseFeatures:
        """Return the feature tables."""
        return WarehouseFeatures(warehouse, SCHEMA, load({}).populations)

    def registry(self) -> MemoryRegistry:
        """Return a registry of which the model is champion."""
        predictor = xgboost.read((self.folder / BOOSTER).read_bytes(), self.contract)
        usual = {
            feature.name: {"numeric": 2.0, "boolean": False, "categorical": LEVELS[0]}[feature.kind]
            for feature in self.contract.features
        }
        spec = ModelSpec(
            POPULATION,
            "xgboost",
            NIGHT,
            self.contract,
            Calibrator.line(1.0, 0.0),
            Split((NIGHT,), (NIGHT,), 1),
            usual=usual,
        )
        model = MemoryModel(spec, predictor, importances={}, sample=pa.table({}))
        version = ModelVersion(f"churn-{POPULATION}", 1, "run", {})
        registry = MemoryRegistry({version.name: [(version, model)]})
        registry.set_alias(version, "champion")

        return registry

    def _make_features(self, url: str, table: str) -> None:
        """Make customers up; no value of one follows from another's."""
        columns = [(f"feature_{number:02}", *_column(number)) for number in range(self.features)]
        declared = ", ".join(f"{name} {kind} not null" for name, kind, _ in columns)
        made = ", ".join(expression for *_, expression in columns)
        sys.stderr.write(f"making {self.customers:,} customers with {self.features} features\n")
        with psycopg.connect(url) as connection:
            connection.execute(f"create schema if not exists {SCHEMA}")
            connection.execute(
                f"create table {table} (as_of date not null, customer_id text not null, {declared})"
            )
            connection.execute("select setseed(0.5)")
            connection.execute(
                f"insert into {table} select date '{NIGHT}', 'C' || lpad(number::text, 8, '0'), "
                f"{made} from generate_series(1, {self.customers}) as number"
            )
            connection.execute(f"alter table {table} add primary key (as_of, customer_id)")
            connection.commit()
            connection.autocommit = True
            connection.execute(f"vacuum (analyze, freeze) {table}")

    def _learn(self, warehouse: Warehouse) -> None:
        """Fit on some of the customers, of whom a tenth leave."""
        names = ", ".join(self.contract.names)
        query = f"select {names} from {SCHEMA}.{self.contract.table} limit {LEARNED_ROWS}"
        with warehouse.batches(query) as reader:
            matrix = encode(reader.read_all(), self.contract).matrix
        random = np.random.default_rng(1)
        standard = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
        odds = standard @ random.normal(0, 0.35, matrix.shape[1]) - 2.6
        left = random.random(len(matrix)) < 1 / (1 + np.exp(-odds))
        parameters = {**xgboost.DEFAULTS, "max_depth": self.depth, "rounds": ROUNDS}
        fitted = xgboost.fit(matrix, left, parameters=parameters, contract=self.contract, seed=1)
        (self.folder / BOOSTER).write_bytes(fitted.weights)
