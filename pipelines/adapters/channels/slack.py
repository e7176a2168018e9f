"""Alerts as Slack messages, posted to an incoming webhook, an `https` address."""

from dataclasses import dataclass, field
from typing import ClassVar

from pipelines.adapters.channels import webhook
from pipelines.domain.alerts.alert import RecordedAlert
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.sections import Alerts


def channel(address: str, _alerts: Alerts) -> "SlackWebhook":
    """Return the channel behind *address*; whom it reaches was decided in Slack."""
    return SlackWebhook(address)


@dataclass(frozen=True)
class SlackWebhook:
    """
    An incoming webhook of Slack, or of anything that takes its JSON.

    Attributes:
        url: Its address, which is a secret.
    """

    url: str = field(repr=False)

    name: ClassVar[str] = "slack"

    def __post_init__(self) -> None:
        """Refuse an address nothing can be posted to, without repeating it."""
        webhook.refuse_illegal(self.url, CHANNELS[self.name])

    def send(self, recorded: RecordedAlert) -> None:
        """
        Post one alert.

        Raises:
            ServiceFailed: It was not taken.
        """
        alert = recorded.alert
        text = f"*{_escaped(alert.subject)}*\n{_escaped(alert.text)}"
        webhook.post(self.url, {"text": text}, service="Slack")


def _escaped(text: str) -> str:
    """Return *text* with Slack's three control characters escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
