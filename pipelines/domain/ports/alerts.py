"""Alerts: where they wait, and the channels they go out on."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from pipelines.domain.alerts.alert import Alert, RecordedAlert
from pipelines.domain.alerts.message import Message
from pipelines.domain.alerts.thread import Delivery, Incident, Stage


class Channel(Protocol):
    """A way to reach people."""

    @property
    def name(self) -> str:
        """Which one of `CHANNELS`."""

    def send(self, message: Message) -> None:
        """Send one message; ServiceFailed, without address or secret, when it did not go out."""


class Outbox(Protocol):
    """Alerts on their way to people, and what became of each on every channel."""

    def add(self, alert: Alert) -> None:
        """
        Record *alert*, unless one of its population, night and kind is open and as urgent.

        After that was resolved, or if it is less urgent, it is a new one under the same number,
        delivered on no channel. While an alert of the kind that is as urgent lasts from another
        night, it belongs to the same incident; one that is more urgent begins another.
        """

    def resolve(self, population: str, as_of: date, kinds: Sequence[str]) -> None:
        """Remember that what some kinds of alert said about a night, or one before it, is over."""

    def unresolved(self, population: str, since: date, until: date) -> list[RecordedAlert]:
        """Return the alerts of the nights *since* to *until*, both included, oldest first."""

    def incidents(self, population: str, until: date) -> list[Incident]:
        """
        Return what lasts on the night *until*, and what is over and not everybody knows.

        Oldest first; nights after *until* are not looked at. What was over before anybody tried to
        tell it is not among them.
        """

    def was_told(self, population: str, channel: str, as_of: date) -> bool:
        """Tell whether a message of the night went out on a channel."""

    def attempted(self, incident_id: int, channel: str, stage: Stage, delivery: Delivery) -> None:
        """Keep the latest attempt to tell a stage of an incident on a channel."""
