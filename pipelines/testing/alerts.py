"""Alerts in memory: an outbox, and a channel that keeps what it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from pipelines.domain.alerts.alert import Alert, RecordedAlert
from pipelines.errors import ServiceFailed


@dataclass
class MemoryOutbox:
    """
    An outbox in memory.

    Attributes:
        deliveries: The latest attempts, by number of the alert and channel: why the alert did not
            go out, or None when it did.
    """

    deliveries: dict[tuple[int, str], str | None] = field(default_factory=dict)
    _alerts: dict[int, Alert] = field(default_factory=dict, init=False)
    _resolved: set[int] = field(default_factory=set, init=False)

    def add(self, alert: Alert) -> None:
        """Record *alert*, unless one of its population, night and kind is not resolved yet."""
        same = (alert.population, alert.as_of, alert.kind)
        for alert_id, known in self._alerts.items():
            if same == (known.population, known.as_of, known.kind):
                if alert_id in self._resolved:
                    self._reopen(alert_id, alert)
                return
        self._alerts[len(self._alerts) + 1] = alert

    def resolve(self, population: str, as_of: date, kinds: Sequence[str]) -> None:
        """Remember that what some kinds of alert said about a night is over."""
        self._resolved |= {
            alert_id
            for alert_id, alert in self._alerts.items()
            if (alert.population, alert.as_of) == (population, as_of) and alert.kind in kinds
        }

    def unresolved(self, population: str, since: date, until: date) -> list[RecordedAlert]:
        """Return the alerts of the nights *since* to *until*, both included, oldest first."""
        found = [
            RecordedAlert(alert_id, alert, self._delivered(alert_id))
            for alert_id, alert in self._alerts.items()
            if alert_id not in self._resolved
            and alert.population == population
            and since <= alert.as_of <= until
        ]

        return sorted(found, key=lambda recorded: (recorded.alert.as_of, recorded.alert_id))

    def attempted(self, alert_id: int, channel: str, error: str | None) -> None:
        """Keep the latest attempt on a channel; KeyError if there is no such alert."""
        self._alerts[alert_id]
        self.deliveries[alert_id, channel] = error

    def _reopen(self, alert_id: int, alert: Alert) -> None:
        """Put *alert* in the place of one that was resolved, delivered on no channel."""
        self._alerts[alert_id] = alert
        self._resolved.discard(alert_id)
        for delivery in [key for key in self.deliveries if key[0] == alert_id]:
            del self.deliveries[delivery]

    def _delivered(self, alert_id: int) -> frozenset[str]:
        """Return the channels an alert went out on."""
        return frozenset(
            channel
            for (number, channel), error in self.deliveries.items()
            if number == alert_id and error is None
        )


@dataclass
class MemoryChannel:
    """
    A channel that keeps what it was sent.

    Attributes:
        name: Which channel it stands for.
        sent: The alerts it took, in order.
        fault: While it is set nothing is taken, and this is why.
    """

    name: str = "email"
    sent: list[Alert] = field(default_factory=list)
    fault: str | None = None

    def send(self, recorded: RecordedAlert) -> None:
        """Take one alert; ServiceFailed with the fault, if one is set."""
        if self.fault is not None:
            raise ServiceFailed(f"{self.name}: {self.fault}", next_step="clear its fault")
        self.sent.append(recorded.alert)
