"""Score runs: worked out, staged out of sight, published, and returned to."""

from collections.abc import Generator, Iterable, Mapping
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from pipelines.domain.nights.retention import Night
from pipelines.domain.scoring.publishable import Unfit
from pipelines.domain.scoring.recipe import Recipe
from pipelines.domain.scoring.runs import ScoreRun


class ScoringEngine(Protocol):
    """Other processes, on this machine or on others, that score what they are handed."""

    def scored(
        self, batches: Iterable[pa.RecordBatch], recipe: Recipe
    ) -> Generator[pa.RecordBatch, None, None]:
        """
        Return the scores of every row of *batches*, as `recipe.scores_of` gives them.

        Whoever takes them closes what is returned. In any order, in batches of any size; all of
        them, or an error and not one: ConfigError if there is no such engine, ServiceFailed if it
        ended badly, ArtefactDamaged or ContractMismatch if the model is not what was registered,
        or the rows are not what it takes.
        """


class Scores(Protocol):
    """Score runs and their scores."""

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
        """
        Write scored batches under a new run that nobody sees.

        Where its tiers begin and what contacting costs are kept with the run, to explain the list.

        Earlier runs of the date that were never published are rejected. What *batches* raises
        passes through; the run stays `staging`, without scores, and those before it as they were.
        """

    def staged(self, population: str, as_of: date) -> ScoreRun:
        """Return the run that waits to be published; NothingStaged if there is none."""

    def published(self, population: str, as_of: date) -> ScoreRun | None:
        """Return the run people see, or None."""

    def published_before(self, population: str, as_of: date) -> ScoreRun | None:
        """Return the run of the latest list published of a date before *as_of*, or None."""

    def tiers_of(self, run: ScoreRun, customer_ids: pa.Array) -> dict[str, str]:
        """Return the risk tier of those of the customers that are in the list of *run*, by id."""

    def runs(self, population: str) -> list[ScoreRun]:
        """Return every run of *population*, oldest first."""

    def reject(self, run_id: int, reason: str) -> None:
        """Mark a staged run as not fit to publish; any other run stays as it is."""

    def discard(self, run_id: int, reason: str) -> None:
        """Reject a staged run and remove its scores; any other run stays as it is."""

    def is_intact(self, run: ScoreRun) -> bool:
        """Tell whether what there is of the list of *run* is what was staged, row by row."""

    def passed_gate(self, run_id: int) -> bool:
        """Tell whether the scores gate looked at the run and let it pass."""

    def unfit(self, run: ScoreRun) -> Unfit | None:
        """Return what speaks against publishing *run*, from what it was scored from; or None."""

    def publish(self, run: ScoreRun) -> None:
        """
        Make *run* the list of its date and supersede the one before, in one transaction.

        NothingStaged if it is not staged any more, or has not all of its scores, or none at all.
        """

    def probabilities(self, population: str, as_of: date) -> pa.Table:
        """Return `customer_id` and `churn_probability` of the published list, by customer_id."""


class ScoreHistory(Protocol):
    """Lists of the past."""

    def return_to_earlier(self, population: str, as_of: date) -> tuple[int, int] | None:
        """
        Publish the run published before, in one transaction; return the current one and that one.

        None, and nothing changes, where there is none that still has all of its scores.
        """

    def kept(self) -> set[Night]:
        """Return the last published date of each population, and the nights that wait."""

    def forget(self, before: date) -> int:
        """
        Delete the scores of dates before *before*; return their number. Runs stay known.

        What waits to be published stays, and so does the last published date of each population.
        """
