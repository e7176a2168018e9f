"""Whom a kind of alert reaches, and how urgent it is: the part of [alerts] in churn.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pipelines.domain.alerts.alert import Alert, AlertSeverity


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """
    Severity and route by kind; of the patterns that match a kind, the first counts.

    Attributes:
        severity: Pattern of kinds, such as `failed_*`, to how urgent they are instead.
        routes: Pattern of kinds to the channels they go out on; others go out on every channel.
        remind_after_days: So long after it was told, what lasts is told again, once.
    """

    severity: Mapping[str, AlertSeverity] = field(default_factory=dict)
    routes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remind_after_days: int = 7

    def severity_of(self, alert: Alert) -> AlertSeverity:
        """Return how urgent an alert is."""
        found = [level for kind, level in self.severity.items() if fnmatchcase(alert.kind, kind)]

        return found[0] if found else alert.severity

    def is_for(self, channel: str, alert: Alert) -> bool:
        """Tell whether an alert goes out on a channel."""
        found = [names for kind, names in self.routes.items() if fnmatchcase(alert.kind, kind)]

        return not found or channel in found[0]
