"""What is sent on which channel and when, what is kept of it, and what people are told."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
import structlog.testing

from pipelines.domain.alerts.alert import Alert
from pipelines.domain.alerts.rules import AlertRules
from pipelines.domain.alerts.thread import Delivery
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
GATE = replace(ALERT, kind="gate_scores", severity="critical", title="gate refused")
REFUSED = "ConnectionRefusedError 111"


def later(days: int) -> date:
    """Return the night so many days after the first."""
    return NIGHT + timedelta(days=days)


@dataclass
class Scene:
    """An outbox, two channels and the locks."""

    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    email: MemoryChannel = field(default_factory=MemoryChannel)
    slack: MemoryChannel = field(default_factory=lambda: MemoryChannel("slack"))
    locks: MemoryLocks = field(default_factory=MemoryLocks)
    rules: AlertRules = field(default_factory=AlertRules)

    def add(self, *alerts: Alert) -> None:
        """Put alerts into the outbox."""
        for alert in alerts:
            self.outbox.add(alert)

    def notify(self, *channels: MemoryChannel, days: int = 0) -> str:
        """Run the step."""
        return notify(
            population="subscribers",
            as_of=later(days),
            outbox=self.outbox,
            channels=channels,
            locks=self.locks,
            rules=self.rules,
        )

    def told(self) -> list[list[tuple[str, str]]]:
        """Return kind and state of whatever each e-mail told."""
        return [
            [(notice.alert.kind, notice.state) for notice in message.everything]
            for message in self.email.sent
        ]


@pytest.fixture
def scene() -> Scene:
    """Nothing recorded, nothing sent."""
    return Scene()


def test_everything_goes_out_once_on_every_channel_in_one_message(scene: Scene) -> None:
    """The most urgent first; a second run finds nothing left to send."""
    scene.add(ALERT, GATE)
    first = scene.notify(scene.email, scene.slack)
    second = scene.notify(scene.email, scene.slack)

    assert "2 incidents are open, 2 messages sent by email and slack" == first
    assert "2 incidents are open, 0 messages sent by email and slack" == second
    assert [[("gate_scores", "new"), ("drift", "new")]] == scene.told()
    assert scene.email.sent == scene.slack.sent
    assert ["sender of subscribers"] * 2 == scene.locks.taken
    assert "[churn critical] subscribers 2026-03-10: 2 new: gate refused, and more" == (
        scene.email.sent[0].subject
    )


def test_an_incident_of_five_nights_is_a_message_and_a_recovery(scene: Scene) -> None:
    """Whatever nights it spans; the recovery answers the message it is about."""
    for days in range(5):
        scene.add(replace(GATE, as_of=later(days)))
        scene.notify(scene.email, days=days)
    scene.outbox.resolve("subscribers", later(5), ["gate_scores"])
    scene.notify(scene.email, days=5)
    scene.notify(scene.email, days=6)

    assert [[("gate_scores", "new")], [("gate_scores", "over")]] == scene.told()
    began, over = scene.email.sent
    assert ((began.key,), "Re: [churn critical] gate refused") == (over.answers, over.subject)
    assert "Over since the night of 2026-03-15; it began on 2026-03-10." in over.text


def test_what_lasts_is_told_once_more_after_a_week(scene: Scene) -> None:
    """On the seventh night, in full, and not again; of good news nobody is reminded."""
    scene.add(replace(ALERT, kind="news", severity="info"))
    for days in range(30):
        scene.add(replace(GATE, as_of=later(days)))
        scene.notify(scene.email, days=days)

    assert [[("gate_scores", "new"), ("news", "new")], [("gate_scores", "reminder")]] == (
        scene.told()
    )
    assert later(7) == scene.email.sent[1].as_of
    assert "It lasts since the night of 2026-03-10; 8 nights were recorded." in (
        scene.email.sent[1].text
    )


def test_a_week_with_gaps_is_one_incident_and_a_backfilled_night_another(scene: Scene) -> None:
    """Nights that never were end nothing; one that is made up for after it was over is news."""
    for days in (0, 3, 8):
        scene.add(replace(GATE, as_of=later(days)))
        scene.notify(scene.email, days=days)
    scene.outbox.resolve("subscribers", later(10), ["gate_scores"])
    scene.notify(scene.email, days=10)
    scene.add(replace(GATE, as_of=later(5), title="refused again"))
    scene.notify(scene.email, days=11)
    scene.outbox.resolve("subscribers", later(12), ["gate_scores"])
    scene.notify(scene.email, days=12)

    states = ["new", "reminder", "over", "new", "over"]
    assert [[("gate_scores", state)] for state in states] == scene.told()
    assert "3 nights were recorded." in scene.email.sent[1].text
    assert "night of 2026-03-15" in scene.email.sent[3].text


def test_a_night_has_one_message_and_only_the_urgent_interrupts(scene: Scene) -> None:
    """What is less waits for the next night; that something urgent is over is told as soon."""
    scene.add(ALERT)
    scene.notify(scene.email)
    scene.add(replace(ALERT, kind="outcomes"), GATE)
    scene.notify(scene.email)
    scene.outbox.resolve("subscribers", NIGHT, ["gate_scores", "drift"])
    scene.notify(scene.email)
    assert [[("drift", "new")], [("gate_scores", "new")], [("gate_scores", "over")]] == scene.told()

    scene.notify(scene.email, days=1)
    assert [("outcomes", "new"), ("drift", "over")] == scene.told()[-1]


def test_servers_that_were_down_for_ten_nights_get_it_once_and_folded(scene: Scene) -> None:
    """What began and ended meanwhile too; what lasts is told in full."""
    scene.email.fault = REFUSED
    for days in range(10):
        if days < 3:
            scene.add(replace(GATE, as_of=later(days)))
        elif days == 3:
            scene.outbox.resolve("subscribers", later(3), ["gate_scores"])
        if days >= 8:
            scene.add(replace(GATE, kind="failed_score", as_of=later(days), title="score failed"))
        if days == 1:
            scene.add(replace(ALERT, as_of=later(1)))
        with pytest.raises(ServiceFailed):
            scene.notify(scene.email, days=days)
    scene.email.fault = None
    scene.notify(scene.email, days=10)
    scene.notify(scene.email, days=11)

    (message,) = scene.email.sent
    assert ["failed_score"] == [notice.alert.kind for notice in message.notices]
    assert {("drift", "new"), ("gate_scores", "over")} == {
        (notice.alert.kind, notice.state) for notice in message.folded
    }
    assert "2026-03-10: gate_scores, 1 of them over; the last: gate refused" in message.text


def test_a_channel_set_up_later_is_not_flooded(scene: Scene) -> None:
    """One message: what lasts, the old in a line; nothing of what was over before."""
    for number in range(30):
        scene.add(replace(ALERT, kind=f"kind_{number % 3}", as_of=later(number)))
    scene.add(replace(GATE, as_of=later(1)))
    scene.outbox.resolve("subscribers", later(2), ["gate_scores"])
    scene.notify(scene.email, days=30)

    (message,) = scene.email.sent
    assert {"kind_0", "kind_1", "kind_2"} == {each.alert.kind for each in message.everything}


def test_what_healed_before_it_was_sent_is_not_sent(scene: Scene) -> None:
    """And what comes back after it was sent is sent again."""
    scene.add(ALERT, GATE)
    scene.outbox.resolve("subscribers", NIGHT, ["gate_scores"])
    scene.notify(scene.email)
    assert [[("drift", "new")]] == scene.told()

    scene.outbox.resolve("subscribers", later(1), ["drift"])
    scene.notify(scene.email, days=1)
    scene.add(replace(ALERT, as_of=later(2)))
    scene.notify(scene.email, days=2)
    assert [[("drift", "new")], [("drift", "over")], [("drift", "new")]] == scene.told()


def test_a_channel_that_fails_holds_nothing_back(scene: Scene) -> None:
    """The other goes out, the failure is kept and raised, and retried alone."""
    scene.add(ALERT)
    scene.email.fault = REFUSED
    with (
        structlog.testing.capture_logs() as logs,
        pytest.raises(
            ServiceFailed,
            match=r"^1 of 2 messages did not go out: email: ConnectionRefused\S+ 111$",
        ) as caught,
    ):
        scene.notify(scene.email, scene.slack)

    assert (
        "churn notify --population subscribers --as-of 2026-03-10, when the service answers again"
        == caught.value.next_step
    )
    assert 1 == len(scene.slack.sent)
    assert {
        (1, "email", "began"): Delivery(NIGHT, f"email: {REFUSED}"),
        (1, "slack", "began"): Delivery(NIGHT, None, scene.slack.sent[0].key),
    } == scene.outbox.deliveries
    assert ["message_not_sent", "notified"] == [log["event"] for log in logs]

    scene.email.fault = None
    scene.notify(scene.email, scene.slack)
    assert [1, 1] == [len(scene.email.sent), len(scene.slack.sent)]


def test_severity_and_route_are_by_kind(scene: Scene) -> None:
    """The first pattern that matches counts; what has no route goes everywhere."""
    scene.rules = AlertRules(
        severity={"gate_*": "info", "*": "critical"},
        routes={"drift": ("slack",), "gate_*": ("email",)},
    )
    scene.add(ALERT, GATE, replace(ALERT, kind="outcomes"))
    scene.notify(scene.email, scene.slack)

    assert [[("outcomes", "critical"), ("gate_scores", "info")]] == [
        [(each.alert.kind, each.severity) for each in message.everything]
        for message in scene.email.sent
    ]
    assert {"drift", "outcomes"} == {each.alert.kind for each in scene.slack.sent[0].everything}


def test_an_error_nobody_expected_escapes_and_what_was_sent_stays_sent(scene: Scene) -> None:
    """A bug in one channel is no failure of its service; the retry does not repeat the others."""

    class Broken(MemoryChannel):
        def send(self, _message: object) -> None:
            """Be a bug."""
            raise KeyError("x")

    scene.add(ALERT)
    with pytest.raises(KeyError):
        scene.notify(scene.slack, Broken())

    assert [(1, "slack", "began")] == [*scene.outbox.deliveries]


def test_without_a_channel_alerts_stay_recorded(scene: Scene) -> None:
    """And the answer says why nothing was sent."""
    scene.add(ALERT)

    assert (
        "1 incidents are open, 0 messages sent by nothing: no channel is configured"
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


@pytest.mark.parametrize("page", ["", "http://127.0.0.1:1/reports/subscribers-latest.html"])
def test_a_message_ends_with_where_the_page_is(scene: Scene, page: str) -> None:
    """Where it is served; else it says nothing of it."""
    scene.add(ALERT)
    notify(
        population="subscribers",
        as_of=NIGHT,
        outbox=scene.outbox,
        channels=[scene.email],
        locks=scene.locks,
        rules=scene.rules,
        page=page,
    )
    (message,) = scene.email.sent

    assert bool(page) == message.text.endswith(f"\n\n---\n\nThe page of the night: {page}")
