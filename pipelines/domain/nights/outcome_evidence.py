"""What a matured list says against the model that scored it: only what is surely so."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import NormalDist, fmean, median
from typing import Any

from pipelines.domain.alerts.alert import Alert
from pipelines.domain.nights.measuring import EXPECTED, OBSERVED
from pipelines.domain.nights.outcome_limits import LOSSES, OutcomeLimits
from pipelines.domain.nights.performance import ListPerformance, Measured
from pipelines.domain.training.measures.shares import NORMAL_95, wilson

OUTCOMES = "outcomes"
# Compared with what it was at first; later lists may have fallen already.
FIRST_LISTS = 28
FALLING = ("precision", "precision_at_capacity")
# What was told lasts while it is as likely as that: lists of consecutive nights are about nearly
# the same customers, and one that misses the certainty by a few of them takes nothing back.
LASTS_PCT = 90.0


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing a matured list says against its model.

    Attributes:
        metric: Which metric.
        sentence: What is so, with its numbers.
    """

    metric: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """
    What a share was.

    Attributes:
        value: Between 0 and 1.
        customers: Of how many.
        source: Where it comes from, in words.
    """

    value: float
    customers: float
    source: str


def findings(
    performance: ListPerformance, baselines: Mapping[str, Baseline], limits: OutcomeLimits
) -> list[Finding]:
    """
    Return what a list says against its model; nothing where it may be chance, or too few left.

    Args:
        performance: The list, measured.
        baselines: What the shares that may fall were, by metric; without one nothing fell.
        limits: When a difference counts.
    """
    z = NormalDist().inv_cdf(0.5 + limits.confidence_pct / 200)
    found = [_calibration(performance, item, z, limits) for item in performance.metrics]
    found += [_fall(performance.metric(name), baselines.get(name), z, limits) for name in FALLING]
    found += [
        _floor(performance.metric(name), floor, z, limits)
        for name, floor in limits.floors.items()
        if performance.churners >= limits.minimum_churners
    ]

    return [finding for finding in found if finding is not None]


def is_over(
    performance: ListPerformance, baselines: Mapping[str, Baseline], limits: OutcomeLimits
) -> bool:
    """
    Tell whether a list ends what an earlier one said: nothing is even likely, and enough left.

    Args:
        performance: The list, measured.
        baselines: What the shares that may fall were, by metric.
        limits: When a difference counts.
    """
    expected = performance.metric(EXPECTED)
    due = 0.0 if expected is None else expected.value * performance.customers
    if max(due, performance.churners) < limits.minimum_churners:
        return False
    likely = replace(limits, confidence_pct=min(LASTS_PCT, limits.confidence_pct))

    return not findings(performance, baselines, likely)


def baselines(
    earlier: Sequence[ListPerformance], evaluation: Mapping[str, Any]
) -> dict[str, Baseline]:
    """
    Return what precision was: on the first lists of the model, or on its test.

    Lists of consecutive nights are about the same customers, so that all of them together are
    worth one of them.

    Args:
        earlier: Matured lists of the same model, oldest first.
        evaluation: How good the model was, as it is kept with it.
    """
    found, test = {}, evaluation.get("test", {})
    for name in FALLING:
        measured = [item for each in earlier[:FIRST_LISTS] if (item := each.metric(name))]
        sizes = [item.customers for item in measured if item.customers]
        if sizes:
            value = fmean(item.value for item in measured if item.customers)
            found[name] = Baseline(value, median(sizes), "in the first lists of this model")
        elif name in test:
            spread = (test[name]["upper"] - test[name]["lower"]) / (2 * NORMAL_95)
            value = test[name]["value"]
            if spread > 0 and 0 < value < 1:
                customers = value * (1 - value) / spread**2
                found[name] = Baseline(value, customers, "on the test of this model")

    return found


