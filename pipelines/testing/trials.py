"""Trials of two models in memory: what they said, and what happened."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from pipelines.domain.nights.trials import TrialKey, TrialResult
from pipelines.domain.serving.trials import ServedPrediction
from pipelines.errors import DatabaseUnavailable

SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("variant", pa.string()),
        ("churn_probability", pa.float64()),
        ("is_churned", pa.bool_()),
    ]
)


@dataclass
class MemoryTrials:
    """
    Predictions, outcomes and results.

    Attributes:
        current: Date of the latest list; None before there is one.
        said: Predictions, each with the list that was current.
        happened: By list and customer, whether they left.
        results: What was recorded of each trial and night.
        is_down: Whether nothing can be written down.
    """

    current: date | None = None
    said: list[tuple[ServedPrediction, date | None]] = field(default_factory=list)
    happened: dict[tuple[date, str], bool] = field(default_factory=dict)
    results: dict[tuple[TrialKey, date], list[TrialResult]] = field(default_factory=dict)
    is_down: bool = False

    async def record_predictions(self, predictions: Sequence[ServedPrediction]) -> None:
        """Keep predictions."""
        if self.is_down:
            raise DatabaseUnavailable("it is down", next_step="churn status")
        self.said += [(each, self.current) for each in predictions]

    def trials(self, population: str) -> list[TrialKey]:
        """Return the trials of which there are predictions."""
        found = {key(each) for each, _ in self.said if each.population == population}

        return sorted(found, key=repr)

    def outcomes(self, trial: TrialKey) -> pa.Table:
        """Return what is known by now of a trial."""
        firsts: dict[tuple[str, str], tuple[ServedPrediction, date | None]] = {}
        for each, current in self.said:
            if key(each) == trial:
                firsts.setdefault((each.customer_id, each.variant), (each, current))
        known = sorted(
            (
                (current, hashlib.sha256(each.customer_id.encode()).digest(), each)
                for each, current in firsts.values()
                if current is not None and (current, each.customer_id) in self.happened
            ),
            key=lambda row: (row[0], row[1], row[2].variant),
        )

        return pa.Table.from_pylist(
            [
                {
                    "customer_id": each.customer_id,
                    "variant": each.variant,
                    "churn_probability": each.churn_probability,
                    "is_churned": self.happened[current, each.customer_id],
                }
                for current, _, each in known
            ],
            schema=SCHEMA,
        )

    def record(self, trial: TrialKey, as_of: date, results: Sequence[TrialResult]) -> None:
        """Keep how a trial stands on a night; doing so again replaces it."""
        self.results[trial, as_of] = [*results]


def key(said: ServedPrediction) -> TrialKey:
    """Return which trial a prediction is of."""
    return TrialKey(
        said.population,
        said.mode,
        said.salt,
        said.challenger_pct,
        said.champion_version,
        said.challenger_version,
    )
