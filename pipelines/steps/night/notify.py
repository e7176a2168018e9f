"""Send what was not sent yet."""

from collections.abc import Sequence
from datetime import date, timedelta

import structlog

from pipelines.domain.alerts.alert import RecordedAlert
from pipelines.domain.ports.alerts import Channel, Outbox
from pipelines.domain.ports.locks import Locks
from pipelines.errors import ServiceFailed

log = structlog.get_logger(__name__)

# A channel set up today is not flooded with what happened before; the table keeps it all.
NEWS_DAYS = 7


def notify(
    *,
    population: str,
    as_of: date,
    outbox: Outbox,
    channels: Sequence[Channel],
    locks: Locks,
) -> str:
    """
    Deliver the alerts of the last seven nights on every channel they have not gone out on.

    Each attempt is kept as soon as it was made, so a retry sends only what was not sent.

    Args:
        population: Its name in churn.toml.
        as_of: The last night.
        outbox: Where they wait.
        channels: The ways that are configured; none leaves the alerts recorded.
        locks: One sender a population.

    Returns:
        What was sent, in words.

    Raises:
        ServiceFailed: At least one message did not go out; every other was tried.
        RunLocked: Another process is sending.
    """
    with locks.lock(f"sender of {population}"):
        since = as_of - timedelta(days=NEWS_DAYS - 1)
        alerts = outbox.unresolved(population, since, as_of)
        errors = [
            _deliver(recorded, channel, outbox)
            for recorded in alerts
            for channel in channels
            if channel.name not in recorded.delivered
        ]
    failures = [error for error in errors if error is not None]
    sent = len(errors) - len(failures)
    log.info("notified", as_of=str(as_of), alerts=len(alerts), sent=sent, failed=len(failures))

    if failures:
        raise ServiceFailed(
            f"{len(failures)} of {len(errors)} messages did not go out: "
            f"{'; '.join(sorted(set(failures)))}",
            next_step=f"churn notify --population {population} --as-of {as_of}, "
            "when the service answers again",
        )
    ways = " and ".join(channel.name for channel in channels) or "nothing: no channel is configured"

    return f"{len(alerts)} alerts since {since}, {sent} messages sent by {ways}"


def _deliver(recorded: RecordedAlert, channel: Channel, outbox: Outbox) -> str | None:
    """Try one alert on one channel and keep what became of it; return why it did not go out."""
    error = None
    try:
        channel.send(recorded)
    except ServiceFailed as failure:
        error = failure.message
        log.warning("alert_not_sent", alert_id=recorded.alert_id, reason=error)
    outbox.attempted(recorded.alert_id, channel.name, error)

    return error
