"""`notify` against a real SMTP server and a real HTTP receiver: once each, and no secret told."""

from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import structlog

from pipelines.adapters.channels.email import Smtp
from pipelines.adapters.channels.slack import SlackWebhook
from pipelines.adapters.tables import outbox
from pipelines.adapters.tables.outbox import WarehouseOutbox
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.alerts.alert import Alert
from pipelines.domain.alerts.rules import AlertRules
from pipelines.domain.ports.alerts import Channel
from pipelines.errors import ConfigError, RunLocked, ServiceFailed
from pipelines.steps.night.notify import notify
from tests.receivers import (
    RECIPIENTS,
    SECRET,
    Inbox,
    Receiver,
    certified,
    free_port,
    mail_server,
    webhook,
)

NIGHT, LATER = date(2026, 3, 10), date(2026, 3, 12)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook's other end."""
    with webhook() as started:
        yield started


def email(port: int, user: str = "") -> Smtp:
    """Return the channel to a mail server of ours."""
    return Smtp(f"smtp://{user}127.0.0.1:{port}", "churn@example.com", RECIPIENTS)


def raise_alert(warehouse: Warehouse, kind: str = "drift", as_of: date = NIGHT) -> None:
    """Put one alert into the outbox."""
    alert = Alert(
        population="subscribers",
        as_of=as_of,
        kind=kind,
        severity="warning",
        title=f"{kind}: usage < 10 & falling\nnot a header",
        body="usage_7d moved by 0.39 sd",
        owner="science",
    )
    with warehouse.begin() as connection:
        outbox.record(connection, alert)


def parts(mail: EmailMessage) -> list[str]:
    """Return the plain text and the page of a mail."""
    return [part.get_content() for part in mail.walk() if not part.is_multipart()]


def send(warehouse: Warehouse, *channels: Channel, as_of: date = NIGHT) -> str:
    """Run the step."""
    return notify(
        population="subscribers",
        as_of=as_of,
        outbox=WarehouseOutbox(warehouse),
        channels=channels,
        locks=warehouse,
        rules=AlertRules(),
    )


def state(warehouse: Warehouse) -> list[tuple[object, ...]]:
    """Return kind, channel and error of every attempt at an alert that was kept."""
    return [
        tuple(row)
        for row in warehouse.rows(
            "select alert.kind, delivery.channel, delivery.error "
            "from churn.alerts as alert inner join churn.alert_deliveries as delivery "
            "using (alert_id) order by alert_id, delivery.channel, delivery.stage"
        )
    ]


def test_an_alert_goes_out_once_on_each_channel(warehouse: Warehouse, receiver: Receiver) -> None:
    """Both arrive with what they have to say, and a second run sends nothing."""
    raise_alert(warehouse)
    inbox, webhook = Inbox(), SlackWebhook(receiver.url)
    with mail_server(inbox) as port:
        assert "1 incidents are open, 2 messages sent by email and slack" == send(
            warehouse, email(port), webhook
        )
        assert "1 incidents are open, 0 messages sent by email and slack" == send(
            warehouse, email(port), webhook
        )

    assert 1 == len(inbox.messages)
    message = inbox.messages[0]
    assert "[churn warning] drift: usage < 10 & falling not a header" == message["Subject"]
    assert "churn@example.com" == message["From"]
    text, page = parts(message)
    assert "usage_7d moved by 0.39 sd" in text
    assert "Owner: science." in text
    assert "usage &lt; 10 &amp; falling" in page
    assert "http" not in page
    assert [list(RECIPIENTS)] == inbox.recipients
    assert 1 == len(receiver.bodies)
    header = receiver.bodies[0]["blocks"][0]["text"]
    assert "plain_text" == header["type"]
    assert "usage &lt; 10 &amp; falling" in header["text"]
    assert [("drift", "email", None), ("drift", "slack", None)] == state(warehouse)


def test_a_dead_mail_server_does_not_hold_slack_back(
    warehouse: Warehouse, receiver: Receiver
) -> None:
    """Slack goes out, the failure is kept and raised, and the retry sends only the e-mail."""
    raise_alert(warehouse)
    webhook = SlackWebhook(receiver.url)
    with pytest.raises(
        ServiceFailed, match=r"1 of 2 messages did not go out: e-mail: ConnectionRefusedError"
    ) as caught:
        send(warehouse, email(free_port()), webhook)
    assert "churn notify --population subscribers --as-of 2026-03-10" in caught.value.next_step
    assert 1 == len(receiver.bodies)
    (_, _, error), slacked = state(warehouse)
    assert str(error).startswith("e-mail: ConnectionRefusedError")
    assert ("drift", "slack", None) == slacked

    inbox = Inbox()
    with mail_server(inbox) as port:
        send(warehouse, email(port), webhook)
    assert [1, 1] == [len(inbox.messages), len(receiver.bodies)]
    assert [("drift", "email", None), ("drift", "slack", None)] == state(warehouse)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_does_not_take_it_is_a_failure(
    warehouse: Warehouse, receiver: Receiver, status: int
) -> None:
    """A redirect too: followed, it would drop the message and look delivered."""
    raise_alert(warehouse)
    receiver.status = status

    with pytest.raises(ServiceFailed, match=f"Slack: HTTP status {status}"):
        send(warehouse, SlackWebhook(receiver.url))
    assert [("drift", "slack", f"Slack: HTTP status {status}")] == state(warehouse)
    assert [] == receiver.bodies


