"""A trial of two models in service, by what happened to the customers who were asked about."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pyarrow as pa

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.serving.sequential import (
    Always,
    always,
    brier_differences,
    share_differences,
)
from pipelines.domain.serving.trials import Mode

# How often a trial of equal models may ever say that one is better, however often it is looked at.
ALPHA: Final = 0.05
Verdict = Literal["challenger is better", "champion is better", "open"]


@dataclass(frozen=True, slots=True)
class TrialKey:
    """
    What one trial is: whatever of it changes begins another.

    Attributes:
        population: Whose customers.
        mode: `shadow` or `split`.
        salt: How they were dealt.
        challenger_pct: The challenger's share of a split.
        champion_version: The pair that is compared.
        challenger_version: The pair that is compared.
    """

    population: str
    mode: Mode
    salt: str
    challenger_pct: float
    champion_version: int
    challenger_version: int


@dataclass(frozen=True, slots=True)
class TrialResult:
    """
    How a trial stands by one measure, of which less is better.

    Attributes:
        metric: `brier`: loss of the probabilities. `churn_rate`: who left, of those each model
            answered.
        customers: Whose outcome is known, each once.
        champion_value: The measure of the champion; None of nobody.
        challenger_value: The measure of the challenger; None of nobody.
        difference: How much larger the challenger's is.
        lower: Lower bound of the difference; all bounds of a trial hold on every night at once, 95
            in 100 times.
        upper: Upper bound of the difference.
        verdict: Which is better, once the bounds say so.
    """

    metric: str
    customers: int
    champion_value: float | None
    challenger_value: float | None
    difference: float
    lower: float
    upper: float
    verdict: Verdict

    @property
    def summary(self) -> str:
        """Return it in one line."""
        return (
            f"{self.metric} of {self.customers:,} customers: the challenger's is larger by "
            f"{self.difference:+.4f} ({self.lower:+.4f} to {self.upper:+.4f}); {self.verdict}"
        )


def judged(trial: TrialKey, table: pa.Table) -> list[TrialResult]:
    """
    Return how a trial stands.

    A shadow is judged by the Brier loss of both models for the same customers. A split is judged by
    who left of each model's customers, which is what was done about them too, and beside it by
    the Brier loss, which actions that help make larger; either may be wrong half as often.

    Args:
        trial: What it is.
        table: customer_id, variant, churn_probability and is_churned in the order in which they
            came to be known; of a shadow two rows a customer, champion last. Not modified.
    """
    is_challenger = np.asarray(table["variant"].to_pylist(), dtype=object) == "challenger"
    probability = np.asarray(table["churn_probability"].to_numpy(), dtype=np.float64)
    is_churned = np.asarray(table["is_churned"].to_numpy(zero_copy_only=False), dtype=bool)
    if trial.mode == "shadow":
        return [_shadow(table["customer_id"].to_pylist(), is_challenger, probability, is_churned)]
    losses = {
        "churn_rate": is_churned.astype(np.float64),
        "brier": (probability - is_churned) ** 2,
    }

    return [
        _split(metric, loss, is_challenger, trial.challenger_pct / 100, ALPHA / len(losses))
        for metric, loss in losses.items()
    ]


def _shadow(
    customers: list[str], is_challenger: Flags, probability: Vector, is_churned: Flags
) -> TrialResult:
    """Return the result of pairs: customers of whom both models said something."""
    said: dict[str, dict[bool, float]] = {}
    happened: dict[str, bool] = {}
    for customer, is_one, value, has_left in zip(
        customers, is_challenger, probability, is_churned, strict=True
    ):
        said.setdefault(customer, {})[bool(is_one)] = float(value)
        happened[customer] = bool(has_left)
    both = [name for name, values in said.items() if len(values) == 2]
    champion, challenger = (
        np.array([said[name][is_one] for name in both], dtype=np.float64)
        for is_one in (False, True)
    )
    outcome = np.array([happened[name] for name in both], dtype=bool)
    bounds = always(brier_differences(outcome, champion, challenger), most=1.0, alpha=ALPHA)

    return _result(
        "brier",
        bounds,
        *(_mean((values - outcome) ** 2) for values in (champion, challenger)),
    )


def _split(
    metric: str, losses: Vector, is_challenger: Flags, share: float, alpha: float
) -> TrialResult:
    """Return the result of shares: each customer with one model's loss."""
    bounds = always(
        share_differences(losses, is_challenger, share=share),
        most=1 / min(share, 1 - share),
        alpha=alpha,
    )

    return _result(metric, bounds, _mean(losses[~is_challenger]), _mean(losses[is_challenger]))


def _result(
    metric: str, bounds: Always, champion: float | None, challenger: float | None
) -> TrialResult:
    """Return a result with what its bounds say."""
    verdict: Verdict = "open"
    if bounds.upper < 0:
        verdict = "challenger is better"
    elif bounds.lower > 0:
        verdict = "champion is better"

    return TrialResult(
        metric=metric,
        customers=bounds.rows,
        champion_value=champion,
        challenger_value=challenger,
        difference=bounds.estimate,
        lower=bounds.lower,
        upper=bounds.upper,
        verdict=verdict,
    )


def _mean(values: Vector) -> float | None:
    """Return a mean; None of nothing."""
    return float(values.mean()) if len(values) else None
