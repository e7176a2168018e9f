"""Alerts in memory: an outbox, and a channel that keeps what it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from pipelines.domain.alerts.alert import Alert, RecordedAlert
from pipelines.domain.alerts.message import SEVERITIES, Message
from pipelines.domain.alerts.thread import Delivery, Incident, Night, Stage, incident_of
from pipelines.errors import ServiceFailed


@dataclass
class MemoryOutbox:
    """
    An outbox in memory.

    Attributes:
        deliveries: The latest attempts, by number of the incident, channel and stage.
    """

    deliveries: dict[tuple[int, str, Stage], Delivery] = field(default_factory=dict)
    _alerts: dict[int, Alert] = field(default_factory=dict, init=False)
    _incidents: dict[int, int] = field(default_factory=dict, init=False)
    _resolved: dict[int, date] = field(default_factory=dict, init=False)

    def add(self, alert: Alert) -> None:
        """Record *alert*, unless one of its population, night and kind is open and as urgent."""
        same = (alert.population, alert.as_of, alert.kind)
        for alert_id, known in self._alerts.items():
            if same == (known.population, known.as_of, known.kind):
                if alert_id in self._resolved or _is_more_urgent(alert, known):
                    self._put(alert_id, alert)
                return
        self._put(len(self._alerts) + 1, alert)

    def resolve(self, population: str, as_of: date, kinds: Sequence[str]) -> None:
        """Remember that what some kinds of alert said about a night, or one before, is over."""
        for alert_id, alert in self._alerts.items():
            is_meant = alert.population == population and alert.kind in kinds
            if is_meant and alert.as_of <= as_of and alert_id not in self._resolved:
                self._resolved[alert_id] = as_of

    def unresolved(self, population: str, since: date, until: date) -> list[RecordedAlert]:
        """Return the alerts of the nights *since* to *until*, both included, oldest first."""
        found = [
            RecordedAlert(alert_id, alert, self._delivered(self._incidents[alert_id]))
            for alert_id, alert in self._alerts.items()
            if alert_id not in self._resolved
            and alert.population == population
            and since <= alert.as_of <= until
        ]

        return sorted(found, key=lambda recorded: (recorded.alert.as_of, recorded.alert_id))

    def incidents(self, population: str, until: date) -> list[Incident]:
        """Return what lasts, and what is over and not everybody knows, oldest first."""
        nights: dict[int, list[int]] = {}
        for alert_id, alert in sorted(self._alerts.items(), key=lambda item: item[1].as_of):
            if alert.population == population and alert.as_of <= until:
                nights.setdefault(self._incidents[alert_id], []).append(alert_id)
        found = [
            incident_of(
                incident_id,
                [
                    Night(
                        self._alerts[alert_id],
                        alert_id in self._resolved,
                        self._resolved.get(alert_id),
                    )
                    for alert_id in members
                ],
                self._told(incident_id),
            )
            for incident_id, members in nights.items()
        ]
        pending = [each for each in found if not each.is_over or _is_waited_for(each)]

        return sorted(pending, key=lambda each: (each.alert.as_of, each.incident_id))

    def was_told(self, population: str, channel: str, as_of: date) -> bool:
        """Tell whether a message of the night went out on a channel."""
        return any(
            name == channel
            and delivery.as_of == as_of
            and delivery.error is None
            and self._alerts[incident_id].population == population
            for (incident_id, name, _), delivery in self.deliveries.items()
        )

    def attempted(self, incident_id: int, channel: str, stage: Stage, delivery: Delivery) -> None:
        """Keep the latest attempt; KeyError if there is no such incident."""
        self._alerts[incident_id]
        self.deliveries[incident_id, channel, stage] = delivery

    def _put(self, alert_id: int, alert: Alert) -> None:
        """Record *alert* as the next night of what lasts, or as the first of a new incident."""
        standing = [
            self._incidents[other]
            for other, known in self._alerts.items()
            if other != alert_id
            and other not in self._resolved
            and (known.population, known.kind) == (alert.population, alert.kind)
            and not _is_more_urgent(alert, known)
        ]
        self._alerts[alert_id] = alert
        self._resolved.pop(alert_id, None)
        self._incidents[alert_id] = standing[0] if standing else alert_id
        for delivery in [key for key in self.deliveries if key[0] == alert_id]:
            del self.deliveries[delivery]

    def _told(self, incident_id: int) -> dict[tuple[str, Stage], Delivery]:
        """Return what was told of an incident, by channel and stage."""
        return {
            (channel, stage): delivery
            for (number, channel, stage), delivery in self.deliveries.items()
            if number == incident_id
        }

    def _delivered(self, incident_id: int) -> frozenset[str]:
        """Return the channels on which it was told that an incident began."""
        return frozenset(
            channel
            for (channel, stage), delivery in self._told(incident_id).items()
            if stage == "began" and delivery.error is None
        )


def _is_more_urgent(alert: Alert, known: Alert) -> bool:
    """Tell whether *alert* is news beside one that is known; SEVERITIES begins with the worst."""
    return SEVERITIES.index(alert.severity) < SEVERITIES.index(known.severity)


def _is_waited_for(incident: Incident) -> bool:
    """Tell whether a channel that tried to tell of an incident does not know that it is over."""
    is_news = incident.alert.severity == "info"
    tried = {
        channel
        for (channel, stage), delivery in incident.told.items()
        if stage == "began" and not (is_news and delivery.error is None)
    }
    known = {
        channel
        for (channel, stage), delivery in incident.told.items()
        if stage == "over" and delivery.error is None
    }

    return bool(tried - known)


@dataclass
class MemoryChannel:
    """
    A channel that keeps what it was sent.

    Attributes:
        name: Which channel it stands for.
        sent: The messages it took, in order.
        fault: While it is set nothing is taken, and this is why.
    """

    name: str = "email"
    sent: list[Message] = field(default_factory=list)
    fault: str | None = None

    def send(self, message: Message) -> None:
        """Take one message; ServiceFailed with the fault, if one is set."""
        if self.fault is not None:
            raise ServiceFailed(f"{self.name}: {self.fault}", next_step="clear its fault")
        self.sent.append(message)