def test_a_mail_server_that_refuses_is_a_failure(warehouse: Warehouse) -> None:
    """The code is kept, what the server says is not: it may repeat addresses."""
    raise_alert(warehouse)
    inbox = Inbox(answer=f"554 no {SECRET} for {RECIPIENTS[0]}")

    with (
        mail_server(inbox) as port,
        pytest.raises(ServiceFailed, match=r"e-mail: SMTPDataError 554$"),
    ):
        send(warehouse, email(port))
    assert [("drift", "email", "e-mail: SMTPDataError 554")] == state(warehouse)


def test_no_secret_is_logged_or_kept(
    warehouse: Warehouse, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a refused password nor the webhook's address is in logs, errors or the table."""
    raise_alert(warehouse)
    receiver.status = 403
    options = {"auth_require_tls": False, "authenticator": Inbox().login}
    wrong = f"user:not-{SECRET}@"
    with mail_server(Inbox(), **options) as port, structlog.testing.capture_logs() as logs:
        channels = email(port, wrong), SlackWebhook(receiver.url)
        with pytest.raises(ServiceFailed, match="SMTPAuthenticationError 535") as caught:
            send(warehouse, *channels)

    told = [repr(logs), str(caught.value), repr(caught.value.__context__), repr(channels)]
    told += [str(state(warehouse)), *capsys.readouterr()]
    assert logs
    assert [] == [text for text in told if "hunter2" in text or "/services/" in text]


def test_a_login_is_sent_percent_decoded(warehouse: Warehouse) -> None:
    """User and password may hold what a URL may not."""
    raise_alert(warehouse)
    inbox = Inbox()
    with mail_server(inbox, auth_require_tls=False, authenticator=inbox.login) as port:
        send(warehouse, email(port, f"me%40example.com:{SECRET}@"))

    assert [("me@example.com", SECRET)] == inbox.logins
    assert 1 == len(inbox.messages)


def test_starttls_is_used_when_offered_and_its_certificate_is_checked(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate nobody vouches for is a failure; one that is trusted carries the message."""
    context, certificate = certified(tmp_path)
    raise_alert(warehouse)
    inbox = Inbox()
    with mail_server(inbox, tls_context=context) as port:
        with pytest.raises(ServiceFailed, match="SSLCertVerificationError"):
            send(warehouse, email(port))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        send(warehouse, email(port))

    assert [True] == inbox.is_encrypted


def test_nothing_configured_keeps_the_alert_and_says_so(warehouse: Warehouse) -> None:
    """Recorded always; sent when there is somewhere to send it."""
    raise_alert(warehouse)

    assert "no channel is configured" in send(warehouse)
    assert [] == state(warehouse)
    assert [(1,)] == warehouse.rows("select count(*) from churn.alerts")


def test_a_recovery_is_in_the_thread_of_what_it_ends(warehouse: Warehouse) -> None:
    """Mail programs show one: it refers to the message that went out, and has its subject."""
    raise_alert(warehouse)
    inbox = Inbox()
    with mail_server(inbox) as port:
        send(warehouse, email(port))
        WarehouseOutbox(warehouse).resolve("subscribers", LATER, ["drift"])
        send(warehouse, email(port), as_of=LATER)
        send(warehouse, email(port), as_of=LATER)

    began, over = inbox.messages
    assert began["Message-ID"] == over["In-Reply-To"] == over["References"]
    assert f"Re: {began['Subject']}" == over["Subject"]
    assert began["References"] is None
    assert [("drift", "email", None)] * 2 == state(warehouse)


def test_what_is_old_goes_out_in_a_line(warehouse: Warehouse, receiver: Receiver) -> None:
    """A webhook set up today is not flooded: one message, what began a week ago folded."""
    nights = (NIGHT - timedelta(days=7), NIGHT - timedelta(days=6), NIGHT, NIGHT + timedelta(1))
    for index, night in enumerate(nights):
        raise_alert(warehouse, f"kind_{index}", night)
    send(warehouse, SlackWebhook(receiver.url))

    (body,) = receiver.bodies
    assert ["kind_0", "kind_1", "kind_2"] == [kind for kind, _, _ in state(warehouse)]
    assert 2 == [block["type"] for block in body["blocks"]].count("header")
    assert "2026-03-03: kind_0; the last: kind_0: usage" in body["blocks"][-1]["text"]["text"]


def test_one_sender_at_a_time(warehouse: Warehouse, receiver: Receiver) -> None:
    """A second process is told to try again, and sends nothing twice."""
    raise_alert(warehouse)
    with (
        warehouse.lock("sender of subscribers"),
        pytest.raises(RunLocked, match="there can be one sender of subscribers at a time"),
    ):
        send(warehouse, SlackWebhook(receiver.url))
    assert [] == receiver.bodies


@pytest.mark.parametrize("url", ["hooks.example/T0K3N", "ftp://x/T0K3N", "http://h:T0K3N/", ""])
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    """The setting is named, its value is not."""
    with pytest.raises(ConfigError, match="CHURN_SLACK_WEBHOOK_URL") as caught:
        SlackWebhook(url)
    assert "T0K3N" not in str(caught.value)
    with pytest.raises(ConfigError, match="CHURN_SMTP_URL") as caught:
        Smtp(url, "churn@example.com", RECIPIENTS)
    assert "T0K3N" not in str(caught.value)
