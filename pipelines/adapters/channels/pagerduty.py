"""Messages as events of PagerDuty's Events API v2: one an incident, keyed by its number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pipelines.adapters.channels import posting
from pipelines.domain.alerts.message import Message, Notice
from pipelines.errors import ConfigError

EXAMPLE = "https://ROUTING_KEY@events.pagerduty.com/v2/enqueue"


@dataclass(frozen=True)
class PagerDuty:
    """
    An integration of a service there.

    Attributes:
        address: Where what needs people is posted.
        changes: Where news is posted, which calls nobody.
        routing_key: Says whose it is, and is a secret.
    """

    address: str
    changes: str
    routing_key: str = field(repr=False)

    def send(self, message: Message) -> None:
        """
        Post an event an incident: what began or lasts triggers it, what is over resolves it.

        Told again, an event does nothing there. News is posted last, for it would be told twice.

        Raises:
            ServiceFailed: At least one was not taken.
        """
        news = [each for each in message.everything if each.alert.severity == "info"]
        for notice in message.everything:
            if notice not in news:
                self._post(self.address, _event(notice, message))
        for notice in news:
            self._post(self.changes, {"payload": _payload(notice), **_links(message)})

    def _post(self, address: str, event: Mapping[str, object]) -> None:
        """Post one event."""
        posting.post(address, {"routing_key": self.routing_key, **event}, service="PagerDuty")


def integration(url: str, variable: str) -> PagerDuty:
    """
    Return the integration whose routing key is the user of an address.

    Args:
        url: As `EXAMPLE` is.
        variable: Where it came from.

    Raises:
        ConfigError: It has no key, or is another address; it is not repeated.
    """
    parts = urlsplit(url)
    key, _, host = parts.netloc.rpartition("@")
    if not key.isalnum() or not parts.path.endswith("/enqueue"):
        raise ConfigError(
            f"{variable} is not {EXAMPLE}, which webhook_form = 'pagerduty' takes",
            next_step=f"set {variable}; the key is that of an Events API v2 integration",
        )
    address = f"{parts.scheme}://{host}{parts.path}"

    return PagerDuty(address, f"{address.removesuffix('enqueue')}change/enqueue", key)


def _event(notice: Notice, message: Message) -> Mapping[str, object]:
    """Return what opens or closes one incident there."""
    key = f"churn-{notice.alert.population}-{notice.incident.incident_id}"
    if notice.state == "over":
        return {"event_action": "resolve", "dedup_key": key}
    payload = {
        **_payload(notice),
        "severity": notice.severity,
        "component": notice.alert.population,
        "class": notice.alert.kind,
    }

    return {
        "event_action": "trigger",
        "dedup_key": key,
        "client": "churn",
        "payload": payload,
        **_links(message),
    }


def _payload(notice: Notice) -> Mapping[str, object]:
    """Return what a person reads of it."""
    details = {
        "text": notice.text,
        "owner": notice.alert.owner,
        "began": str(notice.alert.as_of),
        "latest": str(notice.incident.latest.as_of),
        "nights": notice.incident.nights,
    }

    return {
        "summary": notice.headline,
        "source": f"churn, {notice.alert.population}",
        "custom_details": details,
    }


def _links(message: Message) -> Mapping[str, object]:
    """Return where the page of the night is, if it is served."""
    if not message.page:
        return {}

    return {"links": [{"href": message.page, "text": "the page of the night"}]}
