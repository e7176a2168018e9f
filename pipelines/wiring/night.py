"""The tasks of the night, and all of them in their order."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from pipelines.errors import ChurnError, ConfigError, ListMissing, RunLocked
from pipelines.wiring import ahead, data, evidence
from pipelines.wiring.database_roles import ROLE_OF
from pipelines.wiring.incidents import recording_incident
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.domain.gates.report import Gate, GateReport
    from pipelines.domain.imports.imported import ImportedTable
    from pipelines.domain.scoring.runs import ScoreRun
    from pipelines.steps.data.build_features import FeatureReport

Stage = Callable[[str], AbstractContextManager[None]]

# Threads that score; each has a batch and what explains it in memory, some 60 MB.
MOST_SCORERS = 4


def gate(installation: Installation, which: "Gate", population: str, as_of: date) -> "GateReport":
    """Check a batch; GateFailed unless it is fit to use."""
    from pipelines.adapters.gates.suites import SuiteFolder
    from pipelines.adapters.gates.validator import Gx
    from pipelines.adapters.tables.gate_history import WarehouseGateHistory
    from pipelines.adapters.tables.gate_results import WarehouseGateResults
    from pipelines.steps.night.gate import gate

    docs = installation.data_docs.of(population, as_of, which)
    with recording_incident(installation, f"gate_{which}", population, as_of):
        return gate(
            gate=which,
            population=population,
            as_of=as_of,
            settings=installation.settings,
            suites=SuiteFolder(
                installation.settings.root / "expectations",
                installation.settings.project / "expectations",
            ),
            features=installation.features,
            scores=installation.scores,
            validator=Gx(installation.warehouse.url, docs=docs),
            past=WarehouseGateHistory(installation.warehouse),
            results=WarehouseGateResults(installation.warehouse),
            docs=str(docs / "index.html"),
        )


def pull(
    installation: Installation, population: str, as_of: date, today: date
) -> "list[ImportedTable]":
    """
    Load what the declared sources of a population hold, on the day itself; nothing without them.

    On an earlier date nothing is loaded: what is read today was not known then.
    """
    if as_of < today or population not in data.declared(installation):
        return []
    with recording_incident(installation, "pull", population, as_of):
        return data.import_records(
            replace(installation, role=ROLE_OF["import"]),
            data.declaration(installation, population),
            as_of,
            overrides={},
        )


def features(installation: Installation, population: str, as_of: date) -> "FeatureReport":
    """Build the features of one date, and the labels that fell due."""
    with (
        ahead.dbt(installation, population),
        recording_incident(installation, "features", population, as_of),
    ):
        return data.build_features(installation, population, [as_of], as_of)


def score(installation: Installation, population: str, as_of: date) -> "ScoreRun":
    """Stage the scores of one date."""
    from pipelines.adapters.tables.outbox import WarehouseOutbox
    from pipelines.steps.night.score import score
    from pipelines.wiring.engines import scoring_engine

    with recording_incident(installation, "score", population, as_of):
        return score(
            population=population,
            as_of=as_of,
            features=installation.features,
            models=installation.registry,
            scores=installation.scores,
            tiers=installation.settings.tiers,
            locks=installation.warehouse,
            outbox=WarehouseOutbox(installation.warehouse),
            is_for_everyone=installation.settings.reasons.for_everyone,
            costs=installation.settings.business.costs,
            workers=min(os.cpu_count() or 1, MOST_SCORERS),
            engine=scoring_engine(installation, population),
        )


def publish(installation: Installation, population: str, as_of: date) -> "ScoreRun":
    """Publish the staged list."""
    from pipelines.steps.night.publish import publish

    with recording_incident(installation, "publish", population, as_of):
        return publish(
            population=population,
            as_of=as_of,
            scores=installation.scores,
            locks=installation.warehouse,
        )


def notify(installation: Installation, population: str, as_of: date) -> str:
    """Send the alerts that were not sent."""
    from pipelines.adapters import channels
    from pipelines.adapters.tables.outbox import WarehouseOutbox
    from pipelines.steps.night.notify import notify
    from pipelines.wiring import servers

    settings = installation.settings

    return notify(
        population=population,
        as_of=as_of,
        outbox=WarehouseOutbox(installation.warehouse),
        channels=channels.configured(settings.channel_addresses, settings.alerts),
        locks=installation.warehouse,
        rules=settings.alerts.rules,
        page=servers.page_address(installation, population) or "",
    )


def report(installation: Installation, population: str, as_of: date) -> str:
    """Write the night on one page."""
    from pipelines.wiring import pages

    with recording_incident(installation, "report", population, as_of):
        return pages.report(installation, population, as_of)


def watch(
    installation: Installation, populations: Sequence[str], as_of: date | None, now: datetime
) -> Iterator[str]:
    """
    Tell about lists that are not there by their deadline, or are there by now.

    Args:
        installation: The installation.
        populations: Their names in churn.toml; each has a deadline.
        as_of: The date whose list is due; None is the latest whose deadline has passed at *now*.
        now: With a time zone.

    Yields:
        What there is, in words.

    Raises:
        ListMissing: Once every population was looked at, if one has no list.
    """
    from pipelines.adapters.tables.outbox import WarehouseOutbox
    from pipelines.domain.nights.deadline import last_due
    from pipelines.steps.night.watch import watch

    missing = []
    for population in populations:
        deadline = installation.settings.population(population).deadline
        if deadline is None:
            raise ConfigError(
                f"{population} has no deadline in churn.toml",
                next_step=f'add deadline = "06:00" to [populations.{population}]',
            )
        due = as_of or last_due(deadline, now)
        try:
            yield watch(
                population=population,
                as_of=due,
                deadline=deadline,
                scores=installation.scores,
                outbox=WarehouseOutbox(installation.warehouse),
            )
        except ListMissing as error:
            missing.append(error)
        finally:
            notify(installation, population, due)
    if missing:
        raise ListMissing(
            "; ".join(error.message for error in missing), next_step=missing[0].next_step
        )


def run_night(
    installation: Installation, population: str, as_of: date, today: date, stage: Stage
) -> "ScoreRun":
    """
    Do every task of the night in its order; alerts go out whatever happened.

    Args:
        installation: The installation.
        population: Its name in churn.toml.
        as_of: The date of the night.
        today: The date it is; sources are read on the day itself only.
        stage: Shows that a task began and ended.
    """
    is_told_elsewhere, is_written = False, False
    try:
        if population in data.declared(installation):
            with stage("pull"):
                pull(installation, population, as_of, today)
        with ahead.dbt(installation, population, lambda: ahead.what_scores(installation)):
            with stage("gate sources"):
                gate(installation, "sources", population, as_of)
            with stage("features"):
                features(installation, population, as_of)
        with stage("gate features"):
            gate(installation, "features", population, as_of)
        with stage("score"):
            score(installation, population, as_of)
        with ahead.drift(installation):
            with stage("gate scores"):
                gate(installation, "scores", population, as_of)
            with stage("publish"):
                shown = publish(installation, population, as_of)
            with stage("outcomes"):
                evidence.outcomes(installation, population, as_of)
                evidence.judge_trials(installation, population, as_of)
            with stage("drift"):
                evidence.drift(installation, population, as_of)
                evidence.govern(installation, population, as_of)
        is_written = True
        with stage("report"):
            report(installation, population, as_of)
    except RunLocked:
        is_told_elsewhere = True  # whoever holds the lock does this night, and tells how it went
        raise
    except ChurnError:
        # What ended the night is what is told of it, whether or not it could be written down.
        if not is_written:
            with contextlib.suppress(ChurnError), stage("report"):
                report(installation, population, as_of)
        raise
    finally:
        if not is_told_elsewhere:
            with stage("notify"):
                notify(installation, population, as_of)

    return shown
