"""How a night ended, and what is to be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pipelines.domain.alerts.plain import at_most
from pipelines.domain.nights.page.answers import Answers
from pipelines.domain.nights.page.matters import NEXT, next_command

NightState = Literal["published", "held", "failed", "unfinished"]
# Signs of what is told of a fault; churn.alerts has all of it.
MOST_IN_BODY = 4_000


@dataclass(frozen=True, slots=True)
class Fault:
    """
    Why there is no new list.

    Attributes:
        title: In one line.
        body: The rest.
        owner: Who acts on it; empty where nobody is named.
        next_command: What to type next.
    """

    title: str
    body: str
    owner: str
    next_command: str


@dataclass(frozen=True, slots=True)
class Ending:
    """
    How a night ended.

    Attributes:
        state: published: it has a list. held: a gate or a person refused one. failed: a task ended
            before there was one. unfinished: nothing was refused, nothing failed, and no list.
        fault: Why, where it is not published, or where a later attempt of a published night ended.
    """

    state: NightState
    fault: Fault | None


def ending(population: str, as_of: date, answers: Answers) -> Ending:
    """
    Return how a night ended, from its list, attempts, gates and alerts.

    Args:
        population: Its name in churn.toml.
        as_of: The date of the night.
        answers: To the questions `list`, `attempts`, `gates` and `alerts`.
    """
    attempts = answers["attempts"].rows
    open_alerts = [
        alert
        for alert in answers["alerts"].rows
        if alert["as_of"] == as_of and not alert["is_resolved"]
    ]
    refusals = [alert for alert in open_alerts if alert["kind"].startswith("gate_")]
    failures = [alert for alert in open_alerts if alert["kind"].startswith("failed_")]
    is_refused = bool(attempts) and attempts[0]["status"] == "rejected"
    is_refused = is_refused or any(gate["failed"] for gate in answers["gates"].rows)
    again = f"churn run --population {population} --as-of {as_of}"

    if answers["list"].first.get("list_date") == as_of:
        return Ending("published", _told(refusals, again))
    if is_refused or refusals:
        return Ending("held", _told(refusals, again) or _refused(attempts, again))
    if failures:
        return Ending("failed", _told(failures, again))

    return Ending("unfinished", _unfinished(as_of, again))


def _told(alerts: Sequence[Mapping[str, Any]], again: str) -> Fault | None:
    """Return what the first of some alerts tells."""
    if not alerts:
        return None
    body = str(alerts[0]["body"])

    return Fault(
        title=str(alerts[0]["title"]),
        body=at_most(NEXT.sub("", body).strip(), MOST_IN_BODY),
        owner=str(alerts[0]["owner"]),
        next_command=next_command(body) or again,
    )


def _refused(attempts: Sequence[Mapping[str, Any]], again: str) -> Fault:
    """Return why the latest attempt was refused, where no alert says so any more."""
    reason = next((str(run["reason"]) for run in attempts if run["reason"]), "")

    return Fault("a list was refused", reason or "The reason was not kept.", "", again)


def _unfinished(as_of: date, again: str) -> Fault:
    """Return what is known of a night that has neither a list nor a fault."""
    return Fault(
        f"the night of {as_of} is not finished",
        "Nothing was refused and nothing failed; it may still be at work.",
        "",
        again,
    )
