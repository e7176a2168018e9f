"""A task of the night that fails leaves one alert with its reason; its success ends it."""

import contextlib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines import settings
from pipelines.adapters.tables.outbox import WarehouseOutbox
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.alerts.alert import Alert
from pipelines.domain.alerts.thread import Delivery
from pipelines.errors import (
    ArtefactDamaged,
    ChampionMissing,
    ConfigError,
    GateFailed,
    NothingStaged,
)
from pipelines.wiring import night, pages
from pipelines.wiring.incidents import recording_incident
from pipelines.wiring.installation import Installation

NIGHT = date(2026, 10, 1)
ALERTS = "select kind, title, resolved_at is null as is_open from churn.alerts order by alert_id"


@pytest.fixture
def installation(warehouse: Warehouse, tmp_path: Path) -> Installation:
    """An installation on this test's own warehouse."""
    environ = {"CHURN_HOME": str(tmp_path), "CHURN_DATABASE_URL": warehouse.url}

    return Installation(settings.load(environ))


def fail(installation: Installation, task: str, error: Exception) -> None:
    """Let a task of the night end with an error."""
    with recording_incident(installation, task, "subscribers", NIGHT):
        raise error


def test_a_failed_task_is_one_alert_however_often(installation: Installation) -> None:
    """Retries of a night add nothing."""
    for _ in range(3):
        with pytest.raises(ChampionMissing):
            night.score(installation, "subscribers", NIGHT)

    title = "score of subscribers 2026-10-01 failed with exit code 30"
    assert [("failed_score", title, True)] == installation.warehouse.rows(ALERTS)


def test_success_ends_it_and_the_next_failure_is_a_new_incident(installation: Installation) -> None:
    """What healed before anybody was told is not sent; what comes back is."""
    outbox = WarehouseOutbox(installation.warehouse)
    with pytest.raises(ArtefactDamaged):
        fail(installation, "score", ArtefactDamaged("a byte", next_step="promote another"))
    (recorded,) = outbox.unresolved("subscribers", NIGHT, NIGHT)
    outbox.attempted(recorded.alert_id, "email", "began", Delivery(NIGHT))

    with recording_incident(installation, "score", "subscribers", NIGHT):
        pass
    assert [] == outbox.unresolved("subscribers", NIGHT, NIGHT)

    with pytest.raises(KeyError):
        fail(installation, "score", KeyError("x"))
    (again,) = outbox.unresolved("subscribers", NIGHT, NIGHT)
    assert (frozenset(), True) == (again.delivered, "KeyError" in again.alert.title)


@contextlib.contextmanager
def quietly(_: str) -> Iterator[None]:
    """Show no stage."""
    yield


def page(installation: Installation) -> str:
    """Return the page of the newest night, its tags taken out."""
    text = pages.folder(installation).newest("subscribers").read_text("utf-8")

    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL).split())


def test_a_night_that_is_held_has_a_page_that_says_why(installation: Installation) -> None:
    """Written by the night itself, whose error is still that of the gate."""
    with pytest.raises(GateFailed):
        night.run_night(installation, "subscribers", NIGHT, NIGHT, quietly)

    told = page(installation)
    assert "Night of 1 October 2026 Held" in told
    assert "people see no list at all" in told
    assert "sources gate of subscribers 2026-10-01" in told


def test_a_night_that_failed_has_a_page_that_says_why(installation: Installation) -> None:
    """By the task of its own in Airflow, which runs whatever happened."""
    with pytest.raises(ChampionMissing):
        night.score(installation, "subscribers", NIGHT)
    night.report(installation, "subscribers", NIGHT)

    told = page(installation)
    assert "Night of 1 October 2026 Failed" in told
    assert "score of subscribers 2026-10-01 failed with exit code 30" in told
    assert "Owner: science. Next: churn train --population subscribers" in told


def test_a_night_that_never_ran_has_no_page(installation: Installation) -> None:
    """It is an error, and the next command is the night's."""
    with pytest.raises(NothingStaged) as refused:
        night.report(installation, "subscribers", NIGHT)

    assert "churn run --population subscribers --as-of 2026-10-01" == refused.value.next_step
    assert not pages.folder(installation).newest("subscribers").exists()


def test_a_gate_that_passes_ends_its_own_alert(installation: Installation) -> None:
    """The alert of the gate itself, not only that of a gate that could not run."""
    with pytest.raises(GateFailed):
        night.gate(installation, "sources", "subscribers", NIGHT)
    assert [("gate_sources", True)] == [
        (a.kind, a.is_open) for a in installation.warehouse.rows(ALERTS)
    ]

    with recording_incident(installation, "gate_sources", "subscribers", NIGHT):
        pass
    assert [("gate_sources", False)] == [
        (a.kind, a.is_open) for a in installation.warehouse.rows(ALERTS)
    ]


def test_what_a_task_found_stays_when_the_task_succeeds(installation: Installation) -> None:
    """Drift is told by a task that went well, and is not over when it is run again."""
    found = Alert(
        population="subscribers",
        as_of=NIGHT,
        kind="drift",
        severity="warning",
        title="drifted",
        body="b",
        owner="science",
    )
    WarehouseOutbox(installation.warehouse).add(found)
    with recording_incident(installation, "drift", "subscribers", NIGHT):
        pass

    assert [("drift", "drifted", True)] == installation.warehouse.rows(ALERTS)


def test_a_mistyped_population_is_no_incident(installation: Installation) -> None:
    """Nobody is woken for a typing error."""
    with pytest.raises(ConfigError):
        night.score(installation, "subscribed", NIGHT)

    assert [] == installation.warehouse.rows(ALERTS)
