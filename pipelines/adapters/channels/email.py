"""Alerts as e-mail, through `smtp://user:password@host:port` or `smtps://…`."""

import smtplib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import localtime
from typing import ClassVar
from urllib.parse import SplitResult, unquote, urlsplit

import structlog

from pipelines.adapters.channels.delivery_failure import not_sent
from pipelines.adapters.channels.mail_page import page
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.domain.alerts.message import Message
from pipelines.errors import ConfigError
from pipelines.sections import Alerts

log = structlog.get_logger(__name__)

PORTS = {"smtp": 25, "smtps": 465}
TIMEOUT_SECONDS = 15


def channel(address: str, alerts: Alerts) -> "Smtp | None":
    """Return the channel by the mail server at *address*, or None where there is no recipient."""
    if not alerts.email_to:
        return None

    return Smtp(address, alerts.email_from, alerts.email_to)


@dataclass(frozen=True)
class Smtp:
    """
    A mail server.

    Encrypted from the first byte with `smtps://`, and with `smtp://` as soon as the server offers
    STARTTLS; certificates are checked.

    Attributes:
        url: `smtp://user:password@host:port`, user and password percent-encoded and optional.
        sender: Address alerts come from.
        recipients: Addresses they go to.
    """

    url: str = field(repr=False)
    sender: str
    recipients: Sequence[str] = field(repr=False)

    name: ClassVar[str] = "email"

    def __post_init__(self) -> None:
        """Refuse an address nothing can be sent to."""
        _server(self.url)

    def send(self, message: Message) -> None:
        """
        Send one message to everyone.

        Raises:
            ServiceFailed: It did not go out.
        """
        server, mail = _server(self.url), self._mail(message)
        try:
            with _connect(server) as session:
                if server.username:
                    session.login(unquote(server.username), unquote(server.password or ""))
                refused = session.send_message(mail)
        except (OSError, ValueError) as error:
            raise not_sent("e-mail", error) from None
        if refused:
            log.warning("recipients_refused", refused=len(refused), of=len(self.recipients))

    def _mail(self, message: Message) -> EmailMessage:
        """
        Return the message as plain text and HTML.

        The same message has the same Message-ID, and names those it answers, so that mail programs
        show the nights of an incident as one thread.
        """
        mail = EmailMessage()
        domain = self.sender.rpartition("@")[2] or "localhost"
        mail["Subject"] = message.subject
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.recipients)
        mail["Date"] = localtime()
        mail["Message-ID"] = f"<{message.key}@{domain}>"
        if message.answers:
            answered = [f"<{key}@{domain}>" for key in message.answers]
            mail["In-Reply-To"] = answered[-1]
            mail["References"] = " ".join(answered)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{message.text}\n")
        mail.add_alternative(page(message), subtype="html")

        return mail


def _connect(server: SplitResult) -> smtplib.SMTP:
    """Open a session, encrypted where the server can."""
    host, port = str(server.hostname), server.port or PORTS[server.scheme]
    # Named, or smtplib asks DNS who we are.
    us, context = socket.gethostname(), ssl.create_default_context()
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, us, timeout=TIMEOUT_SECONDS, context=context)

    session = smtplib.SMTP(host, port, us, timeout=TIMEOUT_SECONDS)
    try:
        session.ehlo_or_helo_if_needed()
        if session.has_extn("starttls"):
            session.starttls(context=context)
    except OSError:
        session.close()
        raise

    return session


def _server(url: str) -> SplitResult:
    """Return the parts of *url*, or refuse it without repeating it."""
    try:
        server = urlsplit(url)
        is_legal = server.scheme in PORTS and bool(server.hostname) and server.port != 0
    except ValueError:
        is_legal = False
    if not is_legal:
        variable = CHANNELS[Smtp.name]
        raise ConfigError(
            f"{variable} is not smtp://user:password@host:port or smtps://…",
            next_step=f"set {variable}; percent-encode what is not a letter in user or password",
        )

    return server
