"""
The one place that puts adapters into steps.

Modules are imported inside the functions that need them: `churn publish` must not wait for MLflow,
dbt and Great Expectations, which take seconds to import.
"""

# ruff: noqa: PLC0415  see above

import functools
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from pipelines import settings as configuration
from pipelines.errors import DatabaseUnavailable, ServiceFailed
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.adapters.analyst import Answer
    from pipelines.adapters.dbt import Dbt
    from pipelines.adapters.feature_store import WarehouseFeatures
    from pipelines.adapters.registry import Registry
    from pipelines.adapters.score_store import WarehouseScores
    from pipelines.adapters.services import Addresses
    from pipelines.adapters.warehouse import Warehouse
    from pipelines.domain.contract import FeatureContract
    from pipelines.domain.drift_report import DriftReport
    from pipelines.domain.gate import Gate, GateReport
    from pipelines.domain.performance import ListPerformance
    from pipelines.domain.score_run import ScoreRun
    from pipelines.domain.tiers import TierPolicy
    from pipelines.domain.train_report import TrainReport
    from pipelines.steps.build_features import FeatureReport
    from pipelines.steps.import_file import Imported
    from pipelines.steps.load_demo import LoadReport
    from pipelines.steps.promote import PromotionReport

Stage = Callable[[str], AbstractContextManager[None]]
Say = Callable[[str], None]


def wire() -> "Wiring":
    """
    Return everything wired to the settings of this process, tables and all.

    Raises:
        ConfigError: A setting is not legal.
        DatabaseUnavailable: The warehouse cannot be reached, or is not migrated.
    """
    wiring = wire_nothing()
    if wiring.warehouse.rows("select to_regclass('churn.score_runs')")[0][0] is None:
        raise DatabaseUnavailable(
            "the warehouse has no churn tables yet", next_step="churn migrate"
        )

    return wiring


def wire_nothing() -> "Wiring":
    """Return the wiring without looking at the warehouse, so that nothing is started."""
    return Wiring(configuration.load())


