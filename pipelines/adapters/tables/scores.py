"""Score runs and their scores: staged out of sight, published by one small transaction."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from psycopg.sql import SQL, Literal

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scoring.publishable import GateVerdict, Unfit, why_unfit
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.scoring import SCHEMA, STORED
from pipelines.errors import NothingStaged

# Of churn.scores: the key of the run, and what a score is.
COLUMNS = pa.schema([("score_date", pa.date32()), ("run_id", pa.int64()), *SCHEMA])
JSONB_VERSION = "\x01"

RUN_COLUMNS = (
    "run_id, population, as_of, status, model_name, model_version, contract_fingerprint, "
    "rows, scores_hash, reason, created_at, published_at, tier_bounds"
)

# Two seeded 64-bit sums over the rows: equal for equal lists, in one pass without a sort. The
# numbers of reasons are left out: they follow from what is in, and lists of before have none.
SCORES_HASH = """
with list as (
  select row(
    customer_id, churn_probability, risk_tier, recommended_action, reason_1, reason_2, reason_3
  )::text as line
  from churn.scores
  where score_date = :as_of and run_id = :run_id
)

select
  count(*) as rows,
  md5(concat(sum(hashtextextended(line, 1)), ' ', sum(hashtextextended(line, 2)))) as scores_hash
