"""What a channel does, whatever it sends by."""

from dataclasses import replace
from datetime import date
from typing import ClassVar, Protocol

import pytest

from pipelines.domain.alerts.alert import Alert
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.domain.alerts.message import Message, Notice, message
from pipelines.domain.alerts.thread import Night, incident_of
from pipelines.domain.ports.alerts import Channel
from pipelines.errors import ServiceFailed

ALERT = Alert(
    population="subscribers",
    as_of=date(2026, 3, 10),
    kind="drift",
    severity="warning",
    title="usage < 10 & *falling*\nin two lines",
    body="usage_7d moved by 0.39 sd, #1 of 5, más 10 €, \u202e<b>_~`\x1b[31m",
    owner="science",
)


def telling(*alerts: Alert) -> Message:
    """Return the message that some alerts began, one of them an answer to nothing."""
    notices = [
        Notice(incident_of(number, [Night(alert, False, None)], {}), ("began",), alert.severity)
        for number, alert in enumerate(alerts, start=7)
    ]

    return message("subscribers", date(2026, 3, 10), notices, "email")


class Line(Protocol):
    """A channel and what is at its other end."""

    @property
    def channel(self) -> Channel:
        """The channel."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may read: its address, the tokens in it, and who is reached."""

    def messages(self) -> list[str]:
        """Return what arrived, each message as the text a person sees."""

    def fail(self) -> None:
        """Let the other end refuse from now on, and repeat the secrets while it does."""


class ChannelContract:
    """
    Tests of a channel that works, which a subclass provides as the fixture `line`.

    Attributes:
        name: Which of `CHANNELS` the subclass is about.
    """

    name: ClassVar[str]

    def test_it_is_called_what_the_list_calls_it(self, line: Line) -> None:
        """Deliveries are kept under that name."""
        assert self.name in CHANNELS
        assert self.name == line.channel.name

    def test_a_message_arrives_once_and_whole(self, line: Line) -> None:
        """Severity and title in one line, the body, whose night it is and who acts on it."""
        line.channel.send(telling(ALERT))
        (found,) = line.messages()
        parts = (
            "[churn warning] usage < 10 & *falling* in two lines",
            "usage_7d moved by 0.39 sd, #1 of 5, más 10 €, <b>_~` [31m",
            "Population subscribers, night of 2026-03-10.",
            "Owner: science.",
        )

        assert [] == [part for part in parts if part not in found]
        assert not {"\x1b", "\u202e"} & set(found)

    def test_what_is_old_or_too_much_is_folded(self, line: Line) -> None:
        """In one message: of forty, ten in full, and of the others a line a kind."""
        alerts = [replace(ALERT, kind=f"kind_{n % 2}", title=f"title {n}") for n in range(40)]
        line.channel.send(telling(*alerts))
        (found,) = line.messages()

        assert 10 == found.count("Owner: science.")
        assert "30 earlier or further, in short" in found
        assert "2026-03-10: 15 times kind_0; the last: title 38" in found

    def test_a_message_of_ten_megabytes_is_told_in_short(self, line: Line) -> None:
        """Cut, with a word where the rest is: a server that refuses it would do so every night."""
        alerts = [
            replace(
                ALERT, kind=f"kind_{n}", title=f"{n} {'t' * 100_000}", body="ü 😀\n" * 2_500_000
            )
            for n in range(2)
        ]
        line.channel.send(telling(*alerts))
        told = line.messages()

        assert told
        assert all(len(found) < 100_000 for found in told)
        assert all("ü" in found and "the rest: churn.alerts" in found for found in told)

    def test_a_failure_says_so_without_a_secret(self, line: Line) -> None:
        """It is one people can act on; neither it nor the channel shows who is reached or how."""
        line.fail()
        with pytest.raises(ServiceFailed) as caught:
            line.channel.send(telling(ALERT))
        error = caught.value
        shown = " ".join([error.message, error.next_step, repr(error), repr(line.channel)])

        assert [] == [secret for secret in line.secrets if secret in shown]
        assert [] == line.messages()
        assert caught.value.__cause__ is None
