"""What a channel does, whatever it sends by."""

from datetime import date
from typing import ClassVar, Protocol

import pytest

from pipelines.domain.alerts.alert import Alert, RecordedAlert
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.domain.ports.alerts import Channel
from pipelines.errors import ServiceFailed

RECORDED = RecordedAlert(
    7,
    Alert(
        population="subscribers",
        as_of=date(2026, 3, 10),
        kind="drift",
        severity="warning",
        title="usage < 10 & *falling*\nin two lines",
        body="usage_7d moved by 0.39 sd, #1 of 5, más 10 €",
        owner="science",
    ),
    frozenset(),
)


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

    def test_an_alert_arrives_once_and_whole(self, line: Line) -> None:
        """Severity and title in one line, the body, whose night it is and who acts on it."""
        line.channel.send(RECORDED)
        (message,) = line.messages()
        parts = (
            "[churn warning] usage < 10 & *falling* in two lines",
            "usage_7d moved by 0.39 sd, #1 of 5, más 10 €",
            "Population subscribers, night of 2026-03-10.",
            "Owner: science.",
        )

        assert [] == [part for part in parts if part not in message]

    def test_a_failure_says_so_without_a_secret(self, line: Line) -> None:
        """It is one people can act on; neither it nor the channel shows who is reached or how."""
        line.fail()
        with pytest.raises(ServiceFailed) as caught:
            line.channel.send(RECORDED)
        error = caught.value
        shown = " ".join([error.message, error.next_step, repr(error), repr(line.channel)])

        assert [] == [secret for secret in line.secrets if secret in shown]
        assert [] == line.messages()
        assert caught.value.__cause__ is None
