"""What people are told when something needs them."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

AlertSeverity = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """
    One incident. Holds aggregates and names, never a customer.

    Attributes:
        population: Its name in churn.toml.
        as_of: The date of the night.
        kind: What happened; one alert a kind and night.
        severity: How urgent it is.
        title: One line.
        body: The rest, as plain text.
        owner: Who acts on it.
    """

    population: str
    as_of: date
    kind: str
    severity: AlertSeverity
    title: str
    body: str
    owner: str


@dataclass(frozen=True, slots=True)
class RecordedAlert:
    """
    An alert in the outbox.

    Attributes:
        alert_id: Its number there.
        alert: What it says.
        delivered: Names of the channels it went out on.
    """

    alert_id: int
    alert: Alert
    delivered: frozenset[str]
