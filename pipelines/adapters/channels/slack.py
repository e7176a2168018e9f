"""Alerts as Slack messages."""

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlsplit

from pipelines.adapters.channels.failures import not_sent
from pipelines.domain.alerts.alert import ChannelName, RecordedAlert
from pipelines.errors import ConfigError

TIMEOUT_SECONDS = 15


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Makes a redirect a failure: followed, it would drop the message and report success."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


@dataclass(frozen=True)
class SlackWebhook:
    """
    An incoming webhook of Slack, or of anything that takes its JSON.

    Attributes:
        url: Its address, which is a secret.
    """

    url: str = field(repr=False)

    name: ClassVar[ChannelName] = "slack"

    def __post_init__(self) -> None:
        """Refuse an address nothing can be posted to, without repeating it."""
        try:
            address = urlsplit(self.url)
            is_legal = address.scheme in {"http", "https"} and bool(address.hostname)
            is_legal = is_legal and address.port != 0 and self.url.isascii()
        except ValueError:
            is_legal = False
        if not is_legal:
            raise ConfigError(
                "CHURN_SLACK_WEBHOOK_URL is not an http or https address",
                next_step="set CHURN_SLACK_WEBHOOK_URL to the webhook's address",
            )

    def send(self, recorded: RecordedAlert) -> None:
        """
        Post one alert.

        Raises:
            ServiceFailed: It was not taken.
        """
        alert = recorded.alert
        text = f"*{_escaped(alert.subject)}*\n{_escaped(alert.text)}"
        request = urllib.request.Request(  # noqa: S310  http or https, see __post_init__
            self.url,
            data=json.dumps({"text": text}).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
                pass
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise not_sent("Slack", error) from None


def _escaped(text: str) -> str:
    """Return *text* with Slack's three control characters escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
