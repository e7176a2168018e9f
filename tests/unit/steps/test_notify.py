"""What is sent on which channel, what is kept of it, and what people are told."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
import structlog.testing

from pipelines.domain.alerts.alert import Alert
from pipelines.errors import RunLocked, ServiceFailed
from pipelines.steps.night.notify import notify
from pipelines.testing.alerts import MemoryChannel, MemoryOutbox
from pipelines.testing.locks import MemoryLocks

NIGHT = date(2026, 3, 10)
ALERT = Alert(
    population="subscribers",
    as_of=NIGHT,
    kind="drift",
    severity="warning",
    title="drifted",
    body="usage_7d moved",
    owner="science",
)
GATE = replace(ALERT, kind="gate_scores")


@dataclass
class Scene:
    """An outbox, two channels and the locks."""

    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    email: MemoryChannel = field(default_factory=MemoryChannel)
    slack: MemoryChannel = field(default_factory=lambda: MemoryChannel("slack"))
    locks: MemoryLocks = field(default_factory=MemoryLocks)

    def add(self, *alerts: Alert) -> None:
        """Put alerts into the outbox."""
        for alert in alerts:
            self.outbox.add(alert)

    def notify(self, *channels: MemoryChannel) -> str:
        """Run the step."""
        return notify(
            population="subscribers",
            as_of=NIGHT,
            outbox=self.outbox,
            channels=channels,
            locks=self.locks,
        )


@pytest.fixture
def scene() -> Scene:
    """Nothing recorded, nothing sent."""
    return Scene()


def test_every_alert_goes_out_once_on_every_channel(scene: Scene) -> None:
    """Oldest first; a second run finds nothing left to send."""
    earlier = replace(ALERT, as_of=NIGHT - timedelta(days=1))
    scene.add(ALERT, GATE, earlier)
    first = scene.notify(scene.email, scene.slack)
    second = scene.notify(scene.email, scene.slack)

    assert "3 alerts since 2026-03-04, 6 messages sent by email and slack" == first
    assert "3 alerts since 2026-03-04, 0 messages sent by email and slack" == second
    assert [earlier, ALERT, GATE] == scene.email.sent == scene.slack.sent
    assert ["sender of subscribers"] * 2 == scene.locks.taken


def test_a_channel_set_up_later_gets_what_is_still_news(scene: Scene) -> None:
    """What went out on one channel did not go out on another."""
    scene.add(ALERT)
    scene.notify(scene.email)
    scene.notify(scene.email, scene.slack)

    assert [1, 1] == [len(scene.email.sent), len(scene.slack.sent)]


def test_only_the_last_seven_nights_of_the_population_are_news(scene: Scene) -> None:
    """From six nights before to the night itself; other populations have senders of their own."""
    ages = {days: replace(ALERT, as_of=NIGHT - timedelta(days)) for days in (7, 6, 0, -1)}
    scene.add(*ages.values(), replace(ALERT, population="trial"))
    scene.notify(scene.email)

    assert [ages[6], ages[0]] == scene.email.sent


def test_what_healed_before_it_was_sent_is_not_sent(scene: Scene) -> None:
    """And what comes back after it was sent is sent again."""
    scene.add(ALERT, GATE)
    scene.outbox.resolve("subscribers", NIGHT, ["gate_scores"])
    scene.notify(scene.email)
    assert [ALERT] == scene.email.sent

    scene.outbox.resolve("subscribers", NIGHT, ["drift"])
    scene.add(ALERT)
    scene.notify(scene.email)
    assert [ALERT, ALERT] == scene.email.sent


def test_a_channel_that_fails_holds_nothing_back(scene: Scene) -> None:
    """Every other message goes out, the failures are kept and raised as one, and retried alone."""
    scene.add(ALERT, GATE)
    scene.email.fault = "ConnectionRefusedError 111"
    with (
        structlog.testing.capture_logs() as logs,
        pytest.raises(
            ServiceFailed,
            match=r"^2 of 4 messages did not go out: email: ConnectionRefused\S+ 111$",
        ) as caught,
    ):
        scene.notify(scene.email, scene.slack)

    assert (
        "churn notify --population subscribers --as-of 2026-03-10, when the service answers again"
        == caught.value.next_step
    )
    assert [ALERT, GATE] == scene.slack.sent
    assert {
        (1, "email"): "email: ConnectionRefusedError 111",
        (1, "slack"): None,
        (2, "email"): "email: ConnectionRefusedError 111",
        (2, "slack"): None,
    } == scene.outbox.deliveries
    assert ["alert_not_sent", "alert_not_sent", "notified"] == [log["event"] for log in logs]
    assert {"alerts": 2, "sent": 2, "failed": 2}.items() <= logs[-1].items()

    scene.email.fault = None
    assert "2 alerts since 2026-03-04, 2 messages sent by email and slack" == scene.notify(
        scene.email, scene.slack
    )
    assert [ALERT, GATE] == scene.email.sent == scene.slack.sent
    assert {None} == set(scene.outbox.deliveries.values())


def test_an_error_nobody_expected_escapes_and_what_was_sent_stays_sent(scene: Scene) -> None:
    """A bug in one channel is no failure of its service; the retry does not repeat the others."""

    class Broken(MemoryChannel):
        def send(self, _recorded: object) -> None:
            """Be a bug."""
            raise KeyError("x")

    scene.add(ALERT)
    with pytest.raises(KeyError):
        scene.notify(scene.slack, Broken())

    assert {(1, "slack"): None} == scene.outbox.deliveries


def test_without_a_channel_alerts_stay_recorded(scene: Scene) -> None:
    """And the answer says why nothing was sent."""
    scene.add(ALERT)

    assert (
        "1 alerts since 2026-03-04, 0 messages sent by nothing: no channel is configured"
        == scene.notify()
    )
    assert {} == scene.outbox.deliveries


def test_while_another_sends_nothing_is_sent(scene: Scene) -> None:
    """The lock comes before the outbox is read, or both would send the same."""
    scene.add(ALERT)
    scene.locks.held.add("sender of subscribers")
    with pytest.raises(RunLocked, match="one sender of subscribers at a time"):
        scene.notify(scene.email)

    assert [] == scene.email.sent
