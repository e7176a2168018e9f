"""Score runs in memory."""

import hashlib
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from pipelines.domain.nights.retention import Night
from pipelines.domain.scoring.publishable import Unfit
from pipelines.domain.scoring.recipe import Recipe
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.scoring import SCHEMA, STORED
from pipelines.errors import ChurnError, NothingStaged

FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)

# Of runs that were never published and may still be.
WAITING = ("staging", "staged")


@dataclass
class MemoryScoringEngine:
    """
    An engine that hands back a customer at a time, the last one first.

    Attributes:
        fails: What it ends with instead, once it was handed everything.
        asked: What it was asked by, oldest first.
    """

    fails: ChurnError | None = None
    asked: list[Recipe] = field(default_factory=list)

    def scored(
        self, batches: Iterable[pa.RecordBatch], recipe: Recipe
    ) -> Generator[pa.RecordBatch, None, None]:
        """Score all there is, then give it back."""
        self.asked.append(recipe)
        done = [recipe.scores_of(batch) for batch in batches]
        if self.fails is not None:
            raise self.fails
        for batch in reversed(done):
            for row in reversed(range(batch.num_rows)):
                yield batch.slice(row, 1)


@dataclass
class MemoryScores:
    """
    Score runs and their scores; their clock ticks a second a run.

    Attributes:
        known: Every run by its number, oldest first.
        lists: The scores of each run, as SCHEMA.
        passed: Runs the scores gate let pass.
        faults: What speaks against publishing a run, by its number.
        costs: What contacting costs, as it was said of each run.
    """

    known: dict[int, ScoreRun] = field(default_factory=dict)
    lists: dict[int, pa.Table] = field(default_factory=dict)
    passed: set[int] = field(default_factory=set)
    faults: dict[int, Unfit] = field(default_factory=dict)
    costs: dict[int, Mapping[str, Any] | None] = field(default_factory=dict)

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
        """Keep the batches under a new run; earlier unpublished runs of the date are rejected."""
        run = ScoreRun(
            run_id=len(self.known) + 1,
            population=population,
            as_of=as_of,
            status="staging",
            model_name=model_name,
            model_version=model_version,
            contract_fingerprint=contract_fingerprint,
            rows=None,
            scores_hash=None,
            reason=None,
            created_at=FIRST_MOMENT + timedelta(seconds=len(self.known) + 1),
            published_at=None,
            tier_bounds=tier_bounds,
        )
        self.known[run.run_id] = run
        self.costs[run.run_id] = costs
        self.lists[run.run_id] = SCHEMA.empty_table()

        table = pa.Table.from_batches(batches, SCHEMA)
        for other in [*self.known.values()]:
            is_same_night = (other.population, other.as_of) == (population, as_of)
            if is_same_night and other != run and other.status in WAITING:
                self._change(other, status="rejected", reason="replaced by a later attempt")
        self.lists[run.run_id] = table
        self._change(run, status="staged", rows=table.num_rows, scores_hash=_hash(table))

        return self.known[run.run_id]

    def staged(self, population: str, as_of: date) -> ScoreRun:
        """Return the run that waits; NothingStaged if there is none."""
        found = self._of(population, as_of, "staged")
        if not found:
            raise NothingStaged(
                f"no run of {population} is staged for {as_of}",
                next_step=f"churn score --population {population} --as-of {as_of}",
            )

        return found[-1]

    def published(self, population: str, as_of: date) -> ScoreRun | None:
        """Return the run people see, or None."""
        return next(iter(self._of(population, as_of, "published")), None)

    def published_before(self, population: str, as_of: date) -> ScoreRun | None:
        """Return the run of the latest list published of a date before *as_of*, or None."""
        earlier = [
            run for run in self.runs(population) if run.as_of < as_of and run.status == "published"
        ]

        return max(earlier, key=lambda run: run.as_of, default=None)

    def runs(self, population: str) -> list[ScoreRun]:
        """Return every run of *population*, oldest first."""
        return [run for run in self.known.values() if run.population == population]

    def reject(self, run_id: int, reason: str) -> None:
        """Mark a staged run as not fit to publish; any other stays as it is."""
        run = self.known.get(run_id)
        if run is not None and run.status in WAITING:
            self._change(run, status="rejected", reason=reason)

    def discard(self, run_id: int, reason: str) -> None:
        """Reject a staged run and remove its scores; any other stays as it is."""
        run = self.known.get(run_id)
        if run is not None and run.status == "staged":
            self._change(run, status="rejected", reason=reason)
            self.lists[run_id] = SCHEMA.empty_table()

    def is_intact(self, run: ScoreRun) -> bool:
        """Tell whether the list of *run* is what was staged."""
        return _hash(self.lists[run.run_id]) == run.scores_hash

    def passed_gate(self, run_id: int) -> bool:
        """Tell whether the scores gate let it pass."""
        return run_id in self.passed

    def unfit(self, run: ScoreRun) -> Unfit | None:
        """Return what speaks against publishing it, or None."""
        return self.faults.get(run.run_id)

    def publish(self, run: ScoreRun) -> None:
        """Make *run* the list of its date; NothingStaged if it is not staged any more."""
        known = self.known.get(run.run_id)
        if known is None or known.status != "staged":
            raise NothingStaged(
                f"run {run.run_id} is no longer staged; it was rejected or published meanwhile",
                next_step=f"churn score --population {run.population} --as-of {run.as_of}",
            )
        run.require_whole(len(self.lists[run.run_id]))
        before = self.published(run.population, run.as_of)
        if before is not None:
            self._change(before, status="superseded", reason=f"superseded by run {run.run_id}")
        moments = [item.published_at or item.created_at for item in self.known.values()]
        self._change(
            known,
            status="published",
            published_at=max(moments) + timedelta(seconds=1),
        )

    def tiers_of(self, run: ScoreRun, customer_ids: pa.Array) -> dict[str, str]:
        """Return the risk tier of those of the customers that are in the list of *run*, by id."""
        kept, wanted = self.lists[run.run_id], {*customer_ids.to_pylist()}
        pairs = zip(kept["customer_id"].to_pylist(), kept["risk_tier"].to_pylist(), strict=True)

        return {customer: tier for customer, tier in pairs if customer in wanted}

    def probabilities(self, population: str, as_of: date) -> pa.Table:
        """Return customer_id and churn_probability of the published list, by customer_id."""
        run = self.published(population, as_of)
        table = self.lists[run.run_id] if run else SCHEMA.empty_table()

        return table.select(["customer_id", "churn_probability"]).sort_by("customer_id")

    def _of(self, population: str, as_of: date, status: str) -> list[ScoreRun]:
        """Return the runs of one night in one status, oldest first."""
        return [run for run in self.runs(population) if (run.as_of, run.status) == (as_of, status)]

    def _change(self, run: ScoreRun, **changes: object) -> None:
        """Replace *run* by itself with changes."""
        self.known[run.run_id] = replace(run, **changes)  # type: ignore[arg-type]