def alert(
    population: str, as_of: date, performance: ListPerformance, found: Sequence[Finding]
) -> Alert:
    """
    Return what people are told of a list that says something against its model.

    Args:
        population: Its name in churn.toml.
        as_of: The night it was measured.
        performance: The list.
        found: At least one finding.
    """
    matured = performance.matured
    broken = [item.metric.removeprefix(f"{OBSERVED}_") for item in performance.broken]
    lines = [finding.sentence for finding in found]
    if broken:
        lines.append(f"Tiers outside the range the model promised: {', '.join(broken)}.")

    return Alert(
        population=population,
        as_of=as_of,
        kind=OUTCOMES,
        severity="warning",
        title=f"{population}: what the list of {matured.score_date} said did not come true",
        body="\n".join(
            [
                f"Version {matured.model_version}: {performance.churners:,} of "
                f"{performance.customers:,} customers left.",
                *lines,
                "",
                'Next: churn sql "$(cat sql/reports/performance.sql)"',
            ]
        ),
        owner="science",
    )


def _calibration(
    performance: ListPerformance, rate: Measured, z: float, limits: OutcomeLimits
) -> Finding | None:
    """Return that far more or fewer left than were expected, in a list or a tier; or None."""
    if not rate.metric.startswith(OBSERVED) or rate.customers is None or rate.churners is None:
        return None
    where = rate.metric.removeprefix(OBSERVED).removeprefix("_")
    expected = performance.metric(rate.metric.replace(OBSERVED, EXPECTED))
    if expected is None or rate.is_as_promised:
        return None
    due = expected.value * rate.customers
    if max(due, rate.churners) < limits.minimum_churners:
        return None
    lower, upper = (end / expected.value for end in wilson(rate.churners, rate.customers, z))
    most = 1 + limits.calibration_pct / 100
    if lower <= most and upper >= 1 / most:
        return None
    name = f"tier {where}" if where else "the list"

    return Finding(
        rate.metric,
        f"In {name} {rate.churners:,} left where {due:,.0f} were expected: "
        f"{rate.churners / due:.2f} of them, surely between {lower:.2f} and {upper:.2f}.",
    )


def _fall(
    now: Measured | None, before: Baseline | None, z: float, limits: OutcomeLimits
) -> Finding | None:
    """
    Return that a share fell by more than it may; or None.

    By the interval of a ratio of two shares (Katz et al. 1978), half a churner added.
    """
    if now is None or before is None or not now.customers or now.churners is None:
        return None
    due = before.value * now.customers
    if due < limits.minimum_churners or before.value <= 0:
        return None
    share = (now.churners + 0.5) / (now.customers + 0.5)
    variance = (1 - share) / (now.churners + 0.5)
    variance += (1 - before.value) / (before.value * before.customers)
    upper = share / before.value * math.exp(z * math.sqrt(variance))
    if upper >= 1 - limits.fall_pct / 100:
        return None

    return Finding(
        now.metric,
        f"{now.metric} is {now.value:.2f} of {now.customers:,} customers and was "
        f"{before.value:.2f} {before.source}: it fell by more than {limits.fall_pct:g} %.",
    )


def _floor(now: Measured | None, floor: float, z: float, limits: OutcomeLimits) -> Finding | None:
    """
    Return that a metric is on the wrong side of what churn.toml names for it; or None.

    A precision of few customers has a bootstrap without width where all or none left, so that its
    interval is Wilson's.
    """
    if now is None or now.lower is None or now.upper is None:
        return None
    if now.customers is not None and now.customers < limits.minimum_churners:
        return None
    reach = z * (now.upper - now.lower) / (2 * NORMAL_95)
    lower, upper = now.value - reach, now.value + reach
    if now.metric in FALLING and now.customers and now.churners is not None:
        lower, upper = wilson(now.churners, now.customers, z)
    is_loss = now.metric in LOSSES
    if lower <= floor if is_loss else upper >= floor:
        return None
    side = "above" if is_loss else "below"

    return Finding(
        now.metric,
        f"{now.metric} is {now.value:.3f}, {side} {floor:g} in [outcomes] of churn.toml.",
    )
