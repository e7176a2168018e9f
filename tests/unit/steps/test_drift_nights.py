"""Drift over several nights: what lasts, what is the season, and what changed since yesterday."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.drift.report import DriftReport
from pipelines.testing.drift import MemoryEngine
from pipelines.testing.models import MemoryRegistry
from tests.unit.steps.judged_night import DRIFTED, PROBABILITIES, ROWS, JudgedNight, reference
from tests.unit.steps.subscribers import (
    CONTRACT,
    NIGHT,
    POPULATION,
    before,
    customers,
    model,
    stage,
)


def verdicts(report: DriftReport) -> dict[str, str]:
    """Return the verdict on each column."""
    return {check.feature: check.verdict for check in report.checks}


def test_drift_counts_on_two_of_three_nights() -> None:
    """The first night is told to nobody; a later night, or one of another model, says nothing."""
    night = JudgedNight()
    night.settings = replace(night.settings, drifted_nights=2)
    night.double_fees()
    first = night.judge()
    assert ("quiet", None) == (first.verdict, first.alert)
    assert "1 of them drifted and not on 2 of three nights: fee_eur (moved by" in first.reason
    assert "drifted" == verdicts(first)["fee_eur"]

    for other in (
        replace(first, as_of=before(-1)),
        replace(first, as_of=before(1), model_version=2),
        replace(first, as_of=before(1), population="trial"),
    ):
        night.store.reports = {(other.population, other.as_of): other}
        assert "quiet" == night.judge().verdict

    night.store.reports = {(POPULATION, before(2)): replace(first, as_of=before(2))}
    again = night.judge()
    assert ("drifted", True) == (again.verdict, again.is_training_requested)
    assert again == night.judge()
    assert again.alert is not None
    assert "fee_eur: drifted on 2 of three nights: moved by" in again.alert.body


def test_what_was_so_a_year_ago_is_the_season() -> None:
    """The same fees at the same time of the year before the training are no drift, and told so."""
    night = JudgedNight()
    night.double_fees()
    usual = night.features.tables[NIGHT]
    night.engine = OnlyDistantOnes()
    assert "drifted" == night.judge().verdict

    learned = model({"fee_eur": 0.3}, reference=reference())
    night.models = MemoryRegistry()
    night.models.add(replace(learned, spec=replace(learned.spec, as_of=before(60))))
    night.features.add(before(360), usual, CONTRACT)
    report = night.judge()
    assert "quiet" == report.verdict
    (fee,) = [check for check in report.checks if check.feature == "fee_eur"]
    assert fee.finding.endswith(f"as on {before(360)}")
    asked = [call.args[0].column_names for call in night.journal.of("p_values")]
    assert [[*CONTRACT.names, "*score*"], ["fee_eur"]] == asked[-2:]

    night.features.tables[before(360)] = customers(ROWS)
    assert "drifted" == night.judge().verdict


class OnlyDistantOnes(MemoryEngine):
    """An engine that finds means significant that are far from each other."""

    def p_values(
        self, reference: pa.Table, current: pa.Table, categorical: Sequence[str]
    ) -> dict[str, tuple[float, float]]:
        """Compare the means of fees alone."""
        sides = [np.mean(side["fee_eur"].to_numpy()) for side in (reference, current)]
        quiet = super().p_values(reference, current, categorical)

        return {**quiet, "fee_eur": DRIFTED if abs(sides[1] - sides[0]) > 1 else (0.0, 1.0)}


def test_shuffled_scores_are_no_reason_to_train() -> None:
    """At once: the list before has the same scores, each another customer's."""
    night = JudgedNight()
    shuffled = np.random.default_rng(3).permutation(PROBABILITIES).tolist()
    night.scores.publish(stage(night.scores, shuffled, as_of=before(1)))
    night.settings = replace(night.settings, drifted_nights=3)
    report = night.judge()

    assert ("unknown", False) == (report.verdict, report.is_training_requested)
    assert report.reason.startswith("cannot be judged: *score ranks* (rank agreement with the list")


@pytest.mark.parametrize(
    ("days", "version", "is_judged"), [(1, 1, True), (7, 1, True), (8, 1, False), (1, 2, False)]
)
def test_the_order_is_that_of_a_recent_list_of_the_same_model(
    days: int, version: int, *, is_judged: bool
) -> None:
    """Another model, or a list of more than a week ago, has an order of its own."""
    night = JudgedNight()
    earlier = stage(night.scores, PROBABILITIES.tolist(), as_of=before(days), version=version)
    night.scores.publish(earlier)

    assert is_judged == ("*score ranks*" in verdicts(night.judge()))
