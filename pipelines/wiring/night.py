"""The tasks of the night, and all of them in their order."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING

from pipelines.wiring import data
from pipelines.wiring.incidents import told
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.domain.drift.report import DriftReport
    from pipelines.domain.gates.report import Gate, GateReport
    from pipelines.domain.nights.performance import ListPerformance
    from pipelines.domain.scoring.runs import ScoreRun
    from pipelines.steps.build_features import FeatureReport

Stage = Callable[[str], AbstractContextManager[None]]


def gate(here: Installation, which: "Gate", population: str, as_of: date) -> "GateReport":
    """Check a batch; GateFailed unless it is fit to use."""
    from pipelines.adapters.gates.suites import SuiteFolder
    from pipelines.adapters.gates.validator import Gx
    from pipelines.adapters.tables.gate_history import WarehouseGateHistory
    from pipelines.adapters.tables.gate_results import WarehouseGateResults
    from pipelines.steps.gate import gate

    docs = here.data_docs.of(population, as_of, which)
    with told(here, f"gate_{which}", population, as_of):
        return gate(
            gate=which,
            population=population,
            as_of=as_of,
            settings=here.settings,
            suites=SuiteFolder(here.settings.root / "expectations"),
            features=here.features,
            scores=here.scores,
            validator=Gx(here.warehouse.url, docs=docs),
            past=WarehouseGateHistory(here.warehouse),
            results=WarehouseGateResults(here.warehouse),
            docs=str(docs / "index.html"),
        )


def features(here: Installation, population: str, as_of: date) -> "FeatureReport":
    """Build the features of one date, and the labels that fell due."""
    with told(here, "features", population, as_of):
        return data.build_features(here, population, [as_of], as_of)


def score(here: Installation, population: str, as_of: date) -> "ScoreRun":
    """Stage the scores of one date."""
    from pipelines.steps.score import score

    with told(here, "score", population, as_of):
        return score(
            population=population,
            as_of=as_of,
            features=here.features,
            models=here.registry,
            scores=here.scores,
            tiers=here.tiers,
            locks=here.warehouse,
        )


def publish(here: Installation, population: str, as_of: date) -> "ScoreRun":
    """Publish the staged list."""
    from pipelines.steps.publish import publish

    with told(here, "publish", population, as_of):
        return publish(population=population, as_of=as_of, runs=here.scores, locks=here.warehouse)


def outcomes(here: Installation, population: str, as_of: date) -> "list[ListPerformance]":
    """Measure the lists whose labels have matured."""
    from pipelines.adapters.tables.outcomes import WarehouseOutcomes
    from pipelines.domain.training.evaluation import evaluate
    from pipelines.steps.outcomes import outcomes

    with told(here, "outcomes", population, as_of):
        return outcomes(
            population=population,
            as_of=as_of,
            settings=here.settings.training,
            evaluate=evaluate,
            store=WarehouseOutcomes(
                here.warehouse,
                here.settings.warehouse.models_schema,
                here.settings.population(population).label_model,
            ),
        )


def drift(here: Installation, population: str, as_of: date) -> "DriftReport":
    """Compare the published night with the reference of the model that scored it."""
    from pipelines.adapters.drift import engines
    from pipelines.adapters.models.reference import ModelReference
    from pipelines.adapters.tables.drift import WarehouseDrift
    from pipelines.steps.drift import drift

    with told(here, "drift", population, as_of):
        return drift(
            population=population,
            as_of=as_of,
            settings=here.settings.drift,
            features=here.features,
            scores=here.scores,
            reference_of=lambda _, version: ModelReference(
                here.registry.load(here.registry.numbered(population, version))
            ),
            engine=engines.choose(here.settings.drift.engine, here.settings.root),
            store=WarehouseDrift(here.warehouse),
        )


def notify(here: Installation, population: str, as_of: date) -> str:
    """Send the alerts that were not sent."""
    from pipelines.adapters.channels.email import Smtp
    from pipelines.adapters.channels.slack import SlackWebhook
    from pipelines.adapters.tables.outbox import WarehouseOutbox
    from pipelines.steps.notify import Channel, notify

    channels: list[Channel] = []
    alerts = here.settings.alerts
    if here.settings.smtp_url is not None and alerts.email_to:
        channels.append(
            Smtp(here.settings.smtp_url.get_secret_value(), alerts.email_from, alerts.email_to)
        )
    if here.settings.slack_webhook_url is not None:
        channels.append(SlackWebhook(here.settings.slack_webhook_url.get_secret_value()))

    return notify(
        population=population,
        as_of=as_of,
        outbox=WarehouseOutbox(here.warehouse),
        channels=channels,
        locks=here.warehouse,
    )


def report(here: Installation, population: str, as_of: date) -> str:
    """Write the night on one page."""
    from pipelines.adapters.tables.nights import ReportFolder, WarehouseNights
    from pipelines.steps.report import report

    with told(here, "report", population, as_of):
        return report(
            population=population,
            as_of=as_of,
            nights=WarehouseNights(here.warehouse, here.data_docs),
            pages=ReportFolder(here.settings.home / "reports"),
        )


def run_night(here: Installation, population: str, as_of: date, stage: Stage) -> "ScoreRun":
    """
    Do every task of the night in its order; alerts go out whatever happened.

    Args:
        here: The installation.
        population: Whose night.
        as_of: Its date.
        stage: Shows that a task began and ended.
    """
    try:
        with stage("gate sources"):
            gate(here, "sources", population, as_of)
        with stage("features"):
            features(here, population, as_of)
        with stage("gate features"):
            gate(here, "features", population, as_of)
        with stage("score"):
            score(here, population, as_of)
        with stage("gate scores"):
            gate(here, "scores", population, as_of)
        with stage("publish"):
            shown = publish(here, population, as_of)
        with stage("outcomes"):
            outcomes(here, population, as_of)
        with stage("drift"):
            drift(here, population, as_of)
        with stage("report"):
            report(here, population, as_of)
    finally:
        with stage("notify"):
            notify(here, population, as_of)

    return shown
