"""Send what was not sent yet."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol

import structlog

from pipelines.domain.alerts.alert import ChannelName, RecordedAlert
from pipelines.domain.ports.locks import Locks
from pipelines.errors import ServiceFailed

log = structlog.get_logger(__name__)

# A channel set up today is not flooded with what happened before; the table keeps it all.
NEWS_DAYS = 7


class Channel(Protocol):
    """A way to reach people."""

    @property
    def name(self) -> ChannelName:
        """Which one."""

    def send(self, recorded: RecordedAlert) -> None:
        """Send one alert; ServiceFailed when it did not go out."""


class Outbox(Protocol):
    """Where alerts wait."""

    def recorded(self, population: str, since: date, until: date) -> list[RecordedAlert]:
        """Return the alerts of some nights."""

    def delivered(self, alert_id: int, channel: ChannelName) -> None:
        """Remember that one went out."""

    def settled(self, alert_id: int, error: str | None) -> None:
        """Remember why one did not go out everywhere, or that it did."""


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

    Each channel is marked as soon as it took an alert, so a retry sends only what was not sent.

    Args:
        population: Whose alerts.
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
        alerts = outbox.recorded(population, since, as_of)
        sent, failures = 0, []
        for recorded in alerts:
            waiting = [channel for channel in channels if channel.name not in recorded.delivered]
            errors = [
                error for channel in waiting if (error := _deliver(recorded, channel, outbox))
            ]
            if waiting:
                outbox.settled(recorded.alert_id, "; ".join(errors) or None)
            sent += len(waiting) - len(errors)
            failures += errors
    log.info("notified", as_of=str(as_of), alerts=len(alerts), sent=sent, failed=len(failures))

    if failures:
        raise ServiceFailed(
            f"{len(failures)} of {sent + len(failures)} messages did not go out: "
            f"{'; '.join(sorted(set(failures)))}",
            next_step=f"churn notify --population {population} --as-of {as_of}, "
            "when the service answers again",
        )
    ways = " and ".join(channel.name for channel in channels) or "nothing: no channel is configured"

    return f"{len(alerts)} alerts since {since}, {sent} messages sent by {ways}"


def _deliver(recorded: RecordedAlert, channel: Channel, outbox: Outbox) -> str | None:
    """Send one alert on one channel; return why it did not go out."""
    try:
        channel.send(recorded)
    except ServiceFailed as error:
        log.warning("alert_not_sent", alert_id=recorded.alert_id, reason=error.message)
        return error.message
    outbox.delivered(recorded.alert_id, channel.name)

    return None
