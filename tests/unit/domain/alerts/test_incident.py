"""What becomes an alert, and what it may say."""

from datetime import date

import pytest

from pipelines.domain.alerts.incident import incident
from pipelines.errors import (
    ApprovalNeeded,
    ArtefactDamaged,
    ChurnError,
    FeaturesMissing,
    GateFailed,
    NothingStaged,
    RunLocked,
)

NIGHT = date(2026, 10, 1)


def test_a_failure_people_can_act_on() -> None:
    """It says which task, with which exit code, why, what next and whose it is."""
    error = ArtefactDamaged("booster.ubj differs", next_step="promote another version")
    alert = incident("score", "subscribers", NIGHT, error)

    assert alert is not None
    assert (
        "failed_score",
        "score of subscribers 2026-10-01 failed with exit code 31",
        "booster.ubj differs\nNext: promote another version",
        "science",
    ) == (alert.kind, alert.title, alert.body, alert.owner)


def test_a_bug_tells_its_type_only() -> None:
    """The message of an error nobody expected may hold a customer."""
    alert = incident("drift", "subscribers", NIGHT, KeyError("anna@example.org"))

    assert alert is not None
    assert "KeyError" in alert.title
    assert "anna" not in alert.title + alert.body


@pytest.mark.parametrize("kind", [GateFailed, NothingStaged, FeaturesMissing])
def test_what_was_told(kind: type[ChurnError]) -> None:
    """A gate has told already, and nothing comes of nothing."""
    assert incident("score", "subscribers", NIGHT, kind("so", next_step="wait")) is None


def test_a_build_without_customers_is_an_incident() -> None:
    """It is the features that are wrong, and what follows from them stays silent."""
    alert = incident("features", "subscribers", NIGHT, FeaturesMissing("none", next_step="look"))

    assert alert is not None
    assert alert.kind == "failed_features"


def test_a_person_who_is_waited_for_is_told_what_for() -> None:
    """Nothing has failed, and the same kind of alert is over once they have approved."""
    needed = ApprovalNeeded("version 2 is to be champion", next_step="churn promote")
    alert = incident("promote", "subscribers", NIGHT, needed)

    assert alert is not None
    assert (
        "failed_promote",
        "warning",
        "a new model of subscribers 2026-10-01 waits for a person",
        "version 2 is to be champion\nNext: churn promote",
        "science",
    ) == (alert.kind, alert.severity, alert.title, alert.body, alert.owner)


def test_a_lock_that_is_held_leaves_a_row() -> None:
    """It is over when the task succeeds, whoever does it, and so is less than a failure."""
    held = RunLocked("there can be one writer, and now it is churn run", next_step="wait")
    alert = incident("score", "subscribers", NIGHT, held)

    assert alert is not None
    assert (
        "failed_score",
        "warning",
        "score of subscribers 2026-10-01 found its lock held",
        "there can be one writer, and now it is churn run\nNext: wait",
    ) == (alert.kind, alert.severity, alert.title, alert.body)
