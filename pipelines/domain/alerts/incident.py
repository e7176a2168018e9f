"""What people are told about a task of the night that did not end well."""

from datetime import date

from pipelines.domain.alerts.alert import Alert, AlertSeverity
from pipelines.errors import (
    ApprovalNeeded,
    ChurnError,
    FeaturesMissing,
    GateFailed,
    NothingStaged,
    RunLocked,
    Stopped,
)

# No list by its deadline.
MISSING = "list_missing"


def kinds(task: str) -> tuple[str, ...]:
    """
    Return the kinds of alert that are over when *task* succeeds.

    For a gate its refusal too, and with a published list that there was none.
    """
    if task == "publish":
        return (f"failed_{task}", MISSING)

    return (f"failed_{task}", task) if task.startswith("gate_") else (f"failed_{task}",)


def incident(task: str, population: str, as_of: date, error: Exception | Stopped) -> Alert | None:
    """
    Return the alert about *error*, or None where there is nothing to tell.

    A gate that refused a batch has told already, and a task that finds nothing to work on follows
    from one that failed before it. Who found a lock held has only to wait: what they tell is over
    when the task succeeds, whoever does it, and is sent where waiting has ended. Of an error that
    nobody expected only the type is told: its message may hold values of rows.

    Args:
        task: Which task, such as `gate_scores`.
        population: Its name in churn.toml.
        as_of: The date of the night.
        error: How it ended.
    """
    if isinstance(error, GateFailed | NothingStaged):
        return None
    if isinstance(error, FeaturesMissing) and task != "features":
        return None
    severity: AlertSeverity = "critical"
    if isinstance(error, RunLocked):
        title, severity = f"{task} of {population} {as_of} found its lock held", "warning"
        body, owner = f"{error.message}\nNext: {error.next_step}", error.owner
    elif isinstance(error, ApprovalNeeded):
        title, severity = f"a new model of {population} {as_of} waits for a person", "warning"
        body, owner = f"{error.message}\nNext: {error.next_step}", error.owner
    elif isinstance(error, ChurnError):
        title = f"{task} of {population} {as_of} failed with exit code {error.exit_code}"
        body, owner = f"{error.message}\nNext: {error.next_step}", error.owner
    elif isinstance(error, Stopped):
        title = f"{task} of {population} {as_of} was stopped by SIGTERM"
        body, owner = "It took too long, or its machine was shut down. Run it again.", "engineer"
    else:
        title = f"{task} of {population} {as_of} ended with {type(error).__name__}, a bug of ours"
        body, owner = "Read the task's log; the list people see stayed as it was.", "engineer"

    return Alert(
        population=population,
        as_of=as_of,
        kind=f"failed_{task}",
        severity=severity,
        title=title,
        body=body,
        owner=owner,
    )
