"""Ways to score a night of a made-up warehouse, each in a process of its own: ours and others."""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import sqlalchemy as sa
import structlog
import xgboost as xgb
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.encoding import encode
from pipelines.domain.scoring.scoring import score_batch
from pipelines.settings import load
from pipelines.steps.night.score import score
from pipelines.testing.alerts import MemoryOutbox
from pipelines.testing.locks import MemoryLocks
from tests.benchmarks.scoring_warehouse import (
    BOOSTER,
    LEVELS,
    NIGHT,
    POPULATION,
    SCHEMA,
    MadeWarehouse,
)

CHUNK = 64_000
TIERS = load({}).tiers


def stream(made: MadeWarehouse, warehouse: Warehouse, *, is_for_everyone: bool = False) -> int:
    """Score as `churn score` does and make it the list; reasons from the second tier upward."""
    scores = WarehouseScores(warehouse)
    staged = score(
        population=POPULATION,
        as_of=NIGHT,
        features=made.store(warehouse),
        models=made.registry(),
        scores=scores,
        tiers=TIERS,
        locks=MemoryLocks(),
        outbox=MemoryOutbox(),
        is_for_everyone=is_for_everyone,
        workers=os.cpu_count() or 1,
    )
    scores.publish(staged)

    return int(staged.rows or 0)


def stream_for_everyone(made: MadeWarehouse, warehouse: Warehouse) -> int:
    """Score as `churn score` does with reasons for everyone."""
    return stream(made, warehouse, is_for_everyone=True)


def pandas_whole(made: MadeWarehouse, warehouse: Warehouse) -> int:
    """Read everything with pandas, predict with a scikit-learn pipeline, write with pandas."""
    return _by_pandas(made, warehouse, None)


def pandas_chunks(made: MadeWarehouse, warehouse: Warehouse) -> int:
    """Do the same in chunks."""
    return _by_pandas(made, warehouse, CHUNK)


def drain(made: MadeWarehouse, warehouse: Warehouse) -> int:
    """Read the same columns with binary COPY and throw them away."""
    rows = 0
    with psycopg.connect(warehouse.url) as connection, connection.cursor() as cursor:
        names = ", ".join(("customer_id", *made.contract.names))
        with cursor.copy(
            f"copy (select {names} from {SCHEMA}.{made.contract.table} "
            f"where as_of = '{NIGHT}') to stdout (format binary)"
        ) as copy:
            for _ in copy:
                rows += 1

    return rows


def predict(made: MadeWarehouse, warehouse: Warehouse) -> int:
    """Predict rows that lie in memory already, tier by tier nothing else."""
    booster = xgb.Booster({"nthread": 2}, model_file=str(made.folder / BOOSTER))
    with warehouse.batches(_query(made)) as reader:
        matrices = [encode(batch, made.contract).matrix for batch in reader]
    _begin()

    return sum(len(booster.inplace_predict(each, predict_type="margin")) for each in matrices)


def write(made: MadeWarehouse, warehouse: Warehouse) -> int:
    """Write scores that lie in memory already into a table without an index, with binary COPY."""
    model = made.registry().load(made.registry().champion(POPULATION))
    with warehouse.batches(_query(made)) as reader:
        scored = [
            score_batch(batch, spec=model.spec, predictors=model.predictors, tiers=TIERS)
            for batch in reader
        ]
    warehouse.execute(
        "create table if not exists analytics.written (customer_id text, churn_probability "
        "double precision, risk_tier text, recommended_action text, reason_1 text, reason_2 text, "
        "reason_3 text, reasons text)"
    )
    warehouse.execute("truncate analytics.written")
    _begin()

    return warehouse.ingest("analytics", {"written": pa.Table.from_batches(scored).to_reader()})


WAYS: dict[str, Callable[[MadeWarehouse, Warehouse], int]] = {
    way.__name__: way
    for way in (stream, stream_for_everyone, pandas_whole, pandas_chunks, drain, predict, write)
}
_begun = [0.0, 0.0]


def _begin() -> None:
    """Count from now; what came before was to prepare."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _begun[:] = [time.monotonic(), used.ru_utime + used.ru_stime]


def _query(made: MadeWarehouse) -> str:
    """Return the query of a night, its date as a literal."""
    names = ", ".join(("customer_id", *made.contract.names))

    return f"select {names} from {SCHEMA}.{made.contract.table} where as_of = '{NIGHT}'"


def _by_pandas(made: MadeWarehouse, warehouse: Warehouse, rows: int | None) -> int:
    """Score with what is commonly used, tiers but no reasons."""
    classifier = xgb.XGBClassifier(n_jobs=2)
    classifier.load_model(made.folder / BOOSTER)
    named = [each.name for each in made.contract.features if each.kind == "categorical"]
    levels = ColumnTransformer(
        [("levels", OrdinalEncoder(categories=[list(LEVELS)] * len(named)), named)],
        remainder="passthrough",
        verbose_feature_names_out=False,
    )
    # The encoder puts its columns first; the model was fitted on those of the contract in order.
    levels.set_output(transform="pandas")
    put = _InOrder(list(made.contract.names))
    pipeline = Pipeline([("levels", levels), ("order", put), ("model", classifier)])
    levels.fit(pd.DataFrame([_example(made)]))
    written = 0
    engine = sa.create_engine(warehouse.url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(stream_results=rows is not None) as connection:
        read = pd.read_sql(sa.text(_query(made)), connection, chunksize=rows)
        frames: Iterable[pd.DataFrame] = [read] if isinstance(read, pd.DataFrame) else read
        for frame in frames:
            told = pipeline.predict_proba(frame[list(made.contract.names)])[:, 1]
            places = np.digitize(told, [*TIERS.thresholds.values()])
            scored = pd.DataFrame(
                {
                    "customer_id": frame["customer_id"],
                    "churn_probability": told,
                    "risk_tier": np.array(TIERS.names)[places],
                }
            )
            scored.to_sql(
                "by_pandas",
                engine,
                schema=SCHEMA,
                index=False,
                if_exists="append" if written else "replace",
            )
            written += len(frame)

    return written


class _InOrder:
    """Puts columns in the order of the model."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def fit(self, _rows: pd.DataFrame, _: object = None) -> "_InOrder":
        """Learn nothing."""
        return self

    def transform(self, rows: pd.DataFrame) -> np.ndarray:
        """Return the matrix."""
        return rows[self.names].to_numpy(np.float32)


def _example(made: MadeWarehouse) -> dict[str, object]:
    """Return a customer, for transformers that want to see one."""
    kinds = {"numeric": 1.0, "boolean": True, "categorical": LEVELS[0]}

    return {each.name: kinds[each.kind] for each in made.contract.features}


def main() -> None:
    """Score once in one way and print what it took as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--customers", type=int, required=True)
    parser.add_argument("--features", type=int, required=True)
    parser.add_argument("--depth", type=int, required=True)
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    made = MadeWarehouse(chosen.folder, chosen.customers, chosen.features, chosen.depth)
    warehouse = made.started()
    _begin()
    rows = WAYS[chosen.way](made, warehouse)
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "way": chosen.way,
        "rows": rows,
        "seconds": time.monotonic() - _begun[0],
        "cpu_seconds": used.ru_utime + used.ru_stime - _begun[1],
        "peak_mb": used.ru_maxrss / 1000,
    }
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main()
