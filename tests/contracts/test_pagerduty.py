"""Events of PagerDuty, to a real receiver: what opens an incident there, and what closes it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest

from pipelines.adapters.channels.webhook import Webhook
from pipelines.domain.alerts.alert import Alert, AlertSeverity
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.domain.alerts.message import Message, Notice
from pipelines.domain.alerts.thread import Night, Stage, incident_of
from pipelines.domain.ports.alerts import Channel
from pipelines.errors import ConfigError, ServiceFailed
from pipelines.testing.contracts.alerts.channel import ALERT, ChannelContract, telling
from tests.receivers import Receiver, webhook

KEY = "R0utingK3y0f32lettersAndDigits00"
NIGHT = ALERT.as_of


@dataclass
class PagerDutyLine:
    """A receiver of events."""

    channel: Channel
    receiver: Receiver
    secrets: tuple[str, ...] = (KEY,)

    def messages(self) -> list[str]:
        """Return what a person reads of each."""
        payloads = [body["payload"] for body in self.receiver.bodies]

        return [f"{each['summary']}\n{each['custom_details']['text']}" for each in payloads]

    def fail(self) -> None:
        """Refuse; the answer repeats the path."""
        self.receiver.status = 400


class TestPagerDuty(ChannelContract):
    """The form of the generic webhook."""

    name = "webhook"

    @pytest.fixture
    def line(self) -> Iterator[PagerDutyLine]:
        """A receiver, and the channel to it."""
        with webhook() as receiver:
            host = urlsplit(receiver.url).netloc
            channel = Webhook(f"http://{KEY}@{host}/v2/enqueue", "pagerduty")
            yield PagerDutyLine(channel, receiver)

    def test_what_is_old_or_too_much_is_folded(self, line: PagerDutyLine) -> None:  # type: ignore[override]
        """Not here, where each incident is one of theirs."""
        alerts = [replace(ALERT, kind=f"kind_{n % 2}", title=f"title {n}") for n in range(40)]
        line.channel.send(telling(*alerts))
        keys = [body["dedup_key"] for body in line.receiver.bodies]

        assert [f"churn-subscribers-{number}" for number in range(7, 47)] == sorted(
            keys, key=lambda key: int(key.rpartition("-")[2])
        )

    def test_an_incident_is_opened_and_closed_by_one_key(self, line: PagerDutyLine) -> None:
        """On whatever nights it is told; closing says nothing of what it was."""
        for stage in ("began", "lasts", "over"):
            line.channel.send(told(ALERT, stage))
        trigger, reminder, resolve = line.receiver.bodies

        assert {"routing_key": KEY, "event_action": "resolve", "dedup_key": KEY_OF_7} == resolve
        assert ("trigger", KEY_OF_7) == (trigger["event_action"], trigger["dedup_key"])
        assert ("trigger", KEY_OF_7) == (reminder["event_action"], reminder["dedup_key"])
        assert ("warning", "drift", "subscribers") == tuple(
            trigger["payload"][name] for name in ("severity", "class", "component")
        )
        assert [{"href": "http://127.0.0.1/newest", "text": "the page of the night"}] == trigger[
            "links"
        ]
        assert {"/v2/enqueue"} == {*line.receiver.paths}

    def test_news_calls_nobody(self, line: PagerDutyLine) -> None:
        """It is a change there, which needs no closing; and what is urgent goes first."""
        news, urgent = replace(ALERT, severity="info"), replace(ALERT, severity="critical")
        line.channel.send(telling(news, urgent))

        assert ["/v2/enqueue", "/v2/change/enqueue"] == line.receiver.paths
        assert {"routing_key", "payload"} == {*line.receiver.bodies[1]}

    def test_what_is_sent_is_short_enough_to_be_taken(self, line: PagerDutyLine) -> None:
        """PagerDuty refuses an event with a longer summary, or of more than 512 KB."""
        line.channel.send(telling(replace(ALERT, title="x" * 5000, body="y" * 600_000)))
        (body,) = line.receiver.bodies

        assert body["payload"]["summary"].endswith("(the rest: churn.alerts)")
        assert len(body["payload"]["summary"]) <= 1024
        assert len(json.dumps(body)) < 512_000


KEY_OF_7 = "churn-subscribers-7"


def told(alert: Alert, stage: Stage, severity: AlertSeverity = "warning") -> Message:
    """Return the message that tells one stage of incident 7."""
    over = NIGHT + timedelta(days=9) if stage == "over" else None
    incident = incident_of(7, [Night(alert, stage == "over", over)], {})
    notice = Notice(incident, (stage,), severity)

    return Message(
        population="subscribers",
        as_of=date(2026, 3, 19),
        notices=(notice,),
        page="http://127.0.0.1/newest",
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://events.pagerduty.com/v2/enqueue",
        f"https://me:{KEY}@events.pagerduty.com/v2/enqueue",
        f"https://{KEY}@events.pagerduty.com/generic/{KEY}",
        f"https://{KEY}%0A@events.pagerduty.com/v2/enqueue",
    ],
)
def test_an_address_without_a_key_is_refused_and_not_repeated(address: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ConfigError, match=CHANNELS["webhook"]) as caught:
        Webhook(address, "pagerduty")

    assert KEY not in f"{caught.value} {caught.value.next_step}"


def test_one_event_that_is_not_taken_fails_the_message() -> None:
    """All of it is sent again, which does nothing there to what is open."""
    with webhook() as receiver:
        receiver.status = 429
        host = urlsplit(receiver.url).netloc
        with pytest.raises(ServiceFailed, match="PagerDuty: HTTP status 429"):
            Webhook(f"http://{KEY}@{host}/v2/enqueue", "pagerduty").send(telling(ALERT))
