"""Outcomes: lists whose labels have matured, and what was measured of them."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import pyarrow as pa

from pipelines.domain.nights.outcome_evidence import Finding
from pipelines.domain.nights.performance import ListPerformance, MaturedList
from pipelines.domain.nights.trials import TrialKey, TrialResult


class Trials(Protocol):
    """Two models in service at once, and what happened to those they were asked about."""

    def trials(self, population: str) -> list[TrialKey]:
        """Return the trials of which there are predictions; whatever differs makes another."""

    def outcomes(self, trial: TrialKey) -> pa.Table:
        """
        Return customer_id, variant, churn_probability and is_churned of what is known by now.

        Of each customer and model the first prediction alone, whose outcome is that of the list
        that was current then. In the order of those lists; within one in an order that
        outcomes know nothing of.
        """

    def record(self, trial: TrialKey, as_of: date, results: Sequence[TrialResult]) -> None:
        """Write down how a trial stands on a night; doing so again replaces it."""


class Outcomes(Protocol):
    """Published lists beside the labels that matured since."""

    def due(self, population: str, as_of: date) -> list[MaturedList]:
        """
        Return the lists that have matured by *as_of* and are not measured, oldest first.

        A list matures when its labels are due and one of them is known; one that was superseded
        since it was measured is due again. FeaturesMissing if no label was ever built.
        """

    def matured(self, matured: MaturedList) -> pa.Table:
        """
        Return churn_probability, risk_tier and is_churned of a list's customers, by customer_id.

        The tier is the one that was published. Only of those whose label is known; nobody, if the
        list is gone.
        """

    def earlier(self, population: str, matured: MaturedList) -> list[ListPerformance]:
        """Return what was measured of earlier lists of the same model, oldest first."""

    def latest_findings(self, population: str, model_version: int, as_of: date) -> list[Finding]:
        """
        Return what the list measured last by *as_of* says against *model_version*.

        Nothing if another model scored that list.
        """

    def record(
        self,
        population: str,
        as_of: date,
        performance: ListPerformance,
        findings: Sequence[Finding] = (),
    ) -> None:
        """Replace outcomes, metrics and findings of one list, in one transaction."""