@dataclass
class MemoryScoreHistory:
    """
    Lists of the past.

    Attributes:
        scores: The runs it returns to.
    """

    scores: MemoryScores

    def return_to_earlier(self, population: str, as_of: date) -> tuple[int, int] | None:
        """Publish the run published before; return both, or None where there is none."""
        current = self.scores.published(population, as_of)
        earlier = [
            run
            for run in self.scores.runs(population)
            if (run.as_of, run.status) == (as_of, "superseded")
            and run.published_at is not None
            and len(self.scores.lists[run.run_id]) == run.rows
        ]
        if current is None or not earlier:
            return None
        latest = max(earlier, key=lambda run: (run.published_at, run.run_id))
        self.scores.known[current.run_id] = replace(
            current, status="superseded", reason=f"rolled back to run {latest.run_id}"
        )
        self.scores.known[latest.run_id] = replace(
            latest, status="published", reason=f"returned to from run {current.run_id}"
        )

        return current.run_id, latest.run_id

    def kept(self) -> set[Night]:
        """Return the last published date of each population, and the nights that wait."""
        waiting = [run for run in self.scores.known.values() if run.status in WAITING]

        return {Night(*item) for item in self._last().items()} | {
            Night(run.population, run.as_of) for run in waiting
        }

    def forget(self, before: date) -> int:
        """Empty the lists of old dates; return how many scores they had."""
        last = self._last()
        forgotten = 0
        for run in self.scores.known.values():
            is_kept = run.status in WAITING or run.as_of == last.get(run.population)
            if run.as_of < before and not is_kept:
                forgotten += len(self.scores.lists[run.run_id])
                self.scores.lists[run.run_id] = SCHEMA.empty_table()

        return forgotten

    def _last(self) -> dict[str, date]:
        """Return the last published date of each population."""
        last: dict[str, date] = {}
        for run in self.scores.known.values():
            if run.status == "published":
                last[run.population] = max(run.as_of, last.get(run.population, run.as_of))

        return last


def _hash(table: pa.Table) -> str:
    """Return a digest that is equal for equal lists, in whatever order, but for their numbers."""
    lines = sorted(str(tuple(row.values())) for row in table.drop_columns(STORED).to_pylist())

    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]
