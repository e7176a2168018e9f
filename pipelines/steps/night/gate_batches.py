"""What a gate looks at and expects there: suites, contract, churn.toml and earlier nights."""

import functools
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.domain.gates.batch import Bands, Batch, Indicator, Riskiest
from pipelines.domain.gates.history import (
    History,
    feature_history_checks,
    overlap_checks,
    score_history_checks,
)
from pipelines.domain.gates.promises import feature_checks, score_checks
from pipelines.domain.gates.report import Gate
from pipelines.domain.gates.sources import WEEK_DAYS, owned_batch, source_batches
from pipelines.domain.imports.declared import schema_of
from pipelines.domain.ports.features import FeatureStore
from pipelines.domain.ports.gates import GateHistory, Suites
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.settings import Settings


@dataclass(frozen=True, kw_only=True)
class GateBatches:
    """
    The batches of one night.

    Attributes:
        population: Its name in churn.toml.
        as_of: The date; only rows known before it are looked at.
        settings: Schemas, sources, tiers and limits.
        suites: The expectations written by hand.
        features: The feature builds and their contracts.
        past: Earlier nights, which say what is usual.
    """

    population: str
    as_of: date
    settings: Settings
    suites: Suites
    features: FeatureStore
    past: GateHistory

    def sources(self) -> list[Batch]:
        """Return every raw table as it was known, and its rows of the last week."""
        history = self._history("sources")
        limits = self.settings.gates
        days = limits.history_days + WEEK_DAYS
        if limits.history_from is not None:
            days = min(days, max((self.as_of - limits.history_from).days, 0))
        batches: list[Batch] = []
        for table in self.settings.population(self.population).sources:
            suite = self.suites.source(table)
            if suite.stands_in is not None:
                batches.append(owned_batch(suite, as_of=self.as_of, history=history, limits=limits))
                continue
            schema = schema_of(table, self.settings.warehouse.raw_schema)
            batches += source_batches(
                suite,
                schema=schema,
                table=table,
                as_of=self.as_of,
                history=history,
                arrivals=self.past.arrivals(schema, table, self.as_of, days),
                limits=limits,
            )

        return batches

    def features_built(self) -> list[Batch]:
        """Return the features of the date."""
        schema = self.settings.warehouse.models_schema
        contract = self.features.contract(self.population, self.as_of)
        limits = self.settings.gates
        checks = (
            *self.suites.features().checks,
            *feature_checks(contract, self.features.rows(self.population, self.as_of)),
            *feature_history_checks(
                contract,
                f"{schema}.{contract.table}",
                self._history("features"),
                limits=limits,
            ),
        )

        return [
            Batch(schema=schema, table=contract.table, checks=checks, equals={"as_of": self.as_of})
        ]

    def scores(self, run: ScoreRun) -> list[Batch]:
        """Return the scores of a run that nobody sees yet, and the riskiest of them."""
        tiers, limits = self.settings.tiers, self.settings.gates
        rows = self.features.rows_at_risk(self.population, self.as_of)
        shares = tuple(Indicator(f"share_{tier}", "risk_tier", tier) for tier in tiers.names)
        equals: dict[str, date | int] = {"score_date": run.as_of, "run_id": run.run_id}
        checks = (
            *self.suites.scores(self.population).checks,
            *score_checks(rows=rows, tiers=tiers),
            *score_history_checks(
                [share.name for share in shares],
                "churn.scores",
                self._history("scores").of_model(run.model_version),
                limits=limits,
            ),
        )
        batch = Batch(
            schema="churn",
            table="scores",
            checks=checks,
            equals=equals,
            bands=Bands("tier_by_threshold", _bounds(tiers, run)),
            indicators=shares,
        )
        previous = self.past.previous_list(run, self.since)
        if previous is None:
            return [batch]

        customers = limits.riskiest_overlap.customers(rows)
        riskiest = Batch(
            schema="churn",
            table="scores",
            checks=overlap_checks(
                "was_riskiest",
                run,
                previous,
                customers=customers,
                limit=limits.riskiest_overlap,
            ),
            equals=equals,
            riskiest=Riskiest(
                customers,
                "was_riskiest",
                previous.as_of,
                previous.run_id,
                is_of_both=self.settings.population(self.population).is_told_at_once,
            ),
            label="riskiest",
        )

        return [batch, riskiest]

    @functools.cached_property
    def since(self) -> date:
        """The first night that counts as history."""
        since = self.as_of - timedelta(days=self.settings.gates.history_days)

        return max(since, self.settings.gates.history_from or since)

    def _history(self, gate: Gate) -> History:
        """Return the earlier nights of a gate."""
        found = self.past.observations(gate, self.population, self.since, self.as_of)

        return History(found, self.settings.gates.minimum_nights)


def _bounds(tiers: TierPolicy, run: ScoreRun) -> TierBounds:
    """Return where tiers have to begin: by churn.toml, or, where that depends, as it was found."""
    if run.tier_bounds is None or not (tiers.sizes or tiers.hold_log_odds):
        return TierBounds.of(tiers)

    return TierBounds.from_dict(run.tier_bounds)
