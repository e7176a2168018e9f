"""Messages as JSON to any address that takes them: an automation, a bridge to another service."""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pipelines.adapters.channels import pagerduty, posting
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.domain.alerts.message import Message, Notice
from pipelines.domain.alerts.plain import REST
from pipelines.sections import Alerts

# Teams refuses a card of more than 28 KB, as it is posted.
MOST_BYTES_IN_CARD = 24_000


def channel(address: str, alerts: Alerts) -> "Webhook":
    """Return the channel behind *address*, in the form that churn.toml names."""
    return Webhook(address, alerts.webhook_form)


@dataclass(frozen=True)
class Webhook:
    """
    An address that takes JSON.

    Attributes:
        url: It, which is a secret.
        form: `json`, the message with its incidents; `teams`, an adaptive card of the same;
            `pagerduty`, an event an incident.
    """

    url: str = field(repr=False)
    form: str = "json"

    name: ClassVar[str] = "webhook"

    def __post_init__(self) -> None:
        """Refuse an address nothing can be posted to, without repeating it."""
        posting.refuse_illegal(self.url, CHANNELS[self.name])
        if self.form == "pagerduty":
            pagerduty.integration(self.url, CHANNELS[self.name])

    def send(self, message: Message) -> None:
        """
        Post one message.

        Raises:
            ServiceFailed: It was not taken.
        """
        if self.form == "pagerduty":
            pagerduty.integration(self.url, CHANNELS[self.name]).send(message)
            return
        body = _card(message) if self.form == "teams" else _json(message)
        posting.post(self.url, body, service="webhook")


def _json(message: Message) -> Mapping[str, object]:
    """Return the message for programs: an incident has the same number on all its nights."""
    return {
        "key": message.key,
        "population": message.population,
        "as_of": str(message.as_of),
        "severity": message.severity,
        "subject": message.subject,
        "text": message.text,
        "incidents": [_incident(notice) for notice in message.everything],
    }


def _incident(notice: Notice) -> Mapping[str, object]:
    """Return one incident for programs."""
    incident = notice.incident

    return {
        "incident_id": incident.incident_id,
        "kind": notice.alert.kind,
        "state": notice.state,
        "severity": notice.severity,
        "began": str(notice.alert.as_of),
        "latest": str(incident.latest.as_of),
        "nights": incident.nights,
        "headline": notice.headline,
        "owner": notice.alert.owner,
    }


def _card(message: Message) -> Mapping[str, object]:
    """Return the message as Teams' workflows take it; runs of text in it are never Markdown."""
    blocks = [(notice.headline, notice.text) for notice in message.notices]
    if message.folded:
        blocks.append((message.folded_heading, "\n".join(message.folded_lines)))
    share = MOST_BYTES_IN_CARD // len(blocks)
    body = [run for heading, text in blocks for run in _runs(heading, text, share)]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    kind = "application/vnd.microsoft.card.adaptive"

    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _runs(heading: str, text: str, most_bytes: int) -> Iterator[Mapping[str, object]]:
    """Yield a heading and the lines of a text, as much of them as so many bytes of JSON hold."""
    left = most_bytes - _bytes(_run(heading, weight="Bolder")) - _bytes(_run(REST.strip()))
    yield _run(heading, weight="Bolder")
    for line in filter(None, text.splitlines()):
        room = left - _bytes(_run(""))
        sizes = itertools.accumulate(len(json.dumps(sign)) - len('""') for sign in line)
        fits = sum(size <= room for size in sizes)
        if fits:
            yield _run(line[:fits])
        if fits < len(line):
            yield _run(REST.strip())
            return
        left -= _bytes(_run(line))


def _bytes(content: object) -> int:
    """Return how many bytes *content* takes in a list of JSON."""
    return len(json.dumps(content)) + len(", ")


def _run(text: str, **style: str) -> Mapping[str, object]:
    """Return a line of text, in which nothing is formatting."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}
