"""Every channel, with a real server at its other end, and the one in memory."""

import html
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pipelines.adapters.channels.email import Smtp
from pipelines.adapters.channels.slack import SlackWebhook
from pipelines.adapters.channels.webhook import Webhook
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.domain.ports.alerts import Channel
from pipelines.testing.alerts import MemoryChannel
from pipelines.testing.contracts.alerts.channel import ALERT, ChannelContract, Line, telling
from tests.receivers import RECIPIENTS, SECRET, Inbox, Receiver, mail_server, webhook


@dataclass
class MemoryLine:
    """The double is its own other end."""

    channel: MemoryChannel
    secrets: tuple[str, ...] = ()

    def messages(self) -> list[str]:
        """Return what it keeps."""
        return [f"{message.subject}\n{message.text}" for message in self.channel.sent]

    def fail(self) -> None:
        """Take nothing more."""
        self.channel.fault = "is told to fail"


@dataclass
class EmailLine:
    """A mail server that wants a login."""

    channel: Channel
    inbox: Inbox
    secrets: tuple[str, ...]

    def messages(self) -> list[str]:
        """Return subjects and contents."""
        found = []
        for mail in self.inbox.messages:
            (text,) = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
            found.append(f"{mail['Subject']}\n{text.get_content()}")

        return found

    def fail(self) -> None:
        """Refuse, and repeat who it was for."""
        self.inbox.answer = f"554 no {' '.join(self.secrets)}"


@dataclass
class WebhookLine:
    """A receiver of JSON."""

    channel: Channel
    receiver: Receiver
    secrets: tuple[str, ...] = (SECRET, "/services/")

    def messages(self) -> list[str]:
        """Return subjects and texts, whatever form they came in."""
        return [shown(body) for body in self.receiver.bodies]

    def fail(self) -> None:
        """Refuse; the answer repeats the path."""
        self.receiver.status = 500


def shown(body: Mapping[str, Any]) -> str:
    """Return what a person sees of a message in JSON."""
    if "attachments" not in body:
        return f"{body['subject']}\n{body['text']}"
    blocks = body["attachments"][0]["content"]["body"]

    return "\n".join(block["inlines"][0]["text"] for block in blocks)


@dataclass
class SlackLine:
    """A receiver of webhooks."""

    channel: Channel
    receiver: Receiver
    secrets: tuple[str, ...] = (SECRET, "/services/")

    def messages(self) -> list[str]:
        """Return headers and sections as Slack shows them."""
        return [
            "\n".join(
                html.unescape(block["text"]["text"])
                for block in body["blocks"]
                if block["type"] != "divider"
            )
            for body in self.receiver.bodies
        ]

    def fail(self) -> None:
        """Refuse; the answer repeats the path."""
        self.receiver.status = 500


class TestMemoryChannel(ChannelContract):
    """The double."""

    name = "email"

    @pytest.fixture
    def line(self) -> Line:
        """A channel that keeps what it was sent."""
        return MemoryLine(MemoryChannel())


class TestEmail(ChannelContract):
    """SMTP."""

    name = "email"

    @pytest.fixture
    def line(self) -> Iterator[Line]:
        """A mail server, and the channel to it."""
        inbox = Inbox()
        with mail_server(inbox, auth_require_tls=False, authenticator=inbox.login) as port:
            url = f"smtp://me:{SECRET}@127.0.0.1:{port}"
            channel = Smtp(url, "churn@example.com", RECIPIENTS)
            yield EmailLine(channel, inbox, (SECRET, str(port), *RECIPIENTS))


class TestSlack(ChannelContract):
    """Slack's incoming webhook."""

    name = "slack"

    @pytest.fixture
    def line(self) -> Iterator[Line]:
        """A receiver, and the channel to it."""
        with webhook() as receiver:
            yield SlackLine(SlackWebhook(receiver.url), receiver)


class TestWebhook(ChannelContract):
    """Any address that takes JSON."""

    name = "webhook"

    @pytest.fixture(params=["json", "teams"])
    def line(self, request: pytest.FixtureRequest) -> Iterator[Line]:
        """A receiver, and the channel to it."""
        with webhook() as receiver:
            yield WebhookLine(Webhook(receiver.url, request.param), receiver)


def test_every_channel_of_the_list_is_held_to_the_contract() -> None:
    """One that is added needs a class above."""
    assert set(CHANNELS) == {contract.name for contract in ChannelContract.__subclasses__()}


INJECTED = (
    "subject\r\nBcc: thief@example.com\r\n\r\nbody",
    "subject\u2028Bcc: thief@example.com\x85X-Evil: 1\x0b\x0c",
    "<!channel> <@U123> <https://evil.example|list> &lt;!here&gt; *b* _i_ ~s~ `c` :fire:",
    "\u202egnp.exe \u2066turned\u2069 \u200b\ufeff",
    "=?utf-8?q?Bcc=3A_thief=40example=2Ecom?= \0 \ud800 \x1b]0;title\x07",
)
HEADERS = {
    *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"),
    *("MIME-Version", "Content-Type", "X-Peer", "X-MailFrom", "X-RcptTo"),
}


@pytest.mark.parametrize("text", INJECTED)
def test_no_text_becomes_a_header_or_a_recipient(text: str) -> None:
    """Whatever a title, a body or an owner is made of, in mail."""
    inbox = Inbox()
    with mail_server(inbox) as port:
        channel = Smtp(f"smtp://127.0.0.1:{port}", "churn@example.com", RECIPIENTS)
        channel.send(telling(replace(ALERT, title=text, body=text, owner=text)))
    (mail,), (recipients,) = inbox.messages, inbox.recipients

    assert {*mail.keys()} <= HEADERS
    assert [*RECIPIENTS] == recipients
    assert {"\r", "\n", "\u2028", "\x85", "\u202e", "\x1b"}.isdisjoint(mail["Subject"])


@pytest.mark.parametrize("text", INJECTED)
def test_no_text_calls_a_channel_or_links(text: str) -> None:
    """In Slack three signs begin whatever acts; all of it is plain text besides."""
    with webhook() as receiver:
        SlackWebhook(receiver.url).send(telling(replace(ALERT, title=text, body=text, owner=text)))
    (body,) = receiver.bodies
    texts = [body["text"], *(block["text"]["text"] for block in body["blocks"])]

    assert not body["mrkdwn"]
    assert {"plain_text"} == {block["text"]["type"] for block in body["blocks"]}
    assert {"<", ">", "\u202e", "\x1b", "\0"}.isdisjoint("".join(texts))


@pytest.mark.parametrize("line", ["words " * 5000, "😀" * 30_000, "a\n" * 15_000])
def test_a_card_is_one_that_teams_takes(line: str) -> None:
    """Of ten incidents, whatever is in them: less than 28 KB as it is posted."""
    with webhook() as receiver:
        alerts = [replace(ALERT, kind=f"k{n}", title=line[:500], body=line) for n in range(10)]
        Webhook(receiver.url, "teams").send(telling(*alerts))
    (body,) = receiver.bodies

    assert 15_000 < len(json.dumps(body)) < 28_000
    assert 10 == shown(body).count("[churn warning]")