from list
"""


@dataclass(frozen=True)
class WarehouseScores:
    """
    The tables churn.score_runs and churn.scores.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def stage(
        self,
        *,
        population: str,
        as_of: date,
        model_name: str,
        model_version: int,
        contract_fingerprint: str,
        batches: Iterable[pa.RecordBatch],
        tier_bounds: Mapping[str, Any] | None = None,
        costs: Mapping[str, Any] | None = None,
    ) -> ScoreRun:
        """Write scored *batches* under a new run that no view shows; reject those that waited."""
        with self.warehouse.begin() as connection:
            connection.execute(
                sa.text("select churn.make_scores_partition(:as_of)"), {"as_of": as_of}
            )
            run_id = connection.scalar(
                sa.text(
                    "insert into churn.score_runs "
                    "(population, as_of, status, model_name, model_version, contract_fingerprint, "
                    "tier_bounds, costs) "
                    "values (:population, :as_of, 'staging', :name, :version, :fingerprint, "
                    "cast(:tier_bounds as jsonb), cast(:costs as jsonb)) "
                    "returning run_id"
                ),
                {
                    "population": population,
                    "as_of": as_of,
                    "name": model_name,
                    "version": model_version,
                    "fingerprint": contract_fingerprint,
                    "tier_bounds": None if tier_bounds is None else json.dumps(dict(tier_bounds)),
                    "costs": None if costs is None else json.dumps(dict(costs)),
                },
            )

        keyed = (_keyed(batch, as_of, run_id) for batch in batches)
        reader = pa.RecordBatchReader.from_batches(COLUMNS, keyed)
        self.warehouse.ingest("churn", {"scores": reader})
        # Before the list is hashed, or that is planned for a handful of rows.
        self.warehouse.rows("select churn.gather_statistics(:as_of)", {"as_of": as_of})

        with self.warehouse.begin() as connection:
            connection.execute(
                sa.text(
                    "update churn.score_runs "
                    "set status = 'rejected', reason = 'replaced by a later attempt' "
                    "where population = :population and as_of = :as_of and run_id <> :run_id "
                    "and status in ('staging', 'staged')"
                ),
                {"population": population, "as_of": as_of, "run_id": run_id},
            )
            found = connection.execute(
                sa.text(SCORES_HASH), {"as_of": as_of, "run_id": run_id}
            ).one()
            connection.execute(
                sa.text(
                    "update churn.score_runs "
                    "set status = 'staged', rows = :rows, scores_hash = :hash "
                    "where run_id = :run_id"
                ),
                {"rows": found.rows, "hash": found.scores_hash, "run_id": run_id},
            )

        return self.run(run_id)

    def run(self, run_id: int) -> ScoreRun:
        """Return one run."""
        return self._runs("run_id = :run_id", {"run_id": run_id})[0]

    def staged(self, population: str, as_of: date) -> ScoreRun:
        """Return the run that waits to be published; NothingStaged if there is none."""
        runs = self._runs(
            "population = :population and as_of = :as_of and status = 'staged'",
            {"population": population, "as_of": as_of},
        )
        if not runs:
            raise NothingStaged(
                f"no run of {population} is staged for {as_of}",
                next_step=f"churn score --population {population} --as-of {as_of}",
            )

        return runs[-1]

    def published(self, population: str, as_of: date) -> ScoreRun | None:
        """Return the published run of *as_of*, or None."""
        runs = self._runs(
            "population = :population and as_of = :as_of and status = 'published'",
            {"population": population, "as_of": as_of},
        )

        return runs[0] if runs else None

    def published_before(self, population: str, as_of: date) -> ScoreRun | None:
        """Return the run of the latest list published of a date before *as_of*, or None."""
        shown = "population = :population and as_of < :as_of and status = 'published'"
        runs = self._runs(shown, {"population": population, "as_of": as_of})

        return max(runs, key=lambda run: run.as_of, default=None)

    def runs(self, population: str) -> list[ScoreRun]:
        """Return every run of *population*, oldest first."""
        return self._runs("population = :population", {"population": population})

    def reject(self, run_id: int, reason: str) -> None:
        """Mark a staged run as not fit to publish."""
        self.warehouse.execute(
            "update churn.score_runs set status = 'rejected', reason = :reason "
            "where run_id = :run_id and status in ('staging', 'staged')",
            {"run_id": run_id, "reason": reason},
        )

    def discard(self, run_id: int, reason: str) -> None:
        """Reject a staged run and remove its scores; any other run stays as it is."""
        run = {"run_id": run_id}
        with self.warehouse.begin() as connection:
            rejected = connection.execute(
                sa.text(
                    "update churn.score_runs set status = 'rejected', reason = :reason "
                    "where run_id = :run_id and status = 'staged'"
                ),
                {**run, "reason": reason},
            ).rowcount
            if rejected:
                connection.execute(sa.text("delete from churn.scores where run_id = :run_id"), run)

    def is_intact(self, run: ScoreRun) -> bool:
        """Tell whether what there is of the list of *run* is what was staged, row by row."""
        found = self.warehouse.rows(SCORES_HASH, {"as_of": run.as_of, "run_id": run.run_id})[0]

        return (found.rows, found.scores_hash) == (run.rows, run.scores_hash)

    def passed_gate(self, run_id: int) -> bool:
        """Tell whether the scores gate was run on *run_id* and nothing that counts failed."""
        rows = self.warehouse.rows(
            "select bool_and(is_passed or severity = 'warn') as is_passed "
            "from churn.gate_results where run_id = :run_id and gate = 'scores'",
            {"run_id": run_id},
        )

        return bool(rows[0].is_passed)

    def unfit(self, run: ScoreRun) -> Unfit | None:
        """Return what speaks against publishing *run*, from its sources and features; or None."""
        night = {"population": run.population, "as_of": run.as_of}
        verdicts = self.warehouse.rows(
            "select gate, checked_at, bool_and(is_passed or severity = 'warn') as is_passed "
            "from churn.gate_results where population = :population and as_of = :as_of "
            "and gate in ('sources', 'features') group by gate, checked_at",
            night,
        )
        built = self.warehouse.rows(
            "select built_at from churn.feature_builds "
            "where population = :population and as_of = :as_of",
            night,
        )

        return why_unfit(
            run,
            built[0].built_at if built else None,
            [GateVerdict(**row._mapping) for row in verdicts],
        )

    def publish(self, run: ScoreRun) -> None:
        """Make *run* the list of its date, superseding the one before, in one transaction."""
        with self.warehouse.begin() as connection:
            kept: int = connection.execute(
                sa.text(
                    "select count(*) from churn.scores "
                    "where score_date = :as_of and run_id = :run_id"
                ),
                {"as_of": run.as_of, "run_id": run.run_id},
            ).scalar_one()
            connection.execute(
                sa.text(
                    "update churn.score_runs set status = 'superseded', reason = :reason "
                    "where population = :population and as_of = :as_of and status = 'published'"
                ),
                {
                    "population": run.population,
                    "as_of": run.as_of,
                    "reason": f"superseded by run {run.run_id}",
                },
            )
            flipped = connection.execute(
                sa.text(
                    "update churn.score_runs set status = 'published', published_at = now() "
                    "where run_id = :run_id and status = 'staged'"
                ),
                {"run_id": run.run_id},
            ).rowcount
            if flipped != 1:
                raise NothingStaged(
                    f"run {run.run_id} is no longer staged; it was rejected or published meanwhile",
                    next_step=f"churn score --population {run.population} --as-of {run.as_of}",
                )
            run.require_whole(kept)

    def tiers_of(self, run: ScoreRun, customer_ids: pa.Array) -> dict[str, str]:
        """Return the risk tier of those of the customers that are in the list of *run*, by id."""
        rows = self.warehouse.rows(
            "select customer_id, risk_tier from churn.scores "
            "where score_date = :as_of and run_id = :run_id and customer_id = any(:ids)",
            {"as_of": run.as_of, "run_id": run.run_id, "ids": customer_ids.to_pylist()},
        )

        return {row.customer_id: row.risk_tier for row in rows}

    def probabilities(self, population: str, as_of: date) -> pa.Table:
        """Return customer_id and churn_probability of the published list, by customer_id."""
        # Literals: with bound values ADBC leaves COPY, and all rows come at once.
        query = SQL(
            "select customer_id, churn_probability from churn.scores_published "
            'where population = {} and score_date = {} order by customer_id collate "C"'
        ).format(Literal(population), Literal(as_of))
        with self.warehouse.batches(query.as_string(None)) as reader:
            return reader.read_all()

    def _runs(self, condition: str, parameters: dict[str, object]) -> list[ScoreRun]:
        """Return the runs that meet one of our own conditions, oldest first."""
        rows = self.warehouse.rows(
            f"select {RUN_COLUMNS} from churn.score_runs where {condition} order by run_id",  # noqa: S608  ours
            parameters,
        )

        return [ScoreRun(**row._mapping) for row in rows]


def _keyed(batch: pa.RecordBatch, as_of: date, run_id: int) -> pa.RecordBatch:
    """Return the scored *batch* with the key of its run, and JSON as COPY reads it."""
    rows = batch.num_rows
    columns = {
        **dict(zip(batch.schema.names, batch.columns, strict=True)),
        "score_date": pa.repeat(pa.scalar(as_of, pa.date32()), rows),
        "run_id": pa.repeat(pa.scalar(run_id, pa.int64()), rows),
        # In binary, jsonb is the version of its format and the text.
        STORED: pc.binary_join_element_wise(JSONB_VERSION, batch.column(STORED), ""),
    }

    return pa.RecordBatch.from_arrays([columns[name] for name in COLUMNS.names], schema=COLUMNS)
