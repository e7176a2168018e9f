"""Alerts: where they wait, and the channels they go out on."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from pipelines.domain.alerts.alert import Alert, RecordedAlert


class Channel(Protocol):
    """A way to reach people."""

    @property
    def name(self) -> str:
        """Which one of `CHANNELS`."""

    def send(self, recorded: RecordedAlert) -> None:
        """Send one alert; ServiceFailed, without address or secret, when it did not go out."""


class Outbox(Protocol):
    """Alerts on their way to people, and what became of each on every channel."""

    def add(self, alert: Alert) -> None:
        """
        Record *alert*, unless one of its population, night and kind is there and not resolved.

        After it was resolved it is a new one under the same number, delivered on no channel.
        """

    def resolve(self, population: str, as_of: date, kinds: Sequence[str]) -> None:
        """Remember that what some kinds of alert said about a night is over."""

    def unresolved(self, population: str, since: date, until: date) -> list[RecordedAlert]:
        """Return the alerts of the nights *since* to *until*, both included, oldest first."""

    def attempted(self, alert_id: int, channel: str, error: str | None) -> None:
        """Keep the latest attempt on a channel: why it failed, or None for one that went out."""
