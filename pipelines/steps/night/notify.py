"""Tell people what they have to know and do not know yet: one message a channel."""

from collections.abc import Sequence
from datetime import date

import structlog

from pipelines.domain.alerts.message import Message, Notice, message
from pipelines.domain.alerts.rules import AlertRules
from pipelines.domain.alerts.thread import Delivery, Incident
from pipelines.domain.ports.alerts import Channel, Outbox
from pipelines.domain.ports.locks import Locks
from pipelines.errors import ServiceFailed

log = structlog.get_logger(__name__)


def notify(
    *,
    population: str,
    as_of: date,
    outbox: Outbox,
    channels: Sequence[Channel],
    locks: Locks,
    rules: AlertRules,
    page: str = "",
) -> str:
    """
    Tell on every channel what began, what lasts for a week and what is over, in one message each.

    A night has one message a channel. What is critical and begins, or ends, after it went out is
    told at once; everything else waits for the message of the next night. What could not be told
    waits however long it takes.

    Args:
        population: Its name in churn.toml.
        as_of: The night.
        outbox: Where incidents are kept, and what was told of them.
        channels: The ways that are configured; none leaves the alerts recorded.
        locks: One sender a population.
        rules: Severity and route by kind.
        page: Address of the newest page of a night; empty where it is not served.

    Returns:
        What was sent, in words.

    Raises:
        ServiceFailed: At least one message did not go out; every other was tried.
        RunLocked: Another process is sending.
    """
    with locks.lock(f"sender of {population}"):
        incidents = outbox.incidents(population, as_of)
        tried = []
        for channel in channels:
            is_late = outbox.was_told(population, channel.name, as_of)
            notices = _due(incidents, channel.name, as_of, rules, is_late=is_late)
            if notices:
                digest = message(population, as_of, notices, channel.name, page)
                tried.append(_tell(digest, channel, outbox))
    failures = [error for error in tried if error is not None]
    due, lasting = len(tried), sum(not incident.is_over for incident in incidents)
    sent = due - len(failures)
    log.info("notified", as_of=str(as_of), incidents=lasting, sent=sent, failed=len(failures))

    if failures:
        raise ServiceFailed(
            f"{len(failures)} of {due} messages did not go out: {'; '.join(sorted(set(failures)))}",
            next_step=f"churn notify --population {population} --as-of {as_of}, "
            "when the service answers again",
        )
    ways = " and ".join(channel.name for channel in channels) or "nothing: no channel is configured"

    return f"{lasting} incidents are open, {sent} messages sent by {ways}"


def _due(
    incidents: Sequence[Incident], channel: str, as_of: date, rules: AlertRules, *, is_late: bool
) -> list[Notice]:
    """Return what is to be told on a channel; of what comes after its message, the urgent."""
    notices = [
        Notice(incident, stages, rules.severity_of(incident.alert))
        for incident in incidents
        if rules.is_for(channel, incident.alert)
        and (stages := incident.due(channel, as_of, rules.remind_after_days))
    ]
    if not is_late:
        return notices

    return [each for each in notices if each.severity == "critical" and each.state != "reminder"]


def _tell(digest: Message, channel: Channel, outbox: Outbox) -> str | None:
    """Send a message and keep what became of all it tells; return why it did not go out."""
    error = None
    try:
        channel.send(digest)
    except ServiceFailed as failure:
        error = failure.message
        log.warning("message_not_sent", incidents=len(digest.everything), reason=error)
    delivery = Delivery(digest.as_of, error, None if error else digest.key)
    for notice in digest.everything:
        for stage in notice.stages:
            outbox.attempted(notice.incident.incident_id, channel.name, stage, delivery)

    return error