@dataclass(frozen=True)
class Wiring:
    """
    Adapters of one installation, made when first used, and the steps that use them.

    Attributes:
        settings: What a person set.
    """

    settings: Settings

    @functools.cached_property
    def server_url(self) -> str:
        """URL of the PostgreSQL server, without a database; starts the embedded one."""
        if self.settings.database_url is not None:
            url = sa.make_url(self.settings.database_url.get_secret_value())
            return url.set(database=None).render_as_string(hide_password=False)

        from pipelines.adapters import postgres

        return postgres.start(self.settings.home)

    @functools.cached_property
    def warehouse(self) -> "Warehouse":
        """The warehouse."""
        from pipelines.adapters.warehouse import Warehouse

        if self.settings.database_url is not None:
            return Warehouse(self.settings.database_url.get_secret_value())

        return Warehouse(f"{self.server_url}/churn")

    @functools.cached_property
    def features(self) -> "WarehouseFeatures":
        """The feature tables."""
        from pipelines.adapters.feature_store import WarehouseFeatures

        return WarehouseFeatures(
            self.warehouse, self.settings.warehouse.models_schema, self.settings.populations
        )

    @functools.cached_property
    def dbt(self) -> "Dbt":
        """The dbt project."""
        from pipelines.adapters.dbt import Dbt

        return Dbt(
            project_dir=self.settings.root / "dbt_project",
            url=self.warehouse.url,
            schema=self.settings.warehouse.models_schema,
            state=self.settings.home / "dbt",
            raw_schema=self.settings.warehouse.raw_schema,
        )

    @functools.cached_property
    def scores(self) -> "WarehouseScores":
        """The score runs."""
        from pipelines.adapters.score_store import WarehouseScores

        return WarehouseScores(self.warehouse)

    @functools.cached_property
    def registry(self) -> "Registry":
        """The registered models."""
        from pipelines.adapters.registry import Registry

        server = self.settings.mlflow_uri
        home = self.settings.home

        return Registry(
            tracking_uri=server.get_secret_value() if server else f"{self.server_url}/mlflow",
            artifacts=None if server else home / "mlflow" / "artifacts",
            cache=home / "models",
        )

    @functools.cached_property
    def tiers(self) -> "TierPolicy":
        """Thresholds and actions."""
        from pipelines.domain.tiers import TierPolicy

        tiers = self.settings.tiers

        return TierPolicy(
            tiers.medium,
            tiers.high,
            tiers.critical,
            {str(tier): action for tier, action in tiers.actions.items()},
        )

    def migrate(self) -> list[str]:
        """Apply the migrations that are new."""
        from pipelines.adapters import migrations

        return migrations.apply(self.warehouse, self.settings.root / "sql" / "migrations")

    def ask(self, query: str) -> "Answer":
        """Run one read-only query."""
        from pipelines.adapters import analyst

        return analyst.ask(self.warehouse.url, query)

    def import_telco(self, path: Path, as_of: date) -> "Imported":
        """Import IBM's telco customers."""
        return self._import("telco", path, as_of)

    def import_retail(self, path: Path) -> "Imported":
        """Import the UCI Online Retail invoices."""
        return self._import("retail", path, None)

    def _import(self, source: str, path: Path, as_of: date | None) -> "Imported":
        from pipelines.adapters import data_files
        from pipelines.domain.source_files import SOURCES
        from pipelines.steps.import_file import import_file

        return import_file(
            warehouse=self.warehouse,
            files=data_files,
            source=SOURCES[source],
            path=path,
            as_of=as_of,
            raw_schema=self.settings.warehouse.raw_schema,
        )

    def build_features(
        self, population: str, as_ofs: Sequence[date], known_at: date
    ) -> "FeatureReport":
        """Build the features of some dates, and the labels known at *known_at*."""
        from pipelines.steps.build_features import build_features

        return build_features(
            population=population,
            config=self.settings.population(population),
            as_ofs=as_ofs,
            known_at=known_at,
            builder=self.dbt,
            builds=self.features,
            locks=self.warehouse,
        )

    def gate(self, which: "Gate", population: str, as_of: date) -> "GateReport":
        """Check a batch; GateFailed unless it is fit to use."""
        from pipelines.adapters.expectation_suites import SuiteFolder
        from pipelines.adapters.gate_results import WarehouseGateResults
        from pipelines.adapters.gx import Gx
        from pipelines.steps.gate import gate

        return gate(
            gate=which,
            population=population,
            as_of=as_of,
            settings=self.settings,
            suites=SuiteFolder(self.settings.root / "expectations"),
            features=self.features,
            scores=self.scores,
            validator=Gx(self.warehouse.url),
            results=WarehouseGateResults(self.warehouse),
        )

    def score(self, population: str, as_of: date) -> "ScoreRun":
        """Stage the scores of one date."""
        from pipelines.steps.score import score

        return score(
            population=population,
            as_of=as_of,
            features=self.features,
            models=self.registry,
            scores=self.scores,
            tiers=self.tiers,
            locks=self.warehouse,
        )

    def publish(self, population: str, as_of: date) -> "ScoreRun":
        """Publish the staged list."""
        from pipelines.steps.publish import publish

        return publish(population=population, as_of=as_of, runs=self.scores, locks=self.warehouse)

    def outcomes(self, population: str, as_of: date) -> "list[ListPerformance]":
        """Measure the lists whose labels have matured."""
        from pipelines.adapters.outcome_store import WarehouseOutcomes
        from pipelines.domain.evaluation import evaluate
        from pipelines.steps.outcomes import outcomes

        return outcomes(
            population=population,
            as_of=as_of,
            settings=self.settings.training,
            evaluate=evaluate,
            store=WarehouseOutcomes(
                self.warehouse,
                self.settings.warehouse.models_schema,
                self.settings.population(population).label_model,
            ),
        )

    def drift(self, population: str, as_of: date) -> "DriftReport":
        """Compare the published night with the reference of the model that scored it."""
        from pipelines.adapters import drift_engine
        from pipelines.adapters.drift_store import WarehouseDrift
        from pipelines.adapters.model_reference import ModelReference
        from pipelines.steps.drift import drift

        return drift(
            population=population,
            as_of=as_of,
            settings=self.settings.drift,
            features=self.features,
            scores=self.scores,
            reference_of=lambda _, version: ModelReference(
                self.registry.load(self.registry.numbered(population, version))
            ),
            engine=drift_engine.choose(self.settings.drift.engine, self.settings.root),
            store=WarehouseDrift(self.warehouse),
        )

    def notify(self, population: str, as_of: date) -> str:
        """Send the alerts that were not sent."""
        from pipelines.adapters.outbox import WarehouseOutbox
        from pipelines.adapters.slack import SlackWebhook
        from pipelines.adapters.smtp import Smtp
        from pipelines.steps.notify import Channel, notify

        channels: list[Channel] = []
        alerts = self.settings.alerts
        if self.settings.smtp_url is not None and alerts.email_to:
            channels.append(
                Smtp(self.settings.smtp_url.get_secret_value(), alerts.email_from, alerts.email_to)
            )
        if self.settings.slack_webhook_url is not None:
            channels.append(SlackWebhook(self.settings.slack_webhook_url.get_secret_value()))

        return notify(
            population=population,
            as_of=as_of,
            outbox=WarehouseOutbox(self.warehouse),
            channels=channels,
            locks=self.warehouse,
        )

    def report(self, population: str, as_of: date) -> str:
        """Write the night on one page."""
        from pipelines.adapters.night_summary import ReportFolder, WarehouseNights
        from pipelines.steps.report import report

        return report(
            population=population,
            as_of=as_of,
            nights=WarehouseNights(self.warehouse),
            pages=ReportFolder(self.settings.home / "reports"),
        )

    def train(self, population: str, as_of: date) -> "TrainReport":
        """Train, register and, where there is no champion, crown a model."""
        from pipelines.adapters import model_directory
        from pipelines.adapters.promotion_store import WarehousePromotions
        from pipelines.adapters.trainer import Trainer
        from pipelines.steps.train import train

        def leak_check(snapshot: date) -> list[str]:
            """Return the features that change when the future of *snapshot* is cut off."""
            return self.dbt.replay_differences(
                model=self.settings.population(population).feature_model, as_of=snapshot
            )

        return train(
            population=population,
            as_of=as_of,
            settings=self.settings,
            features=self.features,
            trainer=Trainer(),
            write=model_directory.write,
            registry=self.registry,
            promotions=WarehousePromotions(self.warehouse),
            leak_check=leak_check,
        )

    def promote(self, population: str, as_of: date) -> "PromotionReport":
        """Make the challenger champion, if it is better."""
        from pipelines.adapters.promotion_store import WarehousePromotions
        from pipelines.steps.promote import promote

        return promote(
            population=population,
            as_of=as_of,
            settings=self.settings,
            features=self.features,
            registry=self.registry,
            promotions=WarehousePromotions(self.warehouse),
        )

    def run_night(self, population: str, as_of: date, stage: Stage) -> "ScoreRun":
        """
        Do every task of the night in its order; alerts go out whatever happened.

        Args:
            population: Whose night.
            as_of: Its date.
            stage: Shows that a task began and ended.
        """
        try:
            with stage("gate sources"):
                self.gate("sources", population, as_of)
            with stage("features"):
                self.build_features(population, [as_of], as_of)
            with stage("gate features"):
                self.gate("features", population, as_of)
            with stage("score"):
                self.score(population, as_of)
            with stage("gate scores"):
                self.gate("scores", population, as_of)
            with stage("publish"):
                shown = self.publish(population, as_of)
            with stage("outcomes"):
                self.outcomes(population, as_of)
            with stage("drift"):
                self.drift(population, as_of)
            with stage("report"):
                self.report(population, as_of)
        finally:
            with stage("notify"):
                self.notify(population, as_of)

        return shown

    def load_demo(
        self,
        *,
        customers: int,
        months: int,
        seed: int,
        until: date,
        drift_from: date | None = None,
        nulls_from: date | None = None,
    ) -> "LoadReport":
        """Load a generated business, with a change planted where one is asked for."""
        from pipelines.domain.demo import PlantedDrift
        from pipelines.steps.load_demo import load_demo

        planted = None
        if drift_from is not None:
            planted = PlantedDrift(drift_from, "behaviour")
        elif nulls_from is not None:
            planted = PlantedDrift(nulls_from, "nulls")

        return load_demo(
            warehouse=self.warehouse,
            customers=customers,
            months=months,
            seed=seed,
            until=until,
            drift=planted,
            raw_schema=self.settings.warehouse.raw_schema,
        )

    def demo_until(self) -> date | None:
        """Return the first day that is not part of the loaded demo business, or None."""
        rows = self.warehouse.rows(
            "select cast(details ->> 'until' as date) from raw.loads where source = 'demo'"
        )

        return rows[0][0] if rows else None

    def build_training_snapshots(self, population: str, as_of: date) -> "FeatureReport | None":
        """Build the past snapshots a training at *as_of* would use, those that are not there."""
        config = self.settings.population(population)
        latest = as_of - timedelta(days=config.gap_days + config.horizon_days)
        wanted = {
            latest - timedelta(days=config.snapshot_every_days * back)
            for back in range(config.snapshots)
        }
        missing = sorted(wanted - set(self.features.built(population)))

        return self.build_features(population, missing, as_of) if missing else None

    def contract(self, population: str) -> "FeatureContract":
        """Return the feature contract as dbt declares it now."""
        return self.dbt.contract(self.settings.population(population).feature_model)

    def runs(self, population: str) -> "list[ScoreRun]":
        """Return every score run."""
        return self.scores.runs(population)

    def up(self, say: Say) -> "Addresses":
        """Start what does not run, and wait until it answers."""
        from pipelines.adapters import services

        return services.up(
            root=self.settings.root,
            home=self.settings.home,
            server_url=self.server_url,
            environ=os.environ,
            progress=say,
        )

    def up_mlflow(self, say: Say) -> str:
        """Start the MLflow server alone; return its address."""
        from pipelines.adapters import services

        return services.up_mlflow(
            home=self.settings.home,
            server_url=self.server_url,
            environ=os.environ,
            progress=say,
        )

    def down(self, *, is_removed: bool = False) -> list[str]:
        """End every process of this installation; with *is_removed* delete the database too."""
        from pipelines.adapters import postgres, services

        ended = services.down(home=self.settings.home)
        if postgres.stop(self.settings.home):
            ended.append("postgresql")
        if is_removed:
            postgres.remove(self.settings.home)

        return ended

    def running(self) -> list[str]:
        """Return the names of the servers that run, besides PostgreSQL."""
        from pipelines.adapters import processes

        return processes.running(self.settings.home / "run")

    def connection(self) -> str | None:
        """Say how to connect to the embedded warehouse; None while it is not running."""
        from pipelines.adapters import postgres

        return postgres.connection(self.settings.home)

    def run_in_airflow(
        self, population: str, as_of: date, addresses: "Addresses", say: Say
    ) -> None:
        """
        Run one night through the scheduler, and wait for it.

        Raises:
            ServiceFailed: A task failed; the message ends with what it wrote last.
        """
        from pipelines.adapters.airflow_api import Airflow, Task, as_conf

        airflow = Airflow(addresses.airflow_url, addresses.user, addresses.password)

        def told(task: Task) -> None:
            """Show the end of one task."""
            say(f"{as_of} {task.task_id:<15} {task.state or '?':<8} {task.seconds or 0:5.1f} s")

        conf = as_conf(as_of=as_of, population=population)
        run_id = airflow.trigger("churn_nightly", conf=conf)
        if airflow.wait("churn_nightly", run_id, progress=told) == "success":
            return

        failed = [task for task in airflow.tasks("churn_nightly", run_id) if task.state == "failed"]
        log = airflow.log_tail("churn_nightly", run_id, failed[0]) if failed else ""
        raise ServiceFailed(
            f"the night of {as_of} failed in {', '.join(task.task_id for task in failed)}:\n{log}",
            next_step=f"look at {addresses.airflow_url}, mend it and run this again",
        )
